"""What a model learned about page streams, as data. Decides nothing and imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SegmentationParameters:
    """The parameters of a hidden Markov model over pages, whose states are labels.

    A path through a page stream assigns each page a label and places the boundaries between documents. Its
    weight is the product of ``start_probabilities`` of each document's first label, ``end_probabilities`` of
    its last and ``transitions`` between; of the labels' probabilities on their pages to the power of
    ``label_weight``; and, for each page after the first that begins a document, of e to the power of
    ``boundary_weight * boundary_logit + boundary_bias - similarity_weight * (similarity -
    typical_similarity)``. The defaults are those of a model that learned nothing about page streams: a
    document begins where a change of label outweighs it.

    The order of the fields is part of a model's version.

    Attributes:
        label_weight: Weight of a page's label probabilities, >= 0. Below 1, for the pages of one document
            repeat one another.
        boundary_weight: Weight of :attr:`smartcat.classifier.decision.Page.boundary_logit`, >= 0.
        similarity_weight: Weight of the similarity of a page and the one before it, see
            :mod:`smartcat.classifier.page_similarity`, >= 0.
        typical_similarity: The similarity that is evidence neither for nor against a boundary, 0..1.
        boundary_bias: Log odds of a boundary that are added on every page.
        blank_begins: Probability that a blank page between two documents belongs to the second, 0..1.
        start_probabilities: Probability that a document begins with each label, summing to 1; empty for equal
            ones.
        end_probabilities: Probability that a document ends after a page of each label; empty for one half.
        transitions: Where a page's label need not be that of the page before: ``(label, next label,
            probability)`` within a document. A label that starts none of these keeps itself.
    """

    label_weight: float = 1.0
    boundary_weight: float = 1.0
    similarity_weight: float = 0.0
    typical_similarity: float = 0.0
    boundary_bias: float = 0.0
    blank_begins: float = 0.25
    start_probabilities: tuple[float, ...] = ()
    end_probabilities: tuple[float, ...] = ()
    transitions: tuple[tuple[int, int, float], ...] = ()
