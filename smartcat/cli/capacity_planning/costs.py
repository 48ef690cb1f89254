"""The costs of a plan for a month, one row for each item AWS bills. Pure arithmetic over plan and prices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from smartcat.cli.capacity_planning.plan import WINDOW_SECONDS
from smartcat.cli.capacity_planning.workload import KIB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartcat.cli.capacity_planning.plan import Plan
    from smartcat.cli.capacity_planning.prices import Prices

HOURS: Final = 730.0
DAYS: Final = HOURS / 24
"""A month, as in AWS's pricing calculator."""

GB: Final = 1024.0**3

INVOCATION_SECONDS: Final = 0.005
"""Seconds of an invocation besides its documents: one request to the table, docs/write-capacity.md."""

LOG_BYTES: Final = 2300
"""Log line and metrics of an ordinary batch: docs/telemetry.md. Lambda's own lines are not counted."""

METRICS: Final = 30
"""Metrics of the function, docs/telemetry.md, without the two of a shadow model."""

ALARM_METRICS: Final = 15
"""13 alarms, two of which compare two metrics. There is one composite alarm besides."""

READ_UNITS: Final = 5
"""Read capacity of the table: the minimum of infra/terraform."""

S3_DAYS: Final = 30
"""Days that claims are kept."""
QUARANTINE_DAYS: Final = 90
"""Days that quarantined records are kept in infra/terraform."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One row of the bill.

    Attributes:
        service: Who bills it.
        what: The item.
        amount: How much of it in a month.
        unit: Of the amount.
        usd: Dollars a month, all deployments together.
        prices: Names of the prices it is computed with.
    """

    service: str
    what: str
    amount: float
    unit: str
    usd: float
    prices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DailyWork:
    """What the function does in a day, of one deployment.

    Attributes:
        invocations: How many.
        busy_hours: Hours in which environments compute or wait for a response, summed over all.
        waiting_hours: Hours in which they wait for write capacity, which is billed too.
        backlog_hours: Hours of the day in which there is a backlog, after the peak.
    """

    invocations: float
    busy_hours: float
    waiting_hours: float
    backlog_hours: float


def daily_work(plan: Plan) -> DailyWork:
    """Model a day.

    While documents arrive below the table's throughput, no environment waits. At a peak above that, a backlog
    builds up; all environments run until it is processed, and wait whenever they do not compute.
    Autoscaling, which would shorten that, is left out.
    """
    workload = plan.workload
    # The backlog lasts through the peak, and until what is left over is stored.
    peak_h = workload.peak_lasts_hours
    rest_h = workload.hours - peak_h
    arrived = workload.peak * peak_h
    low = max(0.0, workload.documents_per_second * workload.hours - arrived) / rest_h if rest_h > 0 else 0.0
    left = max(0.0, workload.peak - plan.throughput) * peak_h
    backlog_h = (
        min(24.0, peak_h + left / (plan.throughput - low)) if left > 0 and plan.throughput > low else 0.0
    )
    in_backlog = min(workload.documents_per_day, plan.throughput * backlog_h * 3600)
    records = plan.stream_traffic.records(workload.documents_per_second, plan.shards)
    per_batch = records / plan.concurrent_batches
    by_window = plan.concurrent_batches * per_batch / (1 + per_batch * WINDOW_SECONDS)
    invocations = max(records / plan.batch_size, by_window) * workload.hours * 3600
    busy = (workload.documents_per_day * plan.busy_seconds + invocations * INVOCATION_SECONDS) / 3600
    waiting = max(0.0, plan.environments * backlog_h - in_backlog * plan.busy_seconds / 3600)
    return DailyWork(invocations, busy, waiting, backlog_h)


def costs(plan: Plan, prices: Prices) -> tuple[Cost, ...]:
    """Return every row, in the order in which a document meets the services."""
    of_one = (_kinesis, _lambda, _dynamodb, _s3, _cloudwatch)
    return tuple(
        replace(row, amount=row.amount * plan.deployments, usd=row.usd * plan.deployments)
        for service in of_one
        for row in service(plan, prices)
    )


def total(rows: tuple[Cost, ...]) -> float:
    """Return the sum in dollars."""
    return sum(row.usd for row in rows)


def on_demand(plan: Plan, prices: Prices) -> float:
    """Return the cost in dollars a month of the same writes on a table with on-demand capacity."""
    units = plan.workload.documents_per_day * DAYS * plan.workload.wcu_per_result * plan.deployments
    return units / 1e6 * prices["on_demand_million_writes"]


