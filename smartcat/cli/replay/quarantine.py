"""Records of the quarantine, as they can be replayed, and what prevents it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartcat.cli.replay.replayable_record import ReplayableRecord, replayable
from smartcat.wire_format.errors import Reason
from stream_processor.storage_format.kinesis_records import split_stored
from stream_processor.storage_format.quarantine_object import read_object

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_BYTES = "its data was not base64: there are no bytes to replay"
POSITION_UNKNOWN = "its replay tags are invalid, so its original position is not known"


def read_quarantine_object(body: bytes) -> Sequence[ReplayableRecord]:
    """Return the records of an object of the quarantine.

    Args:
        body: The object.

    Returns:
        One record; several for a whole aggregate that can be read by now, compressed or not, since each has
        its own position.

    Raises:
        UnreadableObjectError: It is not a quarantine object, or it is damaged.
    """
    rejected = read_object(body)
    position, data, reason = rejected.position, rejected.data, rejected.reason
    if data is None:
        return [ReplayableRecord(reason, position, position, b"", NO_BYTES)]
    if reason == Reason.BAD_REPLAY_TAGS:
        return [ReplayableRecord(reason, position, position, data, POSITION_UNKNOWN)]
    parts = split_stored(data, position, rejected.origin)
    return [replayable(part, reason, latest=position) for part in parts]
