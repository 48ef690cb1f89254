"""Size arithmetic for PutRecords: limits, entries, what is billed. Pure: no client, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from producers.errors import ConfigurationError, DocumentTooLargeError

MAX_REQUEST_RECORDS: Final = 500
"""Entries in one PutRecords request (Kinesis API, PutRecords)."""

MAX_REQUEST_BYTES: Final = 10 * 1024 * 1024
"""Bytes of data and partition keys in one PutRecords request (Kinesis API, PutRecords)."""

# Kinesis took 5 MiB a request until 2025, and emulators (moto, LocalStack) still refuse more. A shard takes
# 1 MB/s, so larger requests would gain nothing but larger retries.
DEFAULT_REQUEST_BYTES: Final = 5 * 1024 * 1024

DEFAULT_RECORD_BYTES: Final = 1024 * 1024
"""Bytes of data and partition key in one record, unless the stream's MaxRecordSizeInKiB was raised."""

PAYLOAD_UNIT_BYTES: Final = 25 * 1024
"""Bytes of a record that are billed as one PUT payload unit (Kinesis pricing, provisioned mode)."""

MAX_KEY_CHARS: Final = 256
"""Characters of a partition key, at least one (Kinesis API, PutRecords)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may hold.

    Attributes:
        request_records: 1 to 500 records.
        request_bytes: Up to 10 MiB of data and partition keys.
        record_bytes: Bytes of data and partition key a record may have, at most ``request_bytes``.
    """

    request_records: int = MAX_REQUEST_RECORDS
    request_bytes: int = DEFAULT_REQUEST_BYTES
    record_bytes: int = DEFAULT_RECORD_BYTES

    def __post_init__(self) -> None:
        """Refuse limits that Kinesis would not honour."""
        if not 1 <= self.request_records <= MAX_REQUEST_RECORDS:
            raise ConfigurationError(
                f"records in a request: expected 1 to {MAX_REQUEST_RECORDS}, found {self.request_records}"
            )
        if not 1 <= self.request_bytes <= MAX_REQUEST_BYTES:
            raise ConfigurationError(
                f"bytes in a request: expected 1 to {MAX_REQUEST_BYTES}, found {self.request_bytes}"
            )
        if not 1 <= self.record_bytes <= self.request_bytes:
            raise ConfigurationError(
                f"bytes in a record: expected 1 to the {self.request_bytes} of a request,"
                f" found {self.record_bytes}"
            )

    def with_records_of(self, record_bytes: int) -> Limits:
        """Give the limits for a stream that takes records of so many bytes, where these are smaller."""
        return replace(
            self,
            record_bytes=max(self.record_bytes, record_bytes),
            request_bytes=max(self.request_bytes, record_bytes),
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One record on its way to the stream.

    Attributes:
        partition_key: 1 to 256 characters.
        data: The bytes, as they are; the SDK encodes them.
        explicit_hash_key: Decimal number below 2**128 that chooses the shard in place of the partition key.
            Kinesis does not count its bytes (API reference, PutRecordsRequestEntry).
        size: What Kinesis counts: bytes of data plus bytes of the partition key in UTF-8.
    """

    partition_key: str
    data: bytes = field(repr=False)
    explicit_hash_key: str | None = None
    size: int = field(init=False)

    def __post_init__(self) -> None:
        """Check the key and count the bytes."""
        if not 1 <= len(self.partition_key) <= MAX_KEY_CHARS:
            raise ConfigurationError(
                f"a partition key has 1 to {MAX_KEY_CHARS} characters, this one {len(self.partition_key)}"
            )
        object.__setattr__(self, "size", len(self.data) + len(self.partition_key.encode()))


def checked(entry: Entry, limits: Limits) -> Entry:
    """Return the entry if the stream takes a record of its size.

    Args:
        entry: The record.
        limits: The limits of the stream.

    Returns:
        The same entry.

    Raises:
        DocumentTooLargeError: Data and partition key are larger than a record may be.
    """
    if entry.size > limits.record_bytes:
        raise DocumentTooLargeError(entry.partition_key, entry.size, limits.record_bytes)
    return entry


def payload_units(size: int) -> int:
    """Give the PUT payload units that a record is billed as: one for each 25 KB begun (Kinesis pricing).

    Args:
        size: Bytes of data and partition key, at least 1.
    """
    return -(-size // PAYLOAD_UNIT_BYTES)
