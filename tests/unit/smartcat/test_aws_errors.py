"""AWS's error answers are read the same way everywhere."""

import pytest

from smartcat.aws_errors import (
    ACCESS_DENIED_CODES,
    CREDENTIALS_CODES,
    RETRYABLE_CODES,
    THROTTLING_CODES,
    UNAVAILABLE_CODES,
    error_code,
    is_retryable,
)


@pytest.mark.parametrize("code", sorted(RETRYABLE_CODES))
def test_a_code_that_passes_is_worth_another_attempt(code: str) -> None:
    """Whatever the HTTP status, since throttling is a 400 in DynamoDB and Kinesis and a 503 in S3."""
    assert is_retryable({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 400}})


@pytest.mark.parametrize(
    ("status", "expected"), [(400, False), (404, False), (429, True), (500, True), (503, True)]
)
def test_an_unknown_code_is_judged_by_its_status(status: int, expected: bool) -> None:  # noqa: FBT001 - a parameter
    """A server's error may pass; a caller's does not."""
    answer = {"Error": {"Code": "Novel"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    assert is_retryable(answer) is expected


@pytest.mark.parametrize("answer", [{}, {"Error": {}}, {"Error": {"Code": ""}}])
def test_an_answer_without_a_code_has_a_name_all_the_same(answer: dict[str, object]) -> None:
    """Messages never say nothing."""
    assert error_code(answer) == "Unknown"
    assert not is_retryable(answer)


def test_no_code_calls_for_two_different_things() -> None:
    """Each code stands in one list."""
    assert not THROTTLING_CODES & UNAVAILABLE_CODES
    assert not RETRYABLE_CODES & ACCESS_DENIED_CODES
    assert not CREDENTIALS_CODES & (RETRYABLE_CODES | ACCESS_DENIED_CODES)
