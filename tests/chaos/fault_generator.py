"""Generates the faults of a plan: kinds, times, parameters. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chaos.plan import AFTERWARDS, AT_THE_END, OUTAGES, Fault, FaultKind

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

_OF_TABLE: Final = {
    FaultKind.TABLE_ERRORS,
    FaultKind.TABLE_THROTTLES,
    FaultKind.TABLE_LOST_ANSWERS,
    FaultKind.TABLE_LATE_WRITES,
    FaultKind.TABLE_DAMAGED,
    FaultKind.TABLE_HANGS,
    FaultKind.TABLE_LATENCY,
}
_OF_QUARANTINE: Final = {FaultKind.QUARANTINE_OUTAGE, FaultKind.DESTINATION_DOWN}
_WITHOUT_EFFECT: Final = {
    FaultKind.TABLE_OUTAGE: _OF_TABLE | _OF_QUARANTINE,  # no rejected record would be reached
    FaultKind.QUARANTINE_GONE: _OF_QUARANTINE,
}
"""What could not take effect in an outage; and no destination is down where records are discarded: local AWS,
as AWS does, drops what it cannot put there."""

_WRITES: Final = {"service": "dynamodb", "operations": ["BatchExecuteStatement", "PutItem"]}


def generate_kinds(rng: random.Random) -> set[FaultKind]:
    """Return six to eleven random kinds; an outage excludes those that could not take effect."""
    outage = rng.choice(sorted(OUTAGES)) if rng.random() < 0.3 else None
    excluded = OUTAGES | (_WITHOUT_EFFECT[outage] if outage else frozenset())
    kinds = set(rng.sample([kind for kind in FaultKind if kind not in excluded], rng.randint(6, 11)))
    return kinds | ({outage} if outage else set())


class FaultGenerator:
    """Generates the faults of one plan."""

    def __init__(
        self,
        rng: random.Random,
        kinds: set[FaultKind],
        span: float,
        timeout_seconds: int,
        write_units: int,
        factor: int,
        last_wave: float,
    ) -> None:
        self._rng = rng
        self._kinds = kinds
        self._span = span
        self._outage_seconds = timeout_seconds + 4.0
        self._write_units = write_units
        self._factor = factor
        self._last_wave = last_wave

    def all(self, shards: int) -> tuple[Fault, ...]:
        """Return one fault of each kind, by time; shard counts follow from the earlier resharding."""
        faults: list[Fault] = []
        for kind in sorted(self._kinds):
            faults += [Fault(kind, AT_THE_END)] if kind in AFTERWARDS else self._generate(kind)
        return tuple(_with_shard_counts(sorted(faults, key=lambda fault: fault.at), shards, self._rng))

    def _generate(self, kind: FaultKind) -> list[Fault]:
        at = self._time(kind)
        if (rule := self._rule(kind)) is not None:
            window = Fault(kind, at, round(self._duration(kind), 2), rule)
            # Only environments that start read the model.
            kills = [Fault(FaultKind.KILL_ALL, at + 0.01)] if kind is FaultKind.MODEL_OUTAGE else []
            return [window, *kills]
        without_rule = {FaultKind.NOISY_NEIGHBOR: (1.0, 2.0), FaultKind.CREDENTIALS_GONE: (2.0, 4.0)}
        if kind in without_rule:
            return [Fault(kind, at, round(self._rng.uniform(*without_rule[kind]), 2))]
        if kind is FaultKind.CAPACITY:
            return self._capacity(at)
        if kind is FaultKind.MAPPING:
            return [Fault(kind, at, number=3 - self._factor)]
        if kind is FaultKind.TABLE_RESTORED:
            return [Fault(kind, at, number=round(self._rng.uniform(0.3, 1.5), 2))]
        return [Fault(kind, at, choice=self._rng.randrange(1000) / 1000)]

    def _duration(self, kind: FaultKind) -> float:
        """Return the duration in seconds: mostly one or two."""
        if kind in OUTAGES:
            return self._outage_seconds
        if kind in _OF_QUARANTINE:
            return self._rng.uniform(2.5, 4.0)  # longer than the attempts at one object
        return self._rng.uniform(1.0, 2.0)

    def _time(self, kind: FaultKind) -> float:
        """Return a random time in seconds."""
        first, last = 0.3, self._span
        if kind is FaultKind.TABLE_OUTAGE:
            last = 1.0  # while there is something to write
        elif kind in _OF_QUARANTINE or kind is FaultKind.QUARANTINE_GONE:
            last = 0.8  # while rejected records are still to come
        elif kind in {FaultKind.PUT_ERRORS, FaultKind.CREDENTIALS_GONE}:
            first = last = self._last_wave - 0.1  # while something is put
        elif kind is FaultKind.FREEZE_ONE:
            # Last: a change of the mapping waits for it, and other faults would then find no work.
            first, last = self._span, self._span + 0.5
        return round(self._rng.uniform(first, last), 2)

    def _rule(self, kind: FaultKind) -> Mapping[str, Any] | None:
        rng = self._rng
        rate = round(rng.uniform(0.5, 1.0), 2)
        throttle = {"status": 400, "code": "ProvisionedThroughputExceededException"}
        rules: dict[FaultKind, dict[str, Any]] = {
            FaultKind.TABLE_ERRORS: {
                **_WRITES,
                "kind": "error",
                "rate": rate,
                "status": rng.choice([500, 503]),
            },
            FaultKind.TABLE_THROTTLES: {**_WRITES, "kind": "error", "rate": rate, **throttle},
            FaultKind.TABLE_LOST_ANSWERS: {**_WRITES, "kind": "lost_answer", "rate": rate},
            # Later than the client's next attempts, and than what another environment has begun meanwhile.
            FaultKind.TABLE_LATE_WRITES: {
                **_WRITES,
                "kind": "late",
                "rate": rate,
                "seconds": round(rng.uniform(1.0, 5.0), 2),
            },
            FaultKind.TABLE_DAMAGED: {**_WRITES, "kind": "damaged", "rate": rate},
            FaultKind.TABLE_HANGS: {**_WRITES, "kind": "hang", "rate": rate, "seconds": 3.0},
            # Below the client's read time-out: it must wait for the answer.
            FaultKind.TABLE_LATENCY: {
                **_WRITES,
                "kind": "latency",
                "seconds": round(rng.uniform(0.1, 1.0), 2),
            },
            FaultKind.TABLE_OUTAGE: {**_WRITES, "kind": "error", "status": 500},
            FaultKind.QUARANTINE_OUTAGE: {
                "service": "s3",
                "operations": ["PutObject"],
                "kind": rng.choice(["lost_answer", "error", "error"]),
            },
            FaultKind.QUARANTINE_GONE: {"service": "s3", "operations": ["PutObject"], "kind": "error"},
            FaultKind.DESTINATION_DOWN: {"service": "s3", "operations": ["PutObject"], "kind": "error"},
            FaultKind.ANSWER_LOST: {
                "service": "lambda",
                "operations": ["Invoke"],
                "kind": "lost_answer",
                "rate": rate,
            },
            FaultKind.MODEL_OUTAGE: {
                "service": "s3",
                "operations": ["GetObject"],
                "kind": "error",
                "rate": rate,
            },
            FaultKind.READ_ERRORS: {
                "service": "kinesis",
                "operations": ["GetRecords"],
                "kind": rng.choice(["error", "lost_answer"]),
                "rate": rate,
            },
            FaultKind.PUT_ERRORS: {
                "service": "kinesis",
                "operations": ["PutRecords"],
                "kind": rng.choice(["error", "lost_answer"]),
                "rate": max(rate, 0.7),  # a wave is one request or two
            },
        }
        return rules.get(kind)

    def _capacity(self, at: float) -> list[Fault]:
        """Return a fall of the capacity to a fraction, and a rise before the scenario takes minutes."""
        low, high = max(5, self._write_units // 8), self._write_units * 2
        back = round(at + self._rng.uniform(1.5, 2.5), 2)
        return [Fault(FaultKind.CAPACITY, at, number=low), Fault(FaultKind.CAPACITY, back, number=high)]


def _with_shard_counts(faults: list[Fault], shards: int, rng: random.Random) -> list[Fault]:
    """Return the faults with the counts for UpdateShardCount, which depend on the open shards."""
    counted = []
    for fault in faults:
        generated = fault
        if fault.kind is FaultKind.SPLIT:
            shards += 1
        elif fault.kind is FaultKind.MERGE:
            shards -= 1
        elif fault.kind is FaultKind.RESCALE:
            # AWS accepts half to twice the count; at least two, so that a later merge finds a pair.
            allowed = [count for count in range(max(2, -(-shards // 2)), 2 * shards + 1) if count != shards]
            shards = rng.choice(allowed)
            generated = Fault(fault.kind, fault.at, number=float(shards))
        counted.append(generated)
    return counted
