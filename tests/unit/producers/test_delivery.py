import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.delivery import Backoff, Delivery, Failure, Receipt
from producers.errors import ConfigurationError, DeliveryError
from producers.packing import Entry

ENTRIES = [Entry("a", b""), Entry("b", b""), Entry("c", b"")]
AGAIN = Failure("InternalFailure", "x", send_again=True)
NEVER = Failure("Refused", "x", send_again=False)


def test_backoff_by_hand() -> None:
    """0.1 s doubles to the longest wait of 5 s; chance moves it between half and whole."""
    backoff = Backoff()
    assert [backoff.seconds(n, 1.0) for n in (0, 1, 2, 5, 6, 10_000)] == [0.1, 0.2, 0.4, 3.2, 5.0, 5.0]
    assert backoff.seconds(1, 0.0) == 0.1


@given(st.integers(0, 5000), st.floats(0, 1))
def test_backoff_stays_in_its_range(fruitless: int, chance: float) -> None:
    """No wait is below half of the first or above the longest."""
    assert 0.05 <= Backoff().seconds(fruitless, chance) <= 5.0


@pytest.mark.parametrize(
    "wrong", [{"attempts": 0}, {"first_seconds": -1.0}, {"first_seconds": 6.0}, {"longest_seconds": 0.0}]
)
def test_senseless_backoff_is_refused(wrong: dict[str, float]) -> None:
    """A backoff that would never send or wait backwards is an error."""
    with pytest.raises(ConfigurationError, match="backoff: expected"):
        Backoff(**wrong)  # type: ignore[arg-type]


def test_only_what_may_still_succeed_is_sent_again() -> None:
    """Accepted and finally refused entries leave; positions keep naming the same entries."""
    delivery = Delivery(ENTRIES)
    assert delivery.begin_request() == ENTRIES
    delivery.end_request([Receipt("a", "s", "1"), AGAIN, NEVER])
    assert delivery.begin_request() == [ENTRIES[1]]
    delivery.end_request([Receipt("b", "s", "2")])
    assert (delivery.pending, delivery.requests, delivery.retried_records) == ([], 2, 1)
    assert delivery.result(1) == Receipt("b", "s", "2")
    assert str(delivery.result(2)) == "document 'c' was not delivered: Refused: x"


def test_fruitless_attempts_are_counted_in_a_row() -> None:
    """Any accepted record starts the count again."""
    delivery = Delivery(ENTRIES)
    counts = []
    for results in ([AGAIN] * 3, [AGAIN] * 3, [Receipt("a", "s", "1"), AGAIN, AGAIN], [AGAIN] * 2):
        delivery.begin_request()
        delivery.end_request(results)
        counts.append(delivery.fruitless)
    assert counts == [1, 2, 0, 1]


def test_outcome_is_true_at_every_moment() -> None:
    """Before sending, while the request is out, and after a refusal, an entry says what is known of it."""
    delivery = Delivery(ENTRIES)
    said = [str(delivery.result(0))]
    delivery.begin_request()
    said.append(str(delivery.result(0)))
    delivery.end_request([AGAIN] * 3)
    result = delivery.result(0)
    assert isinstance(result, DeliveryError)
    assert "before its turn" in said[0]
    assert "may have been accepted" in said[1]
    assert result.code == "InternalFailure"
