"""Decides which corrections to write, given the stored ones, the predictions and the model's labels. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from smartcat.cli.feedback.stored_correction import StoredCorrection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartcat.cli.feedback.predictions import Prediction
    from smartcat.cli.feedback.stored_correction import Timestamps
    from smartcat.training.corpus.corrections import Correction


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The corrections to write, and what was noticed about the others.

    Attributes:
        to_write: The corrections to write.
        unchanged: How many repeat the stored label.
        superseded: How many are followed by another correction of the same document in the same file.
        unknown_documents: Documents without a result; empty where results are not looked up.
        unknown_labels: Labels that the model lacks, with the most similar label it has; empty where the
            labels are not known.
    """

    to_write: Sequence[StoredCorrection]
    unchanged: int
    superseded: int
    unknown_documents: Sequence[str]
    unknown_labels: Mapping[str, str | None]

    def to_dict(self) -> dict[str, Any]:
        """Return the counts for JSON."""
        return {
            "to_write": len(self.to_write),
            "unchanged": self.unchanged,
            "superseded": self.superseded,
            "unknown_documents": len(self.unknown_documents),
            "unknown_labels": sorted(self.unknown_labels),
        }


def make_changeset(
    wanted: Sequence[Correction],
    stored: Mapping[str, StoredCorrection],
    predictions: Mapping[str, Prediction] | None,
    labels: Sequence[str] | None,
    timestamps: Timestamps,
) -> ChangeSet:
    """Return the changes.

    A correction with the label that is already stored is not written again, so a file can be recorded twice.
    Of several corrections of one document only the last one counts.

    Args:
        wanted: The corrections to record, in their order.
        stored: The latest correction of each document that has one.
        predictions: The prediction of each document that has a result; None where results are not looked up.
        labels: The labels of the model; None where they are not known.
        timestamps: Makes the sort keys.
    """
    last = {correction.document_id: correction for correction in wanted}
    changed = [each for name, each in last.items() if name not in stored or stored[name].label != each.label]
    return ChangeSet(
        to_write=[
            _stored(each, stored.get(each.document_id), (predictions or {}).get(each.document_id), timestamps)
            for each in changed
        ],
        unchanged=len(last) - len(changed),
        superseded=len(wanted) - len(last),
        unknown_documents=[] if predictions is None else [name for name in last if name not in predictions],
        unknown_labels={} if labels is None else _unknown(last.values(), labels),
    )


def _stored(
    correction: Correction,
    replaced: StoredCorrection | None,
    prediction: Prediction | None,
    timestamps: Timestamps,
) -> StoredCorrection:
    return StoredCorrection(
        document_id=correction.document_id,
        corrected_at=timestamps.after(replaced),
        label=correction.label,
        by=correction.by,
        note=correction.note,
        label_before=prediction.label if prediction else None,
        model_version=prediction.model_version if prediction else None,
        confidence=prediction.confidence if prediction else None,
    )


def _unknown(corrections: Any, labels: Sequence[str]) -> dict[str, str | None]:
    used = Counter(correction.label for correction in corrections)
    unknown = sorted(used.keys() - set(labels))
    return {label: next(iter(get_close_matches(label, labels, n=1)), None) for label in unknown}
