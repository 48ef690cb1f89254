"""What a model knows of stacks of scans, as data. Decides nothing and imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StackRule:
    """How likely pages follow one another, and how much the evidence on a page weighs against that.

    A path through a stack gives each page a label and says where documents begin. It is worth the product of
    ``starts`` of each document's first label, ``ends`` of its last and ``goes_on`` between; of the labels'
    probabilities on their pages to the power of ``evidence``; and, for each page after the first that opens a
    document, of e to the power of ``slope * opening + offset - likeness * (its likeness - typical)``. The
    defaults are those of a model that learned nothing of stacks: a document begins where another label is
    worth it.

    Attributes:
        evidence: Weight of a page's label probabilities, >= 0. Below 1, for the pages of one document repeat
            one another.
        slope: Weight of :attr:`smartcat.classifier.decision.Page.opening`, >= 0.
        likeness: Weight of how alike a page and the one before it are, see
        :mod:`smartcat.classifier.likeness`, >= 0.
        typical: The likeness that speaks neither for nor against a new document, 0..1.
        offset: Log odds of a new document that are added on every page.
        blank_leads: Probability that a blank page between two documents belongs to the second, 0..1.
        starts: Probability that a document begins with each label, summing to 1; empty for all alike.
        ends: Probability that a document ends with a page of each label; empty for one half.
        goes_on: Where a page's label need not be that of the page before: ``(label, next label,
            probability)`` within a document. A label that begins none of these stays as it is.
    """

    evidence: float = 1.0
    slope: float = 1.0
    likeness: float = 0.0
    typical: float = 0.0
    offset: float = 0.0
    blank_leads: float = 0.25
    starts: tuple[float, ...] = ()
    ends: tuple[float, ...] = ()
    goes_on: tuple[tuple[int, int, float], ...] = ()
