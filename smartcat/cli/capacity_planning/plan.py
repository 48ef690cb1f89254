"""One stack as it is planned, and the figures that everything is sized by. Chooses nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from smartcat.cli.capacity_planning.load import Load
    from smartcat.cli.capacity_planning.traffic import Traffic

HEAD_ROOM: Final = 1.25
SHARD_RECORDS: Final = 800
SHARD_BYTES: Final = 0.8 * 1024 * 1024
"""Four fifths of what a shard takes a second: 1,000 records, 1 MiB (relation K2)."""

ENVIRONMENT_UNITS: Final = 400
"""Write units a second that one environment writes by itself: docs/decisions/0006."""

COLD_START_SECONDS: Final = 10.0
WRITE_SECONDS: Final = 0.00035
"""A request for 25 items takes 5 ms and 0.15 ms an item: what docs/write-capacity.md assumes."""

MAX_BATCH: Final = 200
WANTED_BATCH: Final = 10
TIMEOUTS: Final = (60, 120, 300, 600, 900)
WINDOW_SECONDS: Final = 2
MAX_RETRIES: Final = 100
MAX_RECORD_KIB: Final = 1024
EVENT_BYTES: Final = 6 * 1024 * 1024
EVENT_FRAME_BYTES: Final = 600
"""What a mapping's event has around a record's base64."""

MIN_AGE_HOURS: Final = 23
MAX_AGE_HOURS: Final = 167
"""An hour below a day, what a stream keeps without a surcharge; and below a week, what Lambda allows."""


def environments(usable_units: float, lanes: int) -> int:
    """Give the environments that a table keeps busy, C: docs/decisions/0006, and ``locals.tf`` of Terraform.

    Args:
        usable_units: Write units a second that are planned with.
        lanes: Batches that the mapping can run at once.
    """
    return min(lanes, math.ceil(HEAD_ROOM * usable_units / ENVIRONMENT_UNITS - 1e-9))


@dataclass(frozen=True, slots=True)
class Plan:
    """One stack. Units are in the names; ``load`` and ``traffic`` are those of this stack.

    Attributes:
        load: What comes into this stack.
        traffic: What that is on its stream.
        stacks: How many stacks of this size share the whole load.
        shards: Shards of the stream.
        factor: Parallelization factor of the mapping.
        concurrency: Environments at once, C.
        write_units: Write capacity of the table, at least; everything is sized by it.
        max_write_units: The same, at most: what the peak asks for, or the quota,
            or what the environments can use.
        batch_size: Kinesis records a batch.
        timeout_s: Seconds an invocation may take.
        retries: Attempts at a batch that makes no progress.
        max_age_hours: Hours that the mapping tries a record.
        retention_hours: Hours that the stream keeps one.
        shards_by: What set the shards.
        write_units_by: What set the write capacity.
        concurrency_by: What set the environments.
        batch_by: What set the batch size.
    """

    load: Load
    traffic: Traffic
    stacks: int
    shards: int
    factor: int
    concurrency: int
    write_units: int
    max_write_units: int
    batch_size: int
    timeout_s: int
    retries: int
    max_age_hours: int
    retention_hours: int
    shards_by: str
    write_units_by: str
    concurrency_by: str
    batch_by: str

    @property
    def lanes(self) -> int:
        """Batches that the mapping can run at once."""
        return self.shards * self.factor

    @property
    def usable_units(self) -> float:
        """Write units a second that are planned with."""
        return self.write_units * self.load.target_utilization / 100

    @property
    def concurrency_by_table(self) -> int:
        """Environments by the table alone, as Terraform has them unless it is told: docs/decisions/0006."""
        return environments(self.usable_units, self.lanes)

    @property
    def needed_concurrency(self) -> int:
        """Environments that the plan has, or that classifying needs where it was given less."""
        busy = HEAD_ROOM * self.load.documents_per_second * self.busy_seconds
        return max(self.concurrency, math.ceil(busy))

    @property
    def share(self) -> float:
        """Write units a second of one environment, rounded down as Terraform does."""
        return share_of(self.usable_units, self.concurrency)

    @property
    def busy_seconds(self) -> float:
        """Seconds that an environment is busy with a document, without waiting for capacity."""
        return self.load.classify_seconds + WRITE_SECONDS * self.load.wcu_per_result

    @property
    def drain(self) -> float:
        """Documents a second that can be stored: what the table takes, or what the environments can do."""
        return min(self.usable_units / self.load.wcu_per_result, self.concurrency / self.busy_seconds)

    @property
    def shortest_outage_hours(self) -> float:
        """Hours of an outage, in tenths, that these sizes take without retention above a day."""
        left = MIN_AGE_HOURS * (1 - self.load.documents_per_second / self.drain)
        return max(0.0, math.floor(left * 10 - 1e-9) / 10)

    @property
    def batch_seconds(self) -> float:
        """Seconds of a full batch in a new environment that writes at its share."""
        return COLD_START_SECONDS + self.batch_size * record_seconds(self.load, self.traffic, self.share)


def record_seconds(load: Load, flow: Traffic, share: float) -> float:
    """Give the seconds of a full record in an environment that writes at its share."""
    return flow.most_documents * (load.classify_seconds + load.wcu_per_result / max(share, 0.01))


def share_of(usable: float, concurrency: int) -> float:
    """Give the units a second of one of so many environments, rounded down as Terraform does."""
    return math.floor(usable / concurrency * 100 + 1e-9) / 100
