"""One planned deployment, and the constants that everything is sized by. Decides no size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from smartcat.cli.capacity_planning.stream_traffic import StreamTraffic
    from smartcat.cli.capacity_planning.workload import Workload

HEAD_ROOM: Final = 1.25
SHARD_RECORDS: Final = 800
SHARD_BYTES: Final = 0.8 * 1024 * 1024
"""Four fifths of a shard's limits per second: 1,000 records, 1 MiB (constraint K2)."""

ENVIRONMENT_UNITS: Final = 400
"""Write units a second that one environment can use: docs/decisions/0006."""

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
"""Bytes of a mapping's event around the base64 of a record."""

MIN_AGE_HOURS: Final = 23
MAX_AGE_HOURS: Final = 167
"""An hour less than a day, which a stream keeps at no extra cost, and than a week, Lambda's maximum."""


def environments_for(usable_units: float, concurrent_batches: int) -> int:
    """Return the environments that a table keeps busy, C: docs/decisions/0006 and Terraform's ``locals.tf``.

    Args:
        usable_units: Write units a second at the target utilization.
        concurrent_batches: Batches that the mapping can run at once: shards x parallelization factor.
    """
    return min(concurrent_batches, math.ceil(HEAD_ROOM * usable_units / ENVIRONMENT_UNITS - 1e-9))


@dataclass(frozen=True, slots=True)
class Plan:
    """One planned deployment. Units are in the names.

    Attributes:
        workload: The share of this deployment.
        stream_traffic: That share as records of its stream.
        deployments: How many deployments of this size share the whole workload.
        shards: Shards of the stream.
        parallelization_factor: Parallelization factor of the mapping.
        environments: Lambda execution environments at once, C.
        write_units: Minimum write capacity of the table; everything is sized by it.
        max_write_units: Maximum write capacity: what the peak needs, the quota, or what the
            environments can use.
        batch_size: Kinesis records a batch.
        timeout_s: Seconds an invocation may take.
        retries: Retries of a batch that makes no progress.
        max_age_hours: Hours that the mapping retries a record.
        retention_hours: Hours that the stream keeps one.
        shards_by: What determined the shards.
        write_units_by: What determined the write capacity.
        environments_by: What determined the environments.
        batch_by: What determined the batch size.
    """

    workload: Workload
    stream_traffic: StreamTraffic
    deployments: int
    shards: int
    parallelization_factor: int
    environments: int
    write_units: int
    max_write_units: int
    batch_size: int
    timeout_s: int
    retries: int
    max_age_hours: int
    retention_hours: int
    shards_by: str
    write_units_by: str
    environments_by: str
    batch_by: str

    @property
    def concurrent_batches(self) -> int:
        """Batches that the mapping can run at once."""
        return self.shards * self.parallelization_factor

    @property
    def usable_units(self) -> float:
        """Write units a second at the target utilization."""
        return self.write_units * self.workload.target_utilization / 100

    @property
    def environments_by_table(self) -> int:
        """Environments by the table alone, which is Terraform's default: docs/decisions/0006."""
        return environments_for(self.usable_units, self.concurrent_batches)

    @property
    def needed_environments(self) -> int:
        """Environments of the plan, or more where classification needs more."""
        busy = HEAD_ROOM * self.workload.documents_per_second * self.busy_seconds
        return max(self.environments, math.ceil(busy))

    @property
    def share(self) -> float:
        """Write units a second of one environment, rounded down as Terraform does."""
        return share_of(self.usable_units, self.environments)

    @property
    def busy_seconds(self) -> float:
        """Seconds that an environment is busy with a document, without waiting for capacity."""
        return self.workload.classify_seconds + WRITE_SECONDS * self.workload.wcu_per_result

    @property
    def throughput(self) -> float:
        """Documents a second that can be stored, by the table's capacity and the environments' CPU time."""
        return min(self.usable_units / self.workload.wcu_per_result, self.environments / self.busy_seconds)

    @property
    def shortest_outage_hours(self) -> float:
        """Hours of an outage, in tenths, that these sizes survive without retention above a day."""
        left = MIN_AGE_HOURS * (1 - self.workload.documents_per_second / self.throughput)
        return max(0.0, math.floor(left * 10 - 1e-9) / 10)

    @property
    def batch_seconds(self) -> float:
        """Seconds that a full batch takes in a new environment that writes at its share."""
        return COLD_START_SECONDS + self.batch_size * record_seconds(
            self.workload, self.stream_traffic, self.share
        )


def record_seconds(workload: Workload, traffic: StreamTraffic, share: float) -> float:
    """Return the seconds that a full record takes in an environment that writes at its share."""
    return traffic.most_documents * (workload.classify_seconds + workload.wcu_per_result / max(share, 0.01))


def share_of(usable: float, environments: int) -> float:
    """Return the write units a second of one of so many environments, rounded down as Terraform does."""
    return math.floor(usable / environments * 100 + 1e-9) / 100
