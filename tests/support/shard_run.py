"""One shard of an event source mapping on a clock that nobody waits for: the pure parts, put together."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smartcat.local_aws.event_source_mapping.batches import DiscardedRecords, Throttled, Transition, decide
from smartcat.local_aws.event_source_mapping.records import Record
from smartcat.local_aws.event_source_mapping.response import interpret
from smartcat.local_aws.event_source_mapping.settings import MappingSettings
from smartcat.local_aws.event_source_mapping.shard_state import Deliver, Discard, ShardState
from smartcat.local_aws.lambda_runtime.host import InvokeResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from smartcat.local_aws.event_source_mapping.shard_state import Step

ERROR = InvokeResult(200, b'{"errorMessage":"no"}', "Unhandled")
"""The function was invoked and raised."""
THROTTLED = InvokeResult(429, b"", throttled=True)
"""The function was not invoked."""


def answer(content: object) -> InvokeResult:
    """Return the result of a function that returned this."""
    return InvokeResult(200, json.dumps(content).encode())


def failed(*numbers: object) -> InvokeResult:
    """Return the result of a function that reported these sequence numbers."""
    return answer({"batchItemFailures": [{"itemIdentifier": number} for number in numbers]})


def record(number: int, key: str = "k", *, arrived_at: float = 0.0, size: int = 10) -> Record:
    """Make a record whose JSON has `size` bytes."""
    return Record(number, key, arrived_at, b"x" * size)


def records(count: int, **same: Any) -> list[Record]:
    """Make records numbered from 1, alike in everything else."""
    return [record(number, **same) for number in range(1, count + 1)]


@dataclass(frozen=True, slots=True)
class Delivery:
    """An invocation: when, in which sub-shard, which sequence numbers; `counted` unless it was throttled."""

    at: float
    sub_shard: int
    numbers: list[int]
    counted: bool


@dataclass(slots=True)
class ShardRun:
    """What happened, in order.

    Attributes:
        deliveries: Every attempt to invoke.
        done: Sequence numbers of the records that are delivered.
        discards: What was discarded.
        checkpoint: The shard's checkpoint at the end.
        backlog: Records that are neither delivered nor discarded at the end.
    """

    deliveries: list[Delivery] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    discards: list[DiscardedRecords] = field(default_factory=list)
    checkpoint: int | None = None
    backlog: int = 0

    @property
    def batches(self) -> list[list[int]]:
        """The sequence numbers of each invocation that was not throttled."""
        return [each.numbers for each in self.deliveries if each.counted]

    @property
    def discarded(self) -> list[tuple[list[int], str, int]]:
        """Sequence numbers, condition and counted invocations of what was discarded."""
        return [(_numbers(each.records), each.condition, each.invocations) for each in self.discards]


def run_shard(
    incoming: Sequence[Record],
    function: Callable[[list[int]], InvokeResult],
    *,
    start: float = 0.0,
    until: float = math.inf,
    **settings: Any,
) -> ShardRun:
    """Deliver records until nothing is left to do, each the moment it arrives; invocations take no time.

    Args:
        incoming: In the order of the shard.
        function: Gives the result for the sequence numbers of a batch.
        start: When the mapping begins, in seconds on the clock of the records' arrival.
        until: When to stop at the latest.
        settings: Fields of `MappingSettings` that are not at their defaults.
    """
    chosen = MappingSettings(function_arn="f", stream_arn="arn:aws:kinesis:r:1:stream/s", **settings)
    state, run, now, waiting = ShardState(chosen), ShardRun(), start, list(incoming)
    while now <= until:
        due = [each for each in waiting if each.arrived_at <= now]
        waiting = waiting[len(due) :]
        state.feed(due, now)
        steps = [state.next_step(sub_shard, now) for sub_shard in range(chosen.parallelization_factor)]
        for sub_shard, step in enumerate(steps):
            _follow(run, state, sub_shard, step, now, function, chosen)
        if any(isinstance(step, Deliver | Discard) for step in steps):
            continue
        moments = [step.until for step in steps if not isinstance(step, Deliver | Discard)]
        now = min(
            [moment for moment in moments if moment is not None] + [each.arrived_at for each in waiting[:1]],
            default=math.inf,
        )
        if now == math.inf:
            break
    run.checkpoint, run.backlog = state.checkpoint, state.backlog
    return run


def _follow(
    run: ShardRun,
    state: ShardState,
    sub_shard: int,
    step: Step,
    now: float,
    function: Callable[[list[int]], InvokeResult],
    chosen: MappingSettings,
) -> None:
    if isinstance(step, Deliver):
        numbers = _numbers(step.batch.records)
        outcome = interpret(function(numbers), step.batch, report_failures=chosen.report_failures)
        run.deliveries.append(Delivery(now, sub_shard, numbers, not isinstance(outcome, Throttled)))
        transition = decide(step.batch, outcome, chosen, now)
    elif isinstance(step, Discard):
        transition = Transition(discarded=step.discarded)
    else:
        return
    state.apply(sub_shard, transition)
    run.done += _numbers(transition.delivered)
    run.discards += [transition.discarded] if transition.discarded else []


def _numbers(some: Iterable[Record]) -> list[int]:
    return [each.sequence_number for each in some]
