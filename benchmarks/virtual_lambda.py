"""Lambda and its Kinesis event source mapping in virtual time: environments, time-outs, the bill.

Local AWS's own mapping code decides what follows from an invocation; the function is a parameter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import ClientError

from benchmarks.virtual_time import EPOCH, Killed
from smartcat.local_aws.event_source_mapping.batches import Throttled, Transition, decide
from smartcat.local_aws.event_source_mapping.records import event_of
from smartcat.local_aws.event_source_mapping.response import interpret
from smartcat.local_aws.event_source_mapping.shard_state import Deliver, Discard, ShardState
from smartcat.local_aws.lambda_runtime.host import InvokeResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from benchmarks.virtual_dynamodb import Connection
    from benchmarks.virtual_time import VirtualTime
    from benchmarks.workload import Shard
    from smartcat.local_aws.event_source_mapping.settings import MappingSettings
    from stream_processor.core.ports import TimeLeft

COLD_START_SECONDS: Final = 0.6, 1.4
GAP_SECONDS: Final = 0.02, 0.08
"""Between two invocations of one lane."""
FIRST_GAP_SECONDS: Final = 0.5
"""Lanes do not begin at one moment."""
POLL_SECONDS: Final = 1.0
"""Between two reads of an open shard without new records (Lambda's documented base rate)."""


class Handler(Protocol):
    """What runs in an execution environment; its memory ends with the environment."""

    def __call__(self, event: Mapping[str, Any], time_left: TimeLeft) -> Any:
        """Handle one event; what it returns is the function's response."""


@dataclass(slots=True)
class Environment:
    """A warm sandbox, and what a function uses of it.

    Attributes:
        number: Counts the environments of a run from 0.
        computed: Seconds of computing so far.
        connections: To the table.
    """

    number: int
    computed: float = 0.0
    connections: list[Connection] = field(default_factory=list)
    handler: Handler | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """What an account has paid for, and what it got, since the run began.

    Attributes:
        billed: Seconds of environments, cold starts and invocations.
        computed: Seconds of that in which the function computed.
        requesting: Seconds of that in which a request of the environment's was under way.
        starting: Seconds of that in cold starts.
        invocations: Invocations that ran.
        errors: How many of those failed.
        timeouts: How many of those were killed at the time-out.
        refused: Invocations throttled for lack of concurrency; not billed.
        discarded: Records that the mapping discarded.
    """

    billed: float = 0.0
    computed: float = 0.0
    requesting: float = 0.0
    starting: float = 0.0
    invocations: int = 0
    errors: int = 0
    timeouts: int = 0
    refused: int = 0
    discarded: int = 0

    @property
    def waited(self) -> float:
        """Return the billed seconds in which nothing was computed, requested or started."""
        return self.billed - self.computed - self.requesting - self.starting


class VirtualFunction:
    """A function with reserved concurrency.

    Args:
        virtual: The run's time.
        start: Makes what runs in an environment; called within the cold start.
        reserved: Environments that may run at once.
        timeout: Seconds after which an invocation is killed, and its environment with it.
        random: Cold starts come from it.
    """

    def __init__(
        self,
        virtual: VirtualTime,
        start: Callable[[Environment], Handler],
        *,
        reserved: int,
        timeout: float,
        random: Random,
    ) -> None:
        self._virtual = virtual
        self._start = start
        self._reserved = reserved
        self._timeout = timeout
        self._random = random
        self._warm: list[Environment] = []
        self._all: list[Environment] = []
        self._running = 0
        self._counted_at = 0.0
        self._bill = Bill()

    def bill(self) -> Bill:
        """Return the bill so far; requests under way count from their end."""
        self._count(0)
        return replace(
            self._bill,
            computed=sum(environment.computed for environment in self._all),
            requesting=sum(link.seconds for environment in self._all for link in environment.connections),
        )

    def note(self, **more: int) -> None:
        """Add to counters of the bill."""
        self._bill = replace(
            self._bill, **{name: getattr(self._bill, name) + value for name, value in more.items()}
        )

    def invoke(self, payload: bytes) -> InvokeResult:
        """Run the function on an event, as JSON."""
        if self._running >= self._reserved:
            self.note(refused=1)
            return InvokeResult(429, b"", throttled=True)
        self._count(1)
        try:
            return self._run(self._warm.pop() if self._warm else self._cold_start(), payload)
        finally:
            self._count(-1)

    def _cold_start(self) -> Environment:
        environment = Environment(len(self._all))
        self._all.append(environment)
        seconds = self._random.uniform(*COLD_START_SECONDS)
        self._virtual.sleep(seconds)
        self._bill = replace(self._bill, starting=self._bill.starting + seconds)
        environment.handler = self._start(environment)
        return environment

    def _run(self, environment: Environment, payload: bytes) -> InvokeResult:
        virtual, task = self._virtual, self._virtual.task
        self.note(invocations=1)
        task.deadline = deadline = virtual.now + self._timeout
        try:
            response = environment.handler and environment.handler(
                json.loads(payload), lambda: deadline - virtual.now
            )
            result = InvokeResult(200, json.dumps(response).encode())
        except Killed:
            self.note(errors=1, timeouts=1)
            return InvokeResult(200, b"{}", function_error="Unhandled")
        except ClientError:  # the function's error, as on Lambda; any other is the benchmark's and ends it
            self.note(errors=1)
            result = InvokeResult(200, b"{}", function_error="Unhandled")
        finally:
            task.deadline = None
        self._warm.append(environment)
        return result

    def _count(self, more: int) -> None:
        seconds = self._virtual.now - self._counted_at
        self._bill = replace(self._bill, billed=self._bill.billed + self._running * seconds)
        self._counted_at = self._virtual.now
        self._running += more


class VirtualMapping:
    """An event source mapping: delivers each shard of a stream, one batch at a time.

    Args:
        virtual: The run's time.
        function: What is invoked.
        settings: Batches and retries.
        random: Gaps between invocations come from it.
    """

    def __init__(
        self, virtual: VirtualTime, function: VirtualFunction, settings: MappingSettings, random: Random
    ) -> None:
        self._virtual = virtual
        self._function = function
        self._random = random
        self._settings = settings
        self.unfinished = 0

    def follow(self, shard: Shard) -> None:
        """Start delivering a shard, until its end."""
        self.unfinished += 1
        self._virtual.spawn(lambda: self._deliver(shard), delay=self._random.uniform(0.0, FIRST_GAP_SECONDS))

    def _deliver(self, shard: Shard) -> None:
        state, virtual = ShardState(self._settings), self._virtual
        while True:
            if state.backlog < self._settings.batch_size:
                state.feed(shard.take(self._settings.batch_size, virtual.now), self._epoch())
            step = state.next_step(0, self._epoch())
            if isinstance(step, Deliver):
                transition = self._invoke(step)
                state.apply(0, transition)
                self._book(shard, transition)
                virtual.sleep(self._random.uniform(*GAP_SECONDS))
            elif isinstance(step, Discard):  # only for age, and none of the settings has a limit for it
                raise RuntimeError("a record was discarded for its age")  # noqa: TRY004 - no wrong type
            elif step.until is not None:
                virtual.sleep(max(0.001, step.until - self._epoch()))
            elif shard.is_exhausted:
                self.unfinished -= 1
                return
            else:
                virtual.sleep(POLL_SECONDS)

    def _invoke(self, step: Deliver) -> Transition:
        result = self._function.invoke(event_of(step.batch.records))
        outcome = interpret(result, step.batch, report_failures=self._settings.report_failures)
        if isinstance(outcome, Throttled) and not result.throttled:
            raise RuntimeError("an invocation ended as none here can")
        return decide(step.batch, outcome, self._settings, self._epoch())

    def _book(self, shard: Shard, transition: Transition) -> None:
        shard.delivered += [record.partition_key for record in transition.delivered]
        if transition.discarded:
            self._function.note(discarded=len(transition.discarded.records))
            shard.discarded += [record.partition_key for record in transition.discarded.records]

    def _epoch(self) -> float:
        return EPOCH + self._virtual.now
