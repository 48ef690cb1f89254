from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.decision import (
    Link,
    Page,
    Rule,
    best,
    combine,
    decide,
    probabilities,
    shown,
    trust,
    votes,
)

RULE = Rule(
    labels=("a", "b", "c", "d"),
    intercept=(-1.0, 0.5, -0.5, -2.0),
    link=Link(above=2.0, below=3.0, knee=-0.5, growth=0.4),
    thresholds=(0.5, 0.6, 0.9, 2.0),
)
GUARDED = replace(RULE, familiar=(0.5, 0.25), evidence=(8, 0))

SCORES = st.tuples(*[st.floats(-5, 5, width=32)] * 4)
KNOWN = st.integers(1, 20)
EVIDENT = st.builds(
    lambda scores, weight, known, extra: Page(scores, weight, distinct=(known + extra, 3), known=(known, 2)),
    SCORES,
    st.floats(-30, 30, width=32),
    KNOWN,
    st.integers(0, 20),
)
BLANK = st.builds(lambda unknown: Page(distinct=(unknown, 0), known=(0, 0)), st.integers(0, 20))
PAGES = st.lists(EVIDENT | BLANK, max_size=6)
SHUFFLED = st.lists(EVIDENT | BLANK, min_size=1, max_size=8).flatmap(
    lambda pages: st.tuples(st.just(pages), st.permutations(pages))
)
LINKS = st.builds(
    Link,
    above=st.floats(0.05, 200),
    below=st.floats(0.05, 200),
    knee=st.floats(-2, 2),
    growth=st.floats(0, 1),
)


def page(*scores: float, weight: float = 0.0, known: int = 9, unknown: int = 0) -> Page:
    """Make a page with scores and features of one part."""
    return Page(scores, weight, distinct=(known + unknown,), known=(known,))


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
    assert chances[best(scores)] == max(chances)


def test_votes_are_the_exponentials_of_weights() -> None:
    """A page that weighs ln 3 more than another has three quarters; a page without evidence has nothing."""
    pages = [page(0.0, weight=5.0), Page(weight=99.0), page(0.0, weight=5.0 + math.log(3))]
    assert votes(pages) == pytest.approx([0.25, 0.0, 0.75])
    assert votes([Page(), Page()]) == [0.0, 0.0]
    assert votes([]) == []


@given(st.lists(EVIDENT, min_size=1, max_size=6), st.floats(-1e6, 1e6))
def test_votes_sum_to_one_however_heavy(pages: list[Page], shift: float) -> None:
    """Weights count relative to each other, and none overflows."""
    heavy = [replace(each, weight=each.weight * 1e6 + shift) for each in pages]
    assert math.fsum(votes(heavy)) == pytest.approx(1)
    assert all(0 <= vote <= 1 for vote in votes(heavy))


def test_a_document_has_the_mean_of_its_pages_as_their_votes_weigh() -> None:
    """Weights 0 and ln 3 take one quarter and three quarters of the scores."""
    assert combine([page(4.0, 0.0), page(0.0, 4.0, weight=math.log(3))]) == pytest.approx((1.0, 3.0))


def test_the_only_page_with_evidence_is_the_document() -> None:
    """Its scores are taken to the last bit, whatever it weighs."""
    scores = (0.1, 0.2, 0.3, 1e-9)
    assert combine([Page(), Page(scores, weight=-17.0), Page()]) == scores


@given(SHUFFLED)
def test_the_order_of_pages_changes_no_bit(orders: tuple[list[Page], list[Page]]) -> None:
    """A shuffled file is the same document, weights, blank pages and unknown text included."""
    plain, shuffled = (decide(GUARDED, pages) for pages in orders)
    assert sorted(map(str, plain.page_labels)) == sorted(map(str, shuffled.page_labels))
    assert replace(plain, page_labels=()) == replace(shuffled, page_labels=())


@given(PAGES, st.integers(0, 6))
def test_pages_without_evidence_do_not_vote(pages: list[Page], place: int) -> None:
    """A page on which nothing is known changes nothing but its own page label, where all is familiar."""
    padded = [*pages[:place], Page(distinct=(4, 0), known=(0, 0)), *pages[place:]]
    plain, blank = decide(RULE, pages), decide(RULE, padded)
    assert (plain.label, plain.confidence, plain.decision) == (blank.label, blank.confidence, blank.decision)
    assert plain.candidates == blank.candidates
    assert blank.page_labels.count(None) == plain.page_labels.count(None) + 1


@given(st.sampled_from([RULE, GUARDED]), PAGES)
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
    assert decision.unfamiliar == (trust(rule, pages) < 1 or not any(each.scores for each in pages))
    accepted = decision.confidence >= threshold and not decision.unfamiliar
    assert (decision.decision == "accepted") == accepted
    assert 0 <= decision.familiarity <= 1


