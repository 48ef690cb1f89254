from hypothesis import given
from hypothesis import strategies as st

from producers.low_watermark import LowWatermark


def test_a_position_counts_when_all_before_it_are_done() -> None:
    """What is done out of turn waits for what is before it."""
    done = LowWatermark("start", 10)
    assert done.reached == ("start", 10)
    first, second, third = (done.begin(name) for name in ("a", "b", "c"))
    done.done(second)
    assert done.reached == ("start", 10)
    done.done(first)
    assert done.reached == ("b", 12)
    done.done(third)
    done.done(third)
    assert (done.reached, done.outstanding) == (("c", 13), 0)


@given(st.lists(st.integers(0, 30), max_size=60))
def test_it_is_the_longest_done_beginning(order: list[int]) -> None:
    """After any acknowledgements in any order, what was reached is what a plain list of flags says."""
    done = LowWatermark(-1)
    tickets = [done.begin(number) for number in range(31)]
    flags = [False] * 31
    for number in order:
        done.done(tickets[number])
        flags[number] = True
        reached = flags.index(False) if False in flags else 31
        assert done.reached == (reached - 1, reached)
        assert done.outstanding == flags.count(False)
