from __future__ import annotations

import io
import json
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from smartcat.classifier.decision import WHYS
from stream_processor.adapters.powertools_metrics import PowertoolsMetrics
from stream_processor.core.batch_summary import BatchSummary
from stream_processor.core.drift import DriftGauges
from stream_processor.storage_format.quarantine_object import RejectedRecord
from stream_processor.storage_format.record_position import RecordPosition

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "telemetry.md").read_text("utf-8")

# A service's logger keeps the stdout it was made with, so each test names a service of its own.
SUMMARY = BatchSummary(
    shard_id="shardId-7",
    records=10,
    stored=8,
    review=2,
    review_by_why={"unfamiliar": 1, "below_threshold": 1},
    superseded=1,
    quarantined={"bad_json": 1, "bad_gzip": 2},
    not_done=3,
    requests=5,
    throttled=1,
    units=9.0,
    budget_rate=12.5,
    budget_share=25.0,
    waited_seconds=1.25,
    seconds=2.5,
    stages={"read": 0.25, "classify": 0.5, "plan": 0.125, "write": 1.625},
    age_seconds=4.0,
    drain="draining",
    seconds_to_drain=600.0,
    hours_to_expiry=23.5,
    shadowed=8,
    disagreements=1,
    drift=DriftGauges(0.125, 0.875, -0.0625, 0.25, 0.125),
)

POSITION = RecordPosition("documents", "shardId-1", "42", 3, "secret-key", datetime(2026, 1, 1, tzinfo=UTC))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Everything written to stdout, parsed."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_holds_nothing_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    """Names of others, as an error of AWS quotes them, are written in ASCII, and read back as they were."""
    problem = "no bucket a\x9b31m\u202egpj\u200b\u2028b"
    PowertoolsMetrics(service="s", namespace="n").report_problem(problem)
    written = capsys.readouterr().out
    assert written.rstrip("\n").isprintable()
    assert written.isascii()
    assert json.loads(written)["message"] == problem


def test_metrics_of_a_batch(capsys: pytest.CaptureFixture[str]) -> None:
    """A batch emits its counts, times and the review share once, under service and namespace."""
    PowertoolsMetrics(service="consumer-1", namespace="prod").batch_processed(SUMMARY)
    (blob,) = [line for line in lines(capsys) if "DocumentsStored" in line]
    (group,) = blob["_aws"]["CloudWatchMetrics"]
    assert group["Namespace"] == "prod"
    assert blob["service"] == "consumer-1"
    values = {metric["Name"]: blob[metric["Name"]] for metric in group["Metrics"]}
    assert values == {
        "RecordsReceived": [10.0],
        "DocumentsStored": [8.0],
        "DocumentsAccepted": [6.0],
        "DocumentsForReview": [2.0],
        "ReviewForUnfamiliar": [1.0],
        "ReviewForBelowThreshold": [1.0],
        "DocumentsSuperseded": [1.0],
        "Quarantined": [3.0],
        "RecordsNotDone": [3.0],
        "TableRequests": [5.0],
        "ThrottledRequests": [1.0],
        "ConsumedWriteUnits": [9.0],
        "ReviewShare": [25.0],
        "BudgetRate": [12.5],
        "BudgetShare": [25.0],
        "BatchLatency": [2.5],
        "CapacityWait": [1.25],
        "ReadTime": [250.0],
        "ClassifyTime": [500.0],
        "PlanTime": [125.0],
        "WriteTime": [1625.0],
        "BatchAge": [4.0],
        "SecondsToDrain": [600.0],
        "HoursToExpiry": [23.5],
        "ShadowDocuments": [8.0],
        "ShadowDisagreements": [1.0],
        "LabelMixDistance": [12.5],
        "MeanConfidence": [87.5],
        "ConfidenceShift": [-6.25],
        "UnknownFeatures": [25.0],
        "UnknownFeaturesShift": [12.5],
        "DependencyProblems": [0.0],
        "ColdStart": [1.0],
    }


def test_quarantined_are_counted_by_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """Each reason is a dimension of its own count."""
    PowertoolsMetrics(service="consumer-2", namespace="prod").batch_processed(SUMMARY)
    counts = {
        line["reason"]: line["QuarantinedByReason"] for line in lines(capsys) if "QuarantinedByReason" in line
    }
    assert counts == {"bad_json": [1.0], "bad_gzip": [2.0]}


def test_ordinary_batch_is_one_line_and_one_blob(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a rejected record a batch writes two lines: CloudWatch bills what it takes in by the byte."""
    PowertoolsMetrics(service="consumer-7", namespace="prod").batch_processed(
        SUMMARY._replace(quarantined={})
    )
    line, blob = lines(capsys)
    assert line["message"] == "batch processed"
    assert "_aws" in blob


