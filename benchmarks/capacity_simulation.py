"""The simulation of one cell in virtual time: table, function, mapping and shards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from benchmarks.baselines import CONTROLLERS, FunctionContext
from benchmarks.capacity_figures import Second
from benchmarks.simulated_classifier import COMPUTE_SECONDS
from benchmarks.virtual_dynamodb import VirtualTable
from benchmarks.virtual_lambda import Bill, VirtualFunction, VirtualMapping
from benchmarks.virtual_time import VirtualTime
from benchmarks.workload import MIXED, Shard
from smartcat.cli.deployment import DeploymentOptions
from smartcat.local_aws.event_source_mapping.settings import MappingSettings

if TYPE_CHECKING:
    from benchmarks.virtual_dynamodb import Reading
    from benchmarks.workload import UnitsAndShares


@dataclass(frozen=True, slots=True)
class Cell:
    """One run to make.

    Attributes:
        controller: Name of a function of ``baselines``.
        lanes: Shards, each delivered one batch at a time.
        capacity: Write units a second at the start.
        reserved: Environments that may run at once, and that share the table.
        warm_up: Seconds before the counting begins.
        window: Seconds that are counted.
        seed: Of all random numbers of the run.
        burst_seconds: Seconds of capacity that the table has saved up at the start.
        steps: Second and new capacity of each UpdateTable, from the start of the run.
        reshard_at: Second at which as many shards again appear; None for never.
        compute_seconds: Of classifying one document.
        documents: Documents of each shard; None for an endless backlog. With a number, the run ends when they
            are delivered, at the latest after the window.
        arrival_seconds: Seconds in which the documents arrive, evenly; None if all were there before the run.
        mix: Write units of the results.
        mapping: Fields of the mapping that are not as `smartcat.cli.deployment` sets them.
    """

    controller: str
    lanes: int
    capacity: int
    reserved: int
    warm_up: int
    window: int
    seed: int = 1
    burst_seconds: float = 0.0
    steps: tuple[tuple[int, int], ...] = ()
    reshard_at: int | None = None
    compute_seconds: float = COMPUTE_SECONDS
    documents: int | None = None
    arrival_seconds: float | None = None
    mix: UnitsAndShares = MIXED
    mapping: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """All counters at one moment."""

    at: float
    table: Reading
    bill: Bill
    documents: int
    by_shard: dict[str, int]


class Simulation:
    """All parts of one run."""

    def __init__(self, cell: Cell) -> None:
        options = DeploymentOptions(shards=cell.lanes, write_units=cell.capacity)
        self.cell = cell
        self.virtual = VirtualTime()
        rng = partial(_rng, cell.seed)
        self.table = VirtualTable(
            self.virtual, units=cell.capacity, burst_seconds=cell.burst_seconds, random=rng("latency")
        )
        context = FunctionContext(
            virtual=self.virtual,
            table=self.table,
            seed=cell.seed,
            share=cell.capacity / cell.reserved,
            environments=cell.reserved,
            burst_rate=900 * -(-cell.capacity // 1000) / cell.reserved,
            compute_seconds=cell.compute_seconds,
        )
        self.function = VirtualFunction(
            self.virtual,
            partial(CONTROLLERS[cell.controller], context),
            reserved=cell.reserved,
            timeout=options.timeout_seconds,
            random=rng("cold starts"),
        )
        settings = MappingSettings(
            function_arn="function",
            stream_arn="stream",
            batch_size=options.batch_size,
            window=options.batching_window_seconds,
            maximum_retry_attempts=options.max_retries,
            bisect=True,
            report_failures=True,
        )
        self.mapping = VirtualMapping(
            self.virtual, self.function, replace(settings, **dict(cell.mapping)), rng("gaps")
        )
        self.shards: list[Shard] = []
        self.seconds: list[Second] = []
        self._last: tuple[Reading, int] | None = None

    def run(self) -> tuple[Mark, Mark]:
        """Run; return the counters before and after the window."""
        cell = self.cell
        self.add_shards()
        for at, units in cell.steps:
            self.virtual.spawn(partial(self.table.resize, units), delay=at)
        if cell.reshard_at is not None:
            self.virtual.spawn(self.add_shards, delay=cell.reshard_at)
        self._last = self.table.read(), 0
        self._run_to(cell.warm_up)
        before = self._mark()
        self._run_to(cell.warm_up + cell.window)
        return before, self._mark()

    def add_shards(self) -> None:
        """Add as many shards to the stream as it started with."""
        cell = self.cell
        rate = cell.documents / cell.arrival_seconds if cell.documents and cell.arrival_seconds else None
        for _ in range(cell.lanes):
            shard = Shard(len(self.shards), cell.seed, cell.documents, rate, cell.mix)
            self.shards.append(shard)
            self.mapping.follow(shard)

    def _run_to(self, until: int) -> None:
        while len(self.seconds) < until and (self.cell.documents is None or self.mapping.unfinished):
            self.virtual.run(len(self.seconds) + 1)
            self._note_second()

    def _note_second(self) -> None:
        now, errors = self.table.read(), self.function.bill().errors
        then, errors_then = self._last or (now, errors)
        consumed = now.consumed - then.consumed
        self.seconds.append(
            Second(
                provisioned=now.provisioned,
                consumed=consumed,
                first=consumed - (now.repeated - then.repeated),
                requests=now.requests - then.requests,
                throttled=now.throttled - then.throttled,
                errors=errors - errors_then,
                iterator_age=max(shard.iterator_age(self.virtual.now) for shard in self.shards),
            )
        )
        self._last = now, errors

    def _mark(self) -> Mark:
        return Mark(
            self.virtual.now,
            self.table.read(),
            self.function.bill(),
            len(self.table.stored),
            dict(self.table.by_shard),
        )


def _rng(seed: int, use: str) -> Random:
    return Random(f"{seed} {use}")  # noqa: S311 - a simulation, not secrets
