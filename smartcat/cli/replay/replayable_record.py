"""A record to put on the stream again, and the reason if that is impossible. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smartcat.wire_format.aggregation import UserRecord, pack
from smartcat.wire_format.replay_tags import FirstPlace, to_tags
from stream_processor.kinesis_event import Rejection

if TYPE_CHECKING:
    from stream_processor.kinesis_event import Source
    from stream_processor.record_parts import Part


class UnreadableObjectError(ValueError):
    """An object is not what its bucket should hold, or is damaged; the message never quotes content."""


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
    original: Source
    latest: Source
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
            FirstPlace(
                self.original.shard_id,
                self.original.sequence_number,
                self.original.sub_sequence_number,
                self.original.arrived_at,
            )
        )
        return pack([UserRecord(self.partition_key, self.data, tags=tags)])


def replayable(part: Part | Rejection, reason: str) -> ReplayableRecord:
    """Return the replayable record of a part of a stream record.

    Args:
        part: A user record, or a rejected one.
        reason: Why it is in the bucket.
    """
    if isinstance(part, Rejection):
        return ReplayableRecord(
            reason, part.source, part.source, part.data or b"", f"it still cannot be read ({part.reason})"
        )
    return ReplayableRecord(reason, part.origin or part.source, part.source, part.data)
