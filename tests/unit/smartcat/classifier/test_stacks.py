"""Stacks against all ways to cut them, tried one by one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.decision import Link, Page, Rule, decide
from smartcat.classifier.stack_rule import StackRule
from smartcat.classifier.stacks import Piece, overall, split

RULE = Rule(("a", "b", "c"), (0.0, 0.0, 0.0), Link(2.0, 3.0, 0.1, 0.2), (0.4, 0.4, 0.4))
BLANK = Page()


@dataclass(frozen=True)
class Stack:
    """What ``split`` is given."""

    rule: Rule
    pages: tuple[Page, ...]
    likenesses: tuple[float | None, ...]


def page(label: int, opening: float | None = 0.0, labels: int = 3) -> Page:
    """A page that is surely of a label."""
    return Page(tuple(3.0 if place == label else -3.0 for place in range(labels)), opening=opening)


def chances(count: int) -> st.SearchStrategy[tuple[float, ...]]:
    """Numbers between 0 and 1, for so many labels."""
    return st.tuples(*[st.floats(0.05, 0.95)] * count)


@st.composite
def stacks(draw: st.DrawFn, *, most: int = 4) -> Stack:
    """A rule of two or three labels, with one or a few pages."""
    labels = draw(st.integers(2, 3))
    scores = st.tuples(*[st.floats(-2, 2)] * labels)
    pages = draw(
        st.lists(st.builds(Page, scores, opening=st.none() | st.floats(-5, 5)), min_size=1, max_size=most)
    )
    starts = draw(chances(labels))
    moves = draw(st.lists(st.tuples(st.integers(0, labels - 1), chances(labels)), max_size=labels))
    rule = StackRule(
        evidence=draw(st.floats(0, 2)),
        slope=draw(st.floats(0, 2)),
        likeness=draw(st.floats(0, 10)),
        typical=draw(st.floats(0, 1)),
        offset=draw(st.floats(-3, 3)),
        starts=draw(st.sampled_from([(), tuple(start / sum(starts) for start in starts)])),
        ends=draw(st.just(()) | chances(labels)),
        goes_on=tuple(
            (label, following, chance / sum(row))
            for label, row in dict(moves).items()
            for following, chance in enumerate(row)
        ),
    )
    return Stack(
        Rule(("a", "b", "c")[:labels], (0.0,) * labels, RULE.link, (0.4,) * labels, stacks=rule),
        tuple(pages),
        tuple(draw(st.none() | st.floats(0, 1)) for _ in pages),
    )


def weights(stack: Stack) -> dict[tuple[int, ...], float]:
    """Give the worth of every way to cut a stack, as the places where documents begin, summed over labels."""
    known, count, labels = stack.rule.stacks, len(stack.pages), len(stack.rule.labels)
    starts = known.starts or (1 / labels,) * labels
    ends = known.ends or (0.5,) * labels
    moving = {label for label, _, _ in known.goes_on}
    moves = {(label, label): 1.0 for label in range(labels) if label not in moving}
    moves |= {(label, following): chance for label, following, chance in known.goes_on}
    found: dict[tuple[int, ...], float] = {}
    for opens in product([True, False], repeat=count - 1):
        cuts = (0, *(place for place, opened in enumerate(opens, 1) if opened))
        found[cuts] = 0.0
        for path in product(range(labels), repeat=count):
            worth = starts[path[0]] * ends[path[-1]]
            for place, (before, here) in enumerate(pairwise(path), 1):
                if place in cuts:
                    worth *= ends[before] * starts[here] * odds(stack, place)
                else:
                    worth *= (1 - ends[before]) * moves.get((before, here), 0.0)
            for label, scored in zip(path, stack.pages, strict=True):
                logits = [stack.rule.link.logit(score) for score in scored.scores]
                worth *= math.exp(known.evidence * (logits[label] - max(logits)))
            found[cuts] += worth
    return found


def odds(stack: Stack, place: int) -> float:
    """Odds of a new document that a page itself gives."""
    known, opening, alike = stack.rule.stacks, stack.pages[place].opening, stack.likenesses[place]
    said = known.offset + (0.0 if opening is None else known.slope * opening)
    return math.exp(said - (0.0 if alike is None else known.likeness * (alike - known.typical)))


def begins(pieces: tuple[Piece, ...]) -> tuple[int, ...]:
    """The places where documents begin."""
    return tuple(piece.first - 1 for piece in pieces)


@given(stacks())
def test_the_cuts_are_those_of_all_paths_together(stack: Stack) -> None:
    """No other way to cut has more cuts expected right, and each document is as probable as its paths."""
    worth = weights(stack)
    total = math.fsum(worth.values())
    opens = [
        math.fsum(value for cuts, value in worth.items() if place in cuts) / total
        for place in range(len(stack.pages))
    ]

    def expected(cuts: tuple[int, ...]) -> float:
        return sum(chance if place in cuts else 1 - chance for place, chance in enumerate(opens))

    pieces = split(stack.rule, stack.pages, stack.likenesses)
    assert expected(begins(pieces)) == pytest.approx(max(map(expected, worth)))
    for piece in pieces:
        bounds = (piece.first - 1, piece.last)
        among = [value for cuts, value in worth.items() if bounds in set(pairwise((*cuts, len(stack.pages))))]
        assert piece.cut == pytest.approx(math.fsum(among) / total)


@given(stacks(most=12), st.lists(st.integers(0, 12), max_size=5))
def test_the_documents_hold_every_page_once_in_order(stack: Stack, blanks: list[int]) -> None:
    """Where blank pages never lead, they change nothing but the page numbers: each follows a document."""
    rule = replace(stack.rule, stacks=replace(stack.rule.stacks, blank_leads=0.0))
    pages = list(stack.pages)
    for place in blanks:
        pages.insert(place, BLANK)
    pieces = split(rule, pages, stack.likenesses)
    covered = [number for piece in pieces for number in range(piece.first, piece.last + 1)]
    assert covered == list(range(1, len(pages) + 1))
    assert [pages[piece.first - 1] for piece in pieces[1:]].count(BLANK) == 0
    plain = split(rule, stack.pages, stack.likenesses)
    assert [piece.cut for piece in pieces] == [piece.cut for piece in plain]
    assert [piece.label for piece in pieces] == [piece.label for piece in plain]


@given(stacks())
def test_a_document_of_a_stack_is_what_its_pages_alone_are(stack: Stack) -> None:
    """Label and reasons are those of the same text sent alone; the confidence is that times the cut."""
    for piece in split(stack.rule, stack.pages, stack.likenesses):
        assert piece.alone == decide(stack.rule, stack.pages[piece.first - 1 : piece.last])
        assert piece.confidence == piece.cut * piece.alone.confidence
        assert piece.decision == "review" or min(piece.cut, piece.confidence) >= 0.4


def test_an_empty_stack_has_no_documents() -> None:
    """Nothing in, nothing out."""
    assert split(RULE, []) == ()


def test_a_single_page_is_a_document_of_one_page() -> None:
    """There is nothing to cut."""
    (piece,) = split(RULE, [page(1)])
    assert (piece.first, piece.last, piece.label, piece.cut) == (1, 1, "b", 1.0)
    assert piece.decision == "accepted"


def test_blank_pages_alone_are_one_document_for_review() -> None:
    """Nobody can say where blank pages would be cut."""
    (piece,) = split(RULE, [BLANK] * 3)
    assert (piece.first, piece.last, piece.pages, piece.confidence) == (1, 3, 3, 0.0)
    assert piece.decision == "review"


@pytest.mark.parametrize(("leads", "borders"), [(0.0, [3, 6]), (0.5, [3, 6]), (0.8, [1, 6])])
def test_blank_pages_belong_where_they_mostly_do(leads: float, borders: list[int]) -> None:
    """Those between two documents go to one of them, all others to the only one that they can belong to."""
    rule = replace(RULE, stacks=StackRule(blank_leads=leads))
    pieces = split(rule, [page(0), BLANK, BLANK, page(1), BLANK, page(1)])
    assert [(piece.last, piece.label) for piece in pieces] == list(zip(borders, "ab", strict=True))
    (piece,) = split(rule, [BLANK, page(0), BLANK])
    assert (piece.first, piece.last, piece.cut) == (1, 3, 1.0)


def test_doubt_about_a_blank_page_is_doubt_about_the_cut() -> None:
    """Both neighbours of a blank page may be cut wrongly, and say so."""
    rule = replace(RULE, stacks=StackRule(blank_leads=0.3))
    before, after = split(rule, [page(0), BLANK, page(1)])
    whole, rest = split(rule, [page(0), page(1)])
    assert (before.cut, after.cut) == pytest.approx((whole.cut * 0.7, rest.cut * 0.7))


def test_a_model_that_learned_nothing_of_stacks_cuts_where_the_label_changes() -> None:
    """Without any opening, pages of one label stay together."""
    pieces = split(RULE, [page(label, opening=None) for label in (0, 0, 1, 1, 1, 0)])
    assert begins(pieces) == (0, 2, 5)


def test_openings_cut_documents_of_one_label() -> None:
    """A page that looks like a first one begins a document of the same label."""
    rule = Rule(("a", "b"), (0.0, 0.0), RULE.link, (0.4, 0.4), stacks=StackRule(starts=(0.5, 0.5)))
    pages = [page(0, opening, labels=2) for opening in (9.0, -9.0, 9.0, 9.0)]
    assert begins(split(rule, pages)) == (0, 2, 3)


def test_likeness_keeps_pages_together() -> None:
    """Pages that share their names stay one document, where unlike ones are two."""
    rule = replace(RULE, stacks=StackRule(likeness=20.0, typical=0.3, offset=1.0))
    pages = [page(0), page(0)]
    assert begins(split(rule, pages, [None, 0.0])) == (0, 1)
    assert begins(split(rule, pages, [None, 0.9])) == (0,)


def test_labels_may_follow_one_another_within_a_document() -> None:
    """Where training saw it, a continuation goes with the first page before it."""
    rule = replace(RULE, stacks=StackRule(starts=(0.98, 0.01, 0.01), goes_on=((0, 1, 1.0),)))
    assert begins(split(rule, [page(label, None) for label in (0, 1, 1, 0, 0, 1)])) == (0, 3, 4)


def test_a_tie_is_not_cut() -> None:
    """Where opening and going on are worth the same to the last bit, the document goes on."""
    rule = Rule(("a", "b"), (0.0, 0.0), RULE.link, (0.0, 0.0), stacks=StackRule())
    (piece,) = split(rule, [Page((1.0, 1.0)), Page((1.0, 1.0))])
    assert piece.cut == pytest.approx(0.5)
    # Nor is it sure enough to be accepted, although everything is above the threshold.
    assert piece.decision == "review"


def test_a_doubtful_cut_shows_in_the_confidence() -> None:
    """Two sure labels with a doubtful cut between them are for review at a high threshold."""
    rule = replace(RULE, thresholds=(0.9,) * 3, stacks=StackRule(evidence=0.1))
    pieces = split(rule, [page(0, 1.5), page(1, 1.5)])
    assert [piece.label for piece in pieces] == ["a", "b"]
    assert all(piece.alone.decision == "accepted" and piece.decision == "review" for piece in pieces)


def test_an_unfamiliar_document_is_for_review() -> None:
    """Whatever the cut, what the model does not know it does not accept."""
    rule = replace(RULE, familiar=(0.5,))
    strange = replace(page(1, 9.0), distinct=(100,), known=(10,))
    known = replace(page(0, 9.0), distinct=(100,), known=(90,))
    assert [piece.decision for piece in split(rule, [known, strange])] == ["accepted", "review"]


@pytest.mark.parametrize("opening", [-1e6, 1e6])
def test_extreme_pages_neither_vanish_nor_overflow(opening: float) -> None:
    """Hundreds of pages that are as sure as numbers get still have finite probabilities."""
    pages = [
        Page((1e6, -1e6, 0.0) if number % 7 else (-1e6, 1e6, 0.0), opening=opening) for number in range(300)
    ]
    pieces = split(replace(RULE, stacks=StackRule(slope=1.0)), pages)
    assert all(0 <= piece.cut <= 1 and math.isfinite(piece.confidence) for piece in pieces)
    assert len(pieces) == (300 if opening > 0 else 1 + 2 * (299 // 7) + 1)


def test_the_whole_is_summed_up_by_its_longest_document() -> None:
    """Label of the longest, the first of equals; the smallest confidence; accepted only if all are."""
    rule = replace(RULE, stacks=StackRule(blank_leads=0.0))
    pieces = split(rule, [page(0), page(1), page(1), BLANK, page(2), page(2), page(2)])
    whole = overall(pieces)
    assert [piece.pages for piece in pieces] == [1, 3, 3]
    assert whole.label == "b"
    assert whole.confidence == min(piece.confidence for piece in pieces)
    assert whole.page_labels == ("a", "b", "b", None, "c", "c", "c")
    assert whole.decision == "accepted"
    assert overall((replace(pieces[0], decision="review"), *pieces[1:])).decision == "review"
