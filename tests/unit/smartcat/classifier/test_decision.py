from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.decision import decide, round_probability
from smartcat.classifier.page_means import argmax, combine, in_distribution_score, page_weights, probabilities
from smartcat.classifier.rule import Link, Page, Rule

RULE = Rule(
    labels=("a", "b", "c", "d"),
    intercept=(-1.0, 0.5, -0.5, -2.0),
    link=Link(above=2.0, below=3.0, knee=-0.5, growth=0.4),
    thresholds=(0.5, 0.6, 0.9, 2.0),
)
CONDITIONED = replace(RULE, min_known_shares=(0.5, 0.25), min_known_features=(8, 0))

SCORES = st.tuples(*[st.floats(-5, 5, width=32)] * 4)
KNOWN = st.integers(1, 20)
FEATURED = st.builds(
    lambda scores, relevance, known, extra: Page(
        scores, relevance, distinct=(known + extra, 3), known=(known, 2)
    ),
    SCORES,
    st.floats(-30, 30, width=32),
    KNOWN,
    st.integers(0, 20),
)
BLANK = st.builds(lambda unknown: Page(distinct=(unknown, 0), known=(0, 0)), st.integers(0, 20))
PAGES = st.lists(FEATURED | BLANK, max_size=6)
SHUFFLED = st.lists(FEATURED | BLANK, min_size=1, max_size=8).flatmap(
    lambda pages: st.tuples(st.just(pages), st.permutations(pages))
)
LINKS = st.builds(
    Link,
    above=st.floats(0.05, 200),
    below=st.floats(0.05, 200),
    knee=st.floats(-2, 2),
    growth=st.floats(0, 1),
)


def page(*scores: float, relevance: float = 0.0, known: int = 9, unknown: int = 0) -> Page:
    """Make a page with scores and features of one part."""
    return Page(scores, relevance, distinct=(known + unknown,), known=(known,))


def test_probabilities_match_a_softmax_done_by_hand() -> None:
    """Scores 1 and -1 about a knee at 0 with slopes 2 above and 3 below are logits 2 and -3."""
    expected = math.exp(2) / (math.exp(2) + math.exp(-3))
    assert probabilities((1.0, -1.0), Link(above=2.0, below=3.0)) == pytest.approx((expected, 1 - expected))


def test_the_same_scores_from_several_pages_are_worth_more() -> None:
    """Four pages at a growth of one half double the logits; at a growth of 0 they change nothing."""
    once, four = (probabilities((1.0, 0.0), Link(growth=0.5), pages) for pages in (1, 4))
    assert four == pytest.approx((math.exp(2) / (math.exp(2) + 1), 1 / (math.exp(2) + 1)))
    assert once < four
    assert probabilities((1.0, 0.0), Link(), 4) == probabilities((1.0, 0.0), Link(), 1)


@given(LINKS, st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(1, 1000))
def test_a_higher_score_never_gives_a_lower_logit(link: Link, one: float, other: float, pages: int) -> None:
    """The knee bends the line and does not break it."""
    low, high = sorted((one, other))
    assert link.logit(low, pages) <= link.logit(high, pages)
    assert link.logit(link.knee, pages) == 0


@given(LINKS, st.lists(st.floats(-1e8, 1e8), min_size=2, max_size=8), st.integers(1, 10**6))
def test_probabilities_sum_to_one(link: Link, scores: list[float], pages: int) -> None:
    """Any finite scores give probabilities, without overflow."""
    chances = probabilities(scores, link, pages)
    assert math.fsum(chances) == pytest.approx(1)
    assert all(0 <= chance <= 1 for chance in chances)
    assert chances[argmax(scores)] == max(chances)


def test_page_weights_are_the_softmax_of_relevance() -> None:
    """A relevance higher by ln 3 gives three quarters; a page without features has no weight."""
    pages = [page(0.0, relevance=5.0), Page(relevance=99.0), page(0.0, relevance=5.0 + math.log(3))]
    assert page_weights(pages) == pytest.approx([0.25, 0.0, 0.75])
    assert page_weights([Page(), Page()]) == [0.0, 0.0]
    assert page_weights([]) == []


@given(st.lists(FEATURED, min_size=1, max_size=6), st.floats(-1e6, 1e6))
def test_page_weights_sum_to_one_at_any_relevance(pages: list[Page], shift: float) -> None:
    """Relevance counts relative to other pages, and none overflows."""
    shifted = [replace(each, relevance=each.relevance * 1e6 + shift) for each in pages]
    assert math.fsum(page_weights(shifted)) == pytest.approx(1)
    assert all(0 <= weight <= 1 for weight in page_weights(shifted))


def test_a_document_has_the_weighted_mean_of_its_pages() -> None:
    """Relevances 0 and ln 3 take one quarter and three quarters of the scores."""
    assert combine([page(4.0, 0.0), page(0.0, 4.0, relevance=math.log(3))]) == pytest.approx((1.0, 3.0))


