"""The constraints that keep the system safe, compared with a plan: what it has and what it may have."""

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
"""The default of ``load.dependency_outage_h`` in infra/terraform."""

Kind = Literal["hard", "soft"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint: ``has`` must not exceed ``limit``.

    Attributes:
        name: As in infra/terraform, such as S2; P1 exists here alone.
        words: What it requires.
        kind: Hard: Terraform refuses a plan that violates it. Soft: it warns.
        has: What the plan has.
        limit: The most it may have, 0 or more.
        unit: What both count.
        advice: What to change where it is the tightest.
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
        """Share of the limit that is used; infinite where the limit is 0."""
        return self.has / self.limit if self.limit > 0 else math.inf if self.has > 0 else 0.0

    @property
    def holds(self) -> bool:
        """Whether it is met."""
        return self.has <= self.limit


def constraints(plan: Plan, quotas: Quotas) -> tuple[Constraint, ...]:
    """Return every constraint, compared with a plan."""
    return (*_environments(plan, quotas), *_time(plan), *_room(plan))


def binding(found: tuple[Constraint, ...]) -> Constraint:
    """Return the constraint that a larger workload would violate first: the one with the least room left.

    Left out are C0, a formula that is always used up, and constraints that no workload changes.
    """
    return max((each for each in found if each.name not in _FIXED), key=lambda each: each.used)


_FIXED = frozenset({"C0", "S3", "S5", "K3", "K5", "K6", "A1"})


def _environments(plan: Plan, quotas: Quotas) -> Iterator[Constraint]:
    yield Constraint(
        "C0",
        "no more environments than concurrent batches",
        "hard",
        plan.environments,
        plan.concurrent_batches,
        "environments",
        f"{HEAD_ROOM} x usable units / {ENVIRONMENT_UNITS}, rounded up; use more shards",
    )
    yield Constraint(
        "C0b",
        f"the account has the environments, with {UNRESERVED} left unreserved",
        "hard",
        plan.environments,
        quotas.account_concurrency - UNRESERVED,
        "environments",
        "request a higher quota of concurrent executions, or use several accounts",
    )
    yield Constraint(
        "S1",
        "each environment's share of the table writes at least one result per second",
        "hard",
        plan.workload.wcu_per_result,
        plan.share,
        "units/s",
        "raise table.write_capacity, or use fewer environments",
    )
    yield Constraint(
        "K6",
        "the environments can use the maximum write capacity",
        "soft",
        plan.max_write_units * plan.workload.target_utilization / 100,
        ENVIRONMENT_UNITS * plan.environments,
        "units/s",
        "use more shards, or lower table.max_write_capacity",
    )
    yield Constraint(
        "P1",
        "the environments classify 25% more than the mean rate",
        "hard",
        HEAD_ROOM * plan.workload.documents_per_second,
        plan.environments / plan.busy_seconds,
        "documents/s",
        "use more shards, a larger parallelization factor, or more memory (faster up to 1,769 MB)",
    )


def _time(plan: Plan) -> Iterator[Constraint]:
    age_s = plan.max_age_hours * 3600
    yield Constraint(
        "S2",
        "a full batch is written within four fifths of the timeout",
        "hard",
        plan.batch_seconds,
        0.8 * plan.timeout_s,
        "s",
        "use a smaller batch, or a longer timeout"
        if plan.timeout_s < TIMEOUTS[-1]
        else "raise the write capacity, or use --no-aggregate: a single full record takes that long",
    )
    yield Constraint(
        "S3",
        "Lambda discards a record an hour before Kinesis deletes it",
        "hard",
        plan.max_age_hours,
        plan.retention_hours - 1,
        "h",
        "raise the retention",
    )
    yield Constraint(
        "S4",
        "a record that crashes the function is discarded within half a record's lifetime",
        "hard",
        (math.ceil(math.log2(plan.batch_size)) + plan.retries + 1) * plan.timeout_s,
        age_s / 2,
        "s",
        "use fewer retries, or a shorter timeout",
    )
    yield Constraint(
        "K5",
        "retries outlast an hour without DynamoDB or S3",
        "soft",
        DEPENDENCY_OUTAGE_SECONDS,
        plan.retries * plan.timeout_s,
        "s",
        "use more retries, or a longer timeout",
    )
    used = plan.workload.documents_per_second / plan.throughput
    yield Constraint(
        "S6",
        "the backlog of an outage is processed before its oldest record expires",
        "hard",
        plan.workload.outage_hours,
        max(0.0, plan.max_age_hours * (1 - used)),
        "h",
        "raise the write capacity, or lower --outage-hours; Lambda retries a record for at most a week",
    )
    yield Constraint(
        "A1",
        "the lag alarm fires before the loss alarm",
        "soft",
        max(300, 4 * (WINDOW_SECONDS + plan.timeout_s)),
        age_s / 2,
        "s",
        "use a shorter timeout",
    )


def _room(plan: Plan) -> Iterator[Constraint]:
    workload, traffic = plan.workload, plan.stream_traffic
    yield Constraint(
        "S5",
        "the largest record fits an event of 6 MiB",
        "hard",
        math.ceil(MAX_RECORD_KIB * 1024 * 4 / 3) + EVENT_FRAME_BYTES,
        EVENT_BYTES,
        "bytes",
        "send larger documents as claims",
    )
    yield Constraint(
        "S5b",
        "a full batch fits an event of 6 MiB",
        "soft",
        plan.batch_size * (math.ceil(traffic.record_bytes * 4 / 3) + EVENT_FRAME_BYTES),
        0.9 * EVENT_BYTES,
        "bytes",
        "use a smaller batch",
    )
    yield Constraint(
        "K1",
        "25% more than the mean rate can be stored",
        "soft",
        HEAD_ROOM * workload.documents_per_second,
        plan.throughput,
        "documents/s",
        "raise table.write_capacity",
    )
    yield Constraint(
        "K2",
        "four fifths of the shards' records per second suffice for the peak",
        "soft",
        traffic.records(workload.peak, plan.shards),
        SHARD_RECORDS * plan.shards,
        "records/s",
        "use more shards, or --aggregate, which packs many documents into a record",
    )
    yield Constraint(
        "K2",
        "four fifths of the shards' bytes per second suffice for the peak",
        "soft",
        workload.peak * traffic.stream_bytes,
        SHARD_BYTES * plan.shards,
        "bytes/s",
        "use more shards, or lower the peak with smartcat produce --rate",
    )
    yield Constraint(
        "K3",
        "at most one other consumer shares the shards",
        "soft",
        workload.other_consumers,
        1,
        "consumers",
        "use features.enhanced_fan_out, at extra cost",
    )
