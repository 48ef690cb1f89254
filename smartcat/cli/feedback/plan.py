"""Which corrections are to be written, given what is there and what is known. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from smartcat.cli.feedback.stored import StoredCorrection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartcat.cli.feedback.machine import MachineAnswer
    from smartcat.cli.feedback.stored import Moments
    from smartcat.training.corpus.corrections import Correction


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with corrections.

    Attributes:
        to_write: Those to be written.
        unchanged: How many say what the table says already.
        superseded: How many another one of the same document, further down in the same file, stands in for.
        unknown_documents: Documents that have no result; empty where that is not known.
        unknown_labels: Labels that the model does not have, with the nearest one it has; empty where the
            model is not known.
    """

    to_write: Sequence[StoredCorrection]
    unchanged: int
    superseded: int
    unknown_documents: Sequence[str]
    unknown_labels: Mapping[str, str | None]

    def to_dict(self) -> dict[str, Any]:
        """Give the figures for JSON."""
        return {
            "to_write": len(self.to_write),
            "unchanged": self.unchanged,
            "superseded": self.superseded,
            "unknown_documents": len(self.unknown_documents),
            "unknown_labels": sorted(self.unknown_labels),
        }


def make_plan(
    wanted: Sequence[Correction],
    stored: Mapping[str, StoredCorrection],
    answers: Mapping[str, MachineAnswer] | None,
    labels: Sequence[str] | None,
    moments: Moments,
) -> Plan:
    """Plan.

    A correction that says what the latest one of its document says is not written again, so that a file may
    be given twice. For that to be true, only the last one of a document counts.

    Args:
        wanted: What is to be recorded, in its order.
        stored: The latest correction of each document that has one.
        answers: What the machine said of each document it has a result of; None where that is not known.
        labels: The labels of the model; None where they are not known.
        moments: Gives the time.
    """
    last = {correction.document_id: correction for correction in wanted}
    fresh = [each for name, each in last.items() if name not in stored or stored[name].label != each.label]
    return Plan(
        to_write=[
            _stored(each, stored.get(each.document_id), (answers or {}).get(each.document_id), moments)
            for each in fresh
        ],
        unchanged=len(last) - len(fresh),
        superseded=len(wanted) - len(last),
        unknown_documents=[] if answers is None else [name for name in last if name not in answers],
        unknown_labels={} if labels is None else _unknown(last.values(), labels),
    )


def _stored(
    correction: Correction,
    replaced: StoredCorrection | None,
    answer: MachineAnswer | None,
    moments: Moments,
) -> StoredCorrection:
    return StoredCorrection(
        document_id=correction.document_id,
        corrected_at=moments.after(replaced),
        label=correction.label,
        by=correction.by,
        note=correction.note,
        label_before=answer.label if answer else None,
        model_version=answer.model_version if answer else None,
        confidence=answer.confidence if answer else None,
    )


def _unknown(corrections: Any, labels: Sequence[str]) -> dict[str, str | None]:
    used = Counter(correction.label for correction in corrections)
    unknown = sorted(used.keys() - set(labels))
    return {label: next(iter(get_close_matches(label, labels, n=1)), None) for label in unknown}
