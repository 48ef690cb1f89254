"""Runs a world to its end, and checks what became of every record."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from model_check.clients import ObjectClient, Objects, TableClient
from model_check.dynamodb import Table
from model_check.environment import TABLE, Function, connected
from model_check.mapping import MOST_INVOCATIONS, Mapping
from model_check.network import ActiveFault, Network
from model_check.payloads import QUARANTINE_BUCKET, Stream
from model_check.timeline import Timeline
from model_check.wire import WireClients
from model_check.world import FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as Fields

    from model_check.dynamodb import Item
    from model_check.payloads import Place, Version
    from model_check.world import Fault, World


@dataclass
class Outcome:
    """How a world ended.

    Attributes:
        problems: What must not be, in a line each; none where every promise was kept.
        trace: What happened, in a line each, if that was asked for.
        invocations: How often the function was invoked.
        seconds: Virtual seconds until everything had come to rest.
    """

    problems: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    invocations: int = 0
    seconds: float = 0.0


class _Clients(NamedTuple):
    table: Any
    objects: Any


def run_world(world: World, *, traced: bool = False) -> Outcome:
    """Run a world until all faults have ended, everything is acknowledged and no write is under way."""
    return _Run(world, traced=traced).outcome()


class _Run:
    """One run of a world."""

    def __init__(self, world: World, *, traced: bool) -> None:
        self._world = world
        self._timeline = timeline = Timeline()
        self._outcome = Outcome()
        trace: Callable[[str], None] = self._trace if traced else _ignore
        self._stream = Stream(world)
        self._traced = traced
        self._table = Table(
            TABLE, units=world.units, burst=world.burst, now=lambda: timeline.now, on_write=self._written
        )
        self._objects = Objects()
        self._objects.stored |= self._stream.objects
        faults = [ActiveFault(fault, f"{world.seed} {fault}") for fault in world.faults]
        network = Network(timeline, world.latency, faults, world.seed, trace)
        self._clients = self._connect(network)
        function = Function(world, timeline, self._clients, trace)
        self._mapping = Mapping(world, timeline, self._stream, function, network, trace)

    def _connect(self, network: Network) -> _Clients:
        if self._world.through_botocore:
            wire = WireClients.shared()
            wire.connect(network, self._table, self._objects)
            return _Clients(wire.dynamodb, wire.s3)
        return _Clients(TableClient(network, self._table), ObjectClient(network, self._objects))

    def outcome(self) -> Outcome:
        timeline, world, outcome = self._timeline, self._world, self._outcome
        for put in world.puts:
            timeline.at(put.at, partial(self._mapping.put, put))
        for fault in world.faults:
            for at, call in self._happenings(fault):
                timeline.at(at, call)
        with connected(timeline, self._clients, world.seed):
            timeline.run()
        outcome.invocations, outcome.seconds = self._mapping.invocations, timeline.now
        outcome.problems += self._mapping.errors
        if not self._mapping.drained:
            outcome.problems.append(f"not drained after {self._mapping.invocations} invocations")
        elif self._mapping.invocations >= MOST_INVOCATIONS:
            outcome.problems.append(f"{MOST_INVOCATIONS} invocations")
        outcome.problems += final_problems(self._stream.versions, self._table.items, self._quarantined())
        return outcome

    def _happenings(self, fault: Fault) -> list[tuple[float, Callable[[], None]]]:
        mapping, at, lasts = self._mapping, fault.at, fault.lasts
        happenings: dict[FaultKind, list[tuple[float, Callable[[], None]]]] = {
            FaultKind.CHECKPOINT: [(at, mapping.back_to_checkpoint)],
            FaultKind.REWIND: [(at, mapping.rewind)],
            FaultKind.TABLE_EMPTIED: [(at, self._table.items.clear), (at + lasts, mapping.rewind)],
            FaultKind.KILLED: [(at, mapping.kill)],
            FaultKind.PAUSED: [(at, partial(mapping.pause, lasts))],
            FaultKind.CLOCK_BACK: [(at, partial(mapping.set_clocks_back, lasts))],
        }
        return [
            (when, partial(self._happen, fault.kind, call)) for when, call in happenings.get(fault.kind, [])
        ]

    def _happen(self, kind: FaultKind, call: Callable[[], None]) -> None:
        if self._traced:
            self._trace(str(kind))
        call()

    def _written(self, old: Item | None, new: Item) -> None:
        version = self._stream.versions.get(_place(new))
        if version is None:
            self._outcome.problems.append(f"{new['document_id']['S']}: an item of no record was written")
            return
        if self._traced:
            self._trace(f"table: {version.key} = {version.name}")
        before = self._stream.versions.get(_place(old)) if old else None
        if before is not None and before.rank > version.rank:
            self._outcome.problems.append(
                f"{version.key}: {before.name} replaced by the older {version.name} "
                f"at {self._timeline.now:.2f} s"
            )

    def _quarantined(self) -> dict[Place, bytes]:
        found: dict[Place, bytes] = {}
        for key, body in self._objects.stored.items():
            if key.startswith(QUARANTINE_BUCKET):
                content = json.loads(body)
                place = content["sequence_number"], content["sub_sequence_number"]
                found[place] = base64.b64decode(content["data"])
        return found

    def _trace(self, line: str) -> None:
        self._outcome.trace.append(f"{self._timeline.now:9.3f} s  {line}")


def final_problems(
    versions: Fields[Place, Version], items: Fields[str, Item], quarantined: Fields[Place, bytes]
) -> list[str]:
    """Return what is wrong once everything has come to rest: each document's newest version is stored.

    Args:
        versions: Everything that was put, without replays.
        items: The table.
        quarantined: The bytes of each quarantine object, by the place of its record.
    """
    problems = []
    documents: dict[str, list[Version]] = {}
    for version in versions.values():
        documents.setdefault(version.key, []).append(version)
    for key, all_versions in documents.items():
        problems += _problems_of(key, all_versions, items.get(key), quarantined)
    return problems


def _problems_of(
    key: str, versions: list[Version], item: Item | None, quarantined: Fields[Place, bytes]
) -> list[str]:
    good = sorted((each for each in versions if not each.rejected), key=lambda each: each.rank)
    put_aside = [each for each in good if each.place in quarantined]
    problems = [
        f"{key}: {each.name} is not in the quarantine, with its bytes"
        for each in versions
        if each.rejected
        and quarantined.get(each.place) != each.data
        # What the table refuses need not be tried where a later version is written instead.
        and not (each.may_take_others and good and each.rank < good[-1].rank)
    ]
    right = good[-1:]
    if any(each.may_take_others for each in versions):
        # What the table refuses is put aside with what it was written together with.
        if good and good[-1] in put_aside:
            return problems
    else:
        problems += [f"{key}: {each.name} is in the quarantine, and is sound" for each in put_aside]
    if item is None and good:
        return [*problems, f"{key}: lost, {good[-1].name} should be in the table"]
    if item is not None and _place(item) not in {each.place for each in right}:
        newest = good[-1].name if good else "none"
        return [*problems, f"{key}: the table has {item['label']['S']}, and {newest} is newest"]
    return problems


def _place(item: Item) -> Place:
    sub = item.get("sub_sequence_number")
    return item["sequence_number"]["S"], None if sub is None else int(sub["N"])


def _ignore(_line: str) -> None: ...
