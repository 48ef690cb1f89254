"""Page stream segmentation against all segmentations, enumerated one by one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.decision import decide
from smartcat.classifier.page_stream_segmentation import Segment, segment_pages, summarize
from smartcat.classifier.rule import Link, Page, Rule
from smartcat.classifier.segmentation_parameters import SegmentationParameters

RULE = Rule(("a", "b", "c"), (0.0, 0.0, 0.0), Link(2.0, 3.0, 0.1, 0.2), (0.4, 0.4, 0.4))
BLANK = Page()


@dataclass(frozen=True)
class PageStream:
    """Arguments of ``segment_pages``."""

    rule: Rule
    pages: tuple[Page, ...]
    similarities: tuple[float | None, ...]


def page(label: int, boundary_logit: float | None = 0.0, labels: int = 3) -> Page:
    """Return a page that is certainly of a label."""
    return Page(
        tuple(3.0 if index == label else -3.0 for index in range(labels)), boundary_logit=boundary_logit
    )


def chances(count: int) -> st.SearchStrategy[tuple[float, ...]]:
    """Draw a number between 0 and 1 for each label."""
    return st.tuples(*[st.floats(0.05, 0.95)] * count)


@st.composite
def page_streams(draw: st.DrawFn, *, most: int = 4) -> PageStream:
    """Draw a rule of two or three labels, with one or a few pages."""
    labels = draw(st.integers(2, 3))
    scores = st.tuples(*[st.floats(-2, 2)] * labels)
    pages = draw(
        st.lists(
            st.builds(Page, scores, boundary_logit=st.none() | st.floats(-5, 5)), min_size=1, max_size=most
        )
    )
    starts = draw(chances(labels))
    moves = draw(st.lists(st.tuples(st.integers(0, labels - 1), chances(labels)), max_size=labels))
    rule = SegmentationParameters(
        label_weight=draw(st.floats(0, 2)),
        boundary_weight=draw(st.floats(0, 2)),
        similarity_weight=draw(st.floats(0, 10)),
        typical_similarity=draw(st.floats(0, 1)),
        boundary_bias=draw(st.floats(-3, 3)),
        start_probabilities=draw(st.sampled_from([(), tuple(start / sum(starts) for start in starts)])),
        end_probabilities=draw(st.just(()) | chances(labels)),
        transitions=tuple(
            (label, following, chance / sum(row))
            for label, row in dict(moves).items()
            for following, chance in enumerate(row)
        ),
    )
    return PageStream(
        Rule(("a", "b", "c")[:labels], (0.0,) * labels, RULE.link, (0.4,) * labels, segmentation=rule),
        tuple(pages),
        tuple(draw(st.none() | st.floats(0, 1)) for _ in pages),
    )


def path_weights(stream: PageStream) -> dict[tuple[int, ...], float]:
    """Return the weight of every segmentation, by its first pages, summed over labels."""
    parameters, count, labels = stream.rule.segmentation, len(stream.pages), len(stream.rule.labels)
    starts = parameters.start_probabilities or (1 / labels,) * labels
    ends = parameters.end_probabilities or (0.5,) * labels
    moving = {label for label, _, _ in parameters.transitions}
    moves = {(label, label): 1.0 for label in range(labels) if label not in moving}
    moves |= {(label, following): chance for label, following, chance in parameters.transitions}
    weights: dict[tuple[int, ...], float] = {}
    for begins_at in product([True, False], repeat=count - 1):
        starting = (0, *(index for index, begun in enumerate(begins_at, 1) if begun))
        weights[starting] = 0.0
        for path in product(range(labels), repeat=count):
            weight = starts[path[0]] * ends[path[-1]]
            for index, (before, here) in enumerate(pairwise(path), 1):
                if index in starting:
                    weight *= ends[before] * starts[here] * boundary_odds(stream, index)
                else:
                    weight *= (1 - ends[before]) * moves.get((before, here), 0.0)
            for label, scored in zip(path, stream.pages, strict=True):
                logits = [stream.rule.link.logit(score) for score in scored.scores]
                weight *= math.exp(parameters.label_weight * (logits[label] - max(logits)))
            weights[starting] += weight
    return weights


def boundary_odds(stream: PageStream, index: int) -> float:
    """Return the odds of a boundary before a page, from the page itself."""
    parameters = stream.rule.segmentation
    logit, similarity = stream.pages[index].boundary_logit, stream.similarities[index]
    total = parameters.boundary_bias + (0.0 if logit is None else parameters.boundary_weight * logit)
    if similarity is not None:
        total -= parameters.similarity_weight * (similarity - parameters.typical_similarity)
    return math.exp(total)


def document_starts(segments: tuple[Segment, ...]) -> tuple[int, ...]:
    """Return the indices of the documents' first pages."""
    return tuple(segment.first - 1 for segment in segments)


