"""What a classifier said of each document, kept as a few numbers: no text, and ids of the worst alone."""

from __future__ import annotations

import heapq
from array import array
from typing import TYPE_CHECKING

import numpy as np

from smartcat.training.evaluation import ConfusedDocument, PageScore

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.decision import Decision
    from smartcat.training.corpus import LabelledDocument


class Answers:
    """Documents by their truth and the answer they got: 19 bytes a document."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}
        self._truth = array("i")
        self._answers = array("i")
        self._confidences = array("d")
        self._accepted = array("b")
        self._offered = array("b")
        self._evident = array("b")

    def __len__(self) -> int:
        """Count the documents."""
        return len(self._truth)

    def add(self, label: str, decision: Decision) -> None:
        """Note what a document is, and what was said of it."""
        self._truth.append(self._index.setdefault(label, len(self._index)))
        self._answers.append(self._index.setdefault(decision.label, len(self._index)))
        self._confidences.append(decision.confidence)
        self._accepted.append(decision.decision == "accepted")
        offered = label == decision.label or any(label == name for name, _ in decision.candidates)
        self._offered.append(offered)
        self._evident.append(any(page is not None for page in decision.page_labels))

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that occurred, as truth or as answer, in alphabetical order."""
        return tuple(sorted(self._index))

    @property
    def truth(self) -> npt.NDArray[np.int64]:
        """Place in ``labels`` of what each document is."""
        return np.take(self._places(), np.array(self._truth))

    @property
    def answers(self) -> npt.NDArray[np.int64]:
        """Place in ``labels`` of what each document was called."""
        return np.take(self._places(), np.array(self._answers))

    @property
    def confidences(self) -> npt.NDArray[np.float64]:
        """Confidence of each answer, 0..1."""
        return np.array(self._confidences)

    @property
    def accepted(self) -> npt.NDArray[np.bool_]:
        """Whether each answer was accepted."""
        return np.array(self._accepted, dtype=np.bool_)

    @property
    def offered(self) -> npt.NDArray[np.bool_]:
        """Whether the right label was among the candidates."""
        return np.array(self._offered, dtype=np.bool_)

    @property
    def evident(self) -> npt.NDArray[np.bool_]:
        """Whether any page held something the model knows."""
        return np.array(self._evident, dtype=np.bool_)

    def _places(self) -> npt.NDArray[np.int64]:
        """Translate the order in which labels were met into the order of ``labels``."""
        places = {label: place for place, label in enumerate(self.labels)}
        return np.array([places[label] for label in self._index], dtype=np.int64)


class Worst:
    """The wrong answers with the highest confidence; of equals the earlier document."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._heap: list[tuple[float, int, ConfusedDocument]] = []
        self._met = 0

    def wants(self, document: LabelledDocument, decision: Decision) -> bool:
        """Say whether the answer is wrong, and surer than those kept."""
        self._met += 1
        if decision.label == document.label or not self._limit:
            return False
        return len(self._heap) < self._limit or decision.confidence > self._heap[0][0]

    def keep(self, document: LabelledDocument, decision: Decision) -> None:
        """Keep what was wanted just now, with the reasons of the decision; the text is not kept."""
        kept = ConfusedDocument(
            document_id=document.document_id,
            label=document.label,
            answer=decision.label,
            confidence=decision.confidence,
            decision=decision.decision,
            label_probability=dict(decision.candidates).get(document.label),
            reasons=tuple(reason.word for reason in decision.reasons),
        )
        put = heapq.heappush if len(self._heap) < self._limit else heapq.heapreplace
        put(self._heap, (decision.confidence, -self._met, kept))

    def documents(self) -> tuple[ConfusedDocument, ...]:
        """Give them, the surest first."""
        return tuple(
            document for _, _, document in sorted(self._heap, key=lambda kept: kept[:2], reverse=True)
        )


class PageCount:
    """Pages by whether they have the label of their document."""

    def __init__(self) -> None:
        self._documents = 0
        self._pages = 0
        self._blank = 0
        self._right = 0
        self._first_right = 0

    def add(self, label: str, page_labels: tuple[str | None, ...]) -> None:
        """Count a document's pages."""
        self._documents += 1
        self._pages += len(page_labels)
        self._blank += page_labels.count(None)
        self._right += page_labels.count(label)
        self._first_right += page_labels[:1] == (label,)

    def score(self) -> PageScore | None:
        """Give the shares; None where no document has several pages."""
        if self._pages <= self._documents:
            return None
        evident = self._pages - self._blank
        return PageScore(
            pages=self._pages,
            without_evidence=self._blank,
            accuracy=self._right / evident if evident else None,
            first_page_accuracy=self._first_right / self._documents,
        )
