"""Reconciles accepted records with stored results and quarantined records. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class RecordIdentity(NamedTuple):
    """The identity of a record: sequence numbers are unique within their shard only.

    Attributes:
        shard_id: The shard.
        sequence_number: The Kinesis record in the shard.
        sub_sequence_number: Index in that record, if it is an aggregate.
    """

    shard_id: str
    sequence_number: str
    sub_sequence_number: int | None = None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What became of every accepted record.

    Attributes:
        accepted: Records that Kinesis accepted.
        stored: Accepted records whose document has an item in the table.
        quarantined: Accepted records that have a quarantine object.
        lost: Accepted records with neither; must be 0.
        unexpected: Items and objects without an accepted record, duplicate objects, and records with both.
        right: Stored documents with the expected label.
        judged: Stored documents with a known expected label.
    """

    accepted: int
    stored: int
    quarantined: int
    lost: int
    unexpected: int
    right: int
    judged: int

    @property
    def balanced(self) -> bool:
        """Whether accepted = stored + quarantined, with nothing lost and nothing unexpected."""
        return self.lost == 0 and self.unexpected == 0 and self.accepted == self.stored + self.quarantined

    @property
    def accuracy(self) -> float | None:
        """Share of the judged documents with the right label, 0 to 1; None without judged documents."""
        return self.right / self.judged if self.judged else None


def reconcile(
    accepted: Mapping[RecordIdentity, str | None],
    stored_labels: Mapping[str, str],
    quarantined: Iterable[RecordIdentity],
    expected_labels: Mapping[str, str],
) -> Reconciliation:
    """Compare the accepted records with the results and the quarantine.

    Args:
        accepted: Every record that Kinesis accepted, with the id of its document (None if invalid).
        stored_labels: Label by document id, of every item in the table.
        quarantined: The record of every quarantine object, with duplicates.
        expected_labels: Expected label by document id, where known.
    """
    objects = Counter(quarantined)
    in_table = {
        record for record, document in accepted.items() if document is not None and document in stored_labels
    }
    in_quarantine = accepted.keys() & objects.keys()
    explained = {document for document in accepted.values() if document is not None}
    judged = explained & stored_labels.keys() & expected_labels.keys()
    return Reconciliation(
        accepted=len(accepted),
        stored=len(in_table),
        quarantined=len(in_quarantine),
        lost=len(accepted.keys() - in_table - in_quarantine),
        unexpected=(
            len(stored_labels.keys() - explained)
            + objects.total()
            - len(in_quarantine)
            + len(in_table & in_quarantine)
        ),
        right=sum(stored_labels[document] == expected_labels[document] for document in judged),
        judged=len(judged),
    )