@given(page_streams())
def test_boundaries_are_those_of_all_paths_together(stream: PageStream) -> None:
    """No other segmentation has more boundaries expected right; a document is as probable as its paths."""
    weights = path_weights(stream)
    total = math.fsum(weights.values())
    begins_at = [
        math.fsum(value for starting, value in weights.items() if index in starting) / total
        for index in range(len(stream.pages))
    ]

    def expected(starting: tuple[int, ...]) -> float:
        return sum(chance if index in starting else 1 - chance for index, chance in enumerate(begins_at))

    segments = segment_pages(stream.rule, stream.pages, stream.similarities)
    assert expected(document_starts(segments)) == pytest.approx(max(map(expected, weights)))
    for segment in segments:
        bounds = (segment.first - 1, segment.last)
        among = [
            value
            for starting, value in weights.items()
            if bounds in set(pairwise((*starting, len(stream.pages))))
        ]
        assert segment.boundary_probability == pytest.approx(math.fsum(among) / total)


@given(page_streams(most=12), st.lists(st.integers(0, 12), max_size=5))
def test_the_documents_hold_every_page_once_in_order(stream: PageStream, blanks: list[int]) -> None:
    """Where blank pages never lead, they change nothing but the page numbers: each follows a document."""
    rule = replace(stream.rule, segmentation=replace(stream.rule.segmentation, blank_begins=0.0))
    pages = list(stream.pages)
    for index in blanks:
        pages.insert(index, BLANK)
    segments = segment_pages(rule, pages, stream.similarities)
    covered = [number for segment in segments for number in range(segment.first, segment.last + 1)]
    assert covered == list(range(1, len(pages) + 1))
    assert [pages[segment.first - 1] for segment in segments[1:]].count(BLANK) == 0
    plain = segment_pages(rule, stream.pages, stream.similarities)
    assert [segment.boundary_probability for segment in segments] == [
        segment.boundary_probability for segment in plain
    ]
    assert [segment.label for segment in segments] == [segment.label for segment in plain]


@given(page_streams())
def test_a_document_of_a_page_stream_is_what_its_pages_alone_are(stream: PageStream) -> None:
    """Label and reasons are those of the same text alone; the confidence also counts the boundaries."""
    for segment in segment_pages(stream.rule, stream.pages, stream.similarities):
        assert segment.document_decision == decide(
            stream.rule, stream.pages[segment.first - 1 : segment.last]
        )
        assert segment.confidence == segment.boundary_probability * segment.document_decision.confidence
        assert segment.decision == "review" or min(segment.boundary_probability, segment.confidence) >= 0.4


def test_an_empty_page_stream_has_no_documents() -> None:
    """Nothing in, nothing out."""
    assert segment_pages(RULE, []) == ()


def test_a_single_page_is_a_document_of_one_page() -> None:
    """There is no boundary to place."""
    (segment,) = segment_pages(RULE, [page(1)])
    assert (segment.first, segment.last, segment.label, segment.boundary_probability) == (1, 1, "b", 1.0)
    assert segment.decision == "accepted"


def test_blank_pages_alone_are_one_document_for_review() -> None:
    """Blank pages hold no evidence of a boundary."""
    (segment,) = segment_pages(RULE, [BLANK] * 3)
    assert (segment.first, segment.last, segment.pages, segment.confidence) == (1, 3, 3, 0.0)
    assert segment.decision == "review"


@pytest.mark.parametrize(("begins_document", "last_pages"), [(0.0, [3, 6]), (0.5, [3, 6]), (0.8, [1, 6])])
def test_blank_pages_belong_where_they_mostly_do(begins_document: float, last_pages: list[int]) -> None:
    """Those between two documents go to one of them, all others to the only one that they can belong to."""
    rule = replace(RULE, segmentation=SegmentationParameters(blank_begins=begins_document))
    segments = segment_pages(rule, [page(0), BLANK, BLANK, page(1), BLANK, page(1)])
    assert [(segment.last, segment.label) for segment in segments] == list(zip(last_pages, "ab", strict=True))
    (segment,) = segment_pages(rule, [BLANK, page(0), BLANK])
    assert (segment.first, segment.last, segment.boundary_probability) == (1, 3, 1.0)


def test_doubt_about_a_blank_page_is_doubt_about_the_boundary() -> None:
    """The probability of both neighbours of a blank page is lowered."""
    rule = replace(RULE, segmentation=SegmentationParameters(blank_begins=0.3))
    before, after = segment_pages(rule, [page(0), BLANK, page(1)])
    whole, rest = segment_pages(rule, [page(0), page(1)])
    assert (before.boundary_probability, after.boundary_probability) == pytest.approx(
        (whole.boundary_probability * 0.7, rest.boundary_probability * 0.7)
    )


