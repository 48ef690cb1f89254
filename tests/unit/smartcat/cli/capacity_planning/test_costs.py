import pytest
from hypothesis import given

from smartcat.cli.capacity_planning.costs import HOURS, costs, daily_work, on_demand, total
from smartcat.cli.capacity_planning.prices import BUILT_IN, make_prices
from smartcat.cli.capacity_planning.quotas import Quotas
from smartcat.cli.capacity_planning.sizing import make_plan
from smartcat.cli.capacity_planning.workload import Workload
from support.workloads import workloads

PRICES = make_prices("us-east-1", {})


@given(workloads())
def test_rows_add_up_and_name_their_prices(workload: Workload) -> None:
    """No row is negative, and every price that a row names is one."""
    rows = costs(make_plan(workload, Quotas()), PRICES)
    assert all(row.usd >= 0 and row.amount >= 0 for row in rows)
    assert {name for row in rows for name in row.prices} <= set(BUILT_IN)
    assert total(rows) == pytest.approx(sum(row.usd for row in rows))


def test_every_price_is_used() -> None:
    """A price that no row needs would be asked of the user for nothing."""
    rows = costs(make_plan(Workload(documents_per_day=1e6), Quotas()), PRICES)
    assert {name for row in rows for name in row.prices} | {"on_demand_million_writes"} == set(BUILT_IN)


def test_rows_are_what_a_person_reckons() -> None:
    """A month has 730 hours; a million documents a day are 30.4 million writes of 1 KiB."""
    plan = make_plan(Workload(documents_per_day=1e6, kept_days=90), Quotas())
    rows = {row.what: row for row in costs(plan, PRICES)}
    assert rows["shards"].usd == pytest.approx(plan.shards * HOURS * 0.015)
    assert rows["storage after 90 days"].amount == pytest.approx(90e6 * 1024 / 1024**3)
    assert rows["write capacity"].usd >= plan.write_units * HOURS * 0.00065
    assert on_demand(plan, PRICES) == pytest.approx(1e6 * 730 / 24 / 1e6 * 0.625)


def test_nobody_waits_where_the_table_takes_the_peak() -> None:
    """Paid waiting is for a backlog, and there is none."""
    flat = make_plan(Workload(documents_per_day=1e6, peak_factor=1), Quotas())
    assert daily_work(flat).waiting_hours == 0
    assert daily_work(make_plan(Workload(documents_per_day=1e6), Quotas())).backlog_hours > 1
