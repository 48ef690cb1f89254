"""KPL aggregates, both directions, all or nothing: many user records in the data of one Kinesis record.

The format is public (awslabs/amazon-kinesis-producer, aggregation-format.md): magic, protobuf message, MD5.
Knows bytes and keys only, nothing of documents.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wire_format.errors import Reason, WireFormatError
from wire_format.kpl_message import aggregated_record_class

if TYPE_CHECKING:
    from collections.abc import Sequence

AGGREGATE_MAGIC: Final = b"\xf3\x89\x9a\xc2"

DEFAULT_MAX_RECORDS: Final = 100_000
"""User records accepted in one aggregate; an honest 1 MiB aggregate of 20-byte records holds fewer."""

_DIGEST_BYTES: Final = 16
_FRAME_BYTES: Final = len(AGGREGATE_MAGIC) + _DIGEST_BYTES
_MAX_KEY_CHARS: Final = 256
_HASH_KEYS: Final = 1 << 128


@dataclass(frozen=True, slots=True)
class UserRecord:
    """One record as the user put it.

    Attributes:
        partition_key: 1 to 256 characters when written; whatever the aggregate holds when read.
        data: The user's bytes.
        explicit_hash_key: Decimal number below 2**128 that replaces the hash of the partition key, or None.
    """

    partition_key: str
    data: bytes = field(repr=False)  # a repr ends in logs, and page text must not
    explicit_hash_key: str | None = None


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
            ValueError: A key Kinesis would refuse.
        """
        _check_keys(record)
        partition_key, hash_key = record.partition_key, record.explicit_hash_key
        grown = self._size + _key_growth(self._partition_keys, partition_key)
        inner = 1 + _varint_size(self._partition_keys.get(partition_key, len(self._partition_keys)))
        if hash_key is not None:
            grown += _key_growth(self._hash_keys, hash_key)
            inner += 1 + _varint_size(self._hash_keys.get(hash_key, len(self._hash_keys)))
        grown += _field_size(inner + _field_size(len(record.data)))
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
    partition_keys = _table(message.partition_key_table)
    hash_keys = _table(message.explicit_hash_key_table)
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


def _table(keys: Any) -> list[str]:
    try:
        table = list(keys)
    except UnicodeDecodeError as error:
        raise _bad("a key in its tables is not UTF-8") from error
    # protobuf's C flavour does not raise for such a key, it hands out the bytes.
    if not all(isinstance(key, str) for key in table):
        raise _bad("a key in its tables is not UTF-8")
    return table


def _user_record(position: int, record: Any, partition_keys: list[str], hash_keys: list[str]) -> UserRecord:
    key = _look_up(position, "partition key", record.partition_key_index, partition_keys)
    # The index defaults to 0, which is somebody else's key: only a field that is really there counts.
    hash_key = (
        _look_up(position, "explicit hash key", record.explicit_hash_key_index, hash_keys)
        if record.HasField("explicit_hash_key_index")
        else None
    )
    return UserRecord(key, record.data, hash_key)


def _look_up(position: int, what: str, index: int, table: list[str]) -> str:
    if index >= len(table):
        raise _bad(f"record {position} names {what} {index} of a table of {len(table)}")
    return table[index]


def _check_keys(record: UserRecord) -> None:
    if not 1 <= len(record.partition_key) <= _MAX_KEY_CHARS:
        raise ValueError(
            f"a partition key has 1 to {_MAX_KEY_CHARS} characters, this one {len(record.partition_key)}"
        )
    hash_key = record.explicit_hash_key
    if hash_key is None:
        return
    # Length first: int() refuses very long digit strings with a message of its own.
    digits = hash_key.isascii() and hash_key.isdigit() and len(hash_key) <= len(str(_HASH_KEYS))
    if not digits or int(hash_key) >= _HASH_KEYS:
        raise ValueError("an explicit hash key is a decimal number from 0 to 2**128 - 1")


def _key_growth(table: dict[str, int], key: str) -> int:
    return 0 if key in table else _field_size(len(key.encode()))


def _field_size(length: int) -> int:
    """Bytes of a length-delimited field: tag (one byte, for field numbers below 16), length, content."""
    return 1 + _varint_size(length) + length


def _varint_size(value: int) -> int:
    """Bytes of a protobuf varint: seven bits a byte, at least one."""
    return max(1, -(-value.bit_length() // 7))


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
