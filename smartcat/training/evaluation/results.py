"""The results of an evaluation, as data. Computes nothing and holds no text of a document."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smartcat.training.evaluation.coverage import CoveragePoint, CoverageTarget
    from smartcat.training.evaluation.metrics import ReliabilityBin


@dataclass(frozen=True, slots=True)
class LabelScore:
    """The scores of one label; precision, recall and F1 are 0..1, and 0 where they would be 0/0.

    Attributes:
        label: The label.
        precision: Share of the documents predicted as the label that have it.
        recall: Share of the documents that have the label that are predicted as it.
        f1: Harmonic mean of both.
        support: Documents that have the label.
        answers: Documents predicted as it.
        review: Share of the documents that have it that went to review; ``None`` where there are none.
        accepted: Documents predicted as it and accepted.
        accepted_precision: Share of those that have it; ``None`` where there are none.
    """

    label: str
    precision: float
    recall: float
    f1: float
    support: int
    answers: int
    review: float | None
    accepted: int
    accepted_precision: float | None


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Two labels that were confused.

    Attributes:
        label: The true label.
        answer: The predicted one.
        documents: How many, at least one.
        share: Their share of the documents that are ``label``, 0..1.
    """

    label: str
    answer: str
    documents: int
    share: float


@dataclass(frozen=True, slots=True)
class ConfusedDocument:
    """A document that was misclassified with high confidence.

    Attributes:
        document_id: Its id.
        label: The true label.
        answer: The predicted one.
        confidence: Probability of ``answer``, 0..1.
        decision: ``accepted`` or ``review``.
        label_probability: Probability of ``label``; ``None`` where it was not among the candidates.
        reasons: The n-grams with the largest share in the score, largest first; none unless requested.
    """

    document_id: str
    label: str
    answer: str
    confidence: float
    decision: str
    label_probability: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageScore:
    """The scores of single pages, each compared with its document's label.

    Attributes:
        pages: Pages of all documents.
        without_evidence: Those without a feature that the model knows.
        accuracy: Share of the others that have their document's label, 0..1; ``None`` without any.
        first_page_accuracy: Share of the documents whose first page has the right label, 0..1.
    """

    pages: int
    without_evidence: int
    accuracy: float | None
    first_page_accuracy: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All measurements. Intervals are 95 % confidence intervals.

    Attributes:
        model_version: Version of the model.
        documents: Number of documents.
        accuracy: Share classified correctly, 0..1; a label that the model does not know is always wrong.
        accuracy_interval: Lower and upper end.
        macro_f1: Mean F1 over ``per_label``, 0..1.
        kappa: Agreement beyond chance, -1..1; ``None`` where there is but one label.
        ece: Expected calibration error, 0..1, over ``ece_bins`` bins of equal width.
        ece_bins: Number of those bins.
        ece_by_chance: What it would be for a perfectly calibrated model: the fewer documents, the more.
        brier: Mean squared gap between confidence and 1 (right) or 0 (wrong), 0..1.
        mean_confidence: Mean confidence, 0..1; above ``accuracy`` the model is overconfident.
        without_evidence: Documents without a feature that the model knows; their confidence is 0.
        among_candidates: Share whose label is among the (up to three) candidates, 0..1.
        accepted: Documents that were accepted.
        accepted_right: Those of them that were classified correctly.
        coverage: Share of the documents that was accepted, 0..1.
        accepted_accuracy: Share of the accepted classified correctly; ``None`` when none was accepted.
        accepted_interval: Lower and upper end; 0 and 1 when none was accepted.
        review: Documents that went to review.
        review_by_why: The same by why, the first of :data:`smartcat.classifier.decision.WHYS` first.
        review_accuracy: Share of them classified correctly; ``None`` when there was none.
        review_among_candidates: Share of them whose label is among the candidates; ``None`` likewise.
        per_label: One entry a label that occurs, true or predicted, in alphabetical order.
        confusion: Documents by true (rows) and predicted label (columns), in the order of ``per_label``.
        confused_pairs: The labels most often confused, most frequent first.
        reliability: Confidence against accuracy, bin by bin, ascending, without empty bins.
        coverage_curve: Coverage against precision over all thresholds, the smallest coverage first.
        coverage_targets: The largest coverage at some precisions.
        confused_documents: Misclassified documents, the highest confidence first.
        pages: Scores of single pages; ``None`` where no document has several.
        unknown_labels: Labels of the corpus that the model does not know, with their documents.
        learned_from: Documents that the model was learned from, on which nothing can be measured; ``None``
            where that is not known.
    """

    model_version: str
    documents: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    macro_f1: float
    kappa: float | None
    ece: float
    ece_bins: int
    ece_by_chance: float
    brier: float
    mean_confidence: float
    without_evidence: int
    among_candidates: float
    accepted: int
    accepted_right: int
    coverage: float
    accepted_accuracy: float | None
    accepted_interval: tuple[float, float]
    review: int
    review_by_why: dict[str, int]
    review_accuracy: float | None
    review_among_candidates: float | None
    per_label: tuple[LabelScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    confused_pairs: tuple[ConfusedPair, ...]
    reliability: tuple[ReliabilityBin, ...]
    coverage_curve: tuple[CoveragePoint, ...]
    coverage_targets: tuple[CoverageTarget, ...]
    confused_documents: tuple[ConfusedDocument, ...]
    pages: PageScore | None
    unknown_labels: dict[str, int]
    learned_from: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        return asdict(self)
