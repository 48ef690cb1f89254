"""A record to put on the stream again, and the reason if that is impossible. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from smartcat.wire_format.replay_tags import OriginalPosition, to_tags
from stream_processor.storage_format.kinesis_records import EncodedDocument, split_data
from stream_processor.storage_format.quarantine_object import RejectedRecord

if TYPE_CHECKING:
    from stream_processor.storage_format.record_position import RecordPosition


@dataclass(frozen=True, slots=True)
class ReplayableRecord:
    """One user record of an object in the quarantine or the failure destination.

    Attributes:
        reason: The reason of the quarantine, or the condition of the failure destination.
        original: Its original position on the stream.
        latest: Its latest position; the same as the original unless it was replayed before.
        data: Its exact bytes.
        problem: Why it cannot be replayed; None if it can.
    """

    reason: str
    original: RecordPosition
    latest: RecordPosition
    data: bytes = field(repr=False)
    problem: str | None = None

    @property
    def partition_key(self) -> str:
        """The partition key to replay it with; a record without one gets a key of its sequence number."""
        return self.original.partition_key or f"keyless-{self.original.sequence_number}"

    def to_record(self) -> bytes:
        """Return the data of the record to send: an aggregate of one, tagged with the original position.

        Raises:
            ValueError: The position or the key is not a valid one of Kinesis, so that the function could not
                read the record.
        """
        tags = to_tags(
            OriginalPosition(
                self.original.shard_id,
                self.original.sequence_number,
                self.original.sub_sequence_number,
                self.original.arrived_at,
            )
        )
        data = pack([UserRecord(self.partition_key, self.data, tags=tags)])
        # What is stored is deleted for it, so it is read as the function will read it first.
        if not _is_readable(self, data):
            raise ValueError("what would be sent does not read as what was stored")
        return data


def replayable(
    part: EncodedDocument | RejectedRecord, reason: str, *, latest: RecordPosition
) -> ReplayableRecord:
    """Return the replayable record of a part of a stream record.

    Args:
        part: A user record, or a rejected one.
        reason: Why it is in the bucket.
        latest: The position of the record that brought it last.
    """
    original = part.origin or part.position
    if isinstance(part, RejectedRecord):
        problem = f"it still cannot be read ({part.reason})"
        return ReplayableRecord(reason, original, latest, part.data or b"", problem)
    return ReplayableRecord(reason, original, latest, part.data)


def _is_readable(record: ReplayableRecord, data: bytes) -> bool:
    """Return whether the function would take this record from the data, at its original position."""
    number = str(int(record.original.sequence_number) + 1)  # any later one
    carrier = replace(record.original, sequence_number=number, sub_sequence_number=None)
    return split_data(data, carrier) == [
        EncodedDocument(
            replace(carrier, sub_sequence_number=0, partition_key=record.partition_key),
            record.data,
            replace(record.original, partition_key=record.partition_key),
        )
    ]
