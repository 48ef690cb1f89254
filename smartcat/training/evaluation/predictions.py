"""Predictions as a few numbers a document: no text is kept, and ids of the worst mistakes only."""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from smartcat.classifier.decision import WHYS
from smartcat.training.evaluation.results import ConfusedDocument, PageScore

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.decision import Decision
    from smartcat.training.corpus.labelled_documents import LabelledDocument


class Predictions:
    """Documents by their true and predicted label: 19 bytes a document."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}
        self._truth = array("i")
        self._predicted = array("i")
        self._confidences = array("d")
        self._accepted = array("b")
        self._in_candidates = array("b")
        self._has_features = array("b")
        self._whys: Counter[str] = Counter()

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self._truth)

    def add(self, label: str, decision: Decision) -> None:
        """Add a document's true label and what was decided about it."""
        self._truth.append(self._index.setdefault(label, len(self._index)))
        self._predicted.append(self._index.setdefault(decision.label, len(self._index)))
        self._confidences.append(decision.confidence)
        self._accepted.append(decision.decision == "accepted")
        in_candidates = label == decision.label or any(label == name for name, _ in decision.candidates)
        self._in_candidates.append(in_candidates)
        if decision.why is not None:
            self._whys[decision.why] += 1
        self._has_features.append(any(page is not None for page in decision.page_labels))

    @property
    def whys(self) -> dict[str, int]:
        """Documents for review by why, in the order of :data:`smartcat.classifier.decision.WHYS`."""
        return {why: self._whys[why] for why in WHYS if self._whys[why]}

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that occurred, true or predicted, in alphabetical order."""
        return tuple(sorted(self._index))

    @property
    def truth(self) -> npt.NDArray[np.int64]:
        """Index in ``labels`` of each document's true label."""
        return np.take(self._sorted_indices(), np.array(self._truth))

    @property
    def predicted(self) -> npt.NDArray[np.int64]:
        """Index in ``labels`` of each document's predicted label."""
        return np.take(self._sorted_indices(), np.array(self._predicted))

    @property
    def confidences(self) -> npt.NDArray[np.float64]:
        """Confidence of each prediction, 0..1."""
        return np.array(self._confidences)

    @property
    def accepted(self) -> npt.NDArray[np.bool_]:
        """Whether each prediction was accepted."""
        return np.array(self._accepted, dtype=np.bool_)

    @property
    def in_candidates(self) -> npt.NDArray[np.bool_]:
        """Whether the true label was among the candidates."""
        return np.array(self._in_candidates, dtype=np.bool_)

    @property
    def has_features(self) -> npt.NDArray[np.bool_]:
        """Whether any page has a feature that the model knows."""
        return np.array(self._has_features, dtype=np.bool_)

    def _sorted_indices(self) -> npt.NDArray[np.int64]:
        """Return for each label, in the order first seen, its index in ``labels``."""
        indices = {label: index for index, label in enumerate(self.labels)}
        return np.array([indices[label] for label in self._index], dtype=np.int64)


class WorstMistakes:
    """The wrong predictions with the highest confidence; of equals the earlier document."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._heap: list[tuple[float, int, ConfusedDocument]] = []
        self._seen = 0

    def qualifies(self, document: LabelledDocument, decision: Decision) -> bool:
        """Return whether the next document is wrong, and with more confidence than one of those kept."""
        self._seen += 1
        if decision.label == document.label or not self._limit:
            return False
        return len(self._heap) < self._limit or decision.confidence > self._heap[0][0]

    def add(self, document: LabelledDocument, decision: Decision) -> None:
        """Keep the document that qualified last, with the reasons of the decision and without its text."""
        mistake = ConfusedDocument(
            document_id=document.document_id,
            label=document.label,
            answer=decision.label,
            confidence=decision.confidence,
            decision=decision.decision,
            label_probability=dict(decision.candidates).get(document.label),
            reasons=tuple(reason.word for reason in decision.reasons),
        )
        push = heapq.heappush if len(self._heap) < self._limit else heapq.heapreplace
        push(self._heap, (decision.confidence, -self._seen, mistake))

    def documents(self) -> tuple[ConfusedDocument, ...]:
        """Return them, the highest confidence first."""
        return tuple(
            document for _, _, document in sorted(self._heap, key=lambda entry: entry[:2], reverse=True)
        )


class PageAccuracy:
    """Counts of pages by whether they have the label of their document."""

    def __init__(self) -> None:
        self._documents = 0
        self._pages = 0
        self._without_features = 0
        self._right = 0
        self._first_right = 0

    def add(self, label: str, page_labels: tuple[str | None, ...]) -> None:
        """Count a document's pages."""
        self._documents += 1
        self._pages += len(page_labels)
        self._without_features += page_labels.count(None)
        self._right += page_labels.count(label)
        self._first_right += page_labels[:1] == (label,)

    def score(self) -> PageScore | None:
        """Return the shares; ``None`` where no document has several pages."""
        if self._pages <= self._documents:
            return None
        with_features = self._pages - self._without_features
        return PageScore(
            pages=self._pages,
            without_evidence=self._without_features,
            accuracy=self._right / with_features if with_features else None,
            first_page_accuracy=self._first_right / self._documents,
        )
