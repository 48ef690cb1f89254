"""The account: what was accepted against what was stored and quarantined. Pure: ids in, figures out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class RecordIdentity(NamedTuple):
    """What names one record: sequence numbers are unique within their shard only.

    Attributes:
        shard_id: the shard.
        sequence_number: the Kinesis record in it.
        sub_sequence_number: the place in that record, if it is an aggregate.
    """

    shard_id: str
    sequence_number: str
    sub_sequence_number: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Where every accepted record ended.

    Attributes:
        accepted: records that Kinesis accepted.
        stored: accepted records whose document has its item in the table.
        quarantined: accepted records that have their quarantine object.
        lost: accepted records with neither; a promise is broken where it is not 0.
        unexpected: items and objects that no accepted record explains, objects that came twice, and records
            that ended in both places.
        right: stored documents with the label that was expected.
        judged: stored documents for which a label was expected.
    """

    accepted: int
    stored: int
    quarantined: int
    lost: int
    unexpected: int
    right: int
    judged: int

    @property
    def closes(self) -> bool:
        """Say whether accepted = stored + quarantined with nothing lost and nothing unexplained."""
        return self.lost == 0 and self.unexpected == 0 and self.accepted == self.stored + self.quarantined

    @property
    def accuracy(self) -> float | None:
        """Share of the judged documents with the right label, 0 to 1; None where none was judged."""
        return self.right / self.judged if self.judged else None


def close_account(
    accepted: Mapping[RecordIdentity, str | None],
    stored_labels: Mapping[str, str],
    quarantined: Iterable[RecordIdentity],
    expected_labels: Mapping[str, str],
) -> Account:
    """Compare what went in with what came out.

    Args:
        accepted: every record that Kinesis accepted, with the id of its document (None for a poison record).
        stored_labels: document id to label, of every item in the table.
        quarantined: the record of every quarantine object, as often as it occurs.
        expected_labels: document id to the label it should have, where that is known.
    """
    objects = Counter(quarantined)
    in_table = {
        record for record, document in accepted.items() if document is not None and document in stored_labels
    }
    in_quarantine = accepted.keys() & objects.keys()
    explained = {document for document in accepted.values() if document is not None}
    judged = explained & stored_labels.keys() & expected_labels.keys()
    return Account(
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
