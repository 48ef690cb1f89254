"""The limits of AWS that a growing workload reaches, the load that reaches each, and what to do then."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from smartcat.cli.capacity_planning.quotas import PARTITION_WRITE_UNITS, UNRESERVED
from smartcat.cli.capacity_planning.sizing import make_plan, one_deployment

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartcat.cli.capacity_planning.plan import Plan
    from smartcat.cli.capacity_planning.quotas import Quotas
    from smartcat.cli.capacity_planning.workload import Workload

_OF_ONE_DEPLOYMENT: Final = 2
"""The first two limits are those of one deployment; the others are the account's."""

_LEAST, _MOST, _PRECISION = 1e-3, 1e13, 1e-3


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of AWS.

    Attributes:
        what: What is limited.
        has: What the plan uses, of all deployments together where the account is meant.
        limit: What there is.
        unit: What both count.
        advice: What to do when it is reached.
        ends_at: Documents a day, of the whole workload, up to which it is not reached.
    """

    what: str
    has: float
    limit: float
    unit: str
    advice: str
    ends_at: float = math.nan

    @property
    def reached(self) -> bool:
        """Whether the plan needs more than there is."""
        return self.has > self.limit


def limits(workload: Workload, quotas: Quotas) -> tuple[Limit, ...]:
    """Return the limits, those of one deployment first, each with the load that reaches it.

    That load is found by planning, not by proportion: what is rounded up, or at its minimum, grows later.
    """
    return tuple(
        replace(each, ends_at=_largest_load(workload, quotas, index))
        for index, each in enumerate(_limits_reached_by(workload, quotas))
    )


def _largest_load(workload: Workload, quotas: Quotas, index: int) -> float:
    """Return the documents a day that just keep a limit, to 0.1%; 0 if none do, infinity if all do."""
    planner: Callable[[Workload, Quotas], Plan] = one_deployment if index < _OF_ONE_DEPLOYMENT else make_plan
    low, high = math.log(_LEAST), math.log(_MOST)
    while high - low > _PRECISION:
        middle = (low + high) / 2
        grown = workload.divided(workload.documents_per_day / math.exp(middle))
        if _limits_of(planner(grown, quotas), quotas)[index].reached:
            high = middle
        else:
            low = middle
    at = math.exp(low)
    return 0.0 if at < 2 * _LEAST else math.inf if at > _MOST / 2 else at


def _limits_reached_by(workload: Workload, quotas: Quotas) -> tuple[Limit, ...]:
    """Return the limits; those of one deployment against what one alone would need."""
    alone, plan = one_deployment(workload, quotas), make_plan(workload, quotas)
    return (*_limits_of(alone, quotas)[:_OF_ONE_DEPLOYMENT], *_limits_of(plan, quotas)[_OF_ONE_DEPLOYMENT:])


def _limits_of(plan: Plan, quotas: Quotas) -> tuple[Limit, ...]:
    return (
        Limit(
            "one table",
            plan.write_units,
            quotas.table_write_units,
            "write units",
            "run several deployments side by side and assign each job to one of them by a hash of its id",
        ),
        Limit(
            "one stream",
            plan.shards,
            quotas.stack_shards,
            "shards",
            "run several deployments side by side and assign each job to one of them by a hash of its id",
        ),
        Limit(
            "account: tables",
            plan.deployments * plan.max_write_units,
            quotas.account_write_units,
            "write units",
            "request a higher quota (Service Quotas), lower max_write_capacity, or use several accounts",
        ),
        Limit(
            "account: streams",
            plan.deployments * plan.shards,
            quotas.account_shards,
            "shards",
            "request a higher quota (Service Quotas), or use several accounts or regions",
        ),
        Limit(
            "account: Lambda",
            plan.deployments * plan.needed_environments,
            quotas.account_concurrency - UNRESERVED,
            "environments",
            "request a higher quota of concurrent executions, or use several accounts",
        ),
    )


def partitions(plan: Plan) -> int:
    """Return how many partitions of 1,000 write units a second the table needs at its maximum capacity.

    DynamoDB splits a table by itself where ids are spread, as hashes are. One id alone never gets more than
    one partition's units.
    """
    return -(-plan.max_write_units // PARTITION_WRITE_UNITS)
