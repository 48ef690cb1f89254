from __future__ import annotations

import math
from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from smartcat.classifier.decision import Decision, decide
from smartcat.classifier.evidence import gather, vote_weights
from smartcat.classifier.page_means import argmax
from smartcat.classifier.rule import Gate, Link, Page, Pooling, Rule

LABELS = ("a", "b", "c", "d")
POOLING = Pooling(concentration=2.0, max_pages=4, min_known_features=(5, 1), max_dissent=0.9)
RULE = Rule(
    LABELS, (0.0,) * 4, Link(2.0, 5.0, -0.3, 0.5), (0.6,) * 4, min_known_shares=(0.5, 0.0), pooling=POOLING
)
NEAR_BLANK_KNOWN = (4, 0)

SCORES = st.tuples(*[st.floats(-3, 3, width=32)] * 4)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Draw rules with one threshold for all labels, as training makes them, with and without a gate."""
    threshold = draw(st.floats(0.5, 1.0))
    gate = Gate(
        weights=draw(st.tuples(st.floats(0, 3), st.floats(0, 3), st.floats(0, 3), st.floats(-1, 1))),
        lower=(-2.0, 0.0, 0.0, 0.0),
        upper=(2.0, 3.0, 1.0, 4.0),
        threshold=draw(st.floats(-3, 3)),
    )
    return Rule(
        LABELS,
        (0.0,) * 4,
        Link(
            draw(st.floats(0.1, 20)), draw(st.floats(0.1, 20)), draw(st.floats(-2, 2)), draw(st.floats(0, 1))
        ),
        (threshold,) * 4,
        min_known_shares=draw(st.tuples(st.floats(0, 0.9), st.floats(0, 0.9))),
        pooling=Pooling(
            concentration=draw(st.floats(0, 8)),
            max_pages=draw(st.integers(1, 8)),
            min_known_features=(5, draw(st.integers(0, 3))),
            full_features=draw(st.sampled_from([(), (20, 0), (80, 9)])),
            max_dissent=draw(st.floats(0, 1)),
        ),
        gate=draw(st.none() | st.just(gate)),
    )


@st.composite
def pages(draw: st.DrawFn, best: int | None = None) -> Page:
    """Draw a page that has a vote, with the highest score for a label."""
    scores = list(draw(SCORES))
    if best is not None:
        place = argmax(scores)
        scores[place], scores[best] = scores[best], scores[place]
        assume(argmax(scores) == best)
    known = draw(st.tuples(st.integers(5, 60), st.integers(3, 9)))
    unknown = draw(st.tuples(st.integers(0, 30), st.integers(0, 9)))
    distinct = tuple(k + u for k, u in zip(known, unknown, strict=True))
    return Page(tuple(scores), draw(st.floats(-8, 8, width=32)), distinct=distinct, known=known)


BLANK = st.just(Page(distinct=(0, 0), known=(0, 0)))
STRANGE = st.builds(lambda unknown: Page(distinct=(unknown, 1), known=(0, 0)), st.integers(1, 99))
NEAR_BLANK = st.builds(
    lambda scores, relevance, known, unknown: Page(
        scores, relevance, distinct=(known + unknown, 1), known=(known, 0)
    ),
    SCORES,
    st.floats(-8, 8, width=32),
    st.integers(1, 4),
    st.integers(0, 9),
)
DOCUMENTS = st.lists(pages(), min_size=1, max_size=5)


def documents_of(labels: tuple[int, ...]) -> st.SearchStrategy[list[Page]]:
    """Draw documents whose pages have some of these labels."""
    return st.lists(st.sampled_from(labels).flatmap(pages), min_size=1, max_size=4)


def not_surer(after: Decision, *before: Decision) -> None:
    """Check that a document is no surer than the surest of others, nor accepted where none of them is."""
    assert after.confidence <= max(each.confidence for each in before) + 1e-9
    if all(each.decision == "review" for each in before):
        assert after.decision == "review"


def page(*scores: float, known: int = 9, relevance: float = 0.0) -> Page:
    """Make a page all of which is known."""
    return Page(scores, relevance, distinct=(known, 1), known=(known, 1))


@given(rules(), DOCUMENTS, st.data())
def test_a_page_repeated_changes_nothing(rule: Rule, document: list[Page], data: st.DataObject) -> None:
    """However often pages are repeated, and wherever, the decision is the same to the last bit."""
    copies = data.draw(st.lists(st.sampled_from(document), max_size=20))
    repeated = data.draw(st.permutations([*document, *copies]))
    plain, padded = decide(rule, document), decide(rule, repeated)
    assert replace(padded, page_labels=()) == replace(plain, page_labels=())


@given(rules(), DOCUMENTS, st.lists(BLANK | NEAR_BLANK | STRANGE, min_size=1, max_size=6))
def test_blank_and_near_blank_pages_raise_nothing(rule: Rule, document: list[Page], more: list[Page]) -> None:
    """Whatever such pages say, label and probabilities are not theirs; what is unknown counts against."""
    plain, padded = decide(rule, document), decide(rule, [*more, *document])
    not_surer(padded, plain)
    assert padded.label == plain.label
    assert padded.known_share <= plain.known_share + 1e-12


@given(rules(), st.lists(NEAR_BLANK, min_size=1, max_size=4), st.lists(BLANK | NEAR_BLANK, max_size=4))
def test_a_document_of_near_blank_pages_is_for_review(
    rule: Rule, document: list[Page], more: list[Page]
) -> None:
    """It gets a label, and more pages of that kind make it no surer."""
    plain, padded = decide(rule, document), decide(rule, [*document, *more])
    assert (plain.decision, plain.why, padded.why) == ("review", "no_evidence", "no_evidence")
    assert plain.label in LABELS
    assert padded.confidence <= plain.confidence + 1e-9


@settings(max_examples=300)
@given(rules(), documents_of((0, 1)), documents_of((2, 3)), st.lists(BLANK | NEAR_BLANK, max_size=2))
def test_joining_unrelated_documents_raises_nothing(
    rule: Rule, one: list[Page], other: list[Page], more: list[Page]
) -> None:
    """Documents that share no label, their own or a page's, are no surer together than the surer alone."""
    decisions = [decide(rule, document) for document in (one, other)]
    assume(decisions[0].label in LABELS[:2])
    assume(decisions[1].label in LABELS[2:])
    not_surer(decide(rule, [*one, *more, *other]), *decisions)


