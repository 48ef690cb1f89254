"""Records of a mapping's S3 failure destination, as they can be replayed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartcat.cli.replay.replayable_record import ReplayableRecord, replayable
from stream_processor.storage_format.failure_object import read_object

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_failure_object(body: bytes) -> Sequence[ReplayableRecord]:
    """Return the records of a failure object.

    Args:
        body: The content of the object.

    Returns:
        Every user record of every stream record in it; the condition is the reason. Some may have results
        already: a batch is discarded as a whole.

    Raises:
        UnreadableObjectError: It is not a failure object of a Kinesis mapping, or it is damaged.
    """
    batch = read_object(body)
    return [replayable(record, batch.condition, latest=record.position) for record in batch.records]
