"""One Kinesis record of a Lambda event, taken apart: base64, KPL aggregate, tags. Pure; reads no document.

What cannot be taken apart is a rejection that holds the exact bytes, and never affects its neighbours.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.kpl_aggregate import is_aggregate, unpack
from smartcat.wire_format.replay_tags import from_tags
from smartcat.wire_format.zstd_aggregate import is_zstd_aggregate, unpack_zstd_aggregate
from stream_processor.arrivals import Rejection, Source
from stream_processor.errors import RefuseInvocation, RejectRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from smartcat.wire_format.kpl_aggregate import UserRecord

T = TypeVar("T")
Raw = TypeVar("Raw")

UNREADABLE: Final = "unreadable"
"""Reason of a payload whose decoding failed in a way the wire format does not foresee."""


@dataclass(frozen=True, slots=True)
class Part:
    """One user's bytes out of a record.

    Attributes:
        source: Where they are; inside an aggregate, with place and partition key of their own.
        data: The bytes, as the user put them.
        origin: Where they first were, if somebody put them on the stream again; earlier than ``source``.
    """

    source: Source
    data: bytes = field(repr=False)
    origin: Source | None = None


def records_of(event: Mapping[str, Any]) -> list[tuple[Source, str]]:
    """Give place and base64 text of each record of an event, in its order.

    Raises:
        RefuseInvocation: The event is not from a Kinesis event source mapping. Every entry must be: a wrong
            mapping fails at once and whole.
    """
    entries = _entries(event)
    return [(_source(entry, place), entry["kinesis"]["data"]) for place, entry in enumerate(entries)]


def take_apart(text: str, source: Source) -> list[Part | Rejection]:
    """Take apart the data of a record as it stands in an event.

    Args:
        text: What should be base64.
        source: The record.

    Returns:
        At least one part or rejection, in the order of the record.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # ValueError: characters outside ASCII
        return [Rejection(source, str(Reason.BAD_BASE64), "the data is not strict base64", data_text=text)]
    return parts_of(data, source)


def parts_of(data: bytes, source: Source) -> list[Part | Rejection]:
    """Give the users' records in the data of a record: itself, or those of an aggregate, compressed or not.

    Args:
        data: The bytes as Kinesis holds them.
        source: The record.

    Returns:
        At least one part or rejection. An aggregate that cannot be read is one rejection.
    """
    compressed = is_zstd_aggregate(data)
    if not compressed and not is_aggregate(data):
        return [Part(source, data)]
    try:
        users = read_or_reject(unpack_zstd_aggregate if compressed else unpack, data)
    except RejectRecord as error:
        return [Rejection(source, error.reason, error.detail, data=data)]
    return [
        _part(user, replace(source, sub_sequence_number=place, partition_key=user.partition_key))
        for place, user in enumerate(users)
    ]


def _part(user: UserRecord, source: Source) -> Part | Rejection:
    try:
        origin = read_or_reject(partial(_origin, source), user.tags) if user.tags else None
    except RejectRecord as error:
        return Rejection(source, error.reason, error.detail, data=user.data)
    return Part(source, user.data, origin)


def _origin(carrier: Source, tags: Sequence[tuple[str, str]]) -> Source | None:
    """Read where a record first was.

    Whoever may write to the stream may claim any place. The claim makes the write a guarded one, and a place
    before the record's own wins against fewer versions than the record would without tags. So tags can make a
    write more careful, and nothing else.
    """
    place = from_tags(tags)
    if place is None:
        return None
    if int(place.sequence_number) >= int(carrier.sequence_number):
        raise WireFormatError(
            Reason.BAD_REPLAY_TAGS, "replay tags: they name a place that is not before the record's own"
        )
    return replace(
        carrier,
        shard_id=place.shard_id,
        sequence_number=place.sequence_number,
        sub_sequence_number=place.sub_sequence_number,
        # Arrival is approximate, so a later moment proves no lie; but no result may live longer for it.
        arrived_at=min(place.arrived_at, carrier.arrived_at),
    )


def read_or_reject(read: Callable[[Raw], T], raw: Raw) -> T:
    """Run a reader of the wire format; whatever it raises is the record's fault, never its neighbours'."""
    try:
        return read(raw)
    except WireFormatError as error:
        raise RejectRecord(str(error.reason), error.detail) from None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a defect in decoding must not block the shard
        # The type alone: the message of an unforeseen error may quote the payload.
        raise RejectRecord(UNREADABLE, f"decoding failed with {type(error).__name__}") from None


def _entries(event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    entries = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(entries, list):
        raise RefuseInvocation(
            "the event has no list 'Records': expected an event of a Kinesis event source mapping"
        )
    return entries


def _source(entry: Any, place: int) -> Source:
    try:
        kinesis = entry["kinesis"]
        is_text = isinstance(kinesis["data"], str)
        arrived_ms = round(float(kinesis["approximateArrivalTimestamp"]) * 1000)
        source = Source(
            stream=str(entry["eventSourceARN"]).rpartition("/")[2],
            shard_id=str(entry["eventID"]).partition(":")[0],
            sequence_number=str(kinesis["sequenceNumber"]),
            sub_sequence_number=None,
            # On-demand streams may distribute records without partition keys.
            partition_key=str(kinesis.get("partitionKey") or ""),
            arrived_at=datetime.fromtimestamp(arrived_ms / 1000, UTC),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _refusal(place, type(error).__name__) from None
    if not is_text:
        raise _refusal(place, "data is not a string")
    return source


def _refusal(place: int, why: str) -> RefuseInvocation:
    return RefuseInvocation(
        f"record {place} of the event is not a Kinesis record ({why}): expected eventID, eventSourceARN, "
        "kinesis.data, kinesis.sequenceNumber and kinesis.approximateArrivalTimestamp"
    )
