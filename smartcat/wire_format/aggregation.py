"""KPL aggregates, both directions, all or nothing: many user records in the data of one Kinesis record.

The format is public (awslabs/amazon-kinesis-producer, aggregation-format.md): magic, protobuf message, MD5.
Knows bytes and keys only, nothing of documents.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.kpl_message import aggregated_record_class
from smartcat.wire_format.user_record import UserRecord, check_keys, field_size, record_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["AGGREGATE_MAGIC", "AggregateBuilder", "UserRecord", "is_aggregate", "pack", "unpack"]

AGGREGATE_MAGIC: Final = b"\xf3\x89\x9a\xc2"

DEFAULT_MAX_RECORDS: Final = 100_000
"""User records accepted in one aggregate; an honest 1 MiB aggregate of 20-byte records holds fewer."""

_DIGEST_BYTES: Final = 16
_FRAME_BYTES: Final = len(AGGREGATE_MAGIC) + _DIGEST_BYTES


def is_aggregate(data: bytes) -> bool:
    """Tell whether the data claims to be an aggregate; the magic is not valid UTF-8, so no JSON begins so."""
    return data.startswith(AGGREGATE_MAGIC)


def pack(records: Sequence[UserRecord]) -> bytes:
    """Put the records into one aggregate, in order.

    Args:
        records: At least one record.

    Returns:
        The data of one Kinesis record. Its size is not bounded here; ``AggregateBuilder`` bounds it.

    Raises:
        ValueError: No records, or a key Kinesis would refuse.
    """
    builder = AggregateBuilder()
    for record in records:
        builder.add(record)
    return builder.build()


class AggregateBuilder:
    """Collects records for one aggregate and knows its exact size at every moment.

    Args:
        max_bytes: The most bytes ``build`` may return, or None for no bound.
    """

    def __init__(self, max_bytes: int | None = None) -> None:
        self._max_bytes = max_bytes
        self._message = aggregated_record_class()()
        self._partition_keys: dict[str, int] = {}
        self._hash_keys: dict[str, int] = {}
        self._size = _FRAME_BYTES

    @property
    def size(self) -> int:
        """The bytes ``build`` would return now."""
        return self._size

    def __len__(self) -> int:
        """The records added so far."""
        return len(self._message.records)

    def add(self, record: UserRecord) -> bool:
        """Add the record if the aggregate stays within its bound.

        Args:
            record: The record to add.

        Returns:
            True if it was added. False if it does not fit: build, and offer it to a new builder; a record
            that an empty builder refuses fits in no aggregate of this bound.

        Raises:
            ValueError: A key Kinesis would refuse, or a tag that is not Unicode text.
        """
        check_keys(record)
        key, hash_key = record.partition_key, record.explicit_hash_key
        grown = self._size + _key_growth(self._partition_keys, key)
        key_index = self._partition_keys.get(key, len(self._partition_keys))
        hash_key_index = None
        if hash_key is not None:
            grown += _key_growth(self._hash_keys, hash_key)
            hash_key_index = self._hash_keys.get(hash_key, len(self._hash_keys))
        grown += record_size(record, key_index, hash_key_index)
        if self._max_bytes is not None and grown > self._max_bytes:
            return False
        self._append(record)
        self._size = grown
        return True

    def build(self) -> bytes:
        """Return the aggregate: magic, protobuf, MD5 of the protobuf. The builder stays as it is.

        Raises:
            ValueError: Nothing was added; an aggregate without records has no meaning.
        """
        if not len(self):
            raise ValueError("an aggregate needs at least one record, and none was added")
        body: bytes = self._message.SerializeToString()
        return AGGREGATE_MAGIC + body + _digest(body)

    def _append(self, record: UserRecord) -> None:
        message = self._message.records.add()
        message.partition_key_index = _index(
            self._partition_keys, record.partition_key, self._message.partition_key_table
        )
        if record.explicit_hash_key is not None:
            message.explicit_hash_key_index = _index(
                self._hash_keys, record.explicit_hash_key, self._message.explicit_hash_key_table
            )
        message.data = record.data
        for name, value in record.tags:
            message.tags.add(key=name, value=value)


def unpack(data: bytes, *, max_records: int = DEFAULT_MAX_RECORDS) -> list[UserRecord]:
    """Take an aggregate apart: every record in order, or none at all.

    Args:
        data: The data of a Kinesis record that begins with the magic.
        max_records: The most user records to accept.

    Returns:
        At least one record; a record's place in the list is its sub-sequence number, from 0.

    Raises:
        WireFormatError: ``BAD_AGGREGATE``, for a wrong MD5, a broken message, an index outside its table,
            no records or too many, or bytes the reader would otherwise have to drop.
    """
    message = _parse(_verified_body(data))
    if not 0 < len(message.records) <= max_records:
        raise _bad(f"{len(message.records)} records, expected 1 to {max_records}")
    partition_keys = _texts("key in its tables", message.partition_key_table)
    hash_keys = _texts("key in its tables", message.explicit_hash_key_table)
    return [_user_record(i, record, partition_keys, hash_keys) for i, record in enumerate(message.records)]


def _verified_body(data: bytes) -> bytes:
    if not is_aggregate(data):
        raise _bad("does not begin with the magic of an aggregate")
    if len(data) <= _FRAME_BYTES:
        raise _bad(f"{len(data)} bytes, too short to hold a record")
    body, digest = data[len(AGGREGATE_MAGIC) : -_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    if _digest(body) != digest:
        raise _bad("the MD5 at its end does not match its content")
    return body


def _parse(body: bytes) -> Any:
    message = aggregated_record_class()()
    try:
        message.ParseFromString(body)
        complete = message.IsInitialized()
    except Exception as error:
        # DecodeError, or UnicodeDecodeError in protobuf's pure Python flavour; neither message is repeated.
        raise _bad("its protobuf message cannot be parsed") from error
    if not complete:
        raise _bad("a record lacks its partition key index or its data")
    # The parser keeps the last of a repeated scalar and skips fields it does not know. Either could hide a
    # record, so the message must account for every byte it was read from.
    _refuse_unknown_fields(message)
    if message.ByteSize() != len(body):
        raise _bad("its protobuf message holds a field twice or in an unusual coding")
    return message


def _refuse_unknown_fields(message: Any) -> None:
    known = message.ByteSize()
    message.DiscardUnknownFields()
    if message.ByteSize() != known:
        raise _bad("its protobuf message has fields the format does not know")


def _texts(what: str, found: Iterable[Any]) -> list[str]:
    try:
        texts = list(found)
    except UnicodeDecodeError as error:
        raise _bad(f"a {what} is not UTF-8") from error
    # protobuf's C flavour does not raise for such a text, it hands out the bytes.
    if not all(isinstance(text, str) for text in texts):
        raise _bad(f"a {what} is not UTF-8")
    return texts


def _user_record(position: int, record: Any, partition_keys: list[str], hash_keys: list[str]) -> UserRecord:
    key = _look_up(position, "partition key", record.partition_key_index, partition_keys)
    # The index defaults to 0, which is somebody else's key: only a field that is really there counts.
    hash_key = (
        _look_up(position, "explicit hash key", record.explicit_hash_key_index, hash_keys)
        if record.HasField("explicit_hash_key_index")
        else None
    )
    return UserRecord(key, record.data, hash_key, _tags(record.tags) if record.tags else ())


def _tags(tags: Any) -> tuple[tuple[str, str], ...]:
    names = _texts("tag", (tag.key for tag in tags))
    return tuple(zip(names, _texts("tag", (tag.value for tag in tags)), strict=True))


def _look_up(position: int, what: str, index: int, table: list[str]) -> str:
    if index >= len(table):
        raise _bad(f"record {position} names {what} {index} of a table of {len(table)}")
    return table[index]


def _key_growth(table: dict[str, int], key: str) -> int:
    return 0 if key in table else field_size(len(key.encode()))


def _index(indices: dict[str, int], key: str, table: Any) -> int:
    if key not in indices:
        indices[key] = len(indices)
        table.append(key)
    return indices[key]


def _digest(body: bytes) -> bytes:
    # A checksum against accidents, given by the format; nothing is protected by it.
    return hashlib.md5(body, usedforsecurity=False).digest()


def _bad(detail: str) -> WireFormatError:
    return WireFormatError(Reason.BAD_AGGREGATE, f"aggregate: {detail}")
