from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.decision import Rule, best, combine, decide, probabilities, shown

RULE = Rule(labels=("a", "b", "c", "d"), intercept=(-1.0, 0.5, -0.5, -2.0), temperature=0.5, threshold=0.5)
SCORES = st.tuples(*[st.floats(-5, 5, width=32)] * 4)
PAGES = st.lists(st.none() | SCORES, max_size=6)


def test_probabilities_match_a_softmax_done_by_hand() -> None:
    """Scores 1 and 0 at temperature 0.5 are e^2 to 1."""
    expected = math.exp(2) / (math.exp(2) + 1)
    assert probabilities((1.0, 0.0), 0.5) == pytest.approx((expected, 1 - expected))


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=8), st.floats(0.01, 100))
def test_probabilities_sum_to_one(scores: list[float], temperature: float) -> None:
    """Any finite scores give probabilities, without overflow."""
    chances = probabilities(scores, temperature)
    assert math.fsum(chances) == pytest.approx(1)
    assert all(0 <= chance <= 1 for chance in chances)
    assert chances[best(scores)] == max(chances)


@given(st.lists(SCORES, min_size=1, max_size=8).flatmap(lambda p: st.tuples(st.just(p), st.permutations(p))))
def test_the_order_of_pages_changes_no_bit(orders: tuple[list[tuple[float, ...]], ...]) -> None:
    """A shuffled file is the same document."""
    pages, shuffled = orders
    assert combine(pages) == combine(shuffled)


@given(PAGES, st.integers(0, 6))
def test_blank_pages_do_not_vote(pages: list[tuple[float, ...] | None], place: int) -> None:
    """A blank page anywhere changes nothing but its own page label."""
    padded = [*pages[:place], None, *pages[place:]]
    plain, blank = decide(RULE, pages), decide(RULE, padded)
    assert (plain.label, plain.confidence, plain.candidates) == (
        blank.label,
        blank.confidence,
        blank.candidates,
    )
    assert blank.page_labels.count(None) == plain.page_labels.count(None) + 1


@given(PAGES)
def test_every_decision_is_consistent(pages: list[tuple[float, ...] | None]) -> None:
    """The first candidate is the label, candidates fall, and acceptance follows the threshold."""
    decision = decide(RULE, pages)
    chances = [chance for _, chance in decision.candidates]
    assert decision.candidates[0] == (decision.label, decision.confidence)
    assert chances == sorted(chances, reverse=True)
    assert len(decision.candidates) == 3
    assert len(decision.page_labels) == len(pages)
    assert (decision.decision == "accepted") == (decision.confidence >= 0.5)


@pytest.mark.parametrize("pages", [[], [None], [None, None]])
def test_no_evidence_goes_to_review(pages: list[None]) -> None:
    """Without evidence the intercepts order the candidates, and nothing is claimed."""
    decision = decide(RULE, pages)
    assert decision.decision == "review"
    assert decision.candidates == (("b", 0.0), ("c", 0.0), ("a", 0.0))
    assert decision.page_labels == (None,) * len(pages)


def test_no_evidence_is_reviewed_even_when_everything_is_accepted() -> None:
    """A threshold of 0 accepts every guess, but no evidence is no guess."""
    rule = Rule(RULE.labels, RULE.intercept, 0.5, threshold=0.0)
    assert decide(rule, [None]).decision == "review"
    assert decide(rule, [(0.0, 0.0, 0.0, 0.0)]).decision == "accepted"


@given(SCORES)
def test_a_single_page_has_the_label_of_its_document(page: tuple[float, ...]) -> None:
    """However close two scores are, page and document agree."""
    decision = decide(RULE, [page])
    assert decision.page_labels == (decision.label,)


def test_a_confidence_exactly_at_the_threshold_is_accepted() -> None:
    """Two equal scores are one half each: accepted at 0.5, and for review at the next number above."""
    pages = [(1.0, 1.0)]
    for threshold, expected in ((0.5, "accepted"), (math.nextafter(0.5, 1), "review")):
        decision = decide(Rule(("a", "b"), (0.0, 0.0), 1.0, threshold), pages)
        assert (decision.confidence, decision.decision) == (0.5, expected)


def test_equal_scores_go_to_the_first_label() -> None:
    """A tie has one outcome."""
    assert decide(RULE, [(1.0, 1.0, 1.0, 1.0)]).label == "a"


@given(st.floats(0, 1))
def test_a_shown_probability_never_exceeds_the_true_one(probability: float) -> None:
    """Four decimals, rounded down: 0.49996 below a threshold of 0.5 does not read 0.5."""
    assert 0 <= probability - shown(probability) < 0.000101


def test_a_whole_probability_is_shown_whole() -> None:
    """Nothing is taken from 0, 1 and what four decimals can hold."""
    assert [shown(value) for value in (0.0, 1.0, 0.875, 0.49996)] == [0.0, 1.0, 0.875, 0.4999]
