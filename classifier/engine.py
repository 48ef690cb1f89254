"""The classifier that serves: documents in, decisions out, one vectorised call a batch."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.artifact import load_model
from classifier.decision import Decision, decide
from classifier.explain import explain
from classifier.scoring import page_ranges, score_pages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifier.model import Model
    from classifier.scoring import PageScores

DEFAULT_REASONS = 5


class Classifier:
    """Decides what documents are. Holds no state besides the model, so threads may share one.

    Attributes:
        model: The model in use.
        engine: What computes the features.
    """

    engine = "sklearn"

    def __init__(self, model: Model) -> None:
        self.model = model
        self._label_index = {label: index for index, label in enumerate(model.labels)}

    @property
    def model_version(self) -> str:
        """Short hash that identifies the model's content."""
        return self.model.model_version

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label the model can give."""
        return self.model.labels

    @property
    def threshold(self) -> float:
        """Smallest confidence that is accepted, 0..1."""
        return self.model.threshold

    def classify(
        self, documents: Sequence[Sequence[str]], *, reasons: int = DEFAULT_REASONS
    ) -> list[Decision]:
        """Decide what each document is.

        A document's result does not depend on the others in the call, nor (page labels apart) on the order of
        its pages.

        Args:
            documents: Each document as the texts of its pages; blank pages and documents are allowed.
            reasons: Most reasons wanted for each document; 0 for none, which is cheaper.

        Returns:
            One decision a document, in the order given.
        """
        if not documents:
            return []
        scores = score_pages(self.model, list(chain.from_iterable(documents)))
        rows = scores.rows()
        return [
            self._decide(scores, rows, pages, place, reasons)
            for pages, place in zip(documents, page_ranges(documents), strict=True)
        ]

    def _decide(
        self,
        scores: PageScores,
        rows: Sequence[Sequence[float] | None],
        pages: Sequence[str],
        place: slice,
        reasons: int,
    ) -> Decision:
        decision = decide(self.model.rule, rows[place])
        evident = sum(row is not None for row in rows[place])
        if not evident or reasons < 1:
            return decision
        words = explain(
            self.model,
            pages,
            scores.entries(place),
            self._label_index[decision.label],
            evident=evident,
            limit=reasons,
        )
        return replace(decision, reasons=words)


def load_classifier(path: Path | str) -> Classifier:
    """Load a classifier from a model directory.

    Args:
        path: The directory that training wrote.

    Returns:
        A classifier that passed every check of :func:`classifier.artifact.load_model`.

    Raises:
        ModelError: The directory must not be used; the message says why.
    """
    return Classifier(load_model(Path(path)))