@pytest.mark.parametrize("pages", [[], [Page()], [Page(distinct=(7,), known=(0,)), Page()]])
def test_no_evidence_goes_to_review(pages: list[Page]) -> None:
    """Without evidence the intercepts order the candidates, and nothing is claimed."""
    decision = decide(RULE, pages)
    assert (decision.decision, decision.unfamiliar, decision.familiarity) == ("review", True, 0.0)
    assert decision.candidates == (("b", 0.0), ("c", 0.0), ("a", 0.0))
    assert decision.page_labels == (None,) * len(pages)


def test_no_evidence_is_reviewed_even_when_everything_is_accepted() -> None:
    """A threshold of 0 accepts every guess, but no evidence is no guess."""
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


def test_trust_matches_ratios_done_by_hand() -> None:
    """The smallest ratio of what is known to what is asked counts, over all pages and both conditions."""
    rule = replace(RULE, familiar=(0.5, 0.2), evidence=(10, 4))
    assert trust(rule, [Page(distinct=(10, 10), known=(9, 2)), Page(distinct=(10, 10), known=(1, 2))]) == 1.0
    assert trust(rule, [Page(distinct=(20, 20), known=(9, 20))]) == pytest.approx(0.9)
    assert trust(rule, [Page(distinct=(20, 40), known=(10, 4))]) == pytest.approx(0.5)
    assert trust(rule, [Page(distinct=(8, 8), known=(8, 8))]) == pytest.approx(0.8)
    assert trust(rule, [Page(distinct=(20, 1), known=(20, 1))]) == pytest.approx(0.25)


def test_a_part_without_features_is_judged_by_number_alone() -> None:
    """No word at all is no unfamiliar word; where words are asked for, it is none of them."""
    pages = [Page(distinct=(0, 10), known=(0, 10))]
    assert trust(replace(RULE, familiar=(0.5, 0.5)), pages) == 1.0
    assert trust(replace(RULE, familiar=(0.5, 0.5), evidence=(1, 1)), pages) == 0.0


def test_without_conditions_everything_is_trusted() -> None:
    """A rule that asks for nothing trusts a document of which one feature in a million is known."""
    assert trust(RULE, [page(0.0, known=1, unknown=10**6)]) == trust(RULE, []) == 1.0


def test_what_is_unknown_on_a_page_without_evidence_counts() -> None:
    """Two pages of which one is all unknown are half known."""
    rule = replace(RULE, familiar=(0.8,))
    pages = [page(5.0, 0.0, 0.0, 0.0, known=10), Page(distinct=(10,), known=(0,))]
    decision = decide(rule, pages)
    assert (decision.familiarity, decision.unfamiliar, decision.decision) == (0.5, True, "review")


@given(st.integers(1, 1000), st.integers(0, 1000), SCORES)
def test_unfamiliar_text_is_damped_towards_equal_chances(
    known: int, unknown: int, scores: tuple[float, ...]
) -> None:
    """The less is known, the nearer is the confidence to that of a guess; order and sum stay."""
    rule = replace(RULE, familiar=(0.6,))
    plain = decide(RULE, [page(*scores, known=known, unknown=unknown)])
    damped = decide(rule, [page(*scores, known=known, unknown=unknown)])
    trusted = min(1.0, known / (known + unknown) / 0.6)
    assert damped.confidence == pytest.approx(trusted * plain.confidence + (1 - trusted) / 4)
    assert damped.label == plain.label
    assert [name for name, _ in damped.candidates] == [name for name, _ in plain.candidates]
    less = decide(rule, [page(*scores, known=known, unknown=unknown + 1)])
    assert less.confidence <= damped.confidence + 1e-12


@given(st.integers(1, 9), SCORES)
def test_damping_sets_in_without_a_jump(tenths: int, scores: tuple[float, ...]) -> None:
    """One unknown feature in a million more takes no more than a millionth or so from the confidence."""
    rule = replace(RULE, familiar=(tenths / 10,))
    known = tenths * 100_000
    at_floor = decide(rule, [page(*scores, known=known, unknown=10**6 - known)])
    below = decide(rule, [page(*scores, known=known, unknown=10**6 - known + 1)])
    assert not at_floor.unfamiliar
    assert (below.unfamiliar, below.decision) == (True, "review")
    assert 0 <= at_floor.confidence - below.confidence < 1e-5


@given(st.floats(0, 1))
def test_a_shown_probability_never_exceeds_the_true_one(probability: float) -> None:
    """Four decimals, rounded down: 0.49996 below a threshold of 0.5 does not read 0.5."""
    assert 0 <= probability - shown(probability) < 0.000101


def test_a_whole_probability_is_shown_whole() -> None:
    """Nothing is taken from what four decimals can hold, 0.57 included, which times 10,000 falls short."""
    assert [shown(value / 10_000) for value in range(10_001)] == [value / 10_000 for value in range(10_001)]
    assert shown(0.49996) == 0.4999
