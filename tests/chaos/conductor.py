"""Plays a plan on a running system: puts its records, does its harm, heals, waits, gathers evidence."""

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

from chaos.aftermath import gather
from chaos.plan import AFTER_ALL
from chaos.trouble import Trouble
from producers.producer import Producer
from smartcat.cli.demo.reconciliation import RecordIdentity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from chaos.cargo import Cargo
    from chaos.evidence import Evidence
    from chaos.plan import Plan
    from chaos.trouble import Met
    from producers import Receipt
    from support.system import System

Act = Callable[[], "float | None"]
"""Does something; gives the seconds after which it must be called again, or None."""

START_SECONDS: Final = 90.0
"""Longest wait for the first result, before any harm is done."""


@dataclass(frozen=True, slots=True)
class Performance:
    """A plan that was played.

    Attributes:
        evidence: What was found afterwards, and once more after what is done after all.
        met: What the harms did.
        seconds: From the first result to the end, and from healing to the end.
    """

    evidence: Sequence[Evidence]
    met: Sequence[Met]
    seconds: tuple[float, float]

    def __str__(self) -> str:
        return "{:.1f} s, of them {:.1f} s after everything was healed".format(*self.seconds)


def play(plan: Plan, cargo: Sequence[Cargo], system: System) -> Performance:
    """Play a plan to its end.

    Raises:
        AssertionError: Not everything was dealt with in time.
    """
    trouble = Trouble(system, seed=plan.seed, write_units=plan.write_units)
    turns = [threading.Event() for _ in plan.waves]
    with ThreadPoolExecutor(1, "producer") as pool:
        putting = pool.submit(_put_in_waves, plan, cargo, system, turns)
        turns[0].set()
        try:
            _wait_for_first_result(system)
            started = time.monotonic()
            _follow(_timeline(plan, trouble, turns))
        finally:
            trouble.heal()
            for turn in turns:
                turn.set()
        receipts = putting.result()
    healed = time.monotonic()
    evidence = [gather(system, receipts)]
    for harm in plan.harms:
        if harm.at == AFTER_ALL:
            trouble.strike(harm)
            evidence.append(gather(system, receipts))
    now = time.monotonic()
    return Performance(evidence, trouble.met, (now - started, now - healed))


def _timeline(plan: Plan, trouble: Trouble, turns: Sequence[threading.Event]) -> list[tuple[float, Act]]:
    """Everything that is done, with its second."""
    moments: list[tuple[float, Act]] = [
        (wave.at, turn.set) for wave, turn in zip(plan.waves, turns, strict=True)
    ]
    for harm in plan.harms:
        if harm.at == AFTER_ALL:
            continue
        if harm.lasts:
            moments.append((harm.at, partial(trouble.begin, harm)))
            moments.append((harm.at + harm.lasts, partial(trouble.end, harm)))
        else:
            moments.append((harm.at, partial(trouble.strike, harm)))
    return moments


def _follow(timeline: Sequence[tuple[float, Act]]) -> None:
    """Act by time, one after the other: what takes long delays the rest, and what must come back does."""
    started = time.monotonic()
    moments = [(at, number, act) for number, (at, act) in enumerate(timeline)]
    heapify(moments)
    while moments:
        at, number, act = heappop(moments)
        time.sleep(max(0.0, started + at - time.monotonic()))
        if (again := act()) is not None:
            heappush(moments, (time.monotonic() - started + again, number, act))


def _wait_for_first_result(system: System) -> None:
    """Harm to a system that has not begun to work would meet nothing: the clock starts with the work."""
    deadline = time.monotonic() + START_SECONDS
    while not system.aws.gauges()["tables"][system.deployment.table]["written_items"]:
        assert time.monotonic() < deadline, f"no result within {START_SECONDS:.0f} s"
        time.sleep(0.02)


def _put_in_waves(
    plan: Plan, cargo: Sequence[Cargo], system: System, turns: Sequence[threading.Event]
) -> list[RecordIdentity | None]:
    """Put each wave at its turn; gives what the producer was told of each record."""
    futures: list[Future[Receipt]] = []
    records = iter(cargo)
    with Producer(system.deployment.stream, client=system.aws.client("kinesis", attempts=1)) as producer:
        for wave, turn in zip(plan.waves, turns, strict=True):
            turn.wait()
            futures += [
                producer.put_raw(each.data, each.partition_key) for each in islice(records, len(wave.puts))
            ]
            producer.flush()
    return [_receipt(each) for each in futures]


def _receipt(future: Future[Receipt]) -> RecordIdentity | None:
    if future.exception() is not None:
        return None
    return RecordIdentity(future.result().shard_id, future.result().sequence_number)
