"""Writes a plan in order, within the write budget and the deadline, and reports where it had to stop.

Waits only as long as the next request needs, and gives time back when a wait would not lead to a write.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from stream_processor.core.repeat_check import RepeatCheck, conditional
from stream_processor.core.write_budget.write_budget import RequestGroup
from stream_processor.core.write_plan import (
    QuarantineWrite,
    ResultWrite,
    by_key,
    first_index,
    next_step,
    units_of,
)
from stream_processor.errors import TryLater

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream_processor.core.dependencies import Dependencies
    from stream_processor.core.ports import WriteOutcome
    from stream_processor.core.wait_policy import WaitPolicy
    from stream_processor.core.write_plan import PlannedWrite

REJECTED_BY_TABLE: Final = "rejected_by_table"

KEY_RANGE: Final = "KeyRangeThroughputExceeded"
"""In a throttling reason: one hot partition is short, which says nothing about the table's share."""


@dataclass(slots=True)
class WriteReport:
    """What was written of a plan, and where it stopped.

    Attributes:
        stopped_at: Index of the first Kinesis record that is not finished; None if all are.
        stored: Documents whose result is in the table.
        review: How many of those are for a human to look at.
        review_by_why: The same by why.
        superseded: Documents that were left out because a later version is stored.
        quarantined: Documents or records put in the quarantine, by reason.
        requests: Requests made to the table.
        throttled: How many of those the table throttled.
        units: Write capacity units consumed.
    """

    stopped_at: int | None = None
    stored: int = 0
    review: int = 0
    review_by_why: Counter[str] = field(default_factory=Counter)
    superseded: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    throttled: int = 0
    units: float = 0.0


