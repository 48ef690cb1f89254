"""Records of a mapping's S3 failure destination, as they can be put back. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartcat.cli.replay.held import Held, hold
from stream_processor.storage_format.failure_object import read_object

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_given_up(body: bytes) -> Sequence[Held]:
    """Read what a failure object holds.

    Args:
        body: The object.

    Returns:
        Every user's record of every record in it; the condition is the reason. Some may be stored already:
        a batch is given up whole.

    Raises:
        UnreadableObjectError: It is no failure object of a Kinesis mapping, or a damaged one.
    """
    batch = read_object(body)
    return [hold(record, batch.condition) for record in batch.records]
