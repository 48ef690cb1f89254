"""Draws the harms of a plan: which, when, how hard. Pure.

No environment is killed while the table is slow: local AWS still serves a held write of a dead environment,
and if a later version was stored meanwhile, the older one would overwrite it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chaos.plan import AFTER_ALL, Harm, Kind

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

CALM_SECONDS: Final = 1.8
"""In a plan with a slow table, it is slow before this moment and environments are killed after it."""

_KILLS: Final = {Kind.KILL_ALL, Kind.KILL_ONE, Kind.MODEL_OUTAGE}
_IN_OUTAGE: Final = {
    Kind.TABLE_ERRORS,
    Kind.TABLE_THROTTLES,
    Kind.TABLE_LOST_ANSWERS,
    Kind.TABLE_HANGS,
    Kind.TABLE_LATENCY,
    Kind.TABLE_OUTAGE,
    Kind.QUARANTINE_OUTAGE,  # poison would not be reached
}
_BATCH: Final = {"service": "dynamodb", "operation": "BatchWriteItem"}


def draw_kinds(chance: random.Random) -> set[Kind]:
    """Draw five to nine kinds; what nothing would meet in an outage is left out of it."""
    outage = chance.random() < 0.2
    pool = [kind for kind in Kind if kind not in (_IN_OUTAGE if outage else {Kind.TABLE_OUTAGE})]
    kinds = set(chance.sample(pool, chance.randint(5, 9)))
    return kinds | ({Kind.TABLE_OUTAGE} if outage else set())


class Harms:
    """Draws the harms of one plan."""

    def __init__(
        self,
        chance: random.Random,
        kinds: set[Kind],
        span: float,
        timeout_seconds: int,
        write_units: int,
        factor: int,
        last_wave: float,
    ) -> None:
        self._chance = chance
        self._kinds = kinds
        self._span = span
        self._outage_seconds = timeout_seconds + 4.0
        self._write_units = write_units
        self._factor = factor
        self._last_wave = last_wave

    def all(self, shards: int) -> tuple[Harm, ...]:
        """Draw one harm of each kind, by time; shard counts follow from what happened to shards before."""
        harms: list[Harm] = []
        for kind in sorted(self._kinds):
            harms += [Harm(kind, AFTER_ALL)] if kind is Kind.DELIVERED_AGAIN else self._draw(kind)
        return tuple(_with_shard_counts(sorted(harms, key=lambda harm: harm.at), shards, self._chance))

    def _draw(self, kind: Kind) -> list[Harm]:
        at = self._moment(kind)
        if (rule := self._rule(kind)) is not None:
            window = Harm(kind, at, round(self._length(kind, at), 2), rule)
            # Only environments that start read the model.
            deaths = [Harm(Kind.KILL_ALL, at + 0.01)] if kind is Kind.MODEL_OUTAGE else []
            return [window, *deaths]
        if kind is Kind.NEIGHBOUR:
            return [Harm(kind, at, round(self._chance.uniform(1.0, 2.0), 2))]
        if kind is Kind.CAPACITY:
            return self._capacity(at)
        if kind is Kind.MAPPING:
            return [Harm(kind, at, number=3 - self._factor)]
        if kind is Kind.TABLE_RESTORED:
            return [Harm(kind, at, number=round(self._chance.uniform(0.3, 1.5), 2))]
        return [Harm(kind, at, choice=self._chance.randrange(1000) / 1000)]

    def _length(self, kind: Kind, at: float) -> float:
        """Say how long: mostly a second or two."""
        if kind is Kind.TABLE_OUTAGE:
            return self._outage_seconds
        if kind is Kind.QUARANTINE_OUTAGE:
            return self._chance.uniform(2.5, 4.0)  # longer than the attempts at one object
        lasts = self._chance.uniform(1.0, 2.0)
        return min(lasts, CALM_SECONDS - at) if kind is Kind.TABLE_LATENCY else lasts

    def _moment(self, kind: Kind) -> float:
        """Say when: anywhere, except that killing and a slow table stay apart."""
        first, last = 0.3, self._span
        if kind is Kind.TABLE_LATENCY:
            last = 0.6
        elif kind is Kind.TABLE_OUTAGE:
            last = 1.0  # while there is something to write
        elif kind is Kind.QUARANTINE_OUTAGE:
            last = 0.8  # while there is poison to come
        elif kind is Kind.PUT_ERRORS:
            first = last = self._last_wave - 0.1  # while something is put
        elif kind is Kind.FREEZE_ONE:
            # Last: a change of the mapping waits for it, and then nothing else would meet any work.
            first, last = self._span, self._span + 0.5
        elif kind in _KILLS and Kind.TABLE_LATENCY in self._kinds:
            first = CALM_SECONDS + 0.2
        return round(self._chance.uniform(first, last), 2)

    def _rule(self, kind: Kind) -> Mapping[str, Any] | None:
        chance = self._chance
        rate = round(chance.uniform(0.5, 1.0), 2)
        throttle = {"status": 400, "code": "ProvisionedThroughputExceededException"}
        rules: dict[Kind, dict[str, Any]] = {
            Kind.TABLE_ERRORS: {**_BATCH, "kind": "error", "rate": rate, "status": chance.choice([500, 503])},
            Kind.TABLE_THROTTLES: {**_BATCH, "kind": "error", "rate": rate, **throttle},
            Kind.TABLE_LOST_ANSWERS: {**_BATCH, "kind": "lost_answer", "rate": rate},
            Kind.TABLE_HANGS: {**_BATCH, "kind": "hang", "rate": rate, "seconds": 3.0},
            # Below the client's read time-out: it must wait for the answer.
            Kind.TABLE_LATENCY: {
                **_BATCH,
                "kind": "latency",
                "seconds": round(chance.uniform(0.1, 1.0), 2),
            },
            Kind.TABLE_OUTAGE: {**_BATCH, "kind": "error", "status": 500},
            Kind.QUARANTINE_OUTAGE: {
                "service": "s3",
                "operation": "PutObject",
                "kind": chance.choice(["lost_answer", "error", "error"]),
            },
            Kind.MODEL_OUTAGE: {"service": "s3", "operation": "GetObject", "kind": "error", "rate": rate},
            Kind.READ_ERRORS: {
                "service": "kinesis",
                "operation": "GetRecords",
                "kind": chance.choice(["error", "lost_answer"]),
                "rate": rate,
            },
            Kind.PUT_ERRORS: {
                "service": "kinesis",
                "operation": "PutRecords",
                "kind": chance.choice(["error", "lost_answer"]),
                "rate": max(rate, 0.7),  # a wave is one request or two
            },
        }
        return rules.get(kind)

    def _capacity(self, at: float) -> list[Harm]:
        """Let the capacity fall to a fraction, and rise before the scenario takes minutes."""
        low, high = max(5, self._write_units // 8), self._write_units * 2
        back = round(at + self._chance.uniform(1.5, 2.5), 2)
        return [Harm(Kind.CAPACITY, at, number=low), Harm(Kind.CAPACITY, back, number=high)]


def _with_shard_counts(harms: list[Harm], shards: int, chance: random.Random) -> list[Harm]:
    """Follow the open shards through the plan, and draw the counts that UpdateShardCount is given."""
    counted = []
    for harm in harms:
        drawn = harm
        if harm.kind is Kind.SPLIT:
            shards += 1
        elif harm.kind is Kind.MERGE:
            shards -= 1
        elif harm.kind is Kind.RESCALE:
            # AWS takes half to twice the count; two stay, so that a merge after it finds a pair.
            allowed = [count for count in range(max(2, -(-shards // 2)), 2 * shards + 1) if count != shards]
            shards = chance.choice(allowed)
            drawn = Harm(harm.kind, harm.at, number=float(shards))
        counted.append(drawn)
    return counted