class BatchWriter:
    """Writes the plan of one invocation.

    Args:
        dependencies: Table, quarantine, budget, clock and metrics.
        waits: The invocation's waits.
    """

    def __init__(self, dependencies: Dependencies, waits: WaitPolicy) -> None:
        self._dependencies = dependencies
        self._waits = waits
        self._repeats = RepeatCheck(dependencies.table)
        self._begun = False
        self._pressed_in_vain = False
        self._set_aside: list[ResultWrite] | None = []
        self._reported: set[str] = set()
        self.report = WriteReport()

    def write(self, plan: Sequence[PlannedWrite]) -> WriteReport:
        """Write the plan in order until all of it is done or something cannot be.

        Returns:
            What was done. Nothing after ``stopped_at`` counts as finished, though some of it may be stored.
        """
        undone = list(self._write_in_order(plan))
        # What met a hot partition waits for the rest of the batch, which has other keys.
        late, self._set_aside = self._set_aside or [], None
        end = first_index(undone) if undone else math.inf
        undone += self._write_in_order(
            sorted((w for w in late if w.index < end), key=lambda write: write.index)
        )
        self.report.stopped_at = first_index(undone) if undone else None
        return self.report

    def _write_in_order(self, plan: Sequence[PlannedWrite]) -> Sequence[PlannedWrite]:
        """Write until something cannot be done; return those that would have been next."""
        left, start = list(plan), 0
        while start < len(left):
            self._follow_capacity()
            judged = self._repeats.look_ahead(left, start, seconds=self._waits.spare_seconds())
            if judged is not None:
                self._book(judged.kept, judged.superseded)
                continue
            step = self._next_step(left, start)
            undone = self._do(step) if step else left[start : start + 1]
            if undone:
                return undone
            start += len(step)
        return ()

    def _follow_capacity(self) -> None:
        """Ask the table for its capacity when that is due, and follow it."""
        outside = self._dependencies
        watch, budget = outside.capacity_watch, outside.budget
        due = watch.is_due(outside.clock.now(), suspicious=budget.suspicious)
        if not due or not self._waits.spare_seconds():
            return
        units = outside.table.capacity()
        watch.asked(outside.clock.now(), outside.random)
        budget.suspicious = False
        if units is not None:
            budget.resize(watch.share_of(units), watch.burst_rate_of(units))

    def _next_step(self, plan: Sequence[PlannedWrite], start: int) -> Sequence[PlannedWrite]:
        """Choose what to do now; nothing if time is up.

        When time is up and the first record is still not finished, what is left of it is pressed through
        without regard to the budget: an invocation without progress would use up the mapping's retries. The
        budget keeps the debt.
        """
        begun, self._begun = self._begun, True
        if self._waits.spare_seconds():
            budget, now = self._dependencies.budget, self._dependencies.clock.now()
            return next_step(plan, start, budget.request_units(now))
        if begun and self._waits.is_over():
            return ()
        return next_step([write for write in plan[start:] if write.index == 0], 0, math.inf)

    def _do(self, step: Sequence[PlannedWrite]) -> Sequence[PlannedWrite]:
        """Do one step; return what could not be done."""
        unstored = self._quarantine([write for write in step if isinstance(write, QuarantineWrite)])
        writes = [write for write in step if isinstance(write, ResultWrite)]
        if unstored:  # what comes after it will be delivered again: do not pay for it now
            writes = [write for write in writes if write.index < first_index(unstored)]
        return [*unstored, *self._write_results(writes)]

    def _quarantine(self, writes: Sequence[QuarantineWrite]) -> Sequence[QuarantineWrite]:
        """Store rejected records, held while no record is finished; return those not known to be stored."""
        attempts = 0
        while writes:
            writes = self._quarantine_once(writes)
            attempts += 1
            if not writes or self._has_progress(writes) or not self._waits.wait_for_dependency(attempts):
                break
        return writes

    def _quarantine_once(self, writes: Sequence[QuarantineWrite]) -> list[QuarantineWrite]:
        records = [write.record for write in writes]
        seconds = self._waits.spare_seconds()
        if not seconds and not self._has_progress(writes):
            # All of them get an attempt: the first alone would be tried again, and alone, at every delivery.
            seconds = self._waits.last_seconds()
        left = self._dependencies.quarantine.store(records, seconds=seconds)
        missing = {rejected.position for rejected in left}
        unstored = [write for write in writes if write.record.position in missing]
        for rejected in records:
            if rejected.position not in missing:
                self.report.quarantined[rejected.reason] += 1
                self._dependencies.metrics.record_quarantined(rejected)
        if unstored:
            self._report_once(f"rejected records not stored in the quarantine: {len(unstored)}")
        return unstored

    def _write_results(self, writes: Sequence[ResultWrite]) -> Sequence[PlannedWrite]:
        """Write items, as often as the table throttles them; return what could not be done in time.

        After a throttle without a reason one item goes alone: such a request gets the reason named.
        """
        attempts, not_before, alone, undone = 0, 0.0, False, list[QuarantineWrite]()
        while writes:
            sent, rest = (writes[:1], writes[1:]) if alone else (writes, ())
            if not self._may_send(units_of(sent), not_before, progress=self._has_progress(writes)):
                return [*undone, *writes]
            sent_at = self._dependencies.clock.now()
            outcome = self._put(sent, progress=self._has_progress(writes))
            if outcome is None:
                return [*undone, *writes]
            self._charge_budget(units_of(sent), outcome, sent_at)
            left = self._settle(sent, outcome)
            undone += self._quarantine(_invalid(sent, outcome))
            replaced = self._judge_existing(sent, outcome)
            if left and self._set_aside is not None and self._is_hot(outcome):
                self._set_aside += [*left, *replaced, *rest]
                break
            if left:
                attempts += 1
                not_before = self._waits.next_attempt_at(attempts)
                self._pressed_in_vain = not self._waits.spare_seconds()
            alone = bool(left) and outcome.throttled and not outcome.reasons
            writes = [*left, *replaced, *rest]
        return undone

    def _may_send(self, units: float, not_before: float, *, progress: bool) -> bool:
        """Wait until that much may go; without progress it goes in the end without regard to the budget."""
        if self._waits.wait_for_capacity(units, not_before, has_progress=progress):
            return True
        return not progress and not self._pressed_in_vain

    def _judge_existing(self, writes: Sequence[ResultWrite], outcome: WriteOutcome) -> list[ResultWrite]:
        """Ask about what exists already; return what is to be written over it, if that is earlier then."""
        if outcome.met_stored:
            self._repeats.met_stored()
        keys = {item.document_id for item in outcome.exists}
        if not keys:
            return []
        judged = self._repeats.judge([write for write in writes if write.item.document_id in keys])
        self._book(judged.kept, judged.superseded)
        return [conditional(write) for write in judged.to_write]

    def _has_progress(self, writes: Sequence[PlannedWrite]) -> bool:
        """Return whether the first record is finished, if these writes are the first that are not done."""
        return first_index([*writes, *(self._set_aside or ())]) > 0

    def _put(self, writes: Sequence[ResultWrite], *, progress: bool) -> WriteOutcome | None:
        """Make requests, held as rejected records are; None if the table cannot be reached or used."""
        attempts = 0
        while True:
            try:
                outcome = self._dependencies.table.put(
                    [write.item for write in writes], seconds=self._waits.spare_seconds()
                )
            except TryLater as error:
                self._report_once(str(error))
            else:
                for problem in outcome.problems:
                    self._report_once(problem)
                return outcome
            attempts += 1
            if progress or not self._waits.wait_for_dependency(attempts):
                return None

    def _report_once(self, problem: str) -> None:
        """Report a problem once an invocation, however often it is met."""
        if problem not in self._reported:
            self._reported.add(problem)
            self._dependencies.metrics.report_problem(problem)

    def _settle(self, writes: Sequence[ResultWrite], outcome: WriteOutcome) -> list[ResultWrite]:
        """Book the outcome of a request; return the writes that are to be sent again."""
        again = {item.document_id for item in (*outcome.unprocessed, *outcome.unanswered)}
        open_ = again | {item.document_id for item in (*outcome.invalid, *outcome.exists)}
        superseded = {item.document_id for item in outcome.superseded}
        done = [write for write in writes if write.item.document_id not in open_]
        self._book(
            [write for write in done if write.item.document_id not in superseded],
            [write for write in done if write.item.document_id in superseded],
        )
        return [write for write in writes if write.item.document_id in again]

    def _book(self, stored: Sequence[ResultWrite], superseded: Sequence[ResultWrite]) -> None:
        """Count documents whose result is in the table, and those of which a later one is."""
        self.report.superseded += sum(len(write.documents) for write in superseded)
        self.report.stored += sum(len(write.documents) for write in stored)
        self.report.review += sum(write.item.review * len(write.documents) for write in stored)
        for write in stored:
            if write.item.why is not None:
                self.report.review_by_why[write.item.why] += len(write.documents)

    def _charge_budget(self, sent: float, outcome: WriteOutcome, sent_at: float) -> None:
        budget, now = self._dependencies.budget, self._dependencies.clock.now()
        self.report.requests += outcome.requests
        self.report.throttled += outcome.throttled_requests
        self.report.units += outcome.units
        group = RequestGroup(
            sent, outcome.units, outcome.requests, outcome.throttled_requests, seconds=now - sent_at
        )
        if not outcome.throttled:
            budget.accepted(group, now)
        elif self._is_hot(outcome):
            budget.met_hot_partition(group, now)
        else:
            budget.throttled(group, now, named=bool(outcome.reasons), random=self._dependencies.random)

    def _is_hot(self, outcome: WriteOutcome) -> bool:
        """Return whether one partition throttled, and not the table: it was named, or was known to be hot."""
        if outcome.reasons:
            return all(KEY_RANGE in reason for reason in outcome.reasons)
        return outcome.throttled and self._dependencies.budget.is_hot


def _invalid(writes: Sequence[ResultWrite], outcome: WriteOutcome) -> list[QuarantineWrite]:
    """Return a quarantine write for each document whose item the table will never take."""
    known = by_key(writes)
    return [
        QuarantineWrite(
            known[item.document_id].index, document.rejected(REJECTED_BY_TABLE, "not a valid item")
        )
        for item in outcome.invalid
        for document in known[item.document_id].documents
    ]