def _kinesis(plan: Plan, prices: Prices) -> Iterator[Cost]:
    workload = plan.workload
    hours = plan.shards * HOURS
    yield Cost("Kinesis", "shards", hours, "shard-hours", hours * prices["shard_hour"], ("shard_hour",))
    each = plan.stream_traffic.payload_units(workload.documents_per_second, plan.shards)
    units = workload.documents_per_day * DAYS * each
    yield Cost(
        "Kinesis",
        "records written",
        units,
        "units of 25 KB",
        units / 1e6 * prices["put_million_units"],
        ("put_million_units",),
    )
    longer = hours if plan.retention_hours > 24 else 0.0
    usd = longer * prices["retention_shard_hour"]
    yield Cost("Kinesis", "retention above 24 h", longer, "shard-hours", usd, ("retention_shard_hour",))


def _lambda(plan: Plan, prices: Prices) -> Iterator[Cost]:
    day = daily_work(plan)
    calls = day.invocations * DAYS
    yield Cost(
        "Lambda",
        "invocations",
        calls,
        "requests",
        calls / 1e6 * prices["lambda_million_requests"],
        ("lambda_million_requests",),
    )
    for what, hours in (("computing", day.busy_hours), ("waiting for capacity", day.waiting_hours)):
        seconds = hours * 3600 * DAYS * plan.workload.memory_mb / 1024
        yield Cost(
            "Lambda", what, seconds, "GB-seconds", seconds * prices["lambda_gb_second"], ("lambda_gb_second",)
        )


def _dynamodb(plan: Plan, prices: Prices) -> Iterator[Cost]:
    workload = plan.workload
    more = (plan.max_write_units - plan.write_units) * workload.peak_lasts_hours * DAYS
    units = plan.write_units * HOURS + more
    yield Cost(
        "DynamoDB",
        "write capacity",
        units,
        "unit-hours",
        units * prices["write_unit_hour"],
        ("write_unit_hour",),
    )
    units = READ_UNITS * HOURS
    yield Cost(
        "DynamoDB",
        "read capacity",
        units,
        "unit-hours",
        units * prices["read_unit_hour"],
        ("read_unit_hour",),
    )
    stored = workload.documents_per_day * workload.kept_days * workload.wcu_per_result * KIB / GB
    yield Cost(
        "DynamoDB",
        f"storage after {workload.kept_days:g} days",
        stored,
        "GB",
        stored * prices["table_gb_month"],
        ("table_gb_month",),
    )
    yield Cost(
        "DynamoDB",
        "point-in-time recovery",
        stored,
        "GB",
        stored * prices["backup_gb_month"],
        ("backup_gb_month",),
    )


def _s3(plan: Plan, prices: Prices) -> Iterator[Cost]:
    workload, traffic = plan.workload, plan.stream_traffic
    claims = workload.documents_per_day * traffic.claimed
    calls = claims * DAYS
    usd = calls / 1000 * (prices["s3_thousand_puts"] + prices["s3_thousand_gets"])
    yield Cost(
        "S3", "claims written and read", calls, "documents", usd, ("s3_thousand_puts", "s3_thousand_gets")
    )
    kept = claims * traffic.wire_bytes * S3_DAYS / GB
    yield Cost("S3", "claims kept 30 days", kept, "GB", kept * prices["s3_gb_month"], ("s3_gb_month",))
    bad = workload.documents_per_day * workload.quarantine_percent / 100
    kept = bad * traffic.wire_bytes * 4 / 3 * QUARANTINE_DAYS / GB
    usd = bad * DAYS / 1000 * prices["s3_thousand_puts"] + kept * prices["s3_gb_month"]
    yield Cost("S3", "quarantine", bad * DAYS, "documents", usd, ("s3_thousand_puts", "s3_gb_month"))


def _cloudwatch(plan: Plan, prices: Prices) -> Iterator[Cost]:
    logs = daily_work(plan).invocations * DAYS * LOG_BYTES / GB
    yield Cost("CloudWatch", "logs", logs, "GB", logs * prices["logs_gb"], ("logs_gb",))
    yield Cost(
        "CloudWatch", "metrics", METRICS, "metrics", METRICS * prices["metric_month"], ("metric_month",)
    )
    alarms = ALARM_METRICS * prices["alarm_metric_month"] + prices["composite_alarm_month"]
    yield Cost(
        "CloudWatch",
        "13 alarms, 1 composite",
        ALARM_METRICS + 1,
        "metrics",
        alarms,
        ("alarm_metric_month", "composite_alarm_month"),
    )
    yield Cost("CloudWatch", "dashboard", 1, "dashboard", prices["dashboard_month"], ("dashboard_month",))
