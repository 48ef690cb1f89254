"""The sizes of one stack, and how many are needed: each the smallest that its relations allow. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from producers.parcels import DEFAULT_LANES
from smartcat.planning.quotas import UNRESERVED
from smartcat.planning.traffic import Traffic, traffic

if TYPE_CHECKING:
    from smartcat.planning.load import Load
    from smartcat.planning.quotas import Quotas

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
        return min(self.lanes, math.ceil(HEAD_ROOM * self.usable_units / ENVIRONMENT_UNITS - 1e-9))

    @property
    def needed_concurrency(self) -> int:
        """Environments that the plan has, or that classifying needs where it was given less."""
        busy = HEAD_ROOM * self.load.documents_per_second * self.busy_seconds
        return max(self.concurrency, math.ceil(busy))

    @property
    def share(self) -> float:
        """Write units a second of one environment, rounded down as Terraform does."""
        return _share(self.usable_units, self.concurrency)

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
        return COLD_START_SECONDS + self.batch_size * _record_seconds(self.load, self.traffic, self.share)


def make_plan(load: Load, quotas: Quotas) -> Plan:
    """Size a system for a load: one stack if it can, as many alike as it needs if not.

    A stack has one stream and one table; what neither can hold is divided. Quotas of the account do not
    divide it, since stacks beside each other share them (``stops.stops`` says so).
    """
    whole = one_stack(load, quotas)
    stacks = max(
        1,
        math.ceil(whole.write_units / quotas.table_write_units),
        math.ceil(whole.shards / quotas.stack_shards),
    )
    plan = whole if stacks == 1 else _stack(load.divided(stacks), quotas, stacks)
    while plan.write_units > quotas.table_write_units or plan.shards > quotas.stack_shards:
        # Rounding up may leave a unit too many in each.
        stacks += 1
        plan = _stack(load.divided(stacks), quotas, stacks)
    return plan


def one_stack(load: Load, quotas: Quotas) -> Plan:
    """Size one stack for all of a load, even if no table and no stream is as large."""
    return _stack(load, quotas, 1)


def _stack(load: Load, quotas: Quotas, stacks: int) -> Plan:
    flow = traffic(load)
    busy = load.classify_seconds + WRITE_SECONDS * load.wcu_per_result
    most = max(1, quotas.account_concurrency - UNRESERVED)
    workers = min(most, math.ceil(_head_room(load) * load.documents_per_second * busy))
    top_factor = min(10, DEFAULT_LANES) if flow.most_documents > 1 else 10
    shards, shards_by = _largest(
        (
            (_shards_by_bytes(load, flow), "bytes a second at the peak"),
            (_shards_by_records(load, flow), "records a second at the peak"),
            (math.ceil(workers / top_factor), "lanes for classifying"),
        ),
        (1, "the least there is"),
    )
    units, units_by, concurrency, concurrency_by = _table(load, flow, workers, shards * top_factor, most)
    factor = min(top_factor, math.ceil(concurrency / shards))
    usable = units * load.target_utilization / 100
    share = _share(usable, concurrency)
    timeout, batch, batch_by = _batch(load, flow, share)
    used = load.documents_per_second / min(usable / load.wcu_per_result, concurrency / busy)
    age = _age_hours(load, used)
    days = math.ceil((age + 1) / 24)
    age_s = age * 3600
    retries = min(MAX_RETRIES, max(0, int(age_s / 2 // timeout) - math.ceil(math.log2(batch)) - 1))
    peak_units = math.ceil(load.peak * load.wcu_per_result * 100 / load.target_utilization)
    return Plan(
        load=load,
        traffic=flow,
        stacks=stacks,
        shards=shards,
        factor=factor,
        concurrency=concurrency,
        write_units=units,
        max_write_units=max(units, min(quotas.table_write_units, peak_units, _writable(load, concurrency))),
        batch_size=batch,
        timeout_s=timeout,
        retries=retries,
        max_age_hours=age,
        retention_hours=24 * days,
        shards_by=shards_by,
        write_units_by=units_by,
        concurrency_by=concurrency_by,
        batch_by=batch_by,
    )


def _writable(load: Load, concurrency: int) -> int:
    """Give the write capacity of which the environments can use the planned percentage (relation K6)."""
    return math.floor(ENVIRONMENT_UNITS * concurrency * 100 / load.target_utilization)


def _shards_by_bytes(load: Load, flow: Traffic) -> int:
    return math.ceil(load.peak * flow.stream_bytes / SHARD_BYTES)


def _shards_by_records(load: Load, flow: Traffic) -> int:
    if flow.most_documents == 1:
        return math.ceil(load.peak / SHARD_RECORDS)
    # Aggregates that are sent half full are 40 a second of a shard at most: eight lanes, five times a second.
    full = load.peak * (flow.claimed + (1 - flow.claimed) / flow.most_documents)
    return math.ceil(full / (SHARD_RECORDS - 40))


def _table(load: Load, flow: Traffic, workers: int, lanes: int, most: int) -> tuple[int, str, int, str]:
    """Size table and environments together: each environment must get a share that is worth having.

    Returns:
        Write units and what set them; environments and what set them.
    """
    utilization = load.target_utilization / 100
    head = _head_room(load)
    usable = head * load.documents_per_second * load.wcu_per_result
    by = "a quarter more than comes in" if head == HEAD_ROOM else "working off an outage"
    least = _least_share(load, flow)
    while True:
        by_table = math.ceil(HEAD_ROOM * usable / ENVIRONMENT_UNITS)
        concurrency, concurrency_by = max((by_table, "the table"), (workers, "classifying"))
        if concurrency > min(lanes, most):
            concurrency, concurrency_by = min((lanes, "the lanes"), (most, "the account"))
        if usable >= concurrency * least:
            break
        # At most as often as there are environments, for each turn has more of them.
        usable, by = concurrency * least, "a share that finishes a record"
    units = math.ceil(usable / utilization - 1e-9)
    # What the rounding added counts for Terraform's formula, too.
    by_table = math.ceil(HEAD_ROOM * units * utilization / ENVIRONMENT_UNITS - 1e-9)
    concurrency = max(concurrency, min(by_table, lanes, most))
    return units, by, concurrency, concurrency_by


def _head_room(load: Load) -> float:
    """Give by how much must be done of what comes in: a quarter more, or what an outage asks for (S6)."""
    room = 1 - load.outage_hours / MAX_AGE_HOURS
    return max(HEAD_ROOM, (1 + 1e-5) / room) if room > 0 else HEAD_ROOM


def _least_share(load: Load, flow: Traffic) -> float:
    """Give the units a second that an environment needs at least: for a result (S1), to finish a record."""
    time = 0.8 * TIMEOUTS[-1] - COLD_START_SECONDS - flow.most_documents * load.classify_seconds
    record = flow.most_documents * load.wcu_per_result / time if time > 0 else 0.0
    return max(float(load.wcu_per_result), record) + 0.01


def _batch(load: Load, flow: Traffic, share: float) -> tuple[int, int, str]:
    """Give the time-out, the batch size and what set it: the shortest time-out that a batch of ten fits."""
    record = _record_seconds(load, flow, share)
    by_event = int(0.9 * EVENT_BYTES // (math.ceil(flow.record_bytes * 4 / 3) + EVENT_FRAME_BYTES))
    timeout = batch = 0
    for timeout in TIMEOUTS:
        batch = int((0.8 * timeout - COLD_START_SECONDS) // record)
        if batch >= min(WANTED_BATCH, by_event):
            break
    limits = (
        (MAX_BATCH, "the largest that was measured"),
        (by_event, "an event of 6 MiB"),
        (batch, "the time-out"),
    )
    size, by = min(limits)
    return timeout, max(1, size), by


def _record_seconds(load: Load, flow: Traffic, share: float) -> float:
    """Give the seconds of a full record in an environment that writes at its share."""
    return flow.most_documents * (load.classify_seconds + load.wcu_per_result / max(share, 0.01))


def _age_hours(load: Load, used: float) -> int:
    """Give how long a record must live for the backlog of an outage to be gone before (relation S6)."""
    needed = math.ceil(load.outage_hours / (1 - used)) if used < 1 else MAX_AGE_HOURS
    return min(MAX_AGE_HOURS, max(MIN_AGE_HOURS, needed))


def _share(usable: float, concurrency: int) -> float:
    return math.floor(usable / concurrency * 100 + 1e-9) / 100


def _largest(found: tuple[tuple[int, str], ...], least: tuple[int, str]) -> tuple[int, str]:
    best = least
    for each in found:
        if each[0] > best[0]:
            best = each
    return best
