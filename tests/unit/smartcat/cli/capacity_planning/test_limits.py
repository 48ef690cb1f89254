import math

import pytest

from smartcat.cli.capacity_planning.limits import limits, partitions
from smartcat.cli.capacity_planning.quotas import Quotas
from smartcat.cli.capacity_planning.sizing import make_plan
from smartcat.cli.capacity_planning.workload import Workload


@pytest.mark.parametrize("aggregate", [True, False])
def test_the_load_at_which_a_bound_is_met_is_just_kept(*, aggregate: bool) -> None:
    """One in a hundred below it nothing is reached, one in a hundred above it is."""
    workload, quotas = Workload(documents_per_day=1e7, aggregate=aggregate), Quotas()
    for place, each in enumerate(limits(workload, quotas)):
        below, above = (
            workload.model_copy(update={"documents_per_day": each.ends_at * by}) for by in (0.99, 1.01)
        )
        assert not limits(below, quotas)[place].reached
        assert limits(above, quotas)[place].reached


def test_a_larger_load_ends_at_the_same_place() -> None:
    """Where it ends depends on the kind of load, not on how much of it there is today."""
    small, large = (limits(Workload(documents_per_day=n), Quotas()) for n in (1e4, 1e8))
    for one, other in zip(small, large, strict=True):
        assert one.ends_at == pytest.approx(other.ends_at, rel=0.01)
        assert math.isfinite(one.ends_at)


def test_a_smaller_quota_ends_earlier() -> None:
    """An account of a hundred shards is full long before one of twenty thousand."""
    workload = Workload(documents_per_day=1e9)
    few, many = (limits(workload, Quotas(account_shards=n))[3] for n in (100, 20_000))
    assert few.ends_at < many.ends_at


def test_a_partition_has_a_thousand_units() -> None:
    """A table of twenty thousand units is twenty partitions or more."""
    assert partitions(make_plan(Workload(documents_per_day=1e9), Quotas())) >= 21
