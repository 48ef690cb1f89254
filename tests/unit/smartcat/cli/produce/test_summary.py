import pytest

from producers.producer import DeliveryReport
from smartcat.cli.inputs import Skipped
from smartcat.cli.produce.summary import NAMED_FAILURES, Summary, failure_lines, print_summary


def test_thousands_of_failures_are_a_few_lines() -> None:
    """The first are named one by one, the others counted by their reason."""
    failed = [(f"d{number}", "Interrupted" if number % 2 else "Refused") for number in range(1000)]
    lines = list(failure_lines(failed))
    assert lines[0] == "not delivered: d0: Refused"
    assert lines[NAMED_FAILURES:] == [
        "not delivered: 495 more: Refused",
        "not delivered: 495 more: Interrupted",
    ]
    assert list(failure_lines([])) == []


def test_an_ill_shard_is_named_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    """With its last error code, so that somebody can look at that shard and not at the stream."""
    report = DeliveryReport(
        accepted=3, failed=(("d", "InternalFailure"),), ill_shards=(("shardId-2", "InternalFailure"),)
    )
    summary = Summary(report, Skipped(), 1.0)
    print_summary(summary, as_json=True)
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "note: shardId-2 accepted nothing in many attempts: InternalFailure"
    assert summary.problems() == ["1 documents were not delivered"]
