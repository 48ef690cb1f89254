"""What an evaluation found, as data. Computes nothing and holds no text of a document."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smartcat.training.coverage import CoveragePoint, CoverageTarget
    from smartcat.training.metrics import ReliabilityBin


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How one label fares; precision, recall and F1 are 0..1, and 0 where they would be 0/0.

    Attributes:
        label: The label.
        precision: Share of the documents called so that are so.
        recall: Share of the documents that are so that are called so.
        f1: Harmonic mean of both.
        support: Documents that are so.
        answers: Documents called so.
        review: Share of the documents that are so that went to review; ``None`` where there are none.
        accepted: Documents called so and accepted.
        accepted_precision: Share of those that are so; ``None`` where there are none.
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
    """Two labels that were mixed up.

    Attributes:
        label: What the documents are.
        answer: What they were called.
        documents: How many, at least one.
        share: Their share of the documents that are ``label``, 0..1.
    """

    label: str
    answer: str
    documents: int
    share: float


@dataclass(frozen=True, slots=True)
class ConfusedDocument:
    """A document that the model was sure of, and wrong about.

    Attributes:
        document_id: Its name.
        label: What it is.
        answer: What it was called.
        confidence: Probability of ``answer``, 0..1.
        decision: ``accepted`` or ``review``.
        label_probability: Probability of ``label``; ``None`` where it was not among the candidates.
        reasons: The n-grams that carried the answer, strongest first; none unless they were asked for.
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
    """How single pages fare, each held against its document's label.

    Attributes:
        pages: Pages of all documents.
        without_evidence: Those that hold nothing the model knows.
        accuracy: Share of the others that have their document's label, 0..1; ``None`` without any.
        first_page_accuracy: Share of the documents whose first page has the right label, 0..1.
    """

    pages: int
    without_evidence: int
    accuracy: float | None
    first_page_accuracy: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured. Intervals hold the true share with 95 % probability.

    Attributes:
        model_version: The model that was measured.
        documents: Documents measured on.
        accuracy: Share labelled rightly, 0..1; a label that the model does not know is always wrong.
        accuracy_interval: Lower and upper end.
        macro_f1: Mean F1 over ``per_label``, 0..1.
        kappa: Agreement beyond chance, -1..1; ``None`` where there is but one label.
        ece: Expected calibration error, 0..1, over ``ece_bins`` bins of equal width.
        ece_bins: Number of those bins.
        ece_by_chance: What it would be if every confidence meant what it says: the fewer documents, the more.
        brier: Mean squared gap between confidence and 1 (right) or 0 (wrong), 0..1.
        mean_confidence: Mean confidence, 0..1; above ``accuracy`` the model is too sure.
        without_evidence: Documents that hold nothing the model knows; their confidence is 0.
        among_candidates: Share whose label is among the (up to three) candidates, 0..1.
        accepted: Documents that were accepted.
        accepted_right: Those of them that were labelled rightly.
        coverage: Share of the documents that was accepted, 0..1.
        accepted_accuracy: Share of the accepted labelled rightly; ``None`` when none was accepted.
        accepted_interval: Lower and upper end; 0 and 1 when none was accepted.
        review: Documents that went to review.
        review_accuracy: Share of them labelled rightly; ``None`` when there was none.
        review_among_candidates: Share of them whose label is among the candidates; ``None`` likewise.
        per_label: One entry a label that occurs as truth or as answer, in alphabetical order.
        confusion: Documents by truth (rows) and answer (columns), in the order of ``per_label``.
        confused_pairs: The labels most often mixed up, most first.
        reliability: Confidence against accuracy, bin by bin, ascending, without empty bins.
        coverage_curve: Coverage against precision over all thresholds, the smallest coverage first.
        coverage_targets: What could be accepted at precisions that people ask for.
        confused_documents: Wrongly labelled documents, the highest confidence first.
        pages: Single pages; ``None`` where no document has several.
        unknown_labels: Labels of the corpus that the model does not know, with their documents.
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

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        return asdict(self)
