"""Stored bytes taken apart: base64, KPL aggregates, compressed or not, replay tags. Pure.

The one way from what Kinesis holds to user records, for the function and for all who read what was put aside.
Reads no document. What cannot be taken apart becomes a rejected record that holds the exact bytes, and never
affects its neighbours.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from smartcat.stream_names import parse_stream
from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.kpl_aggregate import is_aggregate, unpack
from smartcat.wire_format.replay_tags import from_tags
from smartcat.wire_format.zstd_aggregate import is_zstd_aggregate, unpack_zstd_aggregate
from stream_processor.errors import RefuseInvocation, RejectRecord
from stream_processor.storage_format.quarantine_object import RejectedRecord
from stream_processor.storage_format.record_position import RecordPosition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from smartcat.wire_format.kpl_aggregate import UserRecord

T = TypeVar("T")
Raw = TypeVar("Raw")

UNREADABLE: Final = "unreadable"
"""Reason of a payload whose decoding failed in a way the wire format does not foresee."""


@dataclass(frozen=True, slots=True)
class EncodedDocument:
    """The bytes of one document, or of its claim, as the producer put them: one user record.

    Attributes:
        position: Where they are; inside an aggregate, with an index and a partition key of their own.
        data: The bytes.
        origin: Their original position, if they were put on the stream again; earlier than ``position``.
    """

    position: RecordPosition
    data: bytes = field(repr=False)
    origin: RecordPosition | None = None

    @property
    def size(self) -> int:
        """Number of the bytes."""
        return len(self.data)

    def rejected(self, error: RejectRecord) -> RejectedRecord:
        """Return the rejected record that keeps these bytes."""
        return RejectedRecord(self.position, error.reason, error.detail, data=self.data, origin=self.origin)


def event_records(event: Mapping[str, Any]) -> list[tuple[RecordPosition, str]]:
    """Return position and base64 text of each record of an event, in its order.

    Raises:
        RefuseInvocation: The event is not from a Kinesis event source mapping. Every entry must be: a wrong
            mapping fails at once and whole.
    """
    entries = _entries(event)
    return [(_position(entry, index), entry["kinesis"]["data"]) for index, entry in enumerate(entries)]


def split_record(text: str, position: RecordPosition) -> list[EncodedDocument | RejectedRecord]:
    """Split the data of a record into the user records in it.

    Args:
        text: What should be base64.
        position: The record.

    Returns:
        At least one encoded document or rejected record, in the order of the record.
    """
    data = record_bytes(text, position)
    return [data] if isinstance(data, RejectedRecord) else split_data(data, position)


def record_bytes(text: str, position: RecordPosition) -> bytes | RejectedRecord:
    """Return the bytes of a record, or the rejected record if they are not strict base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # ValueError: characters outside ASCII
        detail = "the data is not strict base64"
        return RejectedRecord(position, str(Reason.BAD_BASE64), detail, data_text=text)


def split_data(data: bytes, position: RecordPosition) -> list[EncodedDocument | RejectedRecord]:
    """Split the bytes of a record: itself, or the user records of an aggregate, compressed or not.

    Args:
        data: The bytes as Kinesis holds them.
        position: The record.

    Returns:
        At least one encoded document or rejected record. An aggregate that cannot be read is one rejected
        record.
    """
    compressed = is_zstd_aggregate(data)
    if not compressed and not is_aggregate(data):
        return [EncodedDocument(position, data)]
    try:
        users = read_or_reject(unpack_zstd_aggregate if compressed else unpack, data)
    except RejectRecord as error:
        return [RejectedRecord(position, error.reason, error.detail, data=data)]
    return [
        _user_record(user, replace(position, sub_sequence_number=index, partition_key=user.partition_key))
        for index, user in enumerate(users)
    ]


