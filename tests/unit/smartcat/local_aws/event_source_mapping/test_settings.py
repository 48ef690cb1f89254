"""Ranges and JSON of a mapping's settings."""

from __future__ import annotations

from typing import Any

import pytest

from smartcat.local_aws.event_source_mapping.settings import MappingSettings, function_arn
from smartcat.local_aws.lambda_runtime.errors import InvalidParameterError

STREAM = "arn:aws:kinesis:eu-central-1:123456789012:stream/papers"
LEAST = {"EventSourceArn": STREAM, "FunctionName": "classify", "StartingPosition": "TRIM_HORIZON"}


def test_defaults_are_those_of_aws() -> None:
    """100 records, no window, one batch a shard, retries and age without limit."""
    assert MappingSettings.from_request(LEAST).to_json() == {
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 0,
        "ParallelizationFactor": 1,
        "EventSourceArn": STREAM,
        "FunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:classify",
        "DestinationConfig": {"OnFailure": {}},
        "MaximumRecordAgeInSeconds": -1,
        "BisectBatchOnFunctionError": False,
        "MaximumRetryAttempts": -1,
        "TumblingWindowInSeconds": 0,
        "FunctionResponseTypes": [],
    }


def test_the_source_may_be_a_consumer_of_the_stream() -> None:
    """It is shown as it was named; what is read is the stream that it is of."""
    consumer = f"{STREAM}/consumer/classifier:1764547200"
    settings = MappingSettings.from_request({**LEAST, "EventSourceArn": consumer})
    assert (settings.source_arn, settings.to_json()["EventSourceArn"]) == (consumer, consumer)
    assert (settings.stream_arn, settings.stream_name) == (STREAM, "papers")
    assert (settings.region, settings.account) == ("eu-central-1", "123456789012")
    assert settings.updated({"BatchSize": 7}).source_arn == consumer


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("BatchSize", [1, 10_000], [0, 10_001, "5", True]),
        ("MaximumBatchingWindowInSeconds", [0, 300], [-1, 301]),
        ("ParallelizationFactor", [1, 10], [0, 11]),
        ("MaximumRetryAttempts", [-1, 0, 10_000], [-2, 10_001]),
        ("MaximumRecordAgeInSeconds", [-1, 60, 604_800], [0, 59, -2, 604_801]),
        ("BisectBatchOnFunctionError", [True, False], ["yes", 1]),
        ("Enabled", [True, False], ["on"]),
        ("FunctionResponseTypes", [[], ["ReportBatchItemFailures"]], [["Other"], "ReportBatchItemFailures"]),
    ],
)
def test_ranges(name: str, good: list[Any], bad: list[Any]) -> None:
    """The ends of each range are taken, what lies beyond is rejected by name."""
    for value in good:
        MappingSettings.from_request({**LEAST, name: value})
    for value in bad:
        with pytest.raises(InvalidParameterError, match=name):
            MappingSettings.from_request({**LEAST, name: value})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"EventSourceArn": "arn:aws:sqs:eu-central-1:123456789012:q"}, "EventSourceArn"),
        ({"FunctionName": ""}, "FunctionName"),
        ({"StartingPosition": "NOW"}, "StartingPosition"),
        ({"StartingPosition": "AT_TIMESTAMP"}, "StartingPositionTimestamp"),
        ({"StartingPositionTimestamp": 1.0}, "StartingPositionTimestamp"),
        ({"FilterCriteria": {"Filters": [{}]}}, "FilterCriteria"),
        ({"TumblingWindowInSeconds": 5}, "TumblingWindowInSeconds"),
        ({"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:r:1:q.fifo"}}}, "Destination"),
        ({"DestinationConfig": {"OnFailure": {"Destination": "queue"}}}, "Destination"),
    ],
)
def test_rejections_name_the_field(change: dict[str, Any], named: str) -> None:
    """What AWS would reject, and what is not emulated, is rejected in one sentence."""
    with pytest.raises(InvalidParameterError, match=named):
        MappingSettings.from_request({**LEAST, **change})


def test_an_update_changes_only_what_it_names() -> None:
    """Absent fields stay; an empty destination removes it."""
    queue = "arn:aws:sqs:eu-central-1:123456789012:q"
    before = MappingSettings.from_request(
        {**LEAST, "BatchSize": 7, "DestinationConfig": {"OnFailure": {"Destination": queue}}}
    )
    assert before.updated({"Enabled": False}).to_json() == before.to_json()
    after = before.updated({"BatchSize": 9, "DestinationConfig": {"OnFailure": {}}})
    assert (after.batch_size, after.destination, before.destination) == (9, None, queue)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("f", "arn:aws:lambda:r:123456789012:function:f"),
        ("f:live", "arn:aws:lambda:r:123456789012:function:f:live"),
        ("123456789012:function:f", "arn:aws:lambda:r:123456789012:function:f"),
        ("arn:aws:lambda:x:1:function:f", "arn:aws:lambda:x:1:function:f"),
    ],
)
def test_function_references(reference: str, expected: str) -> None:
    """Names and partial ARNs become ARNs; qualifiers stay."""
    assert function_arn(reference, "r", "123456789012") == expected
