"""The relations that keep the system safe, held against a plan: what each has and may have."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from smartcat.cli.capacity_planning.plan import (
    ENVIRONMENT_UNITS,
    EVENT_BYTES,
    EVENT_FRAME_BYTES,
    HEAD_ROOM,
    MAX_RECORD_KIB,
    SHARD_BYTES,
    SHARD_RECORDS,
    TIMEOUTS,
    WINDOW_SECONDS,
)
from smartcat.cli.capacity_planning.quotas import UNRESERVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartcat.cli.capacity_planning.plan import Plan
    from smartcat.cli.capacity_planning.quotas import Quotas

DEPENDENCY_OUTAGE_SECONDS: Final = 3600
"""``load.dependency_outage_h`` of infra/terraform, as it is unless set."""

Kind = Literal["hard", "soft"]


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation, as "has at most limit".

    Attributes:
        name: As in infra/terraform, such as S2; P1 is of this page alone.
        words: What it demands.
        kind: Hard: Terraform refuses what breaks it. Soft: it warns.
        has: What the plan has.
        limit: What it may have at most, 0 or more.
        unit: What both count.
        advice: What to change where it binds.
    """

    name: str
    words: str
    kind: Kind
    has: float
    limit: float
    unit: str
    advice: str

    @property
    def used(self) -> float:
        """How much of the limit is used; infinite where nothing may be had."""
        return self.has / self.limit if self.limit > 0 else math.inf if self.has > 0 else 0.0

    @property
    def holds(self) -> bool:
        """Whether it is kept."""
        return self.has <= self.limit


def relations(plan: Plan, quotas: Quotas) -> tuple[Relation, ...]:
    """Hold every relation against a plan."""
    return (*_environments(plan, quotas), *_time(plan), *_room(plan))


def binding(found: tuple[Relation, ...]) -> Relation:
    """Give the relation that would break first if more came in: the one with the least room left.

    C0 is left out, which is a formula and always used up, and so are those that no load changes.
    """
    return max((each for each in found if each.name not in _FIXED), key=lambda each: each.used)


_FIXED = frozenset({"C0", "S3", "S5", "K3", "K5", "K6", "A1"})


def _environments(plan: Plan, quotas: Quotas) -> Iterator[Relation]:
    yield Relation(
        "C0",
        "no more environments than lanes",
        "hard",
        plan.concurrency,
        plan.lanes,
        "environments",
        f"{HEAD_ROOM} x usable units / {ENVIRONMENT_UNITS}, rounded up; more shards make more lanes",
    )
    yield Relation(
        "C0b",
        f"the environments fit the account, of which {UNRESERVED} stay unreserved",
        "hard",
        plan.concurrency,
        quotas.account_concurrency - UNRESERVED,
        "environments",
        "ask for a higher quota of concurrent executions, or use several accounts",
    )
    yield Relation(
        "S1",
        "an environment's share writes at least one result a second",
        "hard",
        plan.load.wcu_per_result,
        plan.share,
        "units/s",
        "raise table.write_capacity, or take fewer lanes",
    )
    yield Relation(
        "K6",
        "the environments can write what the table may grow to",
        "soft",
        plan.max_write_units * plan.load.target_utilization / 100,
        ENVIRONMENT_UNITS * plan.concurrency,
        "units/s",
        "more shards, or a lower table.max_write_capacity",
    )
    yield Relation(
        "P1",
        "the environments classify a quarter more than comes in",
        "hard",
        HEAD_ROOM * plan.load.documents_per_second,
        plan.concurrency / plan.busy_seconds,
        "documents/s",
        "more shards or a larger parallelization factor; more memory up to 1,769 MB classifies faster",
    )


def _time(plan: Plan) -> Iterator[Relation]:
    age_s = plan.max_age_hours * 3600
    yield Relation(
        "S2",
        "a full batch is written in four fifths of the time-out",
        "hard",
        plan.batch_seconds,
        0.8 * plan.timeout_s,
        "s",
        "a smaller batch, or a longer time-out"
        if plan.timeout_s < TIMEOUTS[-1]
        else "more write capacity, or --no-aggregate: one full record takes that long",
    )
    yield Relation(
        "S3",
        "Lambda gives a record up an hour before Kinesis deletes it",
        "hard",
        plan.max_age_hours,
        plan.retention_hours - 1,
        "h",
        "a longer retention",
    )
    yield Relation(
        "S4",
        "a record that kills the function is given up in half a record's life",
        "hard",
        (math.ceil(math.log2(plan.batch_size)) + plan.retries + 1) * plan.timeout_s,
        age_s / 2,
        "s",
        "fewer retries, or a shorter time-out",
    )
    yield Relation(
        "K5",
        "retries outlast an hour without DynamoDB or S3",
        "soft",
        DEPENDENCY_OUTAGE_SECONDS,
        plan.retries * plan.timeout_s,
        "s",
        "more retries, or a longer time-out",
    )
    used = plan.load.documents_per_second / plan.drain
    yield Relation(
        "S6",
        "the backlog of an outage is gone before its oldest record expires",
        "hard",
        plan.load.outage_hours,
        max(0.0, plan.max_age_hours * (1 - used)),
        "h",
        "more write capacity, or fewer --outage-hours; Lambda tries a record for a week at most",
    )
    yield Relation(
        "A1",
        "the alarm for lag comes before the one for loss",
        "soft",
        max(300, 4 * (WINDOW_SECONDS + plan.timeout_s)),
        age_s / 2,
        "s",
        "a shorter time-out",
    )


def _room(plan: Plan) -> Iterator[Relation]:
    load, flow = plan.load, plan.traffic
    yield Relation(
        "S5",
        "the largest record fits an event of 6 MiB",
        "hard",
        math.ceil(MAX_RECORD_KIB * 1024 * 4 / 3) + EVENT_FRAME_BYTES,
        EVENT_BYTES,
        "bytes",
        "larger documents travel as claims",
    )
    yield Relation(
        "S5b",
        "a full batch fits an event of 6 MiB",
        "soft",
        plan.batch_size * (math.ceil(flow.record_bytes * 4 / 3) + EVENT_FRAME_BYTES),
        0.9 * EVENT_BYTES,
        "bytes",
        "a smaller batch",
    )
    yield Relation(
        "K1",
        "a quarter more can be stored than comes in",
        "soft",
        HEAD_ROOM * load.documents_per_second,
        plan.drain,
        "documents/s",
        "raise table.write_capacity",
    )
    yield Relation(
        "K2",
        "four fifths of the shards' records a second take the peak",
        "soft",
        flow.records(load.peak, plan.shards),
        SHARD_RECORDS * plan.shards,
        "records/s",
        "more shards; --aggregate puts many documents into a record",
    )
    yield Relation(
        "K2",
        "four fifths of the shards' bytes a second take the peak",
        "soft",
        load.peak * flow.stream_bytes,
        SHARD_BYTES * plan.shards,
        "bytes/s",
        "more shards, or a lower peak: smartcat produce --rate",
    )
    yield Relation(
        "K3",
        "at most one other reader shares the shards",
        "soft",
        load.other_consumers,
        1,
        "readers",
        "features.enhanced_fan_out, which costs extra",
    )
