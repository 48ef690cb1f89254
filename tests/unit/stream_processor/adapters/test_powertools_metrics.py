from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stream_processor.adapters.powertools_metrics import PowertoolsMetrics
from stream_processor.kinesis_event import Rejection, Source
from stream_processor.ports import BatchSummary

if TYPE_CHECKING:
    import pytest

# A service's logger keeps the stdout it was made with, so each test names a service of its own.
SUMMARY = BatchSummary(
    records=10,
    stored=8,
    review=2,
    quarantined={"bad_json": 1, "bad_gzip": 2},
    not_done=3,
    requests=5,
    throttled=1,
    units=9.0,
    waited_seconds=1.25,
    seconds=2.5,
    age_seconds=4.0,
)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Everything written to stdout, parsed."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_metrics_of_a_batch(capsys: pytest.CaptureFixture[str]) -> None:
    """A batch emits its counts, times and the review share once, under service and namespace."""
    PowertoolsMetrics(service="consumer-1", namespace="prod").batch(SUMMARY)
    (blob,) = [line for line in lines(capsys) if "DocumentsStored" in line]
    (group,) = blob["_aws"]["CloudWatchMetrics"]
    assert group["Namespace"] == "prod"
    assert blob["service"] == "consumer-1"
    values = {metric["Name"]: blob[metric["Name"]] for metric in group["Metrics"]}
    assert values == {
        "RecordsReceived": [10.0],
        "DocumentsStored": [8.0],
        "DocumentsForReview": [2.0],
        "Quarantined": [3.0],
        "RecordsNotDone": [3.0],
        "TableRequests": [5.0],
        "ThrottledRequests": [1.0],
        "ConsumedWriteUnits": [9.0],
        "ReviewShare": [25.0],
        "BatchLatency": [2.5],
        "CapacityWait": [1.25],
        "BatchAge": [4.0],
    }


def test_quarantined_are_counted_by_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """Each reason is a dimension of its own count."""
    PowertoolsMetrics(service="consumer-2", namespace="prod").batch(SUMMARY)
    counts = {
        line["reason"]: line["QuarantinedByReason"] for line in lines(capsys) if "QuarantinedByReason" in line
    }
    assert counts == {"bad_json": [1.0], "bad_gzip": [2.0]}


def test_empty_batch_has_no_review_share(capsys: pytest.CaptureFixture[str]) -> None:
    """Without stored documents there is no share to speak of, and nothing fails."""
    PowertoolsMetrics(service="consumer-3", namespace="prod").batch(BatchSummary())
    assert not [line for line in lines(capsys) if "ReviewShare" in line]


def test_batches_do_not_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    """Each batch emits its own values, whatever was emitted before."""
    metrics = PowertoolsMetrics(service="consumer-4", namespace="prod")
    metrics.batch(SUMMARY)
    metrics.batch(SUMMARY)
    assert [line["DocumentsStored"] for line in lines(capsys) if "DocumentsStored" in line] == [[8.0], [8.0]]


def test_rejection_is_logged_without_its_content(capsys: pytest.CaptureFixture[str]) -> None:
    """The log line of a rejection carries reason and place, and neither payload, key nor detail."""
    source = Source("documents", "shardId-1", "42", 3, "secret-key", datetime(2026, 1, 1, tzinfo=UTC))
    rejection = Rejection(source, "bad_json", "secret detail", data=b"secret bytes", data_text="secret text")
    PowertoolsMetrics(service="consumer-5", namespace="prod").rejected(rejection)
    output = capsys.readouterr().out
    line = json.loads(output)
    assert "secret" not in output
    assert (line["reason"], line["shard_id"], line["sequence_number"]) == ("bad_json", "shardId-1", "42")
    assert line["sub_sequence_number"] == 3


def test_trouble_is_an_error_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A dependency's fault is one error line."""
    PowertoolsMetrics(service="consumer-6", namespace="prod").trouble("table is not there")
    (line,) = lines(capsys)
    assert (line["level"], line["message"]) == ("ERROR", "table is not there")
