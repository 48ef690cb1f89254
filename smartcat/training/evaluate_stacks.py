"""How well a classifier splits stacks: labelled documents glued together, and cut again. Keeps no text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from smartcat.training.errors import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from smartcat.classifier.page_stream_segmentation import Segment
    from smartcat.training.corpus import LabelledDocument
    from smartcat.training.dataset import Progress


class Splits(Protocol):
    """What is needed of a classifier."""

    @property
    def model_version(self) -> str:
        """What identifies its model."""

    def split(self, stacks: Sequence[Sequence[str]], *, reasons: int = ...) -> list[tuple[Segment, ...]]:
        """Split stacks into their documents."""

    def boundary_logits(self, pages: Sequence[str]) -> list[float | None]:
        """Say of each page alone how much speaks for it being a first one, as a log odds."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """How many pages were rightly taken for the first of a document, or for a later one.

    The first page of a stack is not counted: it is a first page without being asked.

    Attributes:
        pages: Pages counted.
        accuracy: Share of them told rightly, 0..1.
        kappa: Cohen's kappa, which is 0 for telling by chance and 1 for no mistake.
        precision: Share of those called first that are, 0..1; 0 where none was.
        recall: Share of those that are first that were called so, 0..1; 0 where none is.
        f1: Harmonic mean of both.
    """

    pages: int
    accuracy: float
    kappa: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class StackEvaluation:
    """What was measured; shares are 0..1.

    Attributes:
        model_version: The model that was measured.
        stacks: How many stacks were cut.
        documents: Documents that were in them.
        pages: Their pages.
        cuts: First pages and later ones by the best path.
        alone: The same by each page alone; ``None`` where the model cannot say.
        whole: Share of the documents that came out with exactly their pages.
        labelled: Share of the documents with one label that came out so and rightly labelled.
        pieces: Documents that came out.
        accepted: How many of those were accepted.
        accepted_whole: Share of the accepted that are a document with exactly its pages and, where it has one
            label, with that; ``None`` where none was accepted.
    """

    model_version: str
    stacks: int
    documents: int
    pages: int
    cuts: Cuts
    alone: Cuts | None
    whole: float
    labelled: float | None
    pieces: int
    accepted: int
    accepted_whole: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        return asdict(self)


def evaluate_stacks(
    classifier: Splits,
    documents: Iterable[LabelledDocument],
    *,
    size: int | None = None,
    progress: Progress | None = None,
) -> StackEvaluation:
    """Glue documents together in their order, and see how they come apart again.

    Args:
        classifier: What to measure.
        documents: Documents it was not trained on; read once, a stack at a time, and not kept.
        size: Documents in a stack, >= 1; all in one if ``None``.
        progress: Told ``("evaluate", documents so far, 0)`` after each stack.

    Returns:
        The measurements.

    Raises:
        EvaluationError: There is no document.
    """
    tally = _Tally()
    for stack in _stacks(documents, size):
        texts = [page for document in stack for page in document.pages]
        (pieces,) = classifier.split([texts], reasons=0)
        tally.add(stack, pieces, classifier.boundary_logits(texts))
        if progress:
            progress("evaluate", tally.documents, 0)
    if not tally.documents:
        raise EvaluationError("there is no document to measure on")
    return tally.evaluation(classifier.model_version)


def _stacks(documents: Iterable[LabelledDocument], size: int | None) -> Iterator[list[LabelledDocument]]:
    source = iter(documents)
    while stack := list(islice(source, size)):
        yield stack


class _Tally:
    """What came out so far."""

    def __init__(self) -> None:
        self.stacks = self.documents = self.pages = 0
        self._truth: list[bool] = []
        self._said: list[bool] = []
        self._alone: list[bool | None] = []
        self._whole = self._with_label = self._labelled = 0
        self._pieces = self._accepted = self._accepted_right = 0

    def add(
        self, stack: Sequence[LabelledDocument], pieces: Sequence[Segment], openings: Sequence[float | None]
    ) -> None:
        true = dict(_places(stack))
        firsts, said = {first for first, _ in true}, {piece.first for piece in pieces}
        later = range(2, len(openings) + 1)
        self.stacks += 1
        self.documents += len(stack)
        self.pages += len(openings)
        self._truth += [page in firsts for page in later]
        self._said += [page in said for page in later]
        self._alone += [None if odds is None else odds > 0 for odds in openings[1:]]
        self._with_label += sum(label is not None for label in true.values())
        self._pieces += len(pieces)
        for piece in pieces:
            whole = (piece.first, piece.last) in true
            label = true.get((piece.first, piece.last))
            self._whole += whole
            self._labelled += label == piece.label
            self._accepted += piece.decision == "accepted"
            self._accepted_right += piece.decision == "accepted" and whole and label in {None, piece.label}

    def evaluation(self, model_version: str) -> StackEvaluation:
        # A blank page says nothing: alone it is taken for a later one.
        alone = [bool(said) for said in self._alone]
        return StackEvaluation(
            model_version=model_version,
            stacks=self.stacks,
            documents=self.documents,
            pages=self.pages,
            cuts=_cuts(self._truth, self._said),
            alone=_cuts(self._truth, alone) if any(said is not None for said in self._alone) else None,
            whole=self._whole / self.documents,
            labelled=self._labelled / self._with_label if self._with_label else None,
            pieces=self._pieces,
            accepted=self._accepted,
            accepted_whole=self._accepted_right / self._accepted if self._accepted else None,
        )


def _places(stack: Sequence[LabelledDocument]) -> Iterator[tuple[tuple[int, int], str | None]]:
    """Say on which pages each document is, and what its one label is."""
    first = 1
    for document in stack:
        last = first + len(document.pages) - 1
        yield (first, last), document.label if document.page_labels is None else None
        first = last + 1


def _cuts(truth: Sequence[bool], said: Sequence[bool]) -> Cuts:
    pages = len(truth)
    both = sum(true and told for true, told in zip(truth, said, strict=True))
    are, called = sum(truth), sum(said)
    right = pages - are - called + 2 * both
    # How many would be right by chance, if as many were called first at random.
    chance = (are * called + (pages - are) * (pages - called)) / pages if pages else 0.0
    return Cuts(
        pages=pages,
        accuracy=right / pages if pages else 1.0,
        kappa=(right - chance) / (pages - chance) if pages != chance else 1.0,
        precision=both / called if called else 0.0,
        recall=both / are if are else 0.0,
        f1=2 * both / (are + called) if are + called else 0.0,
    )
