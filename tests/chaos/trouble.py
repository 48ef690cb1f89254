"""Does the harm of a plan to a running system, one harm at a time. When is the conductor's business."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from chaos.fault_rules import FaultRules
from chaos.neighbour import Neighbour
from chaos.plan import Harm, Kind
from chaos.processes import strike_processes
from chaos.stream_changes import StreamChanges
from chaos.table_changes import TableChanges

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from support.system import System

MEET_SECONDS: Final = 4.0
"""Longest time that a harm stays after its end for something to meet it."""


class Met(NamedTuple):
    """What a harm did: how much of what was struck, 0 if nothing met it."""

    kind: Kind
    amount: int
    of_what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.amount} {self.of_what}"


class Trouble:
    """Everything that can be done to a system.

    Attributes:
        met: What each harm that has ended did.
    """

    def __init__(self, system: System, *, seed: int, write_units: int) -> None:
        self._system = system
        self._rules = FaultRules(system, seed=seed)
        self._patience: dict[Kind, float] = {}
        self._neighbour: Neighbour | None = None
        self.met: list[Met] = []
        stream, table = StreamChanges(system), TableChanges(system, self._rules, write_units=write_units)
        self._strikes: Mapping[Kind, Callable[[Harm], tuple[int, str]]] = {
            Kind.KILL_ALL: lambda harm: strike_processes(system, signal.SIGKILL, None),
            Kind.KILL_ONE: lambda harm: strike_processes(system, signal.SIGKILL, harm.choice),
            Kind.FREEZE_ONE: lambda harm: strike_processes(system, signal.SIGSTOP, harm.choice),
            Kind.SPLIT: stream.split,
            Kind.MERGE: stream.merge,
            Kind.RESCALE: stream.rescale,
            Kind.MAPPING: stream.change_mapping,
            Kind.DELIVERED_AGAIN: stream.deliver_again,
            Kind.TABLE_RESTORED: table.delete_and_restore,
            Kind.CAPACITY: table.change_capacity,
        }

    def begin(self, harm: Harm) -> None:
        """Let a harm that lasts begin."""
        if harm.kind is Kind.NEIGHBOUR:
            self._neighbour = Neighbour(self._system)
            self._neighbour.start()
            return
        rule, deployment = dict(harm.rule or {}), self._system.deployment
        if rule["service"] == "s3":
            # The failure destination stays whole: AWS gives up what it cannot put there, too.
            of_model = harm.kind is Kind.MODEL_OUTAGE
            rule["resource"] = deployment.artifacts_bucket if of_model else deployment.quarantine_bucket
        self._rules.impose(harm.kind.value, rule)

    def end(self, harm: Harm) -> float | None:
        """End it; while nothing has met it although there is work, give the seconds until the next try."""
        if harm.kind is Kind.NEIGHBOUR and self._neighbour:
            self.met.append(Met(harm.kind, self._neighbour.stop(), "units"))
            return None
        patience = self._patience.setdefault(harm.kind, time.monotonic() + MEET_SECONDS)
        # A slow table must have ended before anybody is killed: draw_harms.py.
        may_stay = harm.kind is not Kind.TABLE_LATENCY and time.monotonic() < patience
        if may_stay and self._backlog() and not self._rules.met(harm.kind.value):
            return 0.1
        self.met.append(Met(harm.kind, self._rules.lift(harm.kind.value), "requests"))
        return None

    def strike(self, harm: Harm) -> None:
        """Do a harm that strikes once."""
        self.met.append(Met(harm.kind, *self._strikes[harm.kind](harm)))

    def heal(self) -> None:
        """End everything."""
        if self._neighbour:
            self._neighbour.stop()
        self._rules.clear()

    def _backlog(self) -> int:
        return int(self._system.aws.gauges()["mappings"][self._system.deployment.mapping_id]["backlog"])
