"""Tells people what happened: structured log lines and CloudWatch metrics (embedded metric format) on stdout.

Never shows page text, a payload, or a document's id. docs/telemetry.md names every line, field and metric.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit, single_metric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream_processor.drift import Gauges
    from stream_processor.kinesis_event import Rejection
    from stream_processor.ports import BatchSummary
    from stream_processor.stages import Stage

_TALKATIVE: Final = ("boto3", "botocore", "s3transfer", "urllib3")

_STAGE_METRICS: Final[tuple[tuple[Stage, str], ...]] = (
    ("read", "ReadTime"),
    ("classify", "ClassifyTime"),
    ("plan", "PlanTime"),
    ("write", "WriteTime"),
)

_Metric = tuple[str, MetricUnit, float]


class PowertoolsMetrics:
    """Logs and metrics through AWS Lambda Powertools; see ``ports.Metrics`` for the contract.

    Args:
        service: Name in every log line and dimension of every metric.
        namespace: CloudWatch namespace of the metrics.
    """

    def __init__(self, *, service: str, namespace: str) -> None:
        self._service = service
        self._namespace = namespace
        self._logger = Logger(service=service)
        self._batches = 0
        self._problems = 0
        _keep_requests_out_of_the_log()

    def serving(self, engine: str, model_version: str) -> None:
        """Log once for an environment which engine serves which model."""
        self._logger.info("model loaded", engine=engine, model_version=model_version)

    def trouble(self, problem: str) -> None:
        """Log a fault of a dependency, and count it for the batch's metrics."""
        self._problems += 1
        self._logger.error(problem)

    def rejected(self, rejection: Rejection) -> None:
        """Log a rejection by reason and place alone."""
        self._logger.warning(
            "record quarantined",
            reason=rejection.reason,
            shard_id=rejection.source.shard_id,
            sequence_number=rejection.source.sequence_number,
            sub_sequence_number=rejection.source.sub_sequence_number,
        )

    def batch(self, summary: BatchSummary) -> None:
        """Log the batch in one line; emit its metrics in one blob, and one more a reason quarantined."""
        self._log(summary)
        metrics = EphemeralMetrics(service=self._service, namespace=self._namespace)
        for name, unit, value in (*_counts(summary), *_rates(summary), *_times(summary), *_model(summary)):
            metrics.add_metric(name=name, unit=unit, value=value)
        metrics.add_metric(name="DependencyProblems", unit=MetricUnit.Count, value=self._problems)
        if not self._batches:
            metrics.add_metric(name="ColdStart", unit=MetricUnit.Count, value=1)
        metrics.flush_metrics()
        self._count_reasons(summary)
        self._batches, self._problems = self._batches + 1, 0

    def _log(self, summary: BatchSummary) -> None:
        self._logger.info(
            "batch processed",
            shard_id=summary.shard_id,
            records=summary.records,
            stored=summary.stored,
            accepted=summary.accepted,
            review=summary.review,
            superseded=summary.superseded,
            quarantined=dict(summary.quarantined),
            not_done=summary.not_done,
            requests=summary.requests,
            throttled=summary.throttled,
            units=summary.units,
            budget_rate=round(summary.budget_rate, 3),
            budget_share=round(summary.budget_share, 3),
            waited_seconds=round(summary.waited_seconds, 3),
            seconds=round(summary.seconds, 3),
            stage_ms={stage: round(1000 * seconds, 3) for stage, seconds in summary.stages.items()},
            age_seconds=round(summary.age_seconds, 3),
            drain=summary.drain,
            seconds_to_drain=_rounded(summary.seconds_to_drain),
            hours_to_expiry=_rounded(summary.hours_to_expiry),
            shadowed=summary.shadowed,
            disagreements=summary.disagreements,
            drift=_rounded_gauges(summary.drift),
            problems=self._problems,
            cold_start=not self._batches,
        )

    def _count_reasons(self, summary: BatchSummary) -> None:
        """Count the quarantined by reason, apart: in one blob a dimension has one value for all metrics."""
        for reason, count in sorted(summary.quarantined.items()):
            with single_metric(
                name="QuarantinedByReason",
                unit=MetricUnit.Count,
                value=count,
                namespace=self._namespace,
                default_dimensions={"service": self._service, "reason": reason},
            ):
                pass


def _keep_requests_out_of_the_log() -> None:
    """Hold the AWS libraries at INFO: at DEBUG they log whole requests, which hold items and payloads.

    Lambda's own log level for applications is the root logger's, so choosing DEBUG there would let them.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.INFO)


def _counts(summary: BatchSummary) -> Iterator[_Metric]:
    for name, value in (
        ("RecordsReceived", summary.records),
        ("DocumentsStored", summary.stored),
        ("DocumentsAccepted", summary.accepted),
        ("DocumentsForReview", summary.review),
        ("DocumentsSuperseded", summary.superseded),
        ("Quarantined", sum(summary.quarantined.values())),
        ("RecordsNotDone", summary.not_done),
        ("TableRequests", summary.requests),
        ("ThrottledRequests", summary.throttled),
        ("ConsumedWriteUnits", summary.units),
    ):
        yield name, MetricUnit.Count, value
    if summary.stored:
        yield "ReviewShare", MetricUnit.Percent, 100 * summary.review / summary.stored


def _rates(summary: BatchSummary) -> Iterator[_Metric]:
    yield "BudgetRate", MetricUnit.CountPerSecond, summary.budget_rate
    yield "BudgetShare", MetricUnit.CountPerSecond, summary.budget_share


def _times(summary: BatchSummary) -> Iterator[_Metric]:
    yield "BatchLatency", MetricUnit.Seconds, summary.seconds
    yield "CapacityWait", MetricUnit.Seconds, summary.waited_seconds
    for stage, name in _STAGE_METRICS:
        if stage in summary.stages:
            yield name, MetricUnit.Milliseconds, 1000 * summary.stages[stage]
    yield "BatchAge", MetricUnit.Seconds, max(0.0, summary.age_seconds)
    if summary.seconds_to_drain is not None:
        yield "SecondsToDrain", MetricUnit.Seconds, summary.seconds_to_drain
    if summary.hours_to_expiry is not None:
        yield "HoursToExpiry", MetricUnit.NoUnit, summary.hours_to_expiry


def _model(summary: BatchSummary) -> Iterator[_Metric]:
    if summary.shadowed:
        yield "ShadowDocuments", MetricUnit.Count, summary.shadowed
        yield "ShadowDisagreements", MetricUnit.Count, summary.disagreements
    if summary.drift is not None:
        yield "LabelMixDistance", MetricUnit.Percent, 100 * summary.drift.label_mix_distance
        yield "MeanConfidence", MetricUnit.Percent, 100 * summary.drift.confidence
        yield "ConfidenceShift", MetricUnit.Percent, 100 * summary.drift.confidence_shift
        yield "UnknownFeatures", MetricUnit.Percent, 100 * summary.drift.unknown
        yield "UnknownFeaturesShift", MetricUnit.Percent, 100 * summary.drift.unknown_shift


def _rounded_gauges(gauges: Gauges | None) -> dict[str, float] | None:
    return None if gauges is None else {name: round(value, 4) for name, value in asdict(gauges).items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