def test_line_of_a_batch(capsys: pytest.CaptureFixture[str]) -> None:
    """The line of a batch says all that the metrics say, and the shard."""
    PowertoolsMetrics(service="consumer-8", namespace="prod").batch_processed(SUMMARY)
    line = lines(capsys)[0]
    for field in ("level", "location", "message", "timestamp", "service"):
        line.pop(field)
    assert line == {
        "shard_id": "shardId-7",
        "records": 10,
        "stored": 8,
        "accepted": 6,
        "review": 2,
        "review_by_why": {"unfamiliar": 1, "below_threshold": 1},
        "superseded": 1,
        "quarantined": {"bad_json": 1, "bad_gzip": 2},
        "not_done": 3,
        "requests": 5,
        "throttled": 1,
        "units": 9.0,
        "budget_rate": 12.5,
        "budget_share": 25.0,
        "waited_seconds": 1.25,
        "seconds": 2.5,
        "stage_ms": {"read": 250.0, "classify": 500.0, "plan": 125.0, "write": 1625.0},
        "age_seconds": 4.0,
        "drain": "draining",
        "seconds_to_drain": 600.0,
        "hours_to_expiry": 23.5,
        "shadowed": 8,
        "disagreements": 1,
        "drift": {
            "label_mix_distance": 0.125,
            "confidence": 0.875,
            "confidence_shift": -0.0625,
            "unknown": 0.25,
            "unknown_shift": 0.125,
        },
        "problems": 0,
        "cold_start": True,
    }


def test_every_metric_and_field_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    """The page on telemetry names each metric with its unit, no metric that is not there, and each field."""
    summary = SUMMARY._replace(review_by_why=dict.fromkeys(WHYS, 1))
    PowertoolsMetrics(service="consumer-9", namespace="prod").batch_processed(summary)
    line, *blobs = lines(capsys)
    emitted = {
        (metric["Name"], metric["Unit"])
        for blob in blobs
        for group in blob["_aws"]["CloudWatchMetrics"]
        for metric in group["Metrics"]
    }
    table = PAGE.partition("## Metrics")[2].partition("## Log lines")[0]
    assert set(re.findall(r"^\| `(\w+)` \| ([\w/]+) \|", table, re.MULTILINE)) == emitted
    fields = set(re.findall(r"`(\w+)`", PAGE.partition("## Log lines")[2]))
    assert sorted(set(line) - fields) == []


def test_unknown_forecast_is_not_emitted(capsys: pytest.CaptureFixture[str]) -> None:
    """A figure that is unknown is in neither the line nor the metrics; none is made up."""
    unknown = SUMMARY._replace(drain="unknown", seconds_to_drain=None, hours_to_expiry=None)
    PowertoolsMetrics(service="consumer-10", namespace="prod").batch_processed(unknown)
    line, blob, *_ = lines(capsys)
    assert not {"SecondsToDrain", "HoursToExpiry"} & set(blob)
    assert not {"seconds_to_drain", "hours_to_expiry"} & set(line)
    assert line["drain"] == "unknown"


def test_first_batch_alone_is_a_cold_start(capsys: pytest.CaptureFixture[str]) -> None:
    """An environment starts once, however many batches it processes."""
    metrics = PowertoolsMetrics(service="consumer-11", namespace="prod")
    for _ in range(3):
        metrics.batch_processed(SUMMARY._replace(quarantined={}))
    written = lines(capsys)
    assert [line["cold_start"] for line in written[::2]] == [True, False, False]
    assert [blob.get("ColdStart") for blob in written[1::2]] == [[1.0], None, None]


