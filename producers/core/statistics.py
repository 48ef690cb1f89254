"""Statistics of a delivery: counted here, reported as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from producers.core.prices import payload_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producers.core.outcomes import Accepted, Failure
    from producers.core.record_packing import KinesisRecord


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a producer has delivered since it was made.

    Attributes:
        accepted: Documents (or raw records) the stream has.
        failed: Partition key and error code of each document that was not accepted, or whose outcome is
            unknown.
        retried_records: Kinesis records sent again, counted each time.
        requests: PutRecords calls.
        bytes: Data and partition keys of the accepted Kinesis records.
        kinesis_records: Accepted Kinesis records; an aggregate is one.
        throttled_records: Kinesis records refused because their shard was over its throughput, counted each
            time.
        bytes_before: The accepted documents as JSON, before compression and packing.
        payload_units: PUT payload units of the accepted Kinesis records, 25 KiB each: what AWS bills on a
            provisioned stream.
        ill_shards: Shards that accepted nothing of so many requests in a row that they were given up, and the
            error code of the last; "" for a shard that is not known.
    """

    accepted: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    retried_records: int = 0
    requests: int = 0
    bytes: int = 0
    kinesis_records: int = 0
    throttled_records: int = 0
    bytes_before: int = 0
    payload_units: int = 0
    ill_shards: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class DeliveryStatistics:
    """The counters behind a ``DeliveryReport``."""

    accepted: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    retried_records: int = 0
    requests: int = 0
    bytes: int = 0
    kinesis_records: int = 0
    throttled_records: int = 0
    bytes_before: int = 0
    payload_units: int = 0
    ill_shards: dict[str, str] = field(default_factory=dict)

    def count_request(self, records: Sequence[KinesisRecord]) -> None:
        """Count a request that is about to be sent."""
        self.requests += 1
        self.retried_records += sum(record.attempts > 0 for record in records)

    def count_result(self, record: KinesisRecord, result: Accepted | Failure, *, accepted: bool) -> None:
        """Count the result of one Kinesis record of a request."""
        if accepted:
            self.kinesis_records += 1
            self.bytes += record.entry.size
            self.payload_units += payload_units(record.entry.size)
        else:
            self.throttled_records += getattr(result, "throttled", False)

    def report(self) -> DeliveryReport:
        """Return the counters as they are now."""
        return DeliveryReport(
            accepted=self.accepted,
            failed=tuple(self.failed),
            retried_records=self.retried_records,
            requests=self.requests,
            bytes=self.bytes,
            kinesis_records=self.kinesis_records,
            throttled_records=self.throttled_records,
            bytes_before=self.bytes_before,
            payload_units=self.payload_units,
            ill_shards=tuple(sorted(self.ill_shards.items())),
        )
