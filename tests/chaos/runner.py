"""Runs a plan on a running system: puts its records, injects its faults, clears them, reads the result."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import TYPE_CHECKING, Final

from chaos.credentials import ProducerCredentials
from chaos.fault_actions import FaultActions
from chaos.plan import AT_THE_END
from chaos.settle import read_final_state
from producers.producer import Producer
from smartcat.cli.demo.reconciliation import RecordIdentity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from chaos.fault_actions import FaultEffect
    from chaos.final_state import FinalState
    from chaos.plan import Plan
    from chaos.records import PutRecord
    from producers import Receipt
    from support.system import System

Action = Callable[[], "float | None"]
"""Does something; returns the seconds after which it must be called again, or None."""

START_SECONDS: Final = 90.0
"""Longest wait for the first result, before any fault."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of running a plan.

    Attributes:
        final_states: The state after the faults, and again after each fault at the end.
        effects: The effect of each fault.
        seconds: From the first result to the end, and from the end of the faults to the end.
    """

    final_states: Sequence[FinalState]
    effects: Sequence[FaultEffect]
    seconds: tuple[float, float]

    def __str__(self) -> str:
        return "{:.1f} s, of them {:.1f} s after the faults".format(*self.seconds)


def run_plan(plan: Plan, records: Sequence[PutRecord], system: System) -> RunResult:
    """Run a plan to its end.

    Raises:
        AssertionError: Not every record was processed in time.
    """
    credentials = ProducerCredentials(system)
    actions = FaultActions(system, credentials, seed=plan.seed, write_units=plan.write_units)
    wave_starts = [threading.Event() for _ in plan.waves]
    with ThreadPoolExecutor(1, "producer") as pool:
        putting = pool.submit(_put_in_waves, plan, records, system, credentials, wave_starts)
        wave_starts[0].set()
        try:
            _wait_for_first_result(system)
            started = time.monotonic()
            _run_timeline(_timeline(plan, actions, wave_starts))
        finally:
            actions.clear()
            for wave_start in wave_starts:
                wave_start.set()
        receipts = putting.result()
    cleared = time.monotonic()
    final_states = [read_final_state(system, receipts)]
    for fault in plan.faults:
        if fault.at == AT_THE_END:
            actions.inject(fault)
            final_states.append(read_final_state(system, receipts))
    now = time.monotonic()
    return RunResult(final_states, actions.effects, (now - started, now - cleared))


def _timeline(
    plan: Plan, actions: FaultActions, wave_starts: Sequence[threading.Event]
) -> list[tuple[float, Action]]:
    """Return every action with its second."""
    scheduled: list[tuple[float, Action]] = [
        (wave.at, wave_start.set) for wave, wave_start in zip(plan.waves, wave_starts, strict=True)
    ]
    for fault in plan.faults:
        if fault.at == AT_THE_END:
            continue
        if fault.lasts:
            scheduled.append((fault.at, partial(actions.start, fault)))
            scheduled.append((fault.at + fault.lasts, partial(actions.end, fault)))
        else:
            scheduled.append((fault.at, partial(actions.inject, fault)))
    return scheduled


def _run_timeline(timeline: Sequence[tuple[float, Action]]) -> None:
    """Run the actions by time, one after the other: a slow one delays the rest; some ask to be repeated."""
    started = time.monotonic()
    scheduled = [(at, number, act) for number, (at, act) in enumerate(timeline)]
    heapify(scheduled)
    while scheduled:
        at, number, act = heappop(scheduled)
        time.sleep(max(0.0, started + at - time.monotonic()))
        if (again := act()) is not None:
            heappush(scheduled, (time.monotonic() - started + again, number, act))


def _wait_for_first_result(system: System) -> None:
    """Wait for the first result: faults before it would affect nothing, so the clock starts here."""
    deadline = time.monotonic() + START_SECONDS
    while not system.aws.gauges()["tables"][system.deployment.table]["written_items"]:
        assert time.monotonic() < deadline, f"no result within {START_SECONDS:.0f} s"
        time.sleep(0.02)


def _put_in_waves(
    plan: Plan,
    records: Sequence[PutRecord],
    system: System,
    credentials: ProducerCredentials,
    wave_starts: Sequence[threading.Event],
) -> list[RecordIdentity | None]:
    """Put each wave when it is due; return the producer's receipt of each record."""
    futures: list[Future[Receipt]] = []
    remaining = iter(records)
    with Producer(system.deployment.stream, client=credentials.kinesis()) as producer:
        for wave, wave_start in zip(plan.waves, wave_starts, strict=True):
            wave_start.wait()
            futures += [
                producer.put_raw(each.data, each.partition_key) for each in islice(remaining, len(wave.puts))
            ]
            producer.flush()
    return [_receipt(each) for each in futures]


def _receipt(future: Future[Receipt]) -> RecordIdentity | None:
    if future.exception() is not None:
        return None
    return RecordIdentity(future.result().shard_id, future.result().sequence_number)
