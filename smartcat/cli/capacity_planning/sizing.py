"""The sizes of one stack, and how many are needed: each the smallest that its relations allow. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from producers.core.record_packing import DEFAULT_LANES
from smartcat.cli.capacity_planning.plan import (
    COLD_START_SECONDS,
    ENVIRONMENT_UNITS,
    EVENT_BYTES,
    EVENT_FRAME_BYTES,
    HEAD_ROOM,
    MAX_AGE_HOURS,
    MAX_BATCH,
    MAX_RETRIES,
    MIN_AGE_HOURS,
    SHARD_BYTES,
    SHARD_RECORDS,
    TIMEOUTS,
    WANTED_BATCH,
    WRITE_SECONDS,
    Plan,
    environments,
    record_seconds,
    share_of,
)
from smartcat.cli.capacity_planning.quotas import UNRESERVED
from smartcat.cli.capacity_planning.traffic import traffic

if TYPE_CHECKING:
    from smartcat.cli.capacity_planning.load import Load
    from smartcat.cli.capacity_planning.quotas import Quotas
    from smartcat.cli.capacity_planning.traffic import Traffic


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
    share = share_of(usable, concurrency)
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
    concurrency = max(concurrency, min(environments(units * utilization, lanes), most))
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
    record = record_seconds(load, flow, share)
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


def _age_hours(load: Load, used: float) -> int:
    """Give how long a record must live for the backlog of an outage to be gone before (relation S6)."""
    needed = math.ceil(load.outage_hours / (1 - used)) if used < 1 else MAX_AGE_HOURS
    return min(MAX_AGE_HOURS, max(MIN_AGE_HOURS, needed))


def _largest(found: tuple[tuple[int, str], ...], least: tuple[int, str]) -> tuple[int, str]:
    best = least
    for each in found:
        if each[0] > best[0]:
            best = each
    return best
