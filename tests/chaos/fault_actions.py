"""Injects the faults of a plan into a running system, one at a time; `runner.py` decides when."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from chaos.fault_rules import FaultRules
from chaos.noisy_neighbor import NoisyNeighbor
from chaos.plan import Fault, FaultKind
from chaos.processes import signal_processes
from chaos.stream_changes import StreamChanges
from chaos.table_changes import TableChanges

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chaos.credentials import ProducerCredentials
    from support.system import System

EXTENSION_SECONDS: Final = 4.0
"""Longest extension of a fault that has not affected any request yet."""


class FaultEffect(NamedTuple):
    """What a fault affected: an amount and its unit, 0 if it affected nothing."""

    kind: FaultKind
    amount: int
    unit: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.amount} {self.unit}"


class FaultActions:
    """All faults that can be injected into a system.

    Attributes:
        effects: The effect of each fault that has ended.
    """

    def __init__(
        self, system: System, credentials: ProducerCredentials, *, seed: int, write_units: int
    ) -> None:
        self._system = system
        self._credentials = credentials
        self._rules = FaultRules(system, seed=seed)
        self._extended_until: dict[FaultKind, float] = {}
        self._noisy_neighbor: NoisyNeighbor | None = None
        self.effects: list[FaultEffect] = []
        stream, table = StreamChanges(system), TableChanges(system, self._rules, write_units=write_units)
        self._actions: Mapping[FaultKind, Callable[[Fault], tuple[int, str]]] = {
            FaultKind.KILL_ALL: lambda fault: signal_processes(system, signal.SIGKILL, None),
            FaultKind.KILL_ONE: lambda fault: signal_processes(system, signal.SIGKILL, fault.choice),
            FaultKind.FREEZE_ONE: lambda fault: signal_processes(system, signal.SIGSTOP, fault.choice),
            FaultKind.SPLIT: stream.split,
            FaultKind.MERGE: stream.merge,
            FaultKind.RESCALE: stream.rescale,
            FaultKind.MAPPING: stream.change_mapping,
            FaultKind.REDELIVERY: stream.redeliver,
            FaultKind.TABLE_EMPTIED: lambda fault: stream.redeliver_twice(fault, table.empty),
            FaultKind.TABLE_RESTORED: table.delete_and_restore,
            FaultKind.CAPACITY: table.change_capacity,
        }

    def start(self, fault: Fault) -> None:
        """Start a fault that lasts."""
        if fault.kind is FaultKind.NOISY_NEIGHBOR:
            self._noisy_neighbor = NoisyNeighbor(self._system)
            self._noisy_neighbor.start()
            return
        if fault.kind is FaultKind.CREDENTIALS_GONE:
            self._credentials.gone.set()
            return
        rules, stack = fault.rules, self._system.deployment
        if fault.kind is FaultKind.TABLE_DAMAGED:
            rules.append({**rules[0], "service": "s3", "operation": "PutObject"})
        for rule in rules:
            if rule["service"] == "s3" and fault.kind is not FaultKind.DESTINATION_DOWN:
                of_model = fault.kind is FaultKind.MODEL_OUTAGE
                rule["resource"] = stack.artifacts_bucket if of_model else stack.quarantine_bucket
        self._rules.add(fault.kind.value, rules)

    def end(self, fault: Fault) -> float | None:
        """End a fault; return the seconds to the next try if it has no effect yet despite a backlog."""
        if fault.kind is FaultKind.NOISY_NEIGHBOR and self._noisy_neighbor:
            self.effects.append(FaultEffect(fault.kind, self._noisy_neighbor.stop(), "units"))
            return None
        if fault.kind is FaultKind.CREDENTIALS_GONE:
            self._credentials.gone.clear()
            self.effects.append(FaultEffect(fault.kind, self._credentials.failures, "renewals"))
            return None
        extended_until = self._extended_until.setdefault(fault.kind, time.monotonic() + EXTENSION_SECONDS)
        may_stay = time.monotonic() < extended_until
        if may_stay and self._backlog() and not self._rules.effects(fault.kind.value):
            return 0.1
        self.effects.append(FaultEffect(fault.kind, self._rules.remove(fault.kind.value), "requests"))
        return None

    def inject(self, fault: Fault) -> None:
        """Inject a fault that happens once."""
        self.effects.append(FaultEffect(fault.kind, *self._actions[fault.kind](fault)))

    def clear(self) -> None:
        """End all faults."""
        self._credentials.gone.clear()
        if self._noisy_neighbor:
            self._noisy_neighbor.stop()
        self._rules.clear()

    def _backlog(self) -> int:
        return int(self._system.aws.gauges()["mappings"][self._system.deployment.mapping_id]["backlog"])
