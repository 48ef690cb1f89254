"""The original position of a replayed record, as tags of a KPL user record, both ways.

Anyone who may write to the stream may write tags, so reading is strict. Must know nothing of documents or of
the record that carries the tags; the caller compares the two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from smartcat.wire_format.errors import Reason, WireFormatError

if TYPE_CHECKING:
    from collections.abc import Iterable

SHARD_ID: Final = "smartcat-shard-id"
SEQUENCE_NUMBER: Final = "smartcat-sequence-number"
SUB_SEQUENCE_NUMBER: Final = "smartcat-sub-sequence-number"
ARRIVED_AT: Final = "smartcat-arrived-at"

_FORMS: Final = {
    # Both as in the Kinesis API; a number in any other spelling would not compare by its length.
    SHARD_ID: re.compile(r"[a-zA-Z0-9_.-]{1,128}"),
    SEQUENCE_NUMBER: re.compile(r"0|[1-9][0-9]{0,128}"),
    # Ours: an aggregate of 1 MiB cannot hold a million records.
    SUB_SEQUENCE_NUMBER: re.compile(r"0|[1-9][0-9]{0,5}"),
    ARRIVED_AT: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"),
}


@dataclass(frozen=True, slots=True)
class OriginalPosition:
    """The position a record had when it was first on the stream.

    Attributes:
        shard_id: Such as ``shardId-000000000003``.
        sequence_number: A decimal number as Kinesis writes it, without leading zeros.
        sub_sequence_number: Index inside its aggregate, 0 to 999,999; None for a record that was not in one.
        arrived_at: Kinesis's approximate arrival, UTC, to the millisecond.
    """

    shard_id: str
    sequence_number: str
    sub_sequence_number: int | None
    arrived_at: datetime


def to_tags(position: OriginalPosition) -> tuple[tuple[str, str], ...]:
    """Return the position as tags.

    Raises:
        ValueError: Kinesis assigns no such position; ``from_tags`` would reject it.
    """
    arrived_at = position.arrived_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    tags = [
        (SHARD_ID, position.shard_id),
        (SEQUENCE_NUMBER, position.sequence_number),
        (ARRIVED_AT, arrived_at),
    ]
    if position.sub_sequence_number is not None:
        tags.insert(2, (SUB_SEQUENCE_NUMBER, str(position.sub_sequence_number)))
    from_tags(tags)
    return tuple(tags)


def from_tags(tags: Iterable[tuple[str, str]]) -> OriginalPosition | None:
    """Return the position that tags give.

    Args:
        tags: Names and values; tags of other software are ignored.

    Returns:
        The position, or None if there are no tags of ours.

    Raises:
        WireFormatError: ``BAD_REPLAY_TAGS`` for tags of ours that come twice, lack a part, or hold a value
            of another form.
    """
    ours: dict[str, str] = {}
    for name, value in tags:
        if name not in _FORMS:
            continue
        if name in ours:
            raise _bad(f"{name} comes twice")
        if not _FORMS[name].fullmatch(value):
            raise _bad(f"{name} does not have the form of a position on a stream")
        ours[name] = value
    return _position(ours) if ours else None


def _position(ours: dict[str, str]) -> OriginalPosition:
    missing = [name for name in (SHARD_ID, SEQUENCE_NUMBER, ARRIVED_AT) if name not in ours]
    if missing:
        raise _bad(f"{', '.join(missing)} missing")
    sub = ours.get(SUB_SEQUENCE_NUMBER)
    try:
        arrived_at = datetime.fromisoformat(ours[ARRIVED_AT])
    except ValueError:
        raise _bad(f"{ARRIVED_AT} is not a valid time") from None
    return OriginalPosition(
        ours[SHARD_ID], ours[SEQUENCE_NUMBER], None if sub is None else int(sub), arrived_at
    )


def _bad(detail: str) -> WireFormatError:
    return WireFormatError(Reason.BAD_REPLAY_TAGS, f"replay tags: {detail}")
