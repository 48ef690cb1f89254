"""What happens to a batch: decode, classify, plan, write, answer. Knows no AWS and no clock of its own.

Nothing is lost: a record counts as finished only when each of its documents is in the table or in the
quarantine. Lambda gets the sequence number of the first record that is not, and delivers again from there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from stream_processor.core.batch_summary import BatchSummary
from stream_processor.core.batch_writer import BatchWriter
from stream_processor.core.claim_fetching import ClaimFetcher
from stream_processor.core.classification import ClassificationRules, classify_documents
from stream_processor.core.drift import Drift, TrainingBaseline
from stream_processor.core.kinesis_event import read_event
from stream_processor.core.shard_lag import LagForecast, ShardLag
from stream_processor.core.stage_timing import StageTimer
from stream_processor.core.write_plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartcat.classifier.decision import Decision
    from stream_processor.core.batch_writer import WriteReport
    from stream_processor.core.claim_fetching import ClaimBucket
    from stream_processor.core.dependencies import Dependencies
    from stream_processor.core.ports import DocumentClassifier, TimeLeft
    from stream_processor.core.records import Batch
    from stream_processor.core.wait_policy import WaitPolicy

READ_SHARE: Final = 0.5
"""Share of the spare time in which records are read; the rest is for classifying and writing them."""

Response = dict[str, list[dict[str, str]]]
"""What Lambda expects with ReportBatchItemFailures; an empty list means that the whole batch is finished."""


class Limits(NamedTuple):
    """What one invocation takes on.

    Attributes:
        max_document_bytes: The most bytes of one document after decompression.
        max_batch_text: Characters of text after which no further record is taken on in one invocation.
    """

    max_document_bytes: int = 16 * 1024 * 1024
    max_batch_text: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class BatchProcessor:
    """Processes batches; built once for an environment, and holds what stays warm in it.

    Attributes:
        classifier: Decides what documents are.
        dependencies: Everything else outside.
        limits: What one invocation takes on.
        rules: The configured form of results.
        lag: How far behind each shard is.
        claim_bucket: Where claims may lead; None to reject claims.
        drift: How far documents are from those of training.
    """

    classifier: DocumentClassifier
    dependencies: Dependencies
    limits: Limits = field(default_factory=Limits)
    rules: ClassificationRules = field(default_factory=ClassificationRules)
    lag: ShardLag = field(default_factory=ShardLag)
    claim_bucket: ClaimBucket | None = None
    drift: Drift = field(default_factory=lambda: Drift(TrainingBaseline()))

    def process(self, event: Mapping[str, Any], time_left: TimeLeft) -> Response:
        """Process one batch of one shard.

        Args:
            event: The event of the Kinesis event source mapping.
            time_left: Seconds until the invocation's deadline.

        Returns:
            The partial batch response: at most one entry, the first record that is not finished.

        Raises:
            RefuseInvocation: The event is not from Kinesis.
            ClassifierBroken: The classifier fails on its canary document.
        """
        clock = self.dependencies.clock
        timer, received_at = StageTimer(clock), clock.epoch()
        waits = self.dependencies.wait_policy(time_left)
        batch = self._read(event, waits)
        age = _age(batch, received_at)
        timer.finish("read")
        documents = [document for record in batch.records for document in record.documents]
        classification = classify_documents(documents, self.classifier, self.rules)
        self.drift.observe(classification.decisions)
        timer.finish("classify")
        plan = make_plan(batch.records, classification.results)
        timer.finish("plan")
        self.dependencies.budget.begin(clock.now(), record_age=age, shard=_shard_id(batch))
        report = BatchWriter(self.dependencies, waits).write(plan)
        timer.finish("write")
        self.dependencies.metrics.batch_processed(
            self._summary(batch, report, classification.decisions, timer, waits.waited_seconds, age)
        )
        return _response(batch, report)

    def _read(self, event: Mapping[str, Any], waits: WaitPolicy) -> Batch:
        bucket = self.claim_bucket
        spare_in_the_end = (1 - READ_SHARE) * waits.spare_seconds()
        return read_event(
            event,
            max_document_bytes=self.limits.max_document_bytes,
            max_batch_text=self.limits.max_batch_text,
            claims=None if bucket is None else ClaimFetcher(bucket, self.dependencies, waits),
            has_time=lambda: waits.spare_seconds() > spare_in_the_end,
        )

    def _summary(
        self,
        batch: Batch,
        report: WriteReport,
        decisions: Sequence[Decision],
        timer: StageTimer,
        waited_seconds: float,
        age: float,
    ) -> BatchSummary:
        budget, clock = self.dependencies.budget, self.dependencies.clock
        forecast = self._forecast(batch, report, age)
        not_done = 0 if report.stopped_at is None else len(batch.records) - report.stopped_at
        return BatchSummary(
            shard_id=_shard_id(batch),
            records=len(batch.records) + batch.left_over_count,
            stored=report.stored,
            review=report.review,
            review_by_why=dict(report.review_by_why),
            superseded=report.superseded,
            quarantined=dict(report.quarantined),
            not_done=not_done + batch.left_over_count,
            requests=report.requests,
            throttled=report.throttled,
            units=report.units,
            budget_rate=budget.rate(clock.now()),
            budget_share=budget.share,
            waited_seconds=waited_seconds,
            seconds=timer.total,
            stages=timer.seconds,
            age_seconds=age,
            drain=forecast.state,
            seconds_to_drain=forecast.seconds_to_drain,
            hours_to_expiry=forecast.hours_to_expiry,
            shadowed=sum(decision.shadow is not None for decision in decisions),
            disagreements=sum(_disagrees(decision) for decision in decisions),
            drift=self.drift.gauges(),
        )

    def _forecast(self, batch: Batch, report: WriteReport, age: float) -> LagForecast:
        """Return the shard's forecast. What was left unread is taken to be as old as the last one read."""
        if batch.first is None:
            return LagForecast()
        now = self.dependencies.clock.epoch()
        waiting = report.stopped_at is not None or batch.left_over is not None
        reached = batch.first
        if batch.records:
            reached = batch.records[-1 if report.stopped_at is None else report.stopped_at].position
        arrived_at = reached.arrived_at.timestamp()
        return self.lag.observe(
            reached.stream,
            reached.shard_id,
            reached=arrived_at,
            oldest_age=now - arrived_at if waiting else age,
            now=now,
        )


def _age(batch: Batch, now: float) -> float:
    """Return the age of the batch's first record, in seconds; 0 if there is none."""
    return 0.0 if batch.first is None else now - batch.first.arrived_at.timestamp()


def _shard_id(batch: Batch) -> str:
    """Return the shard of the batch; all its records are of one. Empty if there is none."""
    return "" if batch.first is None else batch.first.shard_id


def _disagrees(decision: Decision) -> bool:
    return decision.shadow is not None and decision.shadow.label != decision.label


def _response(batch: Batch, report: WriteReport) -> Response:
    if report.stopped_at is not None:
        first = batch.records[report.stopped_at].position.sequence_number
    elif batch.left_over is not None:
        first = batch.left_over
    else:
        return {"batchItemFailures": []}
    return {"batchItemFailures": [{"itemIdentifier": first}]}
