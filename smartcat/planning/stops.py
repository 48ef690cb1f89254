"""Where a load meets what one table, one stream, one account gives, and what to do there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.planning.quotas import PARTITION_WRITE_UNITS, UNRESERVED

if TYPE_CHECKING:
    from smartcat.planning.quotas import Quotas
    from smartcat.planning.sizing import Plan


@dataclass(frozen=True, slots=True)
class Stop:
    """One bound of AWS.

    Attributes:
        what: Whose bound it is.
        has: What the plan uses, of all stacks together where the account is meant.
        limit: The bound.
        unit: What both count.
        advice: What to do when it is reached.
    """

    what: str
    has: float
    limit: float
    unit: str
    advice: str

    @property
    def reached(self) -> bool:
        """Whether the plan needs more than there is."""
        return self.has > self.limit

    def documents_per_day(self, now: float) -> float:
        """Give the load at which it is reached, if everything grows with the load, which now is so much."""
        return now * self.limit / self.has


def stops(plan: Plan, quotas: Quotas) -> tuple[Stop, ...]:
    """Give the bounds, the stack's first."""
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
            plan.stacks * plan.concurrency,
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