@given(rules(), st.lists(st.integers(0, 3), min_size=2, max_size=4, unique=True), st.data())
def test_joining_many_documents_of_different_labels_raises_nothing(
    rule: Rule, labels: list[int], data: st.DataObject
) -> None:
    """Nor do any number of documents, each of pages that agree on a label of its own."""
    documents = [data.draw(documents_of((label,))) for label in labels]
    decisions = [decide(rule, document) for document in documents]
    not_surer(decide(rule, list(chain(*documents))), *decisions)


@given(rules(), DOCUMENTS, st.data())
def test_the_order_of_pages_changes_no_bit(rule: Rule, document: list[Page], data: st.DataObject) -> None:
    """A shuffled file is the same document."""
    padded = [*document, *data.draw(st.lists(BLANK | NEAR_BLANK | STRANGE, max_size=3))]
    shuffled = data.draw(st.permutations(padded))
    plain, other = decide(rule, padded), decide(rule, shuffled)
    assert replace(plain, page_labels=()) == replace(other, page_labels=())


@given(rules(), DOCUMENTS)
def test_decisions_are_consistent(rule: Rule, document: list[Page]) -> None:
    """Candidates fall, probabilities sum to one, and only what is accepted has no reason for review."""
    decision, evidence = decide(rule, document), gather(rule, document)
    assert evidence is not None
    assert math.fsum(evidence.chances) == pytest.approx(1)
    assert [chance for _, chance in decision.candidates] == sorted(
        (chance for _, chance in decision.candidates), reverse=True
    )
    assert (decision.why is None) == (decision.decision == "accepted")
    assert math.fsum(part.share for part in evidence.parts) == pytest.approx(1)
    assert math.fsum(vote_weights(rule, [*document, *document])) == pytest.approx(1)


def test_pages_that_agree_are_worth_more_up_to_what_training_saw() -> None:
    """Four pages count twice as much as one at a growth of one half; a hundred count as four."""
    alone, four, hundred = (
        decide(RULE, [page(0.5 + number / 1e6, 0.1, 0.0, 0.0) for number in range(count)]).confidence
        for count in (1, 4, 100)
    )
    assert alone < four
    assert hundred == pytest.approx(four, abs=1e-3)


def test_parts_count_by_their_relevance() -> None:
    """Two pages against one at a concentration of 2 are four fifths of the document's probabilities."""
    one, two = page(2.0, 0.0, 0.0, 0.0), page(0.0, 2.0, 0.0, 0.0)
    evidence = gather(replace(RULE, link=Link()), [one, two, replace(two, distinct=(10, 1))])
    assert evidence is not None
    assert [part.share for part in evidence.parts] == pytest.approx([0.2, 0.8])
    assert evidence.chances[1] == pytest.approx(sum(part.share * part.chances[1] for part in evidence.parts))


def test_the_first_reason_for_review_is_given() -> None:
    """No evidence, unfamiliar text or kind, a stack, pages that disagree, and last the threshold."""
    sure, other = page(2.0, 0.0, 0.0, 0.0), page(0.0, 2.0, 0.0, 0.0)
    strict = Gate((0.0, 1.0, 0.0, 0.0), (0.0,) * 4, (9.0,) * 4, threshold=3.0)
    unknown = Page(distinct=(99, 1), known=(0, 0))
    assert decide(RULE, [sure]).why is None
    assert decide(RULE, [page(2.0, 0.0, 0.0, 0.0, known=4)]).why == "no_evidence"
    assert decide(RULE, []).why == "no_evidence"
    assert decide(RULE, [sure, other, unknown]).why == "unfamiliar"
    assert decide(replace(RULE, gate=strict), [sure]).why == "unfamiliar"
    assert decide(RULE, [sure, other]).why == "looks_like_a_stack"
    lenient = replace(RULE, pooling=replace(POOLING, max_dissent=1.0))
    assert decide(lenient, [sure, other]).why == "pages_disagree"
    assert decide(lenient, [page(0.1, 0.0, 0.0, 0.0)]).why == "below_threshold"


def test_forty_documents_read_as_one_are_not_accepted() -> None:
    """Ten pages of each of four labels look like a stack, whatever the label."""
    stack = [
        page(*(2.0 if place == number % 4 else -1.0 for place in range(4)), known=10 + number)
        for number in range(41)
    ]
    decision = decide(RULE, stack)
    assert (decision.decision, decision.why) == ("review", "looks_like_a_stack")


def test_a_gate_keeps_numbers_within_what_training_saw() -> None:
    """Beyond the bounds a number counts as the bound."""
    gate = Gate((1.0, 1.0, 0.0, -1.0), (-1.0, 0.0, 0.0, 1.0), (1.0, 2.0, 1.0, 2.0), threshold=1.5)
    assert gate.admits((99.0, 0.5, 0.0, 0.0)) == gate.admits((1.0, 0.5, 0.0, 1.0)) is False
    assert gate.admits((1.0, 1.5, 0.0, 1.0))
