import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.core.backoff import Backoff
from producers.errors import ConfigurationError


def test_backoff_by_hand() -> None:
    """0.1 s doubles to the longest wait of 5 s; jitter moves it between half and whole."""
    backoff = Backoff()
    assert [backoff.seconds(n, 1.0) for n in (0, 1, 2, 5, 6, 10_000)] == [0.1, 0.2, 0.4, 3.2, 5.0, 5.0]
    assert backoff.seconds(1, 0.0) == 0.1


@given(st.integers(0, 5000), st.floats(0, 1))
def test_backoff_stays_in_its_range(failed_attempts: int, jitter: float) -> None:
    """No wait is below half of the first or above the longest."""
    assert 0.05 <= Backoff().seconds(failed_attempts, jitter) <= 5.0


@pytest.mark.parametrize(
    "wrong", [{"attempts": 0}, {"first_seconds": -1.0}, {"first_seconds": 6.0}, {"longest_seconds": 0.0}]
)
def test_senseless_backoff_is_refused(wrong: dict[str, float]) -> None:
    """A backoff that would never send or wait backwards is an error."""
    with pytest.raises(ConfigurationError, match="backoff: expected"):
        Backoff(**wrong)  # type: ignore[arg-type]
