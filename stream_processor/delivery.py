"""Carries a plan out in order, within the write budget and the deadline, and says where it had to stop.

Waits only as long as the next request needs, and gives paid time back when a wait would not lead to a write.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from stream_processor.errors import TryLater
from stream_processor.kinesis_event import Rejection
from stream_processor.plan import Exile, Write, by_key, first_place, next_step, units_of
from stream_processor.write_budget import READY_SECONDS, retry_delay

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

SLEEP_SLICE_SECONDS: Final = 1.0
"""Longest single sleep: the budget's rate may change meanwhile."""

LAST_SECONDS: Final = 0.5
"""Time before the deadline in which nothing new is begun, whatever the reserve."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What configuration says of time.

    Attributes:
        reserve_seconds: Time kept free before the invocation's deadline.
        max_wait_seconds: Longest wait for one request once the invocation has made progress.
    """

    reserve_seconds: float = 2.0
    max_wait_seconds: float = 10.0


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


@dataclass(slots=True)
class Report:
    """What a delivery did, and where it stopped.

    Attributes:
        stopped_at: Index of the first Kinesis record that is not finished; None if all are.
        done: Every document and rejection that is dealt with.
    """

    stopped_at: int | None = None
    done: list[Source] = field(default_factory=list)
    stored: int = 0
    review: int = 0
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
        self._pressed_in_vain = False
        self._complaints: set[str] = set()
        self.report = Report()

    def carry_out(self, tasks: Sequence[Task]) -> Report:
        """Do the tasks in order until all are done or one cannot be.

        Args:
            tasks: The plan.

        Returns:
            What was done. Nothing after ``stopped_at`` counts as finished, though some of it may be stored.
        """
        start = 0
        while start < len(tasks):
            step = self._next_step(tasks, start)
            undone = self._do(step) if step else tasks[start : start + 1]
            if undone:
                self.report.stopped_at = first_place(undone)
                break
            start += len(step)
        return self.report

    def _next_step(self, tasks: Sequence[Task], start: int) -> Sequence[Task]:
        """Choose what to do now; nothing if time is up.

        When time is up and the first record is still not finished, what is left of it is pressed through
        without regard to the budget: an invocation without progress would use up the mapping's retries. The
        budget keeps the debt.
        """
        if self._spare_seconds():
            return next_step(tasks, start, self._outside.budget.request_units(self._outside.clock.now()))
        if start and self._time_left() <= LAST_SECONDS:
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
            if not exiles or not self._hold(first_place(exiles), tries):
                break
        return exiles

    def _exile_once(self, exiles: Sequence[Exile]) -> list[Exile]:
        rejections = [exile.rejection for exile in exiles]
        left = self._outside.quarantine.store(rejections, seconds=self._spare_seconds())
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
            if not self._wait_for_turn(writes, not_before):
                return [*undone, *writes]
            outcome = self._put(writes)
            if outcome is None:
                return [*undone, *writes]
            left = self._settle(writes, outcome)
            undone += self._exile(_refused(writes, outcome))
            if left:
                tries += 1
                now = self._outside.clock.now()
                not_before = now + retry_delay(tries, self._outside.random)
                self._pressed_in_vain = not self._spare_seconds()
            writes = left
        return undone

    def _put(self, writes: Sequence[Write]) -> WriteOutcome | None:
        """Make a request, held as rejections are; None if the table cannot be reached or used."""
        tries = 0
        while True:
            try:
                return self._outside.table.put(
                    [write.item for write in writes], seconds=self._spare_seconds()
                )
            except TryLater as error:
                self._complain(str(error))
            tries += 1
            if not self._hold(first_place(writes), tries):
                return None

    def _hold(self, place: int, tries: int) -> bool:
        """Wait for a dependency that failed; False if giving back what is left is better.

        A batch given back without progress uses up one of the mapping's retries, and when they are gone all
        that is left of it is discarded: an outage of seconds would cost good records. Held until the
        deadline, the same few retries outlast minutes. Once a record is finished there is nothing to lose.
        """
        spare = self._spare_seconds()
        if place > 0 or not spare:
            return False
        nap = min(spare, retry_delay(tries, self._outside.random))
        self._outside.clock.sleep(nap)
        self.report.waited_seconds += nap
        return self._spare_seconds() > 0

    def _complain(self, problem: str) -> None:
        """Tell people once an invocation, however often it is tried."""
        if problem not in self._complaints:
            self._complaints.add(problem)
            self._outside.metrics.trouble(problem)

    def _settle(self, writes: Sequence[Write], outcome: WriteOutcome) -> list[Write]:
        """Book the outcome of a request; returns the writes the table had no capacity for."""
        self._tell_budget(units_of(writes), outcome)
        waiting = {item.document_id for item in outcome.unprocessed}
        refused = {item.document_id for item in outcome.refused}
        for write in writes:
            if write.item.document_id not in waiting | refused:
                self.report.done += [arrival.source for arrival in write.settles]
                self.report.stored += len(write.settles)
                self.report.review += write.item.review * len(write.settles)
        return [write for write in writes if write.item.document_id in waiting]

    def _tell_budget(self, sent: float, outcome: WriteOutcome) -> None:
        self.report.requests += 1
        self.report.units += outcome.units
        now = self._outside.clock.now()
        if not outcome.throttled:
            self._outside.budget.accepted(sent=sent, consumed=outcome.units, now=now)
            return
        self.report.throttled += 1
        named = bool(outcome.reasons) and not any(KEY_RANGE in reason for reason in outcome.reasons)
        self._outside.budget.throttled(
            sent=sent, consumed=outcome.units, named=named, now=now, random=self._outside.random
        )

    def _wait_for_turn(self, writes: Sequence[Write], not_before: float) -> bool:
        """Wait until the writes may go; False if that is not worth it or not possible any more.

        Without progress, it waits as long as there is time, and then the writes go regardless.
        """
        clock, budget, pace = self._outside.clock, self._outside.budget, self._outside.pace
        progress = first_place(writes) > 0
        while True:
            spare = self._spare_seconds()
            if not spare:
                return not progress and not self._pressed_in_vain
            now = clock.now()
            wait = max(not_before - now, budget.wait_for(units_of(writes), now))
            if wait <= 0:
                return True
            if progress and wait > min(spare, pace.max_wait_seconds):
                return False
            nap = min(wait, spare, SLEEP_SLICE_SECONDS)
            clock.sleep(nap)
            self.report.waited_seconds += nap
            budget.waited(nap, clock.now())

    def _spare_seconds(self) -> float:
        spare = self._time_left() - self._outside.pace.reserve_seconds
        return spare if spare > READY_SECONDS else 0.0


def _refused(writes: Sequence[Write], outcome: WriteOutcome) -> list[Exile]:
    """Turn items the table will never take into rejections, one for each document they would have settled."""
    known = by_key(writes)
    return [
        Exile(known[item.document_id].place, Rejection.of(arrival, REJECTED_BY_TABLE, "not a valid item"))
        for item in outcome.refused
        for arrival in known[item.document_id].settles
    ]
