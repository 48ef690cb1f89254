"""The figures of a delivery: counted here, reported as data. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from producers.packing import payload_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producers.delivery import Accepted, Failure
    from producers.parcels import Parcel


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a producer has delivered since it was made.

    Attributes:
        accepted: Documents (or raw records) the stream has.
        failed: Partition key and error code of each that it has not, or of which nobody can tell.
        retried_records: Kinesis records sent again, counted each time.
        requests: PutRecords calls.
        bytes: Data and partition keys of the accepted Kinesis records.
        kinesis_records: Accepted Kinesis records; an aggregate is one.
        throttled_records: Kinesis records refused because their shard had no room, counted each time.
        bytes_before: The accepted documents as JSON, before compression and packing.
        payload_units: PUT payload units of the accepted Kinesis records, 25 KB each; what provisioned streams
            are billed by.
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


@dataclass(slots=True)
class Tally:
    """The same figures while they grow."""

    accepted: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    retried_records: int = 0
    requests: int = 0
    bytes: int = 0
    kinesis_records: int = 0
    throttled_records: int = 0
    bytes_before: int = 0
    payload_units: int = 0

    def sent(self, parcels: Sequence[Parcel]) -> None:
        """Count a request that goes out."""
        self.requests += 1
        self.retried_records += sum(parcel.sent > 0 for parcel in parcels)

    def answered(self, parcel: Parcel, result: Accepted | Failure, *, accepted: bool) -> None:
        """Count the answer for a Kinesis record."""
        if accepted:
            self.kinesis_records += 1
            self.bytes += parcel.entry.size
            self.payload_units += payload_units(parcel.entry.size)
        else:
            self.throttled_records += getattr(result, "throttled", False)

    def report(self) -> DeliveryReport:
        """Give the figures as they are now."""
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
        )
