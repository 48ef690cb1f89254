"""Records of the quarantine, as they can be put back, and what keeps one from it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartcat.cli.replay.held import Held, hold
from smartcat.wire_format.errors import Reason
from smartcat.wire_format.kpl_aggregate import is_aggregate
from stream_processor.storage_format.kinesis_records import split_data
from stream_processor.storage_format.quarantine_object import read_object

if TYPE_CHECKING:
    from collections.abc import Sequence

NEVER_BYTES = "its data was not base64: there are no bytes to put back"
PLACE_UNKNOWN = "it claimed a place it cannot have had, so its own first place is not known"


def read_quarantined(body: bytes) -> Sequence[Held]:
    """Read what an object of the quarantine holds.

    Args:
        body: The object.

    Returns:
        One record; several where a whole aggregate was put aside that can be read today, since each of them
        has its own place.

    Raises:
        UnreadableObjectError: It is no quarantine object, or a damaged one.
    """
    rejected = read_object(body)
    position, data, reason = rejected.position, rejected.data, rejected.reason
    if data is None:
        return [Held(reason, position, position, b"", NEVER_BYTES)]
    if reason == Reason.BAD_REPLAY_TAGS:
        return [Held(reason, position, position, data, PLACE_UNKNOWN)]
    if position.sub_sequence_number is None and is_aggregate(data):
        return [hold(part, reason) for part in split_data(data, position)]
    return [Held(reason, rejected.origin or position, position, data)]
