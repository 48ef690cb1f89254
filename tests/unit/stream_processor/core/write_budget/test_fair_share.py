from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processor.core.write_budget.fair_share import SMALLEST_SHARE, FairShare

steps = st.tuples(
    st.sampled_from(["correct", "drift"]), st.floats(0.0, 300.0), st.integers(0, 600), st.booleans()
)


def test_a_new_configured_share_voids_what_was_learned() -> None:
    """A share that was cut is the new one after a change, and stays as it is without one."""
    share = FairShare(10.0, now=0.0)
    share.correct(gap=60.0, new_episode=True, good_requests=0, named=True)
    assert not share.resize(10.0)
    assert share.value == pytest.approx(8.0)
    assert share.resize(2.5)
    assert share.value == share.seed == 2.5


@pytest.mark.parametrize(
    ("gap", "new_episode", "good_requests", "named", "left"),
    [
        (60.0, True, 124, True, 0.8),
        (60.0, True, 124, False, 0.85),
        (60.0, True, 125, True, 1.0),
        (1.4, False, 0, True, 1.0),
        (1.6, False, 0, True, 0.8),
        (1.6, False, 0, False, 1.0),
    ],
)
def test_a_throttle_cuts_only_on_evidence(
    gap: float,
    new_episode: bool,  # noqa: FBT001 - a table's column
    good_requests: int,
    named: bool,  # noqa: FBT001 - a table's column
    left: float,
) -> None:
    """Early in a new episode it cuts, a paid one does not; within one episode only a named, late one does."""
    share = FairShare(10.0, now=0.0)
    cut = share.correct(gap=gap, new_episode=new_episode, good_requests=good_requests, named=named)
    assert share.value == pytest.approx(10.0 * left)
    assert cut == (left < 1)


def test_a_paid_probe_raises_a_cut_share() -> None:
    """A throttle after 250 good requests says that there was more: the share grows by a twentieth."""
    share = FairShare(10.0, now=0.0)
    share.correct(gap=60.0, new_episode=True, good_requests=0, named=True)
    share.correct(gap=60.0, new_episode=True, good_requests=250, named=True)
    assert share.value == pytest.approx(8.4)


@given(seed=st.floats(0.01, 10_000.0), moves=st.lists(steps, max_size=80))
def test_the_share_stays_between_its_bounds(seed: float, moves: list[tuple[str, float, int, bool]]) -> None:
    """Whatever happens, the share is at least a 64th of the configured one and at most all of it."""
    share, now = FairShare(seed, now=0.0), 0.0
    for kind, seconds, requests, named in moves:
        now += seconds
        if kind == "drift":
            share.drift(requests, now)
        else:
            share.correct(gap=seconds, new_episode=seconds > 6, good_requests=requests, named=named)
        assert seed * SMALLEST_SHARE * 0.999 <= share.value <= seed * 1.000001
