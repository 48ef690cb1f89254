"""Breaks the results down: by label, rejected records by reason, and a few examples. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from smartcat.cli.demo.outcome import Quarantined
    from stream_processor.storage_format.result_item import StoredResult


@dataclass(frozen=True, slots=True)
class LabelRow:
    """The results of one label.

    Attributes:
        label: The expected label.
        documents: Stored documents with this expected label.
        right: Share that got this label, 0 to 1.
        review: Share with the decision "review", 0 to 1.
        confidence: Mean confidence, 0 to 1.
        mistaken_for: The most frequent wrong label with its count; None without errors.
    """

    label: str
    documents: int
    right: float
    review: float
    confidence: float
    mistaken_for: tuple[str, int] | None


def label_rows(results: Iterable[StoredResult], expected: Mapping[str, str]) -> list[LabelRow]:
    """Return a row per expected label, sorted by label."""

    def truth(result: StoredResult) -> str:
        return expected[result.document_id]

    known = sorted((result for result in results if result.document_id in expected), key=truth)
    return [_row(label, list(group)) for label, group in groupby(known, key=truth)]


def _row(label: str, group: Sequence[StoredResult]) -> LabelRow:
    wrong = Counter(result.label for result in group if result.label != label)
    return LabelRow(
        label=label,
        documents=len(group),
        right=1 - wrong.total() / len(group),
        review=sum(result.decision == "review" for result in group) / len(group),
        confidence=sum(result.confidence for result in group) / len(group),
        mistaken_for=max(wrong.items(), key=lambda item: (item[1], item[0])) if wrong else None,
    )


def rejection_rows(quarantined: Iterable[Quarantined]) -> list[tuple[str, int, str]]:
    """Return (reason, count, one of the details), the most frequent reason first."""
    entries = list(quarantined)
    counts = Counter(entry.reason for entry in entries)
    details = {entry.reason: entry.detail for entry in reversed(entries)}
    return [(reason, count, details[reason]) for reason, count in counts.most_common()]


def examples(results: Sequence[StoredResult], expected: Mapping[str, str]) -> list[StoredResult]:
    """Return documents to show: confident and right ones of several labels, one for review, a wrong one.

    The choice depends on the results alone, so that the same run shows the same documents.
    """
    ordered = sorted(results, key=lambda result: (-result.confidence, result.document_id))
    right = [result for result in ordered if expected.get(result.document_id) == result.label]
    by_label = {result.label: result for result in reversed(right)}
    chosen = list(by_label.values())[:3]
    for wanted in (
        (result for result in ordered if len(result.page_labels) > 2 and None in result.page_labels),
        (result for result in ordered if result.decision == "review" and result.confidence > 0),
        (result for result in ordered if expected.get(result.document_id, result.label) != result.label),
    ):
        chosen += [result for result in wanted if result not in chosen][:1]
    return chosen
