from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from smartcat.classifier.decision import Decision
from smartcat.classifier.page_stream_segmentation import Segment
from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.errors import EvaluationError
from smartcat.training.evaluation.segmentation import evaluate_segmentation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Obedient:
    """Cuts at each page that says ``cut``, gives the label that the page names, accepts all but ``odd``."""

    model_version = "obedient"

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def split(self, stacks: Sequence[Sequence[str]], *, reasons: int = 5) -> list[tuple[Segment, ...]]:
        assert reasons == 0
        (pages,) = stacks
        self.sizes.append(len(pages))
        firsts = [place for place, page in enumerate(pages) if place == 0 or page.startswith("cut")]
        bounds = zip(firsts, [*firsts[1:], len(pages)], strict=True)
        return [tuple(self._piece(first, end, pages[first].split()[1]) for first, end in bounds)]

    @staticmethod
    def _piece(first: int, end: int, label: str) -> Segment:
        decision = Decision(label, 0.9, "accepted", (label,) * (end - first), ())
        return Segment(first + 1, end, 1.0, 0.9, "review" if label == "odd" else "accepted", decision)

    def boundary_logits(self, pages: Sequence[str]) -> list[float | None]:
        return [None if "blank" in page else 1.0 if "top" in page else -1.0 for page in pages]


def document(label: str, *pages: str, page_labels: tuple[str, ...] | None = None) -> LabelledDocument:
    """A labelled document."""
    return LabelledDocument("d", label, pages, page_labels=page_labels)


STACK = [
    document("a", "cut a top", "go a", "go a"),  # as it should be
    document("b", "cut a top"),  # cut right, called wrongly
    document("a", "cut odd top", "cut a"),  # cut in two
    document("c", "go c top", "go c blank"),  # stuck to the one before
    document("d", "cut b", page_labels=("d",)),  # pages have labels of their own
]


def test_measures_match_a_table_done_by_hand() -> None:
    """Nine pages, of which the first is not counted: eight, of which four are first pages."""
    found = evaluate_segmentation(Obedient(), STACK)
    assert (found.stacks, found.documents, found.pages) == (1, 5, 9)
    cuts = found.cuts
    # Said first: pages 4, 5, 6, 9; first: 4, 5, 7, 9. Right: all but 6 and 7; by chance half of them.
    assert (cuts.pages, cuts.accuracy, cuts.kappa) == (8, 6 / 8, (6 - 4) / (8 - 4))
    assert (cuts.precision, cuts.recall, cuts.f1) == (3 / 4, 3 / 4, 3 / 4)
    # Alone: 4, 5, 7 are called first, 9 is not.
    assert found.alone is not None
    assert (found.alone.accuracy, found.alone.precision, found.alone.recall) == (7 / 8, 1.0, 3 / 4)
    # Whole: the first, the second, and the last, whose label nobody can judge.
    assert (found.whole, found.labelled) == (3 / 5, 1 / 4)
    assert (found.pieces, found.accepted, found.accepted_whole) == (5, 4, 2 / 4)
    assert json.loads(json.dumps(found.to_dict()))["cuts"]["pages"] == 8


def test_stacks_of_a_size_are_cut_one_by_one() -> None:
    """Only a stack of documents is held at a time."""
    given: list[int] = []

    def source() -> Iterator[LabelledDocument]:
        for number, each in enumerate(STACK):
            given.append(number)
            yield each

    classifier = Obedient()
    told: list[tuple[str, int, int]] = []
    found = evaluate_segmentation(classifier, source(), size=2, progress=lambda *args: told.append(args))
    assert classifier.sizes == [4, 4, 1]
    assert (found.stacks, found.cuts.pages) == (3, 6)
    assert told == [("evaluate", 2, 0), ("evaluate", 4, 0), ("evaluate", 5, 0)]


def test_without_documents_there_is_nothing_to_measure() -> None:
    """An empty corpus is an error."""
    with pytest.raises(EvaluationError, match="no document"):
        evaluate_segmentation(Obedient(), [])


def test_a_single_page_is_rightly_cut() -> None:
    """With nothing to decide nothing is wrong, and nobody is right by chance."""
    found = evaluate_segmentation(Obedient(), [document("a", "cut a")])
    assert (found.cuts.accuracy, found.cuts.kappa, found.cuts.f1) == (1.0, 1.0, 0.0)
    assert (found.alone, found.whole, found.labelled) == (None, 1.0, 1.0)


def test_nothing_accepted_has_no_share() -> None:
    """Neither has the share of documents with a label where none has one."""
    found = evaluate_segmentation(Obedient(), [document("d", "cut odd", page_labels=("d",))])
    assert (found.accepted, found.accepted_whole, found.labelled) == (0, None, None)