def test_the_only_page_with_features_is_the_document() -> None:
    """Its scores are taken to the last bit, whatever its relevance."""
    scores = (0.1, 0.2, 0.3, 1e-9)
    assert combine([Page(), Page(scores, relevance=-17.0), Page()]) == scores


@given(SHUFFLED)
def test_the_order_of_pages_changes_no_bit(orders: tuple[list[Page], list[Page]]) -> None:
    """A shuffled file is the same document, relevance, blank pages and unknown text included."""
    plain, shuffled = (decide(CONDITIONED, pages) for pages in orders)
    assert sorted(map(str, plain.page_labels)) == sorted(map(str, shuffled.page_labels))
    assert replace(plain, page_labels=()) == replace(shuffled, page_labels=())


@given(PAGES, st.integers(0, 6))
def test_pages_without_features_have_no_weight(pages: list[Page], index: int) -> None:
    """Such a page changes nothing but its own page label, where the rule has no conditions."""
    padded = [*pages[:index], Page(distinct=(4, 0), known=(0, 0)), *pages[index:]]
    plain, blank = decide(RULE, pages), decide(RULE, padded)
    assert (plain.label, plain.confidence, plain.decision) == (blank.label, blank.confidence, blank.decision)
    assert plain.candidates == blank.candidates
    assert blank.page_labels.count(None) == plain.page_labels.count(None) + 1


@given(st.sampled_from([RULE, CONDITIONED]), PAGES)
def test_every_decision_is_consistent(rule: Rule, pages: list[Page]) -> None:
    """The first candidate is the label, candidates fall, and acceptance follows the label's threshold."""
    decision = decide(rule, pages)
    chances = [chance for _, chance in decision.candidates]
    threshold = rule.thresholds[rule.labels.index(decision.label)]
    assert decision.candidates[0] == (decision.label, decision.confidence)
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)
    assert len(decision.candidates) == 3
    assert len(decision.page_labels) == len(pages)
    assert decision.is_in_distribution == (
        in_distribution_score(rule, pages) == 1 and any(each.has_features for each in pages)
    )
    accepted = decision.confidence >= threshold and decision.is_in_distribution
    assert (decision.decision == "accepted") == accepted
    assert 0 <= decision.known_share <= 1


@pytest.mark.parametrize("pages", [[], [Page()], [Page(distinct=(7,), known=(0,)), Page()]])
def test_no_features_goes_to_review(pages: list[Page]) -> None:
    """Without features the intercepts order the candidates, and every probability is 0."""
    decision = decide(RULE, pages)
    assert (decision.decision, decision.is_in_distribution, decision.known_share) == ("review", False, 0.0)
    assert decision.candidates == (("b", 0.0), ("c", 0.0), ("a", 0.0))
    assert decision.page_labels == (None,) * len(pages)


def test_no_features_is_reviewed_even_when_everything_is_accepted() -> None:
    """A threshold of 0 accepts every guess, but not a document without features."""
    rule = replace(RULE, thresholds=(0.0,) * 4)
    assert decide(rule, [Page()]).decision == "review"
    assert decide(rule, [page(0.0, 0.0, 0.0, 0.0)]).decision == "accepted"


@given(SCORES)
def test_a_single_page_has_the_label_of_its_document(scores: tuple[float, ...]) -> None:
    """However close two scores are, page and document agree."""
    decision = decide(RULE, [page(*scores)])
    assert decision.page_labels == (decision.label,)


def test_each_label_has_a_threshold_of_its_own() -> None:
    """One confidence is accepted of a label that asks for less, and for review of one that asks for more."""
    rule = Rule(("a", "b"), (0.0, 0.0), Link(), thresholds=(0.6, 0.8))
    first, second = decide(rule, [page(1.0, 0.0)]), decide(rule, [page(0.0, 1.0)])
    assert first.confidence == second.confidence == pytest.approx(0.731, abs=0.001)
    assert (first.decision, second.decision) == ("accepted", "review")


def test_a_label_that_is_never_accepted() -> None:
    """A threshold above 1 sends even certainty to review."""
    rule = Rule(("a", "b"), (0.0, 0.0), Link(above=100.0, below=100.0), thresholds=(2.0, 0.5))
    decision = decide(rule, [page(9.0, -9.0)])
    assert (decision.confidence, decision.decision) == (1.0, "review")


def test_a_confidence_exactly_at_the_threshold_is_accepted() -> None:
    """Two equal scores are one half each: accepted at 0.5, and for review at the next number above."""
    for threshold, expected in ((0.5, "accepted"), (math.nextafter(0.5, 1), "review")):
        decision = decide(Rule(("a", "b"), (0.0, 0.0), Link(), (threshold,) * 2), [page(1.0, 1.0)])
        assert (decision.confidence, decision.decision) == (0.5, expected)


