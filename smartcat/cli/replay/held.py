"""Records that can be put on the stream again, as data, and what keeps one from it. Pure."""

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
class Held:
    """One user's record in an object that was put aside.

    Attributes:
        reason: Why it was put aside: the quarantine's reason, or the condition of a failure destination.
        first: The place it first had on the stream.
        carrier: The record that last brought it; the same place unless it came again already.
        data: Its exact bytes.
        problem: Why it cannot be put back; None if it can.
    """

    reason: str
    first: RecordPosition
    carrier: RecordPosition
    data: bytes = field(repr=False)
    problem: str | None = None

    @property
    def partition_key(self) -> str:
        """The key it goes back under. A record without one is spread by its number, as good as any other."""
        return self.first.partition_key or f"keyless-{self.first.sequence_number}"

    def to_record(self) -> bytes:
        """Give the data of the Kinesis record that puts it back: an aggregate of one, with its first place.

        Raises:
            ValueError: The place or the key is none that Kinesis gives.
        """
        tags = to_tags(
            OriginalPosition(
                self.first.shard_id,
                self.first.sequence_number,
                self.first.sub_sequence_number,
                self.first.arrived_at,
            )
        )
        return pack([UserRecord(self.partition_key, self.data, tags=tags)])


def hold(part: EncodedDocument | RejectedRecord, reason: str) -> Held:
    """Make a held record of what a record of the stream was taken apart into.

    Args:
        part: A user's record, or what could not be read.
        reason: Why it was put aside.
    """
    if isinstance(part, RejectedRecord):
        return Held(
            reason, part.position, part.position, part.data or b"", f"it still cannot be read ({part.reason})"
        )
    return Held(reason, part.origin or part.position, part.position, part.data)
