"""KPL aggregates: many user records in the data of one Kinesis record, written and read all or nothing.

The format is public (awslabs/amazon-kinesis-producer, aggregation-format.md): magic, protobuf message, MD5.
Works on bytes and keys; nothing here may know what a user record or its tags mean, or load protobuf before an
aggregate is written or read.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from smartcat.wire_format.errors import Reason, WireFormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

AGGREGATE_MAGIC: Final = b"\xf3\x89\x9a\xc2"

MAX_RECORDS: Final = 20_000
"""Most user records in one aggregate, written or read. The largest that the KPL makes, 1 MiB, holds 19,800 of
the smallest documents (53 bytes each, if their ids differ); our producer holds 10,000 documents at once."""

MAX_TAGS: Final = 16
"""Most tags of one user record: a replayed record has four, and the KPL writes none."""

_DIGEST_BYTES: Final = 16
_FRAME_BYTES: Final = len(AGGREGATE_MAGIC) + _DIGEST_BYTES
_MAX_KEY_CHARS: Final = 256
_HASH_KEYS: Final = 1 << 128

_COUNTED_ABOVE: Final = 1024 * 1024
"""Bytes of a message above which its parts are counted before it is parsed: two bytes may take a hundred in
memory. The largest that the KPL makes are below, and cost nothing more."""

# The bytes that begin a field in the protobuf encoding: its number times eight, and its wire type.
_KEYS: Final = frozenset({1 << 3 | 2, 2 << 3 | 2})
_RECORD: Final = 3 << 3 | 2
_NUMBERS_IN_RECORD: Final = frozenset({1 << 3, 2 << 3})
_DELIMITED_IN_RECORD: Final = frozenset({3 << 3 | 2, 4 << 3 | 2})
_RECORD_FIELDS: Final = 3  # besides its tags
_VARINT_BYTES: Final = 10

_NO_MESSAGE: Final = "its protobuf message cannot be parsed"
_TOO_MANY_TAGS: Final = f"a record with more than {MAX_TAGS} tags"
_UNKNOWN_FIELDS: Final = "its protobuf message has fields the format does not know"


@dataclass(frozen=True, slots=True)
class UserRecord:
    """One record as its producer put it.

    Attributes:
        partition_key: 1 to 256 characters when written; whatever the aggregate holds when read.
        data: The user's bytes.
        explicit_hash_key: Decimal number below 2**128 that replaces the hash of the partition key, or None.
        tags: Names and values beside the data, in order; a missing value is read as "".
    """

    partition_key: str
    data: bytes = field(repr=False)  # a repr ends in logs, and page text must not
    explicit_hash_key: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


def is_aggregate(data: bytes) -> bool:
    """Return whether the data begins like an aggregate; the magic is not valid UTF-8, so JSON never does."""
    return data.startswith(AGGREGATE_MAGIC)


def pack(records: Sequence[UserRecord]) -> bytes:
    """Return one aggregate of the records, in order.

    Args:
        records: 1 to ``MAX_RECORDS`` records.

    Returns:
        The data of one Kinesis record. Its size is not bounded here; ``AggregateBuilder`` bounds it.

    Raises:
        ValueError: No records or too many, or a key that Kinesis rejects.
    """
    builder = AggregateBuilder()
    for record in records:
        if not builder.add(record):
            raise ValueError(f"an aggregate has at most {MAX_RECORDS} records, found {len(records)}")
    return builder.build()


class AggregateBuilder:
    """Collects records for one aggregate and keeps count of its exact size.

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
        """Number of bytes that ``build`` would return now."""
        return self._size

    def __len__(self) -> int:
        """Return the number of records added so far."""
        return len(self._message.records)

    def add(self, record: UserRecord) -> bool:
        """Add the record if the aggregate stays within its bound.

        Args:
            record: The record to add.

        Returns:
            True if it was added. False if it does not fit, or there are ``MAX_RECORDS``: build, and add it to
            a new builder; a record that an empty builder rejects fits in no aggregate of this bound.

        Raises:
            ValueError: A key that Kinesis rejects, or a tag that is not Unicode text.
        """
        check_keys(record)
        if len(self) == MAX_RECORDS:
            return False
        key, hash_key = record.partition_key, record.explicit_hash_key
        size = self._size + _key_growth(self._partition_keys, key)
        key_index = self._partition_keys.get(key, len(self._partition_keys))
        hash_key_index = None
        if hash_key is not None:
            size += _key_growth(self._hash_keys, hash_key)
            hash_key_index = self._hash_keys.get(hash_key, len(self._hash_keys))
        size += record_size(record, key_index, hash_key_index)
        if self._max_bytes is not None and size > self._max_bytes:
            return False
        self._append(record)
        self._size = size
        return True

    def build(self) -> bytes:
        """Return the aggregate: magic, protobuf, MD5 of the protobuf. The builder is not changed.

        Raises:
            ValueError: Nothing was added.
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


def unpack(data: bytes, *, max_records: int = MAX_RECORDS) -> list[UserRecord]:
    """Return every record of an aggregate in order, or none at all.

    Args:
        data: The data of a Kinesis record that begins with the magic.
        max_records: The most user records to accept.

    Returns:
        At least one record; a record's index is its sub-sequence number, from 0.

    Raises:
        WireFormatError: ``BAD_AGGREGATE``, for a wrong MD5, a malformed message, an index outside its table,
            no records or too many, or bytes that would otherwise be dropped.
    """
    body = _verified_body(data)
    if len(body) > _COUNTED_ABOVE:
        _check_counts(body, max_records)
    message = _parse(body)
    if not message.records:
        raise _bad("0 records, expected at least 1")
    keys = len(message.partition_key_table) + len(message.explicit_hash_key_table)
    _check_numbers(len(message.records), keys, max_records)
    partition_keys = _texts("key in its tables", message.partition_key_table)
    hash_keys = _texts("key in its tables", message.explicit_hash_key_table)
    if any(len(key) > _MAX_KEY_CHARS for key in (*partition_keys, *hash_keys)):
        raise _bad(f"a key of more than {_MAX_KEY_CHARS} characters in its tables")
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


def _check_counts(body: bytes, max_records: int) -> None:
    """Count records, keys and tags of a large message before it is parsed.

    Stops at the first that is too many.
    """
    records, keys, at = 0, 0, 0
    while at < len(body):
        tag = body[at]
        size, at = _varint(body, at + 1)
        if tag == _RECORD:
            records += 1
            _check_fields(body, at, min(at + size, len(body)))
        elif tag in _KEYS:
            keys += 1
        else:
            raise _bad(_UNKNOWN_FIELDS)
        _check_numbers(records, keys, max_records)
        at += size


def _check_fields(body: bytes, at: int, end: int) -> None:
    """Count the fields of the record between two indices: two indices of keys, the data, and tags."""
    for _ in range(_RECORD_FIELDS + MAX_TAGS):
        if at >= end:
            return
        tag = body[at]
        value, at = _varint(body, at + 1)
        if tag in _DELIMITED_IN_RECORD:
            at += value
        elif tag not in _NUMBERS_IN_RECORD:
            raise _bad(_UNKNOWN_FIELDS)
    if at < end:
        raise _bad(_TOO_MANY_TAGS)


def _check_numbers(records: int, keys: int, max_records: int) -> None:
    if records > max_records:
        raise _bad(f"more than {max_records} records")
    if keys > 2 * max_records:  # a partition key and an explicit hash key each
        raise _bad(f"more than {2 * max_records} keys in its tables")


def _varint(body: bytes, at: int) -> tuple[int, int]:
    """Return the number at an index, and the index behind it."""
    value = shift = 0
    for end in range(at, min(at + _VARINT_BYTES, len(body))):
        value |= (body[end] & 0x7F) << shift
        if body[end] < 0x80:
            return value, end + 1
        shift += 7
    raise _bad(_NO_MESSAGE)


def _parse(body: bytes) -> Any:
    message = aggregated_record_class()()
    try:
        message.ParseFromString(body)
        complete = message.IsInitialized()
    except Exception as error:
        # DecodeError, or UnicodeDecodeError in protobuf's pure Python implementation; neither message is
        # repeated.
        raise _bad(_NO_MESSAGE) from error
    if not complete:
        raise _bad("a record lacks its partition key index or its data")
    # The parser keeps the last of a repeated scalar and skips fields it does not know. Either could hide a
    # record, so the message must account for every byte it was read from.
    _reject_unknown_fields(message)
    if message.ByteSize() != len(body):
        raise _bad("its protobuf message holds a field twice or in an unusual coding")
    return message


def _reject_unknown_fields(message: Any) -> None:
    size = message.ByteSize()
    message.DiscardUnknownFields()
    if message.ByteSize() != size:
        raise _bad(_UNKNOWN_FIELDS)


def _texts(what: str, values: Iterable[Any]) -> list[str]:
    try:
        texts = list(values)
    except UnicodeDecodeError as error:
        raise _bad(f"a {what} is not UTF-8") from error
    # protobuf's C implementation does not raise for such a text, it returns the bytes.
    if not all(isinstance(text, str) for text in texts):
        raise _bad(f"a {what} is not UTF-8")
    return texts


def _user_record(number: int, record: Any, partition_keys: list[str], hash_keys: list[str]) -> UserRecord:
    key = _look_up(number, "partition key", record.partition_key_index, partition_keys)
    # An absent index reads as 0, which is another record's key: only a field that is present counts.
    hash_key = (
        _look_up(number, "explicit hash key", record.explicit_hash_key_index, hash_keys)
        if record.HasField("explicit_hash_key_index")
        else None
    )
    return UserRecord(key, record.data, hash_key, _tags(record.tags) if record.tags else ())


def _tags(tags: Any) -> tuple[tuple[str, str], ...]:
    if len(tags) > MAX_TAGS:
        raise _bad(_TOO_MANY_TAGS)
    names = _texts("tag", (tag.key for tag in tags))
    return tuple(zip(names, _texts("tag", (tag.value for tag in tags)), strict=True))


def _look_up(number: int, what: str, index: int, table: list[str]) -> str:
    if index >= len(table):
        raise _bad(f"record {number} names {what} {index} of a table of {len(table)}")
    return table[index]


def _key_growth(table: dict[str, int], key: str) -> int:
    return 0 if key in table else field_size(len(key.encode()))


def _index(indices: dict[str, int], key: str, table: Any) -> int:
    if key not in indices:
        indices[key] = len(indices)
        table.append(key)
    return indices[key]


def _digest(body: bytes) -> bytes:
    # A checksum against accidents, prescribed by the format; no security depends on it.
    return hashlib.md5(body, usedforsecurity=False).digest()


def _bad(detail: str) -> WireFormatError:
    return WireFormatError(Reason.BAD_AGGREGATE, f"aggregate: {detail}")


def check_keys(record: UserRecord) -> None:
    """Check that Kinesis accepts the record's keys.

    Raises:
        ValueError: A key that it rejects; the message does not repeat the key.
    """
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


def record_size(record: UserRecord, key_index: int, hash_key_index: int | None) -> int:
    """Return the bytes that the record's own message takes in the aggregate, the key tables not included.

    Args:
        record: The record.
        key_index: Index of its partition key in the table, from 0.
        hash_key_index: Index of its explicit hash key in the table, from 0; None if it has none.
    """
    inner = 1 + _varint_size(key_index) + field_size(len(record.data)) + _tags_size(record.tags)
    if hash_key_index is not None:
        inner += 1 + _varint_size(hash_key_index)
    return field_size(inner)


def field_size(length: int) -> int:
    """Return the size of a length-delimited field: tag (one byte up to field 15), length, content."""
    return 1 + _varint_size(length) + length


def _tags_size(tags: Iterable[tuple[str, str]]) -> int:
    return sum(
        field_size(field_size(len(name.encode())) + field_size(len(value.encode()))) for name, value in tags
    )


def _varint_size(value: int) -> int:
    """Return the size of a protobuf varint: seven bits a byte, at least one."""
    return max(1, -(-value.bit_length() // 7))


@cache
def aggregated_record_class() -> Any:
    """Return the message class ``AggregatedRecord`` of aws-kinesis-agg, imported on the first call.

    Importing protobuf takes a noticeable part of a cold start, so nothing may do it before there is an
    aggregate.

    The package's own reader and writer put their folder on ``sys.path`` so that the generated module finds a
    top-level ``config_pb2``. Here that name is set only during the import, so no module of the caller's can
    be shadowed.

    Returns:
        The generated class: ``partition_key_table``, ``explicit_hash_key_table``, ``records``.
    """
    shadowed = sys.modules.get("config_pb2")
    sys.modules["config_pb2"] = import_module("aws_kinesis_agg.config_pb2")
    try:
        messages = import_module("aws_kinesis_agg.messages_pb2")
    finally:
        if shadowed is None:
            del sys.modules["config_pb2"]
        else:
            sys.modules["config_pb2"] = shadowed
    return messages.AggregatedRecord
