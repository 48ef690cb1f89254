"""Structured log lines and CloudWatch metrics (embedded metric format) on standard output, by Powertools.

Never shows page text, a payload, or a document's id. What is logged and emitted of a batch stands in
``core/batch_summary.py``; docs/telemetry.md describes every line, field and metric.
"""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit, single_metric

from stream_processor.core.batch_summary import FIGURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stream_processor.core.batch_summary import BatchSummary, Figure, Value
    from stream_processor.storage_format.quarantine_object import RejectedRecord

_REQUEST_LOGGERS: Final = ("boto3", "botocore", "s3transfer", "urllib3")


class PowertoolsMetrics:
    """Logs and metrics through AWS Lambda Powertools; see ``ports.Metrics`` for the contract.

    Args:
        service: Name in every log line and dimension of every metric.
        namespace: CloudWatch namespace of the metrics.
    """

    def __init__(self, *, service: str, namespace: str) -> None:
        self._service = service
        self._namespace = namespace
        # Pure ASCII: nothing that a terminal or a page with these lines could take for a control.
        self._logger = Logger(
            service=service, json_serializer=partial(json.dumps, default=str, separators=(",", ":"))
        )
        self._batches = 0
        self._problems = 0
        _keep_requests_out_of_the_log()

    def model_loaded(self, engine: str, model_version: str) -> None:
        """Log once for an environment which engine serves which model."""
        self._logger.info("model loaded", engine=engine, model_version=model_version)

    def report_problem(self, problem: str) -> None:
        """Log a fault of a dependency, and count it for the batch's metrics."""
        self._problems += 1
        self._logger.error(problem)

    def record_quarantined(self, rejected: RejectedRecord) -> None:
        """Log a rejected record by reason and position alone."""
        self._logger.warning(
            "record quarantined",
            reason=rejected.reason,
            shard_id=rejected.position.shard_id,
            sequence_number=rejected.position.sequence_number,
            sub_sequence_number=rejected.position.sub_sequence_number,
        )

    def batch_processed(self, summary: BatchSummary) -> None:
        """Log the batch in one line; emit its metrics in one blob, and one more a reason quarantined."""
        summary = summary._replace(problems=self._problems, cold_start=not self._batches)
        values = [(figure, figure.value(summary)) for figure in FIGURES]
        fields: dict[str, Any] = {
            figure.field: round(value, 3) if isinstance(value, float) else value
            for figure, value in values
            if figure.field is not None
        }
        self._logger.info("batch processed", **fields)
        self._emit([(figure, value) for figure, value in values if figure.is_emitted(summary)])
        self._batches, self._problems = self._batches + 1, 0

    def _emit(self, values: Sequence[tuple[Figure, Value]]) -> None:
        metrics = EphemeralMetrics(service=self._service, namespace=self._namespace)
        for figure, value in values:
            if isinstance(value, int | float):
                metrics.add_metric(str(figure.metric), MetricUnit(figure.unit), value)
        metrics.flush_metrics()
        for figure, value in values:
            if figure.dimension is not None and isinstance(value, dict):
                self._emit_apart(figure, figure.dimension, value)

    def _emit_apart(self, figure: Figure, dimension: str, values: Mapping[str, float]) -> None:
        """Emit each value of a mapping in a blob of its own: in one blob a dimension has one value."""
        for name, value in sorted(values.items()):
            with single_metric(
                name=str(figure.metric),
                unit=MetricUnit(figure.unit),
                value=value,
                namespace=self._namespace,
                default_dimensions={"service": self._service, dimension: name},
            ):
                pass


def _keep_requests_out_of_the_log() -> None:
    """Hold the AWS libraries at INFO: at DEBUG they log whole requests, which hold items and payloads.

    Lambda's own log level for applications is the root logger's, so choosing DEBUG there would let them.
    """
    for name in _REQUEST_LOGGERS:
        logging.getLogger(name).setLevel(logging.INFO)
