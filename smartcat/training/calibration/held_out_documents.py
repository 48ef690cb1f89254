"""Held-out documents as the classifier will see them: pages under a rule, and what it finds in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from smartcat.classifier.evidence import gather
from smartcat.classifier.rule import Page
from smartcat.training.calibration.page_pooling import starts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from smartcat.classifier.evidence import Evidence
    from smartcat.classifier.rule import Rule


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What a rule finds in documents, threshold and gate apart.

    Attributes:
        label: Index of each document's label in the rule, ``(documents,)``.
        confidence: Its confidence, 0..1.
        sufficient: Whether any page is more than near-blank.
        familiarity: How nearly enough of the text is known, 0..1.
        known_share: Share of known features.
        part_shares: The same for each part of the features, of the document's least known pages of one label,
            ``documents x parts``; 1 where there is no feature.
        dissent: Highest confidence of a part that contradicts the label, 0..1.
        gate_numbers: Four numbers, ``documents x 4``; nan where no page has the document's label.
    """

    label: npt.NDArray[np.int64]
    confidence: npt.NDArray[np.float64]
    sufficient: npt.NDArray[np.bool_]
    familiarity: npt.NDArray[np.float64]
    known_share: npt.NDArray[np.float64]
    part_shares: npt.NDArray[np.float64]
    dissent: npt.NDArray[np.float64]
    gate_numbers: npt.NDArray[np.float64]


def find(
    rule: Rule,
    scores: npt.NDArray[np.float64],
    relevance: npt.NDArray[np.float64],
    known: npt.NDArray[np.int64],
    distinct: npt.NDArray[np.int64],
    documents: npt.NDArray[np.int64],
) -> Findings:
    """Return what a rule finds in documents, in the order of their index.

    Args:
        rule: Labels, link and pooling.
        scores: Scores of pages, offsets included, ``pages x labels``.
        relevance: Logarithm of each page's weight, ``(pages,)``.
        known: Known features of each part of the features, ``pages x parts``.
        distinct: Distinct ones.
        documents: Document of each page, ascending; each has a page with a known feature.
    """
    rows = []
    for pages in _pages(scores, relevance, known, distinct, documents):
        evidence = gather(rule, pages)
        assert evidence is not None  # noqa: S101 - the caller's part
        label = evidence.ranking()[0]
        own = evidence.part_of(label)
        rows.append(
            (
                label,
                evidence.chances[label],
                evidence.sufficient,
                evidence.familiarity,
                evidence.known_share,
                _part_shares(evidence, pages),
                evidence.dissent(label),
                own.gate_numbers() if own else (np.nan,) * 4,
            )
        )
    columns = list(zip(*rows, strict=True))
    return Findings(*(np.array(column) for column in columns))


def _part_shares(evidence: Evidence, pages: list[Page]) -> tuple[float, ...]:
    groups = [[*part.pages, *evidence.strange] for part in evidence.parts] or [[page] for page in pages]
    shares = []
    for group in groups:
        counts = zip(
            zip(*(page.known for page in group), strict=True),
            zip(*(page.distinct for page in group), strict=True),
            strict=True,
        )
        shares.append([sum(known) / sum(distinct) if sum(distinct) else 1.0 for known, distinct in counts])
    return tuple(map(min, zip(*shares, strict=True)))


def _pages(
    scores: npt.NDArray[np.float64],
    relevance: npt.NDArray[np.float64],
    known: npt.NDArray[np.int64],
    distinct: npt.NDArray[np.int64],
    documents: npt.NDArray[np.int64],
) -> Iterator[list[Page]]:
    starts = starts_of(documents)
    for first, end in zip(starts.tolist(), [*starts[1:].tolist(), len(documents)], strict=True):
        rows = zip(
            scores[first:end].tolist(),
            relevance[first:end].tolist(),
            distinct[first:end].tolist(),
            known[first:end].tolist(),
            strict=True,
        )
        yield [
            Page(tuple(row) if any(knows) else (), log_weight, distinct=tuple(has), known=tuple(knows))
            for row, log_weight, has, knows in rows
        ]
