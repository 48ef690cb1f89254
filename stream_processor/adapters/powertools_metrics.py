"""Tells people what happened: structured log lines and CloudWatch metrics (embedded metric format) on stdout.

Never shows page text, a payload, or a document's id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit, single_metric

if TYPE_CHECKING:
    from stream_processor.kinesis_event import Rejection
    from stream_processor.ports import BatchSummary


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

    def trouble(self, problem: str) -> None:
        """Log a fault of a dependency."""
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
        """Log the batch and emit its metrics."""
        self._log(summary)
        metrics = EphemeralMetrics(service=self._service, namespace=self._namespace)
        for name, value in (
            ("RecordsReceived", summary.records),
            ("DocumentsStored", summary.stored),
            ("DocumentsForReview", summary.review),
            ("Quarantined", sum(summary.quarantined.values())),
            ("RecordsNotDone", summary.not_done),
            ("TableRequests", summary.requests),
            ("ThrottledRequests", summary.throttled),
            ("ConsumedWriteUnits", summary.units),
        ):
            metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
        if summary.stored:
            share = 100 * summary.review / summary.stored
            metrics.add_metric(name="ReviewShare", unit=MetricUnit.Percent, value=share)
        for name, seconds in (
            ("BatchLatency", summary.seconds),
            ("CapacityWait", summary.waited_seconds),
            ("BatchAge", max(0.0, summary.age_seconds)),
        ):
            metrics.add_metric(name=name, unit=MetricUnit.Seconds, value=seconds)
        metrics.flush_metrics()
        self._count_reasons(summary)

    def _log(self, summary: BatchSummary) -> None:
        self._logger.info(
            "batch processed",
            records=summary.records,
            stored=summary.stored,
            review=summary.review,
            quarantined=dict(summary.quarantined),
            not_done=summary.not_done,
            requests=summary.requests,
            throttled=summary.throttled,
            units=summary.units,
            waited_seconds=round(summary.waited_seconds, 3),
            seconds=round(summary.seconds, 3),
            age_seconds=round(summary.age_seconds, 3),
        )

    def _count_reasons(self, summary: BatchSummary) -> None:
        """Count the quarantined by reason, apart: a dimension belongs to all metrics of one set."""
        for reason, count in sorted(summary.quarantined.items()):
            with single_metric(
                name="QuarantinedByReason",
                unit=MetricUnit.Count,
                value=count,
                namespace=self._namespace,
                default_dimensions={"service": self._service, "reason": reason},
            ):
                pass
