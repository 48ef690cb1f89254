"""A plan and everything that follows from it, put together once for the report and for JSON. Pure."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from smartcat.cli.capacity_planning.constraints import Constraint, binding, constraints
from smartcat.cli.capacity_planning.costs import Cost, costs, on_demand, total
from smartcat.cli.capacity_planning.limits import Limit, limits, partitions
from smartcat.cli.capacity_planning.prices import REGION, Prices, make_prices
from smartcat.cli.capacity_planning.quotas import Quotas, quotas_of
from smartcat.cli.capacity_planning.sizing import make_plan
from smartcat.cli.capacity_planning.terraform_variables import Value, render, variables
from smartcat.cli.capacity_planning.workload import Workload, read_workload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.cli.capacity_planning.plan import Plan


@dataclass(frozen=True, slots=True)
class PlanResult:
    """A plan and what follows from it.

    Attributes:
        workload: The whole workload, of all deployments.
        plan: One deployment.
        quotas: Of the account.
        prices: What the costs are computed with.
        constraints: Each compared with the plan.
        costs: The costs of a month, all deployments together.
        limits: The limits of AWS, and the load that reaches each.
        variables: Terraform's, of one deployment.
    """

    workload: Workload
    plan: Plan
    quotas: Quotas
    prices: Prices
    constraints: tuple[Constraint, ...]
    costs: tuple[Cost, ...]
    limits: tuple[Limit, ...]
    variables: Mapping[str, str | Mapping[str, Value]]

    @property
    def binding(self) -> Constraint:
        """The constraint with the least room left."""
        return binding(self.constraints)

    @property
    def unmet(self) -> tuple[Constraint, ...]:
        """Hard constraints that no size of this plan meets."""
        return tuple(each for each in self.constraints if each.kind == "hard" and not each.holds)

    @property
    def warned(self) -> tuple[Constraint, ...]:
        """Soft constraints that are not met."""
        return tuple(each for each in self.constraints if each.kind == "soft" and not each.holds)

    @property
    def usd(self) -> float:
        """Dollars a month, all deployments together."""
        return total(self.costs)

    @property
    def on_demand_usd(self) -> float:
        """Dollars a month for the same writes on a table with on-demand capacity."""
        return on_demand(self.plan, self.prices)

    @property
    def tfvars(self) -> str:
        """The text of the variables file for Terraform."""
        return render(self.variables, self.plan)


def plan_capacity(
    fields: Mapping[str, Any],
    region: str | None,
    quotas: Mapping[str, float],
    prices: Mapping[str, tuple[float, str]],
) -> PlanResult:
    """Plan the capacity for a workload.

    Args:
        fields: Fields of :class:`Workload`.
        region: Where it will run; None leaves that to Terraform, and uses built-in quotas and prices.
        quotas: The account's quotas that differ from AWS's defaults, by name.
        prices: Dollars and their source, by name, in place of the built-in prices.

    Raises:
        PlanningError: A value is out of range; the message names it.
    """
    workload = read_workload(dict(fields))
    account = quotas_of(region or REGION, quotas)
    known = make_prices(region or REGION, prices)
    plan = make_plan(workload, account)
    return PlanResult(
        workload,
        plan,
        account,
        known,
        constraints(plan, account),
        costs(plan, known),
        limits(workload, account),
        variables(plan, account, region),
    )


def as_json(result: PlanResult) -> dict[str, object]:
    """Return the object that ``--json`` prints; sizes are of one deployment, costs of all.

    Its keys are read by scripts, so they keep their names.
    """
    return {
        "load": result.workload.model_dump(),
        "stacks": result.plan.deployments,
        "variables": result.variables,
        "partitions": partitions(result.plan),
        "holds": not result.unmet,
        "binding": result.binding.name,
        "relations": [asdict(each) | {"holds": each.holds} for each in result.constraints],
        "costs": [asdict(each) for each in result.costs],
        "usd_a_month": round(result.usd, 2),
        "on_demand_writes_usd_a_month": round(result.on_demand_usd, 2),
        "stops": [
            asdict(each)
            | {"reached": each.reached, "ends_at": None if math.isinf(each.ends_at) else round(each.ends_at)}
            for each in result.limits
        ],
        "prices": [asdict(each) for each in result.prices.by_name.values()],
    }
