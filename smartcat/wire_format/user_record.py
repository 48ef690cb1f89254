"""One record inside a KPL aggregate: what it may hold, and the bytes it takes there.

Knows the format's field numbers and nothing of the message class, of documents, or of what tags mean.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAX_KEY_CHARS: Final = 256
_HASH_KEYS: Final = 1 << 128


@dataclass(frozen=True, slots=True)
class UserRecord:
    """One record as the user put it.

    Attributes:
        partition_key: 1 to 256 characters when written; whatever the aggregate holds when read.
        data: The user's bytes.
        explicit_hash_key: Decimal number below 2**128 that replaces the hash of the partition key, or None.
        tags: Names and values that go along with the data, in order; a value that is missing is read as "".
    """

    partition_key: str
    data: bytes = field(repr=False)  # a repr ends in logs, and page text must not
    explicit_hash_key: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


def check_keys(record: UserRecord) -> None:
    """Make sure that Kinesis would take the record's keys.

    Raises:
        ValueError: A key it would refuse; the message does not repeat the key.
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
    """Count the bytes that the record's own message takes in the aggregate, its tables not included.

    Args:
        record: The record.
        key_index: Place of its partition key in the table, from 0.
        hash_key_index: The same for its explicit hash key; None if it has none.
    """
    inner = 1 + _varint_size(key_index) + field_size(len(record.data)) + _tags_size(record.tags)
    if hash_key_index is not None:
        inner += 1 + _varint_size(hash_key_index)
    return field_size(inner)


def field_size(length: int) -> int:
    """Bytes of a length-delimited field: tag (one byte, for field numbers below 16), length, content."""
    return 1 + _varint_size(length) + length


def _tags_size(tags: Iterable[tuple[str, str]]) -> int:
    return sum(
        field_size(field_size(len(name.encode())) + field_size(len(value.encode()))) for name, value in tags
    )


def _varint_size(value: int) -> int:
    """Bytes of a protobuf varint: seven bits a byte, at least one."""
    return max(1, -(-value.bit_length() // 7))