def test_problems_are_counted_a_batch(capsys: pytest.CaptureFixture[str]) -> None:
    """Faults of dependencies are counted with the batch in which they were met."""
    metrics = PowertoolsMetrics(service="consumer-12", namespace="prod")
    metrics.report_problem("table is not there")
    metrics.report_problem("bucket is not there")
    metrics.batch_processed(SUMMARY)
    metrics.batch_processed(SUMMARY)
    counts = [line["DependencyProblems"] for line in lines(capsys) if "DependencyProblems" in line]
    assert counts == [[2.0], [0.0]]


@pytest.mark.parametrize(
    ("level", "messages"),
    [
        ("INFO", ["batch processed", "record quarantined", "gone"]),
        ("WARNING", ["record quarantined", "gone"]),
        ("ERROR", ["gone"]),
    ],
)
def test_log_level_is_obeyed(
    level: str, messages: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """POWERTOOLS_LOG_LEVEL chooses the lines; metrics are written at every level."""
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", level)
    metrics = PowertoolsMetrics(service=f"consumer-13-{level}", namespace="prod")
    metrics.batch_processed(SUMMARY)
    metrics.record_quarantined(RejectedRecord(POSITION, "bad_json", "detail"))
    metrics.report_problem("gone")
    written = lines(capsys)
    assert [line["message"] for line in written if "message" in line] == messages
    assert any("DocumentsStored" in line for line in written)


def test_empty_batch_has_no_review_share(capsys: pytest.CaptureFixture[str]) -> None:
    """Without stored documents there is no share to speak of, and nothing fails."""
    PowertoolsMetrics(service="consumer-3", namespace="prod").batch_processed(BatchSummary())
    assert not [line for line in lines(capsys) if "ReviewShare" in line]


def test_batches_do_not_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    """Each batch emits its own values, whatever was emitted before."""
    metrics = PowertoolsMetrics(service="consumer-4", namespace="prod")
    metrics.batch_processed(SUMMARY)
    metrics.batch_processed(SUMMARY)
    assert [line["DocumentsStored"] for line in lines(capsys) if "DocumentsStored" in line] == [[8.0], [8.0]]


def test_rejected_record_is_logged_without_its_content(capsys: pytest.CaptureFixture[str]) -> None:
    """The log line of a rejected record has reason and position, and neither payload, key nor detail."""
    rejected = RejectedRecord(
        POSITION, "bad_json", "secret detail", data=b"secret bytes", data_text="secret text"
    )
    PowertoolsMetrics(service="consumer-5", namespace="prod").record_quarantined(rejected)
    output = capsys.readouterr().out
    line = json.loads(output)
    assert "secret" not in output
    assert (line["reason"], line["shard_id"], line["sequence_number"]) == ("bad_json", "shardId-1", "42")
    assert line["sub_sequence_number"] == 3


def test_a_problem_is_an_error_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A dependency's fault is one error line."""
    PowertoolsMetrics(service="consumer-6", namespace="prod").report_problem("table is not there")
    (line,) = lines(capsys)
    assert (line["level"], line["message"]) == ("ERROR", "table is not there")


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """What Lambda's own handler writes when its log level for applications is DEBUG."""
    stream = io.StringIO()
    handler, loggers = logging.StreamHandler(stream), [logging.getLogger(), logging.getLogger("botocore")]
    levels = [logger.level for logger in loggers]
    loggers[0].addHandler(handler)
    for logger, level in zip(loggers, (logging.DEBUG, logging.NOTSET), strict=True):
        logger.setLevel(level)
    yield stream
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def test_aws_libraries_log_no_request(everything_logged: io.StringIO) -> None:
    """Even where everything is logged, the AWS libraries do not log the items and objects they send."""
    put_secret()
    assert "secret words" in everything_logged.getvalue(), "nothing to guard against any more"
    everything_logged.truncate(0)
    PowertoolsMetrics(service="consumer-14", namespace="prod")
    put_secret()
    assert "secret words" not in everything_logged.getvalue()


def put_secret() -> None:
    """Make a request through boto, answered without a network."""
    client = boto3.client(
        "dynamodb", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    answer = AWSResponse("http://localhost", 200, {}, None)
    answer._content = b"{}"
    client.meta.events.register("before-send.dynamodb.PutItem", lambda **_: answer)
    client.put_item(TableName="results", Item={"document_id": {"S": "secret words"}})
