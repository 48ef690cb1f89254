from hypothesis import given
from hypothesis import strategies as st

from producers.low_watermark import LowWatermark


def test_a_position_counts_when_all_before_it_are_done() -> None:
    """What is done out of turn waits for what is before it."""
    watermark = LowWatermark("start", 10)
    assert watermark.reached == ("start", 10)
    first, second, third = (watermark.begin(name) for name in ("a", "b", "c"))
    watermark.done(second)
    assert watermark.reached == ("start", 10)
    watermark.done(first)
    assert watermark.reached == ("b", 12)
    watermark.done(third)
    watermark.done(third)
    assert (watermark.reached, watermark.outstanding) == (("c", 13), 0)


@given(st.lists(st.integers(0, 30), max_size=60))
def test_it_is_the_longest_prefix_that_is_done(order: list[int]) -> None:
    """After any calls of done in any order, the watermark is what a plain list of flags gives."""
    watermark = LowWatermark(-1)
    tickets = [watermark.begin(number) for number in range(31)]
    flags = [False] * 31
    for number in order:
        watermark.done(tickets[number])
        flags[number] = True
        reached = flags.index(False) if False in flags else 31
        assert watermark.reached == (reached - 1, reached)
        assert watermark.outstanding == flags.count(False)
