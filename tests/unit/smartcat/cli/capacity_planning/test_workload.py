import pytest
from hypothesis import given

from smartcat.cli.capacity_planning.errors import PlanningError
from smartcat.cli.capacity_planning.workload import Workload, read_workload
from support.workloads import workloads


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"documents_per_day": 0}, "documents_per_day: "),
        ({"documents_per_day": float("nan")}, "documents_per_day: "),
        ({"documents_per_day": 1e6, "hours": 25}, "hours: "),
        ({"documents_per_day": 1e6, "pages": 9000}, "pages x mean_kb: a document has 31,500 KiB"),
        ({"documents_per_day": 1e6, "peak_documents_per_second": 1}, "1 is below the mean of 11.5741"),
    ],
)
def test_bad_input_is_named_in_one_line(fields: dict[str, float], said: str) -> None:
    """The field, and what is wrong with it."""
    with pytest.raises(PlanningError) as caught:
        read_workload(fields)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@given(workloads())
def test_no_more_comes_at_the_peak_than_on_the_day(workload: Workload) -> None:
    """A peak that is stated too long is cut short."""
    assert workload.peak * workload.peak_lasts_hours * 3600 <= workload.documents_per_day * (1 + 1e-9)
    assert workload.peak >= workload.documents_per_second


def test_a_rate_for_the_peak_wins_over_the_factor_and_is_shared_by_deployments() -> None:
    """Half of the load has half of the peak."""
    workload = Workload(documents_per_day=1e6, peak_documents_per_second=100, peak_factor=2)
    assert workload.peak == 100
    assert workload.divided(2).peak == 50


def test_larger_documents_take_longer_and_small_ones_no_less_than_a_page() -> None:
    """What was measured holds for a page, and grows with the size."""
    page, ten, tiny = (
        Workload(documents_per_day=1, pages=n, mean_kb=kb) for n, kb in ((1, 3.5), (10, 3.5), (1, 0.1))
    )
    assert ten.classify_seconds == pytest.approx(10 * page.classify_seconds)
    assert tiny.classify_seconds == page.classify_seconds
