import pytest
from hypothesis import given

from smartcat.cli.capacity_planning.constraints import binding, constraints
from smartcat.cli.capacity_planning.costs import costs, total
from smartcat.cli.capacity_planning.plan_result import PlanResult, plan_capacity
from smartcat.cli.capacity_planning.prices import make_prices
from smartcat.cli.capacity_planning.quotas import Quotas
from smartcat.cli.capacity_planning.sizing import make_plan
from smartcat.cli.capacity_planning.workload import Workload
from support.workloads import workloads

QUOTAS = Quotas()
PRICES = make_prices("us-east-1", {})


def planned(documents_per_day: float, **fields: object) -> PlanResult:
    """Plan a load in us-east-1."""
    return plan_capacity({"documents_per_day": documents_per_day, **fields}, "us-east-1", {}, {})


@given(workloads())
def test_every_plan_meets_the_hard_constraints_or_says_which_cannot_be_met(workload: Workload) -> None:
    """What is named is what sizes cannot mend: an outage too long, or a load too large for the account."""
    plan = make_plan(workload, QUOTAS)
    found = constraints(plan, QUOTAS)
    broken = {each.name for each in found if each.kind == "hard" and not each.holds}
    assert broken <= {"P1", "S2", "S6"}
    if "S6" in broken:
        assert workload.outage_hours > 1 or "P1" in broken
    if "P1" in broken:
        assert plan.needed_environments > min(plan.concurrent_batches, QUOTAS.account_concurrency - 100)
    assert binding(found).used == max(
        each.used for each in found if each.name not in {"C0", "S3", "S5", "K3", "K5", "K6", "A1"}
    )


@given(workloads())
def test_no_deployment_is_larger_than_one_may_be(workload: Workload) -> None:
    """What a table or a stream cannot hold is divided."""
    plan = make_plan(workload, QUOTAS)
    assert 1 <= plan.shards <= QUOTAS.stack_shards
    assert 1 <= plan.write_units <= plan.max_write_units <= QUOTAS.table_write_units
    assert 1 <= plan.parallelization_factor <= 10
    assert 1 <= plan.environments <= min(plan.concurrent_batches, QUOTAS.account_concurrency - 100)
    assert 24 <= plan.retention_hours <= 168
    assert plan.workload.documents_per_day * plan.deployments == pytest.approx(workload.documents_per_day)


@given(workloads())
def test_twice_the_workload_never_asks_for_less(workload: Workload) -> None:
    """Neither capacity nor shards nor dollars, of all deployments together, become fewer."""
    one, two = make_plan(workload, QUOTAS), make_plan(workload.divided(0.5), QUOTAS)
    assert two.deployments * two.write_units >= one.deployments * one.write_units
    assert two.deployments * two.shards >= one.deployments * one.shards
    assert total(costs(two, PRICES)) >= total(costs(one, PRICES))


def test_a_thousand_documents_a_day_take_the_minimum() -> None:
    """One shard and one environment; what is paid is mostly what stands still."""
    found = planned(1e3)
    assert (found.plan.deployments, found.plan.shards, found.plan.environments) == (1, 1, 1)
    assert found.plan.shards_by == "minimum"
    assert (found.unmet, found.warned) == ((), ())
    fixed = {"shards", "metrics", "dashboard", "13 alarms, 1 composite"}
    assert sum(row.usd for row in found.costs if row.what in fixed) > 0.9 * found.usd


def test_a_million_documents_a_day_are_still_one_shard() -> None:
    """The table is sized by the mean rate, and 25% more."""
    found = planned(1e6)
    assert (found.plan.deployments, found.plan.shards) == (1, 1)
    assert found.plan.write_units_by == "25% above the mean rate"
    assert (found.unmet, found.warned) == ((), ())


def test_a_billion_documents_a_day_fit_one_deployment() -> None:
    """Bytes at the peak set the shards, and the table is the first to end."""
    found = planned(1e9)
    assert found.plan.deployments == 1
    assert found.plan.shards_by == "peak bytes per second"
    assert (found.unmet, found.warned) == ((), ())
    assert min(found.limits, key=lambda each: each.ends_at).what == "one table"
    assert found.binding.name == "K1"


def test_more_than_a_table_takes_is_shared_by_deployments() -> None:
    """Ten billion documents need several tables, and more than the account has unless it asks."""
    found = planned(1e10)
    assert found.plan.deployments > 1
    reached = {each.what for each in found.limits if each.reached}
    assert {"one table", "account: tables"} <= reached


def test_an_outage_longer_than_records_live_cannot_be_planned_for() -> None:
    """Lambda tries a record for a week at most."""
    assert [each.name for each in planned(1e6, outage_hours=500).unmet] == ["S6"]


def test_a_shorter_outage_needs_no_more_than_a_day_of_retention() -> None:
    """The bound that the page names is met, and a tenth of an hour more is too much."""
    found = planned(1e6)
    hours = found.plan.shortest_outage_hours
    assert found.plan.retention_hours == 48
    assert planned(1e6, outage_hours=hours).plan.retention_hours == 24
    assert planned(1e6, outage_hours=hours + 0.1).plan.retention_hours == 48


def test_without_aggregates_records_set_the_shards() -> None:
    """Small documents fill a shard by number, not by bytes."""
    found = planned(1e9, aggregate=False, mean_kb=0.3)
    assert found.plan.shards_by == "peak records per second"
