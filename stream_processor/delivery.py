"""Carries a plan out in order, within the write budget and the deadline, and says where it had to stop.

Waits only as long as the next request needs, and gives paid time back when a wait would not lead to a write.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from stream_processor.capacity_watch import CapacityWatch
from stream_processor.errors import TryLater
from stream_processor.kinesis_event import Rejection
from stream_processor.plan import Exile, Write, by_key, first_place, next_step, units_of
from stream_processor.waiting import LAST_SECONDS, Pace, Waiting
from stream_processor.write_budget import Volley

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream_processor.kinesis_event import Source
    from stream_processor.plan import Task
    from stream_processor.ports import (
        Clock,
        Metrics,
        Quarantine,
        Randomness,
        ResultTable,
        TimeLeft,
        WriteOutcome,
    )
    from stream_processor.write_budget import WriteBudget

REJECTED_BY_TABLE: Final = "rejected_by_table"

KEY_RANGE: Final = "KeyRangeThroughputExceeded"
"""In a throttling reason: one hot partition is short, which says nothing about the table's share."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything a delivery talks to; lives as long as the environment."""

    table: ResultTable
    quarantine: Quarantine
    budget: WriteBudget
    clock: Clock
    random: Randomness
    metrics: Metrics
    pace: Pace = field(default_factory=Pace)
    watch: CapacityWatch = field(default_factory=CapacityWatch)


@dataclass(slots=True)
class Report:
    """What a delivery did, and where it stopped.

    Attributes:
        stopped_at: Index of the first Kinesis record that is not finished; None if all are.
        done: Every document and rejection that is dealt with.
        superseded: Replayed documents that were left out because a later version is stored.
    """

    stopped_at: int | None = None
    done: list[Source] = field(default_factory=list)
    stored: int = 0
    review: int = 0
    superseded: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    throttled: int = 0
    units: float = 0.0
    waited_seconds: float = 0.0

    def parts_done(self, source: Source) -> set[int]:
        """Give the sub-sequence numbers that are dealt with of the aggregate with this sequence number."""
        return {
            done.sub_sequence_number
            for done in self.done
            if done.sequence_number == source.sequence_number and done.sub_sequence_number is not None
        }


