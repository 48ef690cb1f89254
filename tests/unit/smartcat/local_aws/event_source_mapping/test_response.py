"""Every documented form of a response."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.local_aws.event_source_mapping.batches import (
    Batch,
    Failure,
    Outcome,
    PartialFailure,
    Success,
    Throttled,
)
from smartcat.local_aws.event_source_mapping.records import Record
from smartcat.local_aws.event_source_mapping.response import interpret
from smartcat.local_aws.lambda_runtime.host import InvokeResult

BATCH = Batch(tuple(Record(n, "k", 0.0, b"{}") for n in (11, 12, 13)))


def outcome(payload: bytes, *, report_failures: bool = True) -> Outcome:
    """The outcome of a successful invocation."""
    return interpret(InvokeResult(200, payload), BATCH, report_failures=report_failures)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"{}",
        b"[]",
        b'""',
        b'{"batchItemFailures":[]}',
        b'{"batchItemFailures":null}',
        b'{"failed":[1]}',
    ],
)
def test_full_success(payload: bytes) -> None:
    """Empty answers in all their forms, and a wrong top-level key, say that everything is done."""
    assert outcome(payload) == Success()


@pytest.mark.parametrize(
    "payload",
    [
        b'{"batchItemFailures":[{"itemIdentifier":""}]}',
        b'{"batchItemFailures":[{"itemIdentifier":null}]}',
        b'{"batchItemFailures":[{"itemIdentifier":"99"}]}',
        b'{"batchItemFailures":[{"itemIdentifier":"12"},{"itemIdentifier":"99"}]}',
        b'{"batchItemFailures":[{"foo":"12"}]}',
        b'{"batchItemFailures":["12"]}',
        b'{"batchItemFailures":"12"}',
        b'"text"',
        b"not json",
        b"\xff",
    ],
)
def test_full_failure(payload: bytes) -> None:
    """Identifiers that are empty, unknown or misspelt make the whole batch a failure."""
    assert outcome(payload) == Failure()


def test_the_lowest_identifier_cuts_the_batch() -> None:
    """The order of the answer does not matter."""
    response = b'{"batchItemFailures":[{"itemIdentifier":"13"},{"itemIdentifier":"12"}]}'
    assert outcome(response) == PartialFailure(1)


def test_partial_responses_must_be_switched_on() -> None:
    """Without ReportBatchItemFailures the answer means nothing."""
    assert outcome(b'{"batchItemFailures":[{"itemIdentifier":"12"}]}', report_failures=False) == Success()


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (InvokeResult(200, b"{}", "Unhandled"), Failure()),
        (InvokeResult(413, b""), Failure()),
        (InvokeResult(429, b"", throttled=True), Throttled()),
        (InvokeResult(404, b""), Throttled()),
        (InvokeResult(502, b""), Throttled()),
    ],
)
def test_failures_of_the_invocation(result: InvokeResult, expected: Outcome) -> None:
    """A failing function is a failure; a function that could not be invoked is not."""
    assert interpret(result, BATCH, report_failures=True) == expected


@given(st.binary(max_size=200) | st.from_regex(rb'\{"batchItemFailures":.{0,40}\}', fullmatch=True))
def test_any_answer_has_an_outcome(payload: bytes) -> None:
    """No answer of a function raises, and a cut lies inside the batch."""
    found = outcome(payload)
    assert not isinstance(found, PartialFailure) or 0 <= found.position < 3
