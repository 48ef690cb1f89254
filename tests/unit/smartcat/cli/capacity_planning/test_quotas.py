import pytest

from smartcat.cli.capacity_planning.errors import PlanningError
from smartcat.cli.capacity_planning.quotas import quotas_of


def test_a_region_has_its_own_number_of_shards() -> None:
    """Twenty thousand in three regions; the smallest of the others elsewhere."""
    assert quotas_of("us-east-1", {}).account_shards == 20_000
    assert quotas_of("eu-central-1", {}).account_shards == 1000
    assert quotas_of("eu-central-1", {"account_shards": 6000}).account_shards == 6000


@pytest.mark.parametrize(
    "changed",
    [
        {"shards": 1},
        {"account_shards": 0.5},
        {"account_shards": 0},
        {"account_concurrency": 100},
        {"stack_shards": 501},
        {"table_write_units": 40_001},
    ],
)
def test_a_quota_that_nobody_can_have_is_refused(changed: dict[str, float]) -> None:
    """By its name; the module takes no more for one stack."""
    with pytest.raises(PlanningError, match=f"quota {next(iter(changed))}"):
        quotas_of("us-east-1", changed)