class Delivery:
    """Carries out the plan of one invocation.

    Args:
        surroundings: What to talk to.
        time_left: The invocation's deadline.
    """

    def __init__(self, surroundings: Surroundings, time_left: TimeLeft) -> None:
        self._outside = surroundings
        self._time_left = time_left
        self._waiting = Waiting(surroundings, time_left)
        self._begun = False
        self._pressed_in_vain = False
        self._set_aside: list[Write] | None = []
        self._complaints: set[str] = set()
        self.report = Report()

    def carry_out(self, tasks: Sequence[Task]) -> Report:
        """Do the tasks in order until all are done or one cannot be.

        Args:
            tasks: The plan.

        Returns:
            What was done. Nothing after ``stopped_at`` counts as finished, though some of it may be stored.
        """
        undone = list(self._go_through(tasks))
        # What met a hot partition waits for the rest of the batch, which has other keys.
        late, self._set_aside = self._set_aside or [], None
        end = first_place(undone) if undone else math.inf
        undone += self._go_through(sorted((w for w in late if w.place < end), key=lambda write: write.place))
        self.report.stopped_at = first_place(undone) if undone else None
        self.report.waited_seconds = self._waiting.waited_seconds
        return self.report

    def _go_through(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """Do tasks until one cannot be done; returns those that would have been next."""
        start = 0
        while start < len(tasks):
            self._look_at_capacity()
            step = self._next_step(tasks, start)
            undone = self._do(step) if step else tasks[start : start + 1]
            if undone:
                return undone
            start += len(step)
        return ()

    def _look_at_capacity(self) -> None:
        """Ask the table for its capacity when that is due, and follow it."""
        outside = self._outside
        due = outside.watch.is_due(outside.clock.now(), suspicious=outside.budget.suspicious)
        if not due or not self._waiting.spare_seconds():
            return
        units = outside.table.capacity()
        outside.watch.asked(outside.clock.now(), outside.random)
        outside.budget.suspicious = False
        if units is not None:
            outside.budget.resize(outside.watch.share_of(units), outside.watch.burst_rate_of(units))

    def _next_step(self, tasks: Sequence[Task], start: int) -> Sequence[Task]:
        """Choose what to do now; nothing if time is up.

        When time is up and the first record is still not finished, what is left of it is pressed through
        without regard to the budget: an invocation without progress would use up the mapping's retries. The
        budget keeps the debt.
        """
        begun, self._begun = self._begun, True
        if self._waiting.spare_seconds():
            return next_step(tasks, start, self._outside.budget.request_units(self._outside.clock.now()))
        if begun and self._time_left() <= LAST_SECONDS:
            return ()
        return next_step([task for task in tasks[start:] if task.place == 0], 0, math.inf)

    def _do(self, step: Sequence[Task]) -> Sequence[Task]:
        """Do one step; returns the tasks that could not be done."""
        unstored = self._exile([task for task in step if isinstance(task, Exile)])
        writes = [task for task in step if isinstance(task, Write)]
        if unstored:  # what comes after it will be delivered again: do not pay for it now
            writes = [write for write in writes if write.place < first_place(unstored)]
        return [*unstored, *self._write(writes)]

    def _exile(self, exiles: Sequence[Exile]) -> Sequence[Exile]:
        """Store rejections, held while no record is finished; returns those not known to be stored."""
        tries = 0
        while exiles:
            exiles = self._exile_once(exiles)
            tries += 1
            if not exiles or self._has_progress(exiles) or not self._waiting.hold(tries):
                break
        return exiles

    def _exile_once(self, exiles: Sequence[Exile]) -> list[Exile]:
        rejections = [exile.rejection for exile in exiles]
        left = self._outside.quarantine.store(rejections, seconds=self._waiting.spare_seconds())
        missing = {rejection.source for rejection in left}
        unstored = [exile for exile in exiles if exile.rejection.source in missing]
        for rejection in rejections:
            if rejection.source not in missing:
                self.report.done.append(rejection.source)
                self.report.quarantined[rejection.reason] += 1
                self._outside.metrics.rejected(rejection)
        if unstored:
            self._complain(f"{len(unstored)} rejections could not be put in the quarantine")
        return unstored

    def _write(self, writes: Sequence[Write]) -> Sequence[Task]:
        """Write items, as often as the table rejects them; returns what could not be done in time."""
        tries, not_before, undone = 0, 0.0, list[Exile]()
        while writes:
            if not self._may_go(writes, not_before):
                return [*undone, *writes]
            sent_at = self._outside.clock.now()
            outcome = self._put(writes)
            if outcome is None:
                return [*undone, *writes]
            self._tell_budget(units_of(writes), outcome, sent_at)
            left = self._settle(writes, outcome)
            undone += self._exile(_refused(writes, outcome))
            if left and self._set_aside is not None and self._is_hot(outcome):
                self._set_aside += left
                break
            if left:
                tries += 1
                not_before = self._waiting.next_try(tries)
                self._pressed_in_vain = not self._waiting.spare_seconds()
            writes = left
        return undone

    def _may_go(self, writes: Sequence[Write], not_before: float) -> bool:
        """Wait until the writes may go; without progress they go in the end without regard to the budget."""
        progress = self._has_progress(writes)
        if self._waiting.for_turn(units_of(writes), not_before, has_progress=progress):
            return True
        return not progress and not self._pressed_in_vain

    def _has_progress(self, tasks: Sequence[Task]) -> bool:
        """Tell whether the first record is finished, if these tasks are the first that are not done."""
        return first_place([*tasks, *(self._set_aside or ())]) > 0

    def _put(self, writes: Sequence[Write]) -> WriteOutcome | None:
        """Make requests, held as rejections are; None if the table cannot be reached or used."""
        tries = 0
        while True:
            try:
                outcome = self._outside.table.put(
                    [write.item for write in writes], seconds=self._waiting.spare_seconds()
                )
            except TryLater as error:
                self._complain(str(error))
            else:
                for problem in outcome.problems:
                    self._complain(problem)
                return outcome
            tries += 1
            if self._has_progress(writes) or not self._waiting.hold(tries):
                return None

    def _complain(self, problem: str) -> None:
        """Tell people once an invocation, however often it is tried."""
        if problem not in self._complaints:
            self._complaints.add(problem)
            self._outside.metrics.trouble(problem)

    def _settle(self, writes: Sequence[Write], outcome: WriteOutcome) -> list[Write]:
        """Book the outcome of a request; returns the writes that are to be sent again."""
        again = {item.document_id for item in (*outcome.unprocessed, *outcome.unanswered)}
        refused = {item.document_id for item in outcome.refused}
        superseded = {item.document_id for item in outcome.superseded}
        for write in writes:
            key, documents = write.item.document_id, len(write.settles)
            if key in again | refused:
                continue
            self.report.done += [arrival.source for arrival in write.settles]
            if key in superseded:
                self.report.superseded += documents
            else:
                self.report.stored += documents
                self.report.review += write.item.review * documents
        return [write for write in writes if write.item.document_id in again]

    def _tell_budget(self, sent: float, outcome: WriteOutcome, sent_at: float) -> None:
        budget, now = self._outside.budget, self._outside.clock.now()
        self.report.requests += outcome.requests
        self.report.throttled += outcome.throttled_requests
        self.report.units += outcome.units
        volley = Volley(
            sent, outcome.units, outcome.requests, outcome.throttled_requests, seconds=now - sent_at
        )
        if not outcome.throttled:
            budget.accepted(volley, now)
        elif self._is_hot(outcome):
            budget.met_hot_partition(volley, now)
        else:
            budget.throttled(volley, now, named=bool(outcome.reasons), random=self._outside.random)

    def _is_hot(self, outcome: WriteOutcome) -> bool:
        """Tell whether one partition throttled, and not the table: it said so, or was known to be hot."""
        if outcome.reasons:
            return all(KEY_RANGE in reason for reason in outcome.reasons)
        return outcome.throttled and self._outside.budget.is_hot


def _refused(writes: Sequence[Write], outcome: WriteOutcome) -> list[Exile]:
    """Turn items the table will never take into rejections, one for each document they would have settled."""
    known = by_key(writes)
    return [
        Exile(known[item.document_id].place, Rejection.of(arrival, REJECTED_BY_TABLE, "not a valid item"))
        for item in outcome.refused
        for arrival in known[item.document_id].settles
    ]
