"""One cell of the comparison: lets its world run, and makes figures of what was counted."""

from __future__ import annotations

import os
import random
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import boto3

from benchmarks.capacity_figures import Second, fairness, seconds_to_converge, share, utilisation
from benchmarks.capacity_simulation import Cell, Mark, Simulation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.virtual_lambda import Bill


@dataclass(slots=True)
class Result:
    """What a cell's run gave: figures by name, and every second of it."""

    cell: Cell
    figures: dict[str, Any]
    seconds: list[Second] = field(repr=False)


def run_cell(cell: Cell) -> Result:
    """Run one cell; the same cell gives the same result."""
    with _ready(cell.seed):
        world = Simulation(cell)
        with world.virtual.patched():
            try:
                before, after = world.run()
            finally:
                world.virtual.close()
    return Result(cell, _figures(world, before, after), world.seconds)


@contextmanager
def _ready(seed: int) -> Iterator[None]:
    """Seed the random module and set boto3's default session; restore both at the end."""
    state = random.getstate()
    random.seed(seed)
    with patch("boto3.DEFAULT_SESSION", _session()):
        try:
            yield
        finally:
            random.setstate(state)


@cache
def _session() -> boto3.Session:
    """Return the session of all clients: no call leaves the process, and no AWS settings are read.

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


def _figures(world: Simulation, before: Mark, after: Mark) -> dict[str, Any]:
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


def _account(world: Simulation) -> dict[str, int]:
    """Return the documents by outcome: each is stored, discarded, lost, or still to be delivered."""
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


def _convergence(world: Simulation) -> dict[str, dict[str, int | None]]:
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
