"""Everything a plan says, put together once, for the page and for JSON. Pure: writes nothing."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from smartcat.cli.capacity_planning.costs import Cost, costs, on_demand, total
from smartcat.cli.capacity_planning.load import Load, read_load
from smartcat.cli.capacity_planning.prices import REGION, Prices, make_prices
from smartcat.cli.capacity_planning.quotas import Quotas, quotas_of
from smartcat.cli.capacity_planning.relations import Relation, binding, relations
from smartcat.cli.capacity_planning.sizing import make_plan
from smartcat.cli.capacity_planning.stops import Stop, partitions, stops
from smartcat.cli.capacity_planning.tfvars import Value, render, variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.cli.capacity_planning.plan import Plan


@dataclass(frozen=True, slots=True)
class Answer:
    """A plan and what follows from it.

    Attributes:
        load: The whole load, of all stacks.
        plan: One stack.
        quotas: Of the account.
        prices: What the bill is made with.
        relations: Each held against the plan.
        costs: The bill of a month, all stacks together.
        stops: Where it ends.
        variables: Of one stack's Terraform.
    """

    load: Load
    plan: Plan
    quotas: Quotas
    prices: Prices
    relations: tuple[Relation, ...]
    costs: tuple[Cost, ...]
    stops: tuple[Stop, ...]
    variables: Mapping[str, str | Mapping[str, Value]]

    @property
    def binding(self) -> Relation:
        """The relation with the least room left."""
        return binding(self.relations)

    @property
    def unmet(self) -> tuple[Relation, ...]:
        """Hard relations that no size of this plan meets."""
        return tuple(each for each in self.relations if each.kind == "hard" and not each.holds)

    @property
    def warned(self) -> tuple[Relation, ...]:
        """Soft relations that do not hold."""
        return tuple(each for each in self.relations if each.kind == "soft" and not each.holds)

    @property
    def usd(self) -> float:
        """Dollars a month, all stacks together."""
        return total(self.costs)

    @property
    def on_demand_usd(self) -> float:
        """Dollars a month for the same writes on a table that is billed by request."""
        return on_demand(self.plan, self.prices)

    @property
    def tfvars(self) -> str:
        """The file for Terraform."""
        return render(self.variables, self.plan)


def answer(
    load: Mapping[str, Any],
    region: str | None,
    quotas: Mapping[str, float],
    prices: Mapping[str, tuple[float, str]],
) -> Answer:
    """Plan a load.

    Args:
        load: Fields of :class:`Load`.
        region: Where it will be; None leaves that to Terraform, and takes the quotas and prices built in.
        quotas: Those that the account has otherwise, by name.
        prices: Dollars and where they were given, by name, in place of those built in.

    Raises:
        PlanningError: Something given is out of range; the message names it.
    """
    checked = read_load(dict(load))
    limits = quotas_of(region or REGION, quotas)
    known = make_prices(region or REGION, prices)
    plan = make_plan(checked, limits)
    return Answer(
        checked,
        plan,
        limits,
        known,
        relations(plan, limits),
        costs(plan, known),
        stops(checked, limits),
        variables(plan, limits, region),
    )


def facts(found: Answer) -> dict[str, object]:
    """Give it all as JSON has it; sizes are those of one stack, costs those of all."""
    return {
        "load": found.load.model_dump(),
        "stacks": found.plan.stacks,
        "variables": found.variables,
        "partitions": partitions(found.plan),
        "holds": not found.unmet,
        "binding": found.binding.name,
        "relations": [asdict(each) | {"holds": each.holds} for each in found.relations],
        "costs": [asdict(each) for each in found.costs],
        "usd_a_month": round(found.usd, 2),
        "on_demand_writes_usd_a_month": round(found.on_demand_usd, 2),
        "stops": [
            asdict(each)
            | {"reached": each.reached, "ends_at": None if math.isinf(each.ends_at) else round(each.ends_at)}
            for each in found.stops
        ],
        "prices": [asdict(each) for each in found.prices.by_name.values()],
    }
