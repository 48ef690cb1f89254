"""AWS's default quotas of an account, and the limits of one deployment. Numbers only."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final

from smartcat.cli.capacity_planning.errors import PlanningError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Regions with the larger default; elsewhere it is 1,000 or 6,000, and the plan uses the smaller.
#: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
MANY_SHARDS: Final = frozenset({"us-east-1", "us-west-2", "eu-west-1"})
ACCOUNT_SHARDS: Final = 20_000
ACCOUNT_SHARDS_ELSEWHERE: Final = 1000

PARTITION_WRITE_UNITS: Final = 1000
"""Write units a second of one partition: not a quota, it cannot be raised."""

UNRESERVED: Final = 100
"""Concurrent executions that Lambda keeps for functions without reserved concurrency."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """The largest sizes. AWS raises all but the first on request.

    Attributes:
        stack_shards: Shards of the stream of one deployment; infra/terraform accepts no more.
        table_write_units: Write units of a table: DynamoDB Developer Guide, "Quotas in Amazon DynamoDB".
        account_write_units: Write units of all provisioned tables of an account in a region; the same page.
        account_shards: Shards of an account in a region: Kinesis Developer Guide, "Quotas and limits".
        account_concurrency: Concurrent executions of an account in a region; new accounts may have less.
    """

    stack_shards: int = 500
    table_write_units: int = 40_000
    account_write_units: int = 80_000
    account_shards: int = ACCOUNT_SHARDS
    account_concurrency: int = 1000


def quotas_of(region: str, changed: Mapping[str, float]) -> Quotas:
    """Return the quotas of a region, with the account's own in their place.

    Raises:
        PlanningError: There is no such quota, or its value is out of range.
    """
    base = Quotas(account_shards=ACCOUNT_SHARDS if region in MANY_SHARDS else ACCOUNT_SHARDS_ELSEWHERE)
    known = [field.name for field in fields(Quotas)]
    for name, value in changed.items():
        if name not in known:
            raise PlanningError(f"quota {name}: expected one of {', '.join(known)}")
        if not 1 <= value <= 1e9 or value != int(value):
            raise PlanningError(f"quota {name}: expected a whole number from 1 to 1000000000")
    if changed.get("account_concurrency", UNRESERVED + 1) <= UNRESERVED:
        raise PlanningError(
            f"quota account_concurrency: expected more than the {UNRESERVED} that stay unreserved"
        )
    if changed.get("stack_shards", 1) > 500:
        raise PlanningError("quota stack_shards: infra/terraform accepts at most 500")
    if changed.get("table_write_units", 1) > 40_000:
        raise PlanningError("quota table_write_units: infra/terraform accepts at most 40000")
    return replace(base, **{name: int(value) for name, value in changed.items()})
