from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processor.core.backoff import CAPACITY, TRANSIENT_FAULT, Backoff


class Middle:
    """Chance without chance: the middle of the range."""

    def uniform(self, a: float, b: float, /) -> float:
        return (a + b) / 2


@pytest.mark.parametrize(("attempts", "delay"), [(1, 0.8), (2, 1.6), (3, 3.2), (9, 3.2)])
def test_waits_for_capacity(attempts: int, delay: float) -> None:
    """Throttled items wait 0.4 to 1.2 s, doubled with each attempt up to fourfold."""
    assert CAPACITY.delay(attempts, Middle()) == pytest.approx(delay)


@pytest.mark.parametrize(("attempts", "delay"), [(1, 0.05), (2, 0.1), (3, 0.2), (4, 0.4)])
def test_waits_after_a_transient_fault(attempts: int, delay: float) -> None:
    """A call that failed is tried again within a tenth of a second, doubled with each attempt."""
    assert TRANSIENT_FAULT.delay(attempts, Middle()) == pytest.approx(delay)


@given(st.randoms(), st.integers(1, 1000), st.floats(0, 1), st.floats(0, 1), st.integers(0, 10))
def test_waits_stay_between_their_bounds(
    random: object, attempts: int, shortest: float, span: float, doublings: int
) -> None:
    """However many attempts failed, no wait is longer than the bound, doubled as often as allowed."""
    backoff = Backoff(shortest, shortest + span, doublings)
    delay = backoff.delay(attempts, random)  # type: ignore[arg-type] # hypothesis has no type for it
    factor = 2 ** min(attempts - 1, doublings)
    assert shortest * factor <= delay <= (shortest + span) * factor
