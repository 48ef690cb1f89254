"""One cell of the comparison: builds the world in virtual time, lets it run, and counts."""

from __future__ import annotations

import os
import random
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import boto3

from benchmarks.baselines import CONTROLLERS, Site
from benchmarks.capacity_figures import Second, fairness, seconds_to_converge, share, utilisation
from benchmarks.cargo import COMPUTE_SECONDS, MIXED, Shard
from benchmarks.virtual_dynamodb import VirtualTable
from benchmarks.virtual_lambda import Bill, VirtualFunction, VirtualMapping
from benchmarks.virtual_time import VirtualTime
from local_aws.mapping_settings import MappingSettings
from smartcat.stack import StackOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.cargo import UnitsAndShares
    from benchmarks.virtual_dynamodb import Reading


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
        seed: All dice of the run.
        burst_seconds: Seconds of capacity that the table has saved up at the start.
        steps: Second and new capacity of each UpdateTable, from the start of the run.
        reshard_at: Second at which as many shards again appear; None for never.
        compute_seconds: Of classifying one document.
        documents: Documents of each shard; None for an endless backlog. With a number, the run ends when they
            are delivered, at the latest after the window.
        arrival_seconds: Seconds in which the documents arrive, evenly; None if all were there before the run.
        mix: Write units of the results.
        mapping: Fields of the mapping that are not as `smartcat.stack` sets them.
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


@dataclass(slots=True)
class Result:
    """What a cell's run gave: figures by name, and every second of it."""

    cell: Cell
    figures: dict[str, Any]
    seconds: list[Second] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Everything that is counted, at one moment."""

    at: float
    table: Reading
    bill: Bill
    documents: int
    by_shard: dict[str, int]


class World:
    """Everything of one run."""

    def __init__(self, cell: Cell) -> None:
        options = StackOptions(shards=cell.lanes, write_units=cell.capacity)
        self.cell = cell
        self.virtual = VirtualTime()
        dice = partial(_dice, cell.seed)
        self.table = VirtualTable(
            self.virtual, units=cell.capacity, burst_seconds=cell.burst_seconds, random=dice("latency")
        )
        site = Site(
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
            partial(CONTROLLERS[cell.controller], site),
            reserved=cell.reserved,
            timeout=options.timeout_seconds,
            random=dice("cold starts"),
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
            self.virtual, self.function, replace(settings, **dict(cell.mapping)), dice("gaps")
        )
        self.shards: list[Shard] = []
        self.seconds: list[Second] = []
        self._last: tuple[Reading, int] | None = None

    def run(self) -> tuple[_Mark, _Mark]:
        """Run; returns what was counted before and after the window."""
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
        """Give the stream as many shards again as it began with."""
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

    def _mark(self) -> _Mark:
        return _Mark(
            self.virtual.now,
            self.table.read(),
            self.function.bill(),
            len(self.table.stored),
            dict(self.table.by_shard),
        )


def run_cell(cell: Cell) -> Result:
    """Make one run; the same cell gives the same result."""
    with _ready(cell.seed):
        world = World(cell)
        with world.virtual.patched():
            try:
                before, after = world.run()
            finally:
                world.virtual.close()
    return Result(cell, _figures(world, before, after), world.seconds)


@contextmanager
def _ready(seed: int) -> Iterator[None]:
    """Seed the dice that botocore and tenacity share, and give boto3 a session; put both back in the end."""
    state = random.getstate()
    random.seed(seed)
    with patch("boto3.DEFAULT_SESSION", _session()):
        try:
            yield
        finally:
            random.setstate(state)


@cache
def _session() -> boto3.Session:
    """Make the session of all clients: no call leaves the process, and nobody's own settings matter.

    botocore does not check what it is given to send: that decides nothing, and takes a fifth of all time.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "config"
        settings.write_text("[default]\nparameter_validation = false\n", encoding="utf-8")
        with patch.dict(os.environ, {"AWS_CONFIG_FILE": str(settings)}):
            os.environ.pop("AWS_PROFILE", None)
            session = boto3.Session("none", "none", region_name="eu-central-1")
            session.client("dynamodb")  # reads settings and service model, which stay in the session
            return session


def _dice(seed: int, use: str) -> Random:
    return Random(f"{seed} {use}")  # noqa: S311 - a model's dice, not secrets


def _figures(world: World, before: _Mark, after: _Mark) -> dict[str, Any]:
    cell = world.cell
    first = sum(second.first for second in world.seconds[cell.warm_up :])
    capacity = sum(second.provisioned for second in world.seconds[cell.warm_up :])
    requests = after.table.requests - before.table.requests
    throttled = after.table.throttled - before.table.throttled
    waited = after.bill.waited - before.bill.waited
    billed = after.bill.billed - before.bill.billed
    documents = after.documents - before.documents
    consumed = after.table.consumed - before.table.consumed
    names = [shard.name for shard in world.shards]
    return {
        "utilisation": utilisation(first, before.table.credit - after.table.credit, capacity),
        "throttled_ratio": share(throttled, requests),
        "paid_wait_per_1000_units": 1000 * share(waited, first),
        "paid_wait_per_document": share(waited, documents),
        "billed_per_1000_units": 1000 * share(billed, first),
        "repeated_units_ratio": share(consumed - first, consumed),
        "fairness": fairness(after.by_shard.get(name, 0) - before.by_shard.get(name, 0) for name in names),
        "documents": documents,
        "requests": requests,
        "throttled": throttled,
        "botocore_retries": after.table.retries - before.table.retries,
        "credit_before": before.table.credit,
        "credit_after": after.table.credit,
        "environments_in_mean": share(billed, after.at - before.at),
        **_bill(before.bill, after.bill),
        **_account(world),
        **_convergence(world),
    }


def _bill(before: Bill, after: Bill) -> dict[str, int]:
    counted = ("invocations", "errors", "timeouts", "refused", "discarded")
    return {name: getattr(after, name) - getattr(before, name) for name in counted}


def _account(world: World) -> dict[str, int]:
    """Every document that was handed out is stored, discarded, or still the mapping's to deliver."""
    stored = world.table.stored
    delivered = [key for shard in world.shards for key in shard.delivered]
    discarded = [key for shard in world.shards for key in shard.discarded]
    return {
        "produced": sum(shard.taken for shard in world.shards),
        "stored": len(stored),
        "lost": sum(key not in stored for key in delivered),
        "discarded_unstored": sum(key not in stored for key in discarded),
        "undelivered": world.mapping.unfinished if world.cell.documents is not None else 0,
        "seconds": len(world.seconds),
    }


def _convergence(world: World) -> dict[str, dict[str, int | None]]:
    cell = world.cell
    changes = [(at, f"to {units} units/s") for at, units in cell.steps]
    if cell.reshard_at is not None:
        changes.append((cell.reshard_at, "reshard"))
    ends = [*(at for at, _ in changes[1:]), cell.warm_up + cell.window]
    if not changes:
        return {}
    return {
        "converged_after": {
            name: seconds_to_converge(world.seconds, at, end)
            for (at, name), end in zip(changes, ends, strict=True)
        }
    }


def described(result: Result) -> dict[str, Any]:
    """Give a result as JSON can hold it, without its seconds."""
    return {**asdict(result.cell), **result.figures}
