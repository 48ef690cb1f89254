"""Evaluation on strangers: documents of a kind that no label of the model covers. Keeps no text."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from smartcat.training.errors import EvaluationError
from smartcat.training.evaluation.metrics import wilson_interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smartcat.training.evaluation.evaluate import Classifies
    from smartcat.training.progress import Progress

_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class StrangerEvaluation:
    """What became of strangers. All that is accepted is wrong.

    Attributes:
        model_version: Version of the model.
        documents: Number of documents.
        accepted: How many were accepted.
        share: Their share, 0..1.
        interval: 95 % interval of that share.
        accepted_as: The same by the label they were accepted as, most frequent first.
        review_by_why: Those that went to review, by why.
        mean_confidence: Mean confidence, 0..1.
    """

    model_version: str
    documents: int
    accepted: int
    share: float
    interval: tuple[float, float]
    accepted_as: dict[str, int]
    review_by_why: dict[str, int]
    mean_confidence: float

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        return asdict(self)


def evaluate_strangers(
    classifier: Classifies, documents: Iterable[Sequence[str]], *, progress: Progress | None = None
) -> StrangerEvaluation:
    """Measure how many strangers a classifier accepts.

    Args:
        classifier: What to measure.
        documents: Documents of other kinds than the model's labels, each as its pages; read once, not kept.
        progress: Called with ``("evaluate", documents so far, 0)`` after each batch.

    Raises:
        EvaluationError: There is no document.
    """
    accepted, whys, confidence, count = Counter[str](), Counter[str](), 0.0, 0
    source = iter(documents)
    while batch := list(islice(source, _BATCH)):
        for decision in classifier.classify(batch, reasons=0):
            count += 1
            confidence += decision.confidence
            if decision.decision == "accepted":
                accepted[decision.label] += 1
            elif decision.why is not None:
                whys[decision.why] += 1
        if progress:
            progress("evaluate", count, 0)
    if not count:
        raise EvaluationError("there is no document to measure on")
    total = accepted.total()
    return StrangerEvaluation(
        model_version=classifier.model_version,
        documents=count,
        accepted=total,
        share=total / count,
        interval=wilson_interval(total, count),
        accepted_as=dict(accepted.most_common()),
        review_by_why=dict(whys.most_common()),
        mean_confidence=confidence / count,
    )
