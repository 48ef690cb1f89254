"""Evaluation of page stream segmentation: labelled documents concatenated, and split again. Keeps no text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from smartcat.training.errors import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from smartcat.classifier.page_stream_segmentation import Segment
    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.progress import Progress


class SegmentsPages(Protocol):
    """What is needed of a classifier."""

    @property
    def model_version(self) -> str:
        """The version of its model."""

    def split(self, stacks: Sequence[Sequence[str]], *, reasons: int = ...) -> list[tuple[Segment, ...]]:
        """Split page streams into their documents."""

    def boundary_logits(self, pages: Sequence[str]) -> list[float | None]:
        """Return for each page alone the log odds of being a first page."""


@dataclass(frozen=True, slots=True)
class BoundaryScores:
    """How well first pages of documents were distinguished from later ones.

    The first page of a stream is not counted: it is always a first page.

    Attributes:
        pages: Pages counted.
        accuracy: Share of them classified correctly, 0..1.
        kappa: Cohen's kappa: 0 by chance, 1 for no mistake.
        precision: Share of the predicted first pages that are, 0..1; 0 where none was predicted.
        recall: Share of the first pages that were predicted, 0..1; 0 where there is none.
        f1: Harmonic mean of both.
    """

    pages: int
    accuracy: float
    kappa: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class SegmentationEvaluation:
    """All measurements; shares are 0..1.

    Attributes:
        model_version: Version of the model.
        stacks: Page streams that were split.
        documents: Documents that were in them.
        pages: Their pages.
        cuts: Boundaries by the forward-backward algorithm.
        alone: Boundaries by each page alone; ``None`` where the model has no such column.
        whole: Share of the documents that were recovered with exactly their pages.
        labelled: Share of the documents with one label that were recovered and classified correctly.
        pieces: Segments the streams were split into.
        accepted: How many of those were accepted.
        accepted_whole: Share of the accepted that are a document with exactly its pages and, where it has one
            label, with that; ``None`` where none was accepted.
    """

    model_version: str
    stacks: int
    documents: int
    pages: int
    cuts: BoundaryScores
    alone: BoundaryScores | None
    whole: float
    labelled: float | None
    pieces: int
    accepted: int
    accepted_whole: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        return asdict(self)


def evaluate_segmentation(
    classifier: SegmentsPages,
    documents: Iterable[LabelledDocument],
    *,
    size: int | None = None,
    progress: Progress | None = None,
) -> SegmentationEvaluation:
    """Concatenate documents in their order, split them again, and compare.

    Args:
        classifier: What to measure.
        documents: Documents it was not trained on; read once, a stream at a time, and not kept.
        size: Documents in a stream, >= 1; all in one if ``None``.
        progress: Called with ``("evaluate", documents so far, 0)`` after each stream.

    Returns:
        The measurements.

    Raises:
        EvaluationError: There is no document.
    """
    counts = _Counts()
    for stream in _streams(documents, size):
        texts = [page for document in stream for page in document.pages]
        (segments,) = classifier.split([texts], reasons=0)
        counts.add(stream, segments, classifier.boundary_logits(texts))
        if progress:
            progress("evaluate", counts.documents, 0)
    if not counts.documents:
        raise EvaluationError("there is no document to measure on")
    return counts.evaluation(classifier.model_version)


def _streams(documents: Iterable[LabelledDocument], size: int | None) -> Iterator[list[LabelledDocument]]:
    source = iter(documents)
    while stream := list(islice(source, size)):
        yield stream


class _Counts:
    """Counts over the streams so far."""

    def __init__(self) -> None:
        self.stacks = self.documents = self.pages = 0
        self._truth: list[bool] = []
        self._predicted: list[bool] = []
        self._alone: list[bool | None] = []
        self._whole = self._with_label = self._labelled = 0
        self._pieces = self._accepted = self._accepted_right = 0

    def add(
        self,
        stream: Sequence[LabelledDocument],
        segments: Sequence[Segment],
        first_page_log_odds: Sequence[float | None],
    ) -> None:
        true = dict(_page_ranges(stream))
        first_pages, predicted = {first for first, _ in true}, {segment.first for segment in segments}
        after_first = range(2, len(first_page_log_odds) + 1)
        self.stacks += 1
        self.documents += len(stream)
        self.pages += len(first_page_log_odds)
        self._truth += [page in first_pages for page in after_first]
        self._predicted += [page in predicted for page in after_first]
        self._alone += [None if log_odds is None else log_odds > 0 for log_odds in first_page_log_odds[1:]]
        self._with_label += sum(label is not None for label in true.values())
        self._pieces += len(segments)
        for segment in segments:
            whole = (segment.first, segment.last) in true
            label = true.get((segment.first, segment.last))
            self._whole += whole
            self._labelled += label == segment.label
            self._accepted += segment.decision == "accepted"
            self._accepted_right += (
                segment.decision == "accepted" and whole and label in {None, segment.label}
            )

    def evaluation(self, model_version: str) -> SegmentationEvaluation:
        # A blank page has no log odds: alone it counts as a later page.
        alone = [bool(first) for first in self._alone]
        return SegmentationEvaluation(
            model_version=model_version,
            stacks=self.stacks,
            documents=self.documents,
            pages=self.pages,
            cuts=_boundary_scores(self._truth, self._predicted),
            alone=_boundary_scores(self._truth, alone)
            if any(first is not None for first in self._alone)
            else None,
            whole=self._whole / self.documents,
            labelled=self._labelled / self._with_label if self._with_label else None,
            pieces=self._pieces,
            accepted=self._accepted,
            accepted_whole=self._accepted_right / self._accepted if self._accepted else None,
        )


def _page_ranges(stream: Sequence[LabelledDocument]) -> Iterator[tuple[tuple[int, int], str | None]]:
    """Yield first and last page of each document, from 1, and its one label if it has one."""
    first = 1
    for document in stream:
        last = first + len(document.pages) - 1
        yield (first, last), document.label if document.page_labels is None else None
        first = last + 1


def _boundary_scores(truth: Sequence[bool], predicted: Sequence[bool]) -> BoundaryScores:
    pages = len(truth)
    true_positive = sum(true and hit for true, hit in zip(truth, predicted, strict=True))
    actual, positive = sum(truth), sum(predicted)
    right = pages - actual - positive + 2 * true_positive
    # How many would be right by chance, if as many were predicted at random.
    chance = (actual * positive + (pages - actual) * (pages - positive)) / pages if pages else 0.0
    return BoundaryScores(
        pages=pages,
        accuracy=right / pages if pages else 1.0,
        kappa=(right - chance) / (pages - chance) if pages != chance else 1.0,
        precision=true_positive / positive if positive else 0.0,
        recall=true_positive / actual if actual else 0.0,
        f1=2 * true_positive / (actual + positive) if actual + positive else 0.0,
    )
