"""The limits of Kinesis: requests, records, shards; and a request entry, measured as Kinesis measures it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from producers.errors import ConfigurationError

MAX_REQUEST_RECORDS: Final = 500
"""Entries in one PutRecords request (Kinesis API, PutRecords)."""

MAX_REQUEST_BYTES: Final = 10 * 1024 * 1024
"""Bytes of data and partition keys in one PutRecords request (Kinesis API, PutRecords)."""

# Kinesis took 5 MiB a request until 2025, and emulators (moto, LocalStack) still refuse more. A shard takes
# 1 MB/s, so larger requests would gain nothing but larger retries.
DEFAULT_REQUEST_BYTES: Final = 5 * 1024 * 1024

DEFAULT_RECORD_BYTES: Final = 1024 * 1024
"""Bytes of data and partition key in one record, unless the stream's MaxRecordSizeInKiB was raised."""

_LAMBDA_PAYLOAD_BYTES: Final = 6_000_000
"""What one invocation takes: "6 MB" (Lambda quotas), read as the smaller of its two meanings."""

_EVENT_BYTES: Final = 4096
"""What stands around the data of one record in an event: two ARNs (up to 600 bytes), a partition key of up
to 256 characters, sequence number and names (Lambda developer guide, "Example event" of Kinesis)."""

LAMBDA_RECORD_BYTES: Final = (_LAMBDA_PAYLOAD_BYTES - _EVENT_BYTES) // 4 * 3
"""Bytes of data and partition key in a record that Lambda can still deliver, in base64: 4.5 MB. A larger
one stops its shard, or lane, until its retries are over, whatever a stream may hold (10 MiB)."""

MAX_KEY_CHARS: Final = 256
"""Characters of a partition key, at least one (Kinesis API, PutRecords)."""

SHARD_RECORDS_PER_SECOND: Final = 1000
"""Records a shard accepts in a second (Kinesis API, PutRecords)."""

SHARD_BYTES_PER_SECOND: Final = 1024 * 1024
"""Bytes of data and partition keys a shard accepts in a second (Kinesis API, PutRecords)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may hold.

    Attributes:
        request_records: 1 to 500 records.
        request_bytes: Up to 10 MiB of data and partition keys.
        record_bytes: Bytes of data and partition key a record may have, at most ``request_bytes``.

    Raises:
        ConfigurationError: A limit is outside what Kinesis allows.
    """

    request_records: int = MAX_REQUEST_RECORDS
    request_bytes: int = DEFAULT_REQUEST_BYTES
    record_bytes: int = DEFAULT_RECORD_BYTES

    def __post_init__(self) -> None:
        """Reject limits outside what Kinesis allows."""
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

    def with_record_bytes(self, record_bytes: int) -> Limits:
        """Return these limits, raised where needed for records of ``record_bytes``; never lowered."""
        return replace(
            self,
            record_bytes=max(self.record_bytes, record_bytes),
            request_bytes=max(self.request_bytes, record_bytes),
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a PutRecords request.

    Attributes:
        partition_key: 1 to 256 characters.
        data: The bytes, as they are; the SDK encodes them.
        explicit_hash_key: Decimal number below 2**128 that selects the shard instead of the partition key.
            Kinesis does not count its bytes (API reference, PutRecordsRequestEntry).
        size: What Kinesis counts: bytes of data plus bytes of the partition key in UTF-8.

    Raises:
        ConfigurationError: The partition key is empty or too long.
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
