"""Where a load meets what one table, one stream, one account gives, and what to do there."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from smartcat.cli.capacity_planning.quotas import PARTITION_WRITE_UNITS, UNRESERVED
from smartcat.cli.capacity_planning.sizing import make_plan, one_stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartcat.cli.capacity_planning.load import Load
    from smartcat.cli.capacity_planning.plan import Plan
    from smartcat.cli.capacity_planning.quotas import Quotas

_OF_A_STACK: Final = 2
"""So many of the bounds are those of one stack, and come first."""

_LEAST, _MOST, _PRECISION = 1e-3, 1e13, 1e-3


@dataclass(frozen=True, slots=True)
class Stop:
    """One bound of AWS.

    Attributes:
        what: Whose bound it is.
        has: What the plan uses, of all stacks together where the account is meant.
        limit: The bound.
        unit: What both count.
        advice: What to do when it is reached.
        ends_at: Documents a day, of the whole load, up to which it is not.
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


def stops(load: Load, quotas: Quotas) -> tuple[Stop, ...]:
    """Give the bounds, the stack's first, each with the load at which it is met if everything grows alike.

    That is found by planning, not by proportion: what is rounded up, or as small as it can be, grows later.
    """
    found = _bounds(load, quotas)
    return tuple(
        replace(each, ends_at=_last(load, quotas, place, one_stack if place < _OF_A_STACK else make_plan))
        for place, each in enumerate(found)
    )


def _last(load: Load, quotas: Quotas, place: int, planner: Callable[[Load, Quotas], Plan]) -> float:
    """Give the largest load at which a bound is kept, to one in a thousand; 0 or infinite if none is."""
    low, high = math.log(_LEAST), math.log(_MOST)
    while high - low > _PRECISION:
        middle = (low + high) / 2
        grown = load.divided(load.documents_per_day / math.exp(middle))
        if _of(planner(grown, quotas), quotas)[place].reached:
            high = middle
        else:
            low = middle
    at = math.exp(low)
    return 0.0 if at < 2 * _LEAST else math.inf if at > _MOST / 2 else at


def _bounds(load: Load, quotas: Quotas) -> tuple[Stop, ...]:
    """Give the bounds; those of a stack against what one alone would need."""
    alone, plan = one_stack(load, quotas), make_plan(load, quotas)
    return (*_of(alone, quotas)[:_OF_A_STACK], *_of(plan, quotas)[_OF_A_STACK:])


def _of(plan: Plan, quotas: Quotas) -> tuple[Stop, ...]:
    return (
        Stop(
            "one table",
            plan.write_units,
            quotas.table_write_units,
            "write units",
            "several stacks side by side; give each job to one of them, by a hash of its id",
        ),
        Stop(
            "one stream",
            plan.shards,
            quotas.stack_shards,
            "shards",
            "several stacks side by side; give each job to one of them, by a hash of its id",
        ),
        Stop(
            "account: tables",
            plan.stacks * plan.max_write_units,
            quotas.account_write_units,
            "write units",
            "ask AWS for more (Service Quotas), lower max_write_capacity, or use several accounts",
        ),
        Stop(
            "account: streams",
            plan.stacks * plan.shards,
            quotas.account_shards,
            "shards",
            "ask AWS for more (Service Quotas), or use several accounts or regions",
        ),
        Stop(
            "account: Lambda",
            plan.stacks * plan.needed_concurrency,
            quotas.account_concurrency - UNRESERVED,
            "environments",
            "ask AWS for more concurrent executions, or use several accounts",
        ),
    )


def partitions(plan: Plan) -> int:
    """Give how many partitions of 1,000 write units a second the table must have become at its most.

    DynamoDB splits a table by itself where ids are spread, as hashes are. One id alone never gets more than
    one partition's units.
    """
    return -(-plan.max_write_units // PARTITION_WRITE_UNITS)
