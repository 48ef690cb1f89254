from __future__ import annotations

import pytest

from benchmarks.capacity_figures import Second, fairness, seconds_to_converge, share, utilisation


def second(first: float, *, provisioned: float = 10.0, throttled: int = 0) -> Second:
    """One second with ten requests."""
    return Second(
        provisioned=provisioned, consumed=first, first=first, requests=10, throttled=throttled, errors=0
    )


def test_credit_that_was_spent_is_not_sustained_capacity() -> None:
    """1,200 units stored in 100 s at 10 units/s, of which 250 came out of the bank, are 95 %."""
    assert utilisation(1200.0, 250.0, 1000.0) == pytest.approx(0.95)


def test_credit_that_was_saved_counts_as_unused() -> None:
    """Capacity that went into the bank stored nothing, whatever becomes of it later."""
    assert utilisation(900.0, -100.0, 1000.0) == pytest.approx(0.9)


def test_nothing_of_nothing_is_nothing() -> None:
    """A ratio without a base is 0."""
    assert share(0, 0) == 0.0
    assert share(1, 4) == 0.25


@pytest.mark.parametrize(("amounts", "index"), [([5, 5, 5, 5], 1.0), ([5, 0, 0, 0], 0.25), ([0, 0], 1.0)])
def test_fairness_is_jains_index(amounts: list[float], index: float) -> None:
    """Equal parts give 1, everything for one of four a quarter."""
    assert fairness(amounts) == pytest.approx(index)


def test_convergence_counts_from_the_change() -> None:
    """Used at half for 15 s after the change and well afterwards: the first good stretch begins at 11 s."""
    run = [second(10.0) for _ in range(30)] + [second(5.0) for _ in range(15)] + [second(10.0)] * 60
    # A mean of 20 s is at least 90 % as soon as no more than 4 of them were at half.
    assert seconds_to_converge(run, 30, len(run)) == 11


def test_convergence_needs_a_table_that_is_not_throttled() -> None:
    """Full use with a tenth of the requests throttled is not where one wants to be."""
    run = [second(10.0, throttled=1) for _ in range(100)]
    assert seconds_to_converge(run, 0, len(run)) is None