def split_stored(
    data: bytes, position: RecordPosition, origin: RecordPosition | None = None
) -> list[EncodedDocument | RejectedRecord]:
    """Split bytes that were put aside: a whole record, or one user record of an aggregate.

    Args:
        data: The bytes.
        position: The record that brought them.
        origin: Their original position, if they were put on the stream again.

    Returns:
        At least one encoded document or rejected record, each at the position at which it was first on the
        stream. A user record is not split further, but a whole record is, even if it was put back as one user
        record: earlier versions did that to compressed aggregates.
    """
    first = origin or position
    if first.sub_sequence_number is None:
        return split_data(data, first)
    return [EncodedDocument(first, data)]


def read_or_reject(read: Callable[[Raw], T], raw: Raw) -> T:
    """Run a reader of the wire format; whatever it raises is the record's fault, never its neighbours'.

    Raises:
        RejectRecord: The reader failed.
        MemoryError: The environment is too small; no record is to blame.
    """
    try:
        return read(raw)
    except WireFormatError as error:
        raise RejectRecord(str(error.reason), error.detail) from None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a defect in decoding must not block the shard
        # The type alone: the message of an unforeseen error may quote the payload.
        raise RejectRecord(UNREADABLE, f"decoding failed with {type(error).__name__}") from None


def _user_record(user: UserRecord, position: RecordPosition) -> EncodedDocument | RejectedRecord:
    try:
        origin = read_or_reject(partial(_origin, position), user.tags) if user.tags else None
    except RejectRecord as error:
        return RejectedRecord(position, error.reason, error.detail, data=user.data)
    return EncodedDocument(position, user.data, origin)


def _origin(carrier: RecordPosition, tags: Sequence[tuple[str, str]]) -> RecordPosition | None:
    """Return the original position that tags claim, if any.

    Whoever may write to the stream may claim any position. The claim makes the write a conditional one, and a
    position before the record's own wins against fewer versions than the record would without tags. So tags
    can make a write more careful, and nothing else.
    """
    first = from_tags(tags)
    if first is None:
        return None
    if int(first.sequence_number) >= int(carrier.sequence_number):
        raise WireFormatError(
            Reason.BAD_REPLAY_TAGS, "replay tags: they name a position that is not before the record's own"
        )
    return replace(
        carrier,
        shard_id=first.shard_id,
        sequence_number=first.sequence_number,
        sub_sequence_number=first.sub_sequence_number,
        # Arrival is approximate, so a later moment proves no lie; but no result may live longer for it.
        arrived_at=min(first.arrived_at, carrier.arrived_at),
    )


def _entries(event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    entries = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(entries, list):
        raise RefuseInvocation(
            "the event has no list 'Records': expected an event of a Kinesis event source mapping"
        )
    return entries


def _position(entry: Any, index: int) -> RecordPosition:
    try:
        kinesis = entry["kinesis"]
        is_text = isinstance(kinesis["data"], str)
        arrived_ms = round(float(kinesis["approximateArrivalTimestamp"]) * 1000)
        position = RecordPosition(
            stream=_stream_name(str(entry["eventSourceARN"])),
            shard_id=str(entry["eventID"]).partition(":")[0],
            sequence_number=str(kinesis["sequenceNumber"]),
            sub_sequence_number=None,
            # On-demand streams may distribute records without partition keys.
            partition_key=str(kinesis.get("partitionKey") or ""),
            arrived_at=datetime.fromtimestamp(arrived_ms / 1000, UTC),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _not_a_kinesis_record(index, type(error).__name__) from None
    if not is_text:
        raise _not_a_kinesis_record(index, "data is not a string")
    return position


@lru_cache(maxsize=16)  # all records of a batch have one
def _stream_name(arn: str) -> str:
    return parse_stream(arn).name


def _not_a_kinesis_record(index: int, why: str) -> RefuseInvocation:
    return RefuseInvocation(
        f"record {index} of the event is not a Kinesis record ({why}): expected eventID, eventSourceARN, "
        "kinesis.data, kinesis.sequenceNumber and kinesis.approximateArrivalTimestamp"
    )
