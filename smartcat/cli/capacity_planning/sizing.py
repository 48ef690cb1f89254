"""Sizes a deployment, and decides how many are needed: each size the smallest that its constraints allow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from producers.core.record_packing import LANES
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
    environments_for,
    record_seconds,
    share_of,
)
from smartcat.cli.capacity_planning.quotas import UNRESERVED
from smartcat.cli.capacity_planning.stream_traffic import stream_traffic

if TYPE_CHECKING:
    from smartcat.cli.capacity_planning.quotas import Quotas
    from smartcat.cli.capacity_planning.stream_traffic import StreamTraffic
    from smartcat.cli.capacity_planning.workload import Workload

_MAX_FACTOR: Final = 10
"""Batches of one shard at a time, at most (Lambda API, ParallelizationFactor)."""


def make_plan(workload: Workload, quotas: Quotas) -> Plan:
    """Size the system for a workload: one deployment if it fits, otherwise several of the same size.

    A deployment has one stream and one table. Quotas of the account do not divide a workload, since the
    deployments share them (see ``limits.limits``).
    """
    whole = one_deployment(workload, quotas)
    deployments = max(
        1,
        math.ceil(whole.write_units / quotas.table_write_units),
        math.ceil(whole.shards / quotas.stack_shards),
    )
    plan = whole if deployments == 1 else _deployment(workload.divided(deployments), quotas, deployments)
    while plan.write_units > quotas.table_write_units or plan.shards > quotas.stack_shards:
        # Rounding up may leave one unit too many in each.
        deployments += 1
        plan = _deployment(workload.divided(deployments), quotas, deployments)
    return plan


def one_deployment(workload: Workload, quotas: Quotas) -> Plan:
    """Size one deployment for a whole workload, even if no table and no stream is that large."""
    return _deployment(workload, quotas, 1)


def _deployment(workload: Workload, quotas: Quotas, deployments: int) -> Plan:
    traffic = stream_traffic(workload)
    busy = workload.classify_seconds + WRITE_SECONDS * workload.wcu_per_result
    most = max(1, quotas.account_concurrency - UNRESERVED)
    classifying = min(most, math.ceil(_head_room(workload) * workload.documents_per_second * busy))
    max_factor = min(_MAX_FACTOR, LANES)
    shards, shards_by = _largest(
        (
            (_shards_by_bytes(workload, traffic), "peak bytes per second"),
            (_shards_by_records(workload, traffic), "peak records per second"),
            (math.ceil(classifying / max_factor), "concurrent batches for classification"),
        ),
        (1, "minimum"),
    )
    units, units_by, environments, environments_by = _table(
        workload, traffic, classifying, shards * max_factor, most
    )
    factor = min(max_factor, math.ceil(environments / shards))
    usable = units * workload.target_utilization / 100
    share = share_of(usable, environments)
    timeout, batch, batch_by = _batch(workload, traffic, share)
    used = workload.documents_per_second / min(usable / workload.wcu_per_result, environments / busy)
    age = _age_hours(workload, used)
    days = math.ceil((age + 1) / 24)
    age_s = age * 3600
    retries = min(MAX_RETRIES, max(0, int(age_s / 2 // timeout) - math.ceil(math.log2(batch)) - 1))
    peak_units = math.ceil(workload.peak * workload.wcu_per_result * 100 / workload.target_utilization)
    return Plan(
        workload=workload,
        stream_traffic=traffic,
        deployments=deployments,
        shards=shards,
        parallelization_factor=factor,
        environments=environments,
        write_units=units,
        max_write_units=max(
            units, min(quotas.table_write_units, peak_units, _writable(workload, environments))
        ),
        batch_size=batch,
        timeout_s=timeout,
        retries=retries,
        max_age_hours=age,
        retention_hours=24 * days,
        shards_by=shards_by,
        write_units_by=units_by,
        environments_by=environments_by,
        batch_by=batch_by,
    )


def _writable(workload: Workload, environments: int) -> int:
    """Return the write capacity of which the environments can use the planned percentage (constraint K6)."""
    return math.floor(ENVIRONMENT_UNITS * environments * 100 / workload.target_utilization)


def _shards_by_bytes(workload: Workload, traffic: StreamTraffic) -> int:
    return math.ceil(workload.peak * traffic.stream_bytes / SHARD_BYTES)


def _shards_by_records(workload: Workload, traffic: StreamTraffic) -> int:
    if traffic.most_documents == 1:
        return math.ceil(workload.peak / SHARD_RECORDS)
    # Aggregates sent before they are full are at most 40 a second of a shard: eight at a time, five times.
    full = workload.peak * (traffic.claimed + (1 - traffic.claimed) / traffic.most_documents)
    return math.ceil(full / (SHARD_RECORDS - 40))


def _table(
    workload: Workload, traffic: StreamTraffic, classifying: int, concurrent_batches: int, most: int
) -> tuple[int, str, int, str]:
    """Size the table and the environments together: each environment needs a minimum share of the table.

    Args:
        workload: The workload of the deployment.
        traffic: The same as records of the stream.
        classifying: Environments that classification needs.
        concurrent_batches: Batches that the mapping can run at once, at most.
        most: Environments that the account allows.

    Returns:
        Write units and what determined them; environments and what determined them.
    """
    utilization = workload.target_utilization / 100
    head = _head_room(workload)
    usable = head * workload.documents_per_second * workload.wcu_per_result
    by = "25% above the mean rate" if head == HEAD_ROOM else "catching up after an outage"
    least = _least_share(workload, traffic)
    while True:
        by_table = math.ceil(HEAD_ROOM * usable / ENVIRONMENT_UNITS)
        environments, environments_by = max(
            (by_table, "write capacity of the table"), (classifying, "classification")
        )
        if environments > min(concurrent_batches, most):
            environments, environments_by = min(
                (concurrent_batches, "concurrent batches"), (most, "quota of the account")
            )
        if usable >= environments * least:
            break
        # Ends after at most as many iterations as there are environments: each iteration has more.
        usable, by = environments * least, "a share that finishes one record"
    units = math.ceil(usable / utilization - 1e-9)
    # Terraform's formula counts the rounded capacity.
    environments = max(environments, min(environments_for(units * utilization, concurrent_batches), most))
    return units, by, environments, environments_by


def _head_room(workload: Workload) -> float:
    """Return capacity as a multiple of the mean rate: 1.25, or what an outage requires (S6)."""
    share = 1 - workload.outage_hours / MAX_AGE_HOURS
    return max(HEAD_ROOM, (1 + 1e-5) / share) if share > 0 else HEAD_ROOM


def _least_share(workload: Workload, traffic: StreamTraffic) -> float:
    """Return the write units a second that an environment needs: for a result (S1), to finish a record."""
    time = 0.8 * TIMEOUTS[-1] - COLD_START_SECONDS - traffic.most_documents * workload.classify_seconds
    record = traffic.most_documents * workload.wcu_per_result / time if time > 0 else 0.0
    return max(float(workload.wcu_per_result), record) + 0.01


def _batch(workload: Workload, traffic: StreamTraffic, share: float) -> tuple[int, int, str]:
    """Return timeout, batch size and what determined it: the shortest timeout that fits a batch of ten."""
    record = record_seconds(workload, traffic, share)
    by_event = int(0.9 * EVENT_BYTES // (math.ceil(traffic.record_bytes * 4 / 3) + EVENT_FRAME_BYTES))
    timeout = batch = 0
    for timeout in TIMEOUTS:
        batch = int((0.8 * timeout - COLD_START_SECONDS) // record)
        if batch >= min(WANTED_BATCH, by_event):
            break
    candidates = (
        (MAX_BATCH, "largest measured batch"),
        (by_event, "6 MiB event size"),
        (batch, "timeout"),
    )
    size, by = min(candidates)
    return timeout, max(1, size), by


def _age_hours(workload: Workload, used: float) -> int:
    """Return how many hours a record must be retried to survive the backlog of an outage (constraint S6)."""
    needed = math.ceil(workload.outage_hours / (1 - used)) if used < 1 else MAX_AGE_HOURS
    return min(MAX_AGE_HOURS, max(MIN_AGE_HOURS, needed))


def _largest(found: tuple[tuple[int, str], ...], least: tuple[int, str]) -> tuple[int, str]:
    best = least
    for each in found:
        if each[0] > best[0]:
            best = each
    return best