def test_equal_scores_go_to_the_first_label() -> None:
    """A tie has one outcome."""
    assert decide(RULE, [page(1.0, 1.0, 1.0, 1.0)]).label == "a"


def test_the_in_distribution_score_matches_ratios_done_by_hand() -> None:
    """The smallest ratio of known to required counts, over all pages and both conditions."""
    rule = replace(RULE, min_known_shares=(0.5, 0.2), min_known_features=(10, 4))
    assert (
        in_distribution_score(
            rule, [Page(distinct=(10, 10), known=(9, 2)), Page(distinct=(10, 10), known=(1, 2))]
        )
        == 1.0
    )
    assert in_distribution_score(rule, [Page(distinct=(20, 20), known=(9, 20))]) == pytest.approx(0.9)
    assert in_distribution_score(rule, [Page(distinct=(20, 40), known=(10, 4))]) == pytest.approx(0.5)
    assert in_distribution_score(rule, [Page(distinct=(8, 8), known=(8, 8))]) == pytest.approx(0.8)
    assert in_distribution_score(rule, [Page(distinct=(20, 1), known=(20, 1))]) == pytest.approx(0.25)


def test_a_part_without_features_is_judged_by_number_alone() -> None:
    """No word at all is no unknown word; where known words are required, there are none."""
    pages = [Page(distinct=(0, 10), known=(0, 10))]
    assert in_distribution_score(replace(RULE, min_known_shares=(0.5, 0.5)), pages) == 1.0
    assert (
        in_distribution_score(replace(RULE, min_known_shares=(0.5, 0.5), min_known_features=(1, 1)), pages)
        == 0.0
    )


def test_without_conditions_everything_is_in_distribution() -> None:
    """A rule without conditions accepts a document of which one feature in a million is known."""
    assert (
        in_distribution_score(RULE, [page(0.0, known=1, unknown=10**6)])
        == in_distribution_score(RULE, [])
        == 1.0
    )


def test_unknown_features_of_a_page_without_known_ones_count() -> None:
    """Two pages of which one is all unknown are half known."""
    rule = replace(RULE, min_known_shares=(0.8,))
    pages = [page(5.0, 0.0, 0.0, 0.0, known=10), Page(distinct=(10,), known=(0,))]
    decision = decide(rule, pages)
    assert (decision.known_share, decision.is_in_distribution, decision.decision) == (0.5, False, "review")


@given(st.integers(1, 1000), st.integers(0, 1000), SCORES)
def test_probabilities_out_of_distribution_are_shrunk_towards_equal_ones(
    known: int, unknown: int, scores: tuple[float, ...]
) -> None:
    """The less is known, the nearer is the confidence to that of a guess; order and sum stay."""
    rule = replace(RULE, min_known_shares=(0.6,))
    plain = decide(RULE, [page(*scores, known=known, unknown=unknown)])
    shrunk = decide(rule, [page(*scores, known=known, unknown=unknown)])
    factor = min(1.0, known / (known + unknown) / 0.6)
    assert shrunk.confidence == pytest.approx(factor * plain.confidence + (1 - factor) / 4)
    assert shrunk.label == plain.label
    assert [name for name, _ in shrunk.candidates] == [name for name, _ in plain.candidates]
    less = decide(rule, [page(*scores, known=known, unknown=unknown + 1)])
    assert less.confidence <= shrunk.confidence + 1e-12


@given(st.integers(1, 9), SCORES)
def test_shrinking_sets_in_without_a_jump(tenths: int, scores: tuple[float, ...]) -> None:
    """One unknown feature in a million more takes no more than a millionth or so from the confidence."""
    rule = replace(RULE, min_known_shares=(tenths / 10,))
    known = tenths * 100_000
    at_floor = decide(rule, [page(*scores, known=known, unknown=10**6 - known)])
    below = decide(rule, [page(*scores, known=known, unknown=10**6 - known + 1)])
    assert at_floor.is_in_distribution
    assert (below.is_in_distribution, below.decision) == (False, "review")
    assert 0 <= at_floor.confidence - below.confidence < 1e-5


@given(st.floats(0, 1))
def test_a_rounded_probability_never_exceeds_the_true_one(probability: float) -> None:
    """Four decimals, rounded down: 0.49996 below a threshold of 0.5 does not read 0.5."""
    assert 0 <= probability - round_probability(probability) < 0.000101


def test_a_probability_of_four_decimals_is_kept() -> None:
    """Nothing is taken from what four decimals can hold, 0.57 included, which times 10,000 falls short."""
    assert [round_probability(value / 10_000) for value in range(10_001)] == [
        value / 10_000 for value in range(10_001)
    ]
    assert round_probability(0.49996) == 0.4999
