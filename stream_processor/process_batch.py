"""The story of a batch: receive, classify, plan, write, answer. Knows no AWS and no clock of its own.

Nothing is lost: a record counts as finished only when each of its documents is in the table or in the
quarantine. Lambda gets the sequence number of the first record that is not, and delivers again from there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stream_processor.backlog import Backlog, Outlook
from stream_processor.claims import Claims
from stream_processor.delivery import Delivery
from stream_processor.drift import Drift, Expectations
from stream_processor.kinesis_event import read_event
from stream_processor.labelling import LabellingRules, label
from stream_processor.plan import make_plan
from stream_processor.ports import BatchSummary
from stream_processor.stages import Stages
from stream_processor.waiting import Waiting
from stream_processor.warm_memory import UnfinishedAggregates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartcat.classifier.decision import Decision
    from stream_processor.claims import ClaimBucket
    from stream_processor.delivery import Report, Surroundings
    from stream_processor.kinesis_event import Batch, Received
    from stream_processor.ports import Labeller, TimeLeft

Response = dict[str, list[dict[str, str]]]
"""What Lambda expects with ReportBatchItemFailures: an empty list says that the whole batch is finished."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one invocation takes on.

    Attributes:
        max_document_bytes: The most bytes of one document after decompression.
        max_batch_text: Characters of text after which no further record is taken on in one invocation.
    """

    max_document_bytes: int = 16 * 1024 * 1024
    max_batch_text: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class BatchProcessor:
    """Processes batches; built once for an environment, and holds what stays warm in it."""

    labeller: Labeller
    surroundings: Surroundings
    limits: Limits = field(default_factory=Limits)
    labelling: LabellingRules = field(default_factory=LabellingRules)
    memory: UnfinishedAggregates = field(default_factory=UnfinishedAggregates)
    backlog: Backlog = field(default_factory=Backlog)
    claim_bucket: ClaimBucket | None = None
    drift: Drift = field(default_factory=lambda: Drift(Expectations()))

    def process(self, event: Mapping[str, Any], time_left: TimeLeft) -> Response:
        """Process one batch of one shard.

        Args:
            event: The event of the Kinesis event source mapping.
            time_left: Seconds until the invocation's deadline.

        Returns:
            The partial batch response: at most one entry, the first record that is not finished.

        Raises:
            RefuseInvocation: The event is not from Kinesis.
            ClassifierBroken: The classifier fails on its own witness.
        """
        clock = self.surroundings.clock
        stages, came_at = Stages(clock), clock.epoch()
        waiting = Waiting(self.surroundings, time_left)
        batch = self._receive(event, waiting)
        age = _age(batch, came_at)
        records = self.memory.unfinished_parts(batch.records, clock.now())
        arrivals = [arrival for record in records for arrival in record.documents]
        stages.done("read")
        decisions: list[Decision] = []
        results = label(arrivals, self.labeller, self.labelling, decisions.extend)
        self.drift.watch(decisions)
        stages.done("classify")
        tasks = make_plan(records, results)
        stages.done("plan")
        self.surroundings.budget.begin(clock.now(), record_age=age, shard=_shard_id(batch))
        report = Delivery(self.surroundings, time_left).carry_out(tasks)
        stages.done("write")
        report.waited_seconds += waiting.waited_seconds
        self._remember(records, report)
        self._tell(batch, report, stages, age, decisions)
        return _answer(batch, report)

    def _receive(self, event: Mapping[str, Any], waiting: Waiting) -> Batch:
        place = self.claim_bucket
        return read_event(
            event,
            max_document_bytes=self.limits.max_document_bytes,
            max_batch_text=self.limits.max_batch_text,
            claims=None if place is None else Claims(place, self.surroundings, waiting),
        )

    def _remember(self, records: Sequence[Received], report: Report) -> None:
        finished = len(records) if report.stopped_at is None else report.stopped_at
        self.memory.forget(record.source for record in records[:finished])
        for record in records[finished : finished + 1]:
            parts = report.parts_done(record.source)
            self.memory.remember(record.source, parts, self.surroundings.clock.now())

    def _tell(
        self, batch: Batch, report: Report, stages: Stages, age: float, decisions: Sequence[Decision]
    ) -> None:
        outside = self.surroundings
        outlook = self._outlook(batch, report, age)
        not_done = 0 if report.stopped_at is None else len(batch.records) - report.stopped_at
        outside.metrics.batch(
            BatchSummary(
                shard_id=_shard_id(batch),
                records=len(batch.records) + batch.left_over_count,
                stored=report.stored,
                review=report.review,
                superseded=report.superseded,
                quarantined=dict(report.quarantined),
                not_done=not_done + batch.left_over_count,
                requests=report.requests,
                throttled=report.throttled,
                units=report.units,
                budget_rate=outside.budget.rate(outside.clock.now()),
                budget_share=outside.budget.share,
                waited_seconds=report.waited_seconds,
                seconds=stages.total,
                stages=stages.seconds,
                age_seconds=age,
                drain=outlook.drain,
                seconds_to_drain=outlook.seconds_to_drain,
                hours_to_expiry=outlook.hours_to_expiry,
                shadowed=sum(decision.shadow is not None for decision in decisions),
                disagreements=sum(_disagrees(decision) for decision in decisions),
                drift=self.drift.gauges(),
            )
        )

    def _outlook(self, batch: Batch, report: Report, age: float) -> Outlook:
        """Say how far the shard has got. What was left unread is taken to be as old as the last one read."""
        if batch.first is None:
            return Outlook()
        now = self.surroundings.clock.epoch()
        waits = report.stopped_at is not None or batch.left_over is not None
        at = batch.first
        if batch.records:
            at = batch.records[-1 if report.stopped_at is None else report.stopped_at].source
        position = at.arrived_at.timestamp()
        return self.backlog.visit(
            at.stream, at.shard_id, position=position, oldest_age=now - position if waits else age, now=now
        )


def _age(batch: Batch, now: float) -> float:
    """Give the age of the batch's first record, in seconds; 0 if there is none."""
    return 0.0 if batch.first is None else now - batch.first.arrived_at.timestamp()


def _shard_id(batch: Batch) -> str:
    """Give the shard of the batch; all its records are of one. Empty if there is none."""
    return "" if batch.first is None else batch.first.shard_id


def _disagrees(decision: Decision) -> bool:
    return decision.shadow is not None and decision.shadow.label != decision.label


def _answer(batch: Batch, report: Report) -> Response:
    if report.stopped_at is not None:
        first = batch.records[report.stopped_at].source.sequence_number
    elif batch.left_over is not None:
        first = batch.left_over
    else:
        return {"batchItemFailures": []}
    return {"batchItemFailures": [{"itemIdentifier": first}]}
