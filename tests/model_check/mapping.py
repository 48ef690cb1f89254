"""The event source mapping of a world: batches in the order of their sub-shard, cut anew at each delivery.

What AWS guarantees, and no more: records of one partition key are delivered in order; a record that is not
acknowledged is delivered again, with all after it; what was acknowledged may come again from the checkpoint
of its shard, which is the first record of it that is not finished.
"""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, Final

from model_check.payloads import sequence_number
from model_check.world import FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from model_check.environment import Environment, Function
    from model_check.network import Network
    from model_check.payloads import Stream
    from model_check.timeline import Task, Timeline
    from model_check.world import Put, World

MOST_INVOCATIONS: Final = 1500
"""More than any world needs that makes progress."""


class _SubShard:
    """Records that are delivered one batch after the other.

    Attributes:
        shard: The id of its shard.
        records: What has been put, in order.
        position: How many of them are finished.
        invocation: The number of the invocation that is waited for; 0 if there is none.
        not_before: When the next delivery may be.
    """

    def __init__(self, name: str, shard: str) -> None:
        self.name, self.shard = name, shard
        self.records: list[Put] = []
        self.position = 0
        self.invocation = 0
        self.not_before = 0.0


class Mapping:
    """Delivers a world's records to its function."""

    def __init__(
        self,
        world: World,
        timeline: Timeline,
        stream: Stream,
        function: Function,
        network: Network,
        trace: Callable[[str], None],
    ) -> None:
        self._world, self._timeline, self._stream = world, timeline, stream
        self._function, self._network, self._trace = function, network, trace
        self._random = random.Random(f"mapping {world.seed}")  # noqa: S311 - the chance of a test
        self._environments: list[Environment] = []
        self._paused_until = 0.0
        self.invocations = 0
        self.errors: list[str] = []
        self._sub_shards = [
            _SubShard(f"queue{n}", f"shardId-{n if world.two_shards else 0:012d}")
            for n in range(world.sub_shards)
        ]

    @property
    def drained(self) -> bool:
        """Whether everything is acknowledged."""
        return all(each.position == len(each.records) for each in self._sub_shards)

    def put(self, put: Put) -> None:
        """Take a record of the stream."""
        sub_shard = self._sub_shards[put.lane % len(self._sub_shards)]
        sub_shard.records.append(put)
        self._deliver(sub_shard)

    def back_to_checkpoint(self) -> None:
        """Deliver again what comes after the first record of each shard that is not finished."""
        for shard in {each.shard for each in self._sub_shards}:
            mine = [each for each in self._sub_shards if each.shard == shard]
            unfinished = [
                each.records[each.position].number for each in mine if each.position < len(each.records)
            ]
            checkpoint = min(unfinished, default=None)
            if checkpoint is not None:
                for each in mine:
                    each.position = sum(record.number < checkpoint for record in each.records)
                    self._deliver_anew(each)

    def rewind(self) -> None:
        """Deliver everything again."""
        for each in self._sub_shards:
            each.position = 0
            self._deliver_anew(each)

    def pause(self, seconds: float) -> None:
        """Deliver nothing for a while."""
        self._paused_until = self._timeline.now + seconds
        for each in self._sub_shards:
            self._deliver_at(each, self._paused_until)

    def kill(self) -> None:
        """End every environment."""
        for environment in list(self._environments):
            self._end(environment)

    def set_clocks_back(self, seconds: float) -> None:
        """Set the clocks of all environments back."""
        for environment in self._environments:
            environment.clock.set_back += seconds

    def _deliver_anew(self, sub_shard: _SubShard) -> None:
        """Deliver whatever is next; an invocation that is at work goes on, and nobody waits for it."""
        sub_shard.invocation = 0
        self._deliver(sub_shard)

    def _deliver_at(self, sub_shard: _SubShard, time: float) -> None:
        sub_shard.not_before = time
        self._timeline.at(time, partial(self._deliver, sub_shard))

    def _deliver(self, sub_shard: _SubShard) -> None:
        now = self._timeline.now
        waiting = sub_shard.records[sub_shard.position :]
        if sub_shard.invocation or not waiting or now < max(self._paused_until, sub_shard.not_before):
            return
        environment = self._environment()
        if environment is None or self.invocations >= MOST_INVOCATIONS:
            return
        most = self._world.batch_size
        batch = waiting[: most if self._random.random() < 0.5 else self._random.randint(1, most)]
        self._invoke(sub_shard, batch, environment)

    def _environment(self) -> Environment | None:
        idle = [each for each in self._environments if not each.busy]
        may_start = len(self._environments) < self._world.environments
        if may_start and (not idle or self._random.random() < 0.3):
            self._environments.append(self._function.start())
            return self._environments[-1]
        return self._random.choice(idle) if idle else None

    def _invoke(self, sub_shard: _SubShard, batch: Sequence[Put], environment: Environment) -> None:
        timeline, world = self._timeline, self._world
        self.invocations += 1
        invocation = sub_shard.invocation = self.invocations
        if world.clock_stands_still:
            environment.clock.stood_still += timeline.now - environment.idle_since
        deadline = timeline.now + world.timeout
        event = {"Records": [self._stream.entry(put, sub_shard.shard) for put in batch]}
        self._trace(
            f"{sub_shard.name} gives {', '.join(str(put.number) for put in batch)} to {environment.name}"
        )
        environment.busy = True
        task = timeline.start(
            lambda: environment.process(event, lambda: deadline - timeline.now), owner=environment
        )
        environment.tasks = [task]
        task.at_end.append(partial(self._ended, sub_shard, batch, environment, invocation, task))
        timeline.at(deadline, partial(self._time_out, environment, task))
        if self._network.met(FaultKind.REPEATED_EARLY):
            after = timeline.now + self._random.uniform(0.0, 0.5 * world.timeout)
            timeline.at(after, partial(self._repeat, sub_shard, invocation))

    def _repeat(self, sub_shard: _SubShard, invocation: int) -> None:
        if sub_shard.invocation == invocation:
            self._trace(f"{sub_shard.name}: {FaultKind.REPEATED_EARLY}")
            self._deliver_anew(sub_shard)

    def _time_out(self, environment: Environment, task: Task) -> None:
        if not task.done:
            self._trace(f"{environment.name} is out of time")
            self._end(environment)

    def _end(self, environment: Environment) -> None:
        self._environments.remove(environment)
        self._timeline.kill(environment, environment.tasks)

    def _ended(
        self,
        sub_shard: _SubShard,
        batch: Sequence[Put],
        environment: Environment,
        invocation: int,
        task: Task,
    ) -> None:
        environment.busy = False
        environment.idle_since = self._timeline.now
        if task.error is not None:
            self.errors.append(f"{type(task.error).__name__}: {task.error}")
            self._trace(f"{environment.name} raised {self.errors[-1]}")
        if sub_shard.invocation == invocation:
            sub_shard.invocation = 0
            self._answered(sub_shard, batch, environment, task)
        for each in self._sub_shards:
            self._timeline.at(self._timeline.now, partial(self._deliver, each))

    def _answered(
        self, sub_shard: _SubShard, batch: Sequence[Put], environment: Environment, task: Task
    ) -> None:
        finished = 0
        if task.error is None and not task.killed:
            failures = task.result["batchItemFailures"]
            numbers = [sequence_number(put.number) for put in batch]
            finished = numbers.index(failures[0]["itemIdentifier"]) if failures else len(batch)
            self._trace(f"{environment.name} finished {finished} of {len(batch)}")
            if self._network.met(FaultKind.ANSWER_LOST):
                self._trace(f"{sub_shard.name}: {FaultKind.ANSWER_LOST}")
                finished = 0
        sub_shard.position += finished
        if finished < len(batch):
            self._deliver_at(sub_shard, self._timeline.now + self._random.uniform(0.1, 2.0))