def test_a_model_that_learned_no_boundaries_places_them_where_the_label_changes() -> None:
    """Without boundary logits, pages of one label stay together."""
    segments = segment_pages(RULE, [page(label, boundary_logit=None) for label in (0, 0, 1, 1, 1, 0)])
    assert document_starts(segments) == (0, 2, 5)


def test_boundary_logits_separate_documents_of_one_label() -> None:
    """A page that looks like a first one begins a document of the same label."""
    rule = Rule(
        ("a", "b"),
        (0.0, 0.0),
        RULE.link,
        (0.4, 0.4),
        segmentation=SegmentationParameters(start_probabilities=(0.5, 0.5)),
    )
    pages = [page(0, logit, labels=2) for logit in (9.0, -9.0, 9.0, 9.0)]
    assert document_starts(segment_pages(rule, pages)) == (0, 2, 3)


def test_similarity_keeps_pages_together() -> None:
    """Pages that share their names stay one document, where dissimilar ones are two."""
    rule = replace(
        RULE,
        segmentation=SegmentationParameters(
            similarity_weight=20.0, typical_similarity=0.3, boundary_bias=1.0
        ),
    )
    pages = [page(0), page(0)]
    assert document_starts(segment_pages(rule, pages, [None, 0.0])) == (0, 1)
    assert document_starts(segment_pages(rule, pages, [None, 0.9])) == (0,)


def test_labels_may_follow_one_another_within_a_document() -> None:
    """Where training saw it, a continuation goes with the first page before it."""
    rule = replace(
        RULE,
        segmentation=SegmentationParameters(
            start_probabilities=(0.98, 0.01, 0.01), transitions=((0, 1, 1.0),)
        ),
    )
    assert document_starts(segment_pages(rule, [page(label, None) for label in (0, 1, 1, 0, 0, 1)])) == (
        0,
        3,
        4,
    )


def test_a_tie_is_no_boundary() -> None:
    """Where a boundary and none have equal weight to the last bit, the document goes on."""
    rule = Rule(("a", "b"), (0.0, 0.0), RULE.link, (0.0, 0.0), segmentation=SegmentationParameters())
    (segment,) = segment_pages(rule, [Page((1.0, 1.0)), Page((1.0, 1.0))])
    assert segment.boundary_probability == pytest.approx(0.5)
    # Nor is it sure enough to be accepted, although everything is above the threshold.
    assert segment.decision == "review"


def test_a_doubtful_boundary_lowers_the_confidence() -> None:
    """Two certain labels with a doubtful boundary between them are for review at a high threshold."""
    rule = replace(RULE, thresholds=(0.9,) * 3, segmentation=SegmentationParameters(label_weight=0.1))
    segments = segment_pages(rule, [page(0, 1.5), page(1, 1.5)])
    assert [segment.label for segment in segments] == ["a", "b"]
    assert all(
        segment.document_decision.decision == "accepted" and segment.decision == "review"
        for segment in segments
    )


def test_an_out_of_distribution_document_is_for_review() -> None:
    """However certain the boundaries, text that the model does not know is not accepted."""
    rule = replace(RULE, min_known_shares=(0.5,))
    unknown = replace(page(1, 9.0), distinct=(100,), known=(10,))
    known = replace(page(0, 9.0), distinct=(100,), known=(90,))
    assert [segment.decision for segment in segment_pages(rule, [known, unknown])] == ["accepted", "review"]


@pytest.mark.parametrize("logit", [-1e6, 1e6])
def test_extreme_pages_neither_underflow_nor_overflow(logit: float) -> None:
    """Hundreds of pages that are as certain as numbers get still have finite probabilities."""
    pages = [
        Page((1e6, -1e6, 0.0) if number % 7 else (-1e6, 1e6, 0.0), boundary_logit=logit)
        for number in range(300)
    ]
    segments = segment_pages(replace(RULE, segmentation=SegmentationParameters(boundary_weight=1.0)), pages)
    assert all(
        0 <= segment.boundary_probability <= 1 and math.isfinite(segment.confidence) for segment in segments
    )
    assert len(segments) == (300 if logit > 0 else 1 + 2 * (299 // 7) + 1)


def test_a_page_stream_is_summarized_by_its_longest_document() -> None:
    """Label of the longest, the first of equals; the smallest confidence; accepted only if all are."""
    rule = replace(RULE, segmentation=SegmentationParameters(blank_begins=0.0))
    segments = segment_pages(rule, [page(0), page(1), page(1), BLANK, page(2), page(2), page(2)])
    whole = summarize(segments)
    assert [segment.pages for segment in segments] == [1, 3, 3]
    assert whole.label == "b"
    assert whole.confidence == min(segment.confidence for segment in segments)
    assert whole.page_labels == ("a", "b", "b", None, "c", "c", "c")
    assert whole.decision == "accepted"
    assert summarize((replace(segments[0], decision="review"), *segments[1:])).decision == "review"
