"""A record to put on the stream again, and the reason if that is impossible. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from smartcat.wire_format.replay_tags import OriginalPosition, to_tags
from stream_processor.storage_format.quarantine_object import RejectedRecord

if TYPE_CHECKING:
    from stream_processor.storage_format.kinesis_records import EncodedDocument
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
            ValueError: The position or the key is not a valid one of Kinesis.
        """
        tags = to_tags(
            OriginalPosition(
                self.original.shard_id,
                self.original.sequence_number,
                self.original.sub_sequence_number,
                self.original.arrived_at,
            )
        )
        return pack([UserRecord(self.partition_key, self.data, tags=tags)])


def replayable(part: EncodedDocument | RejectedRecord, reason: str) -> ReplayableRecord:
    """Return the replayable record of a part of a stream record.

    Args:
        part: A user record, or a rejected one.
        reason: Why it is in the bucket.
    """
    if isinstance(part, RejectedRecord):
        return ReplayableRecord(
            reason, part.position, part.position, part.data or b"", f"it still cannot be read ({part.reason})"
        )
    return ReplayableRecord(reason, part.origin or part.position, part.position, part.data)
