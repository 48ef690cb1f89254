"""What a month of a plan costs, a row for each thing AWS bills. Pure arithmetic over plan and prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smartcat.cli.capacity_planning.load import KIB
from smartcat.cli.capacity_planning.plan import WINDOW_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartcat.cli.capacity_planning.plan import Plan
    from smartcat.cli.capacity_planning.prices import Prices

HOURS: Final = 730.0
DAYS: Final = HOURS / 24
"""A month, as AWS's calculator has it."""

GB: Final = 1024.0**3

INVOCATION_SECONDS: Final = 0.005
"""What an invocation takes beside its documents: one request to the table, docs/write-capacity.md."""

LOG_BYTES: Final = 2300
"""An ordinary batch's line and metrics: docs/telemetry.md. What Lambda writes itself is not in it."""

METRICS: Final = 30
"""Metrics of the function, docs/telemetry.md, without the two of a shadow model."""

ALARM_METRICS: Final = 15
"""13 alarms, of which two compare two metrics; and one composite alarm beside them."""

READ_UNITS: Final = 5
"""Read capacity of the table: the least of infra/terraform."""

S3_DAYS: Final = 30
"""How long claims and quarantined records are kept; infra/terraform keeps the latter for 90."""
QUARANTINE_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Cost:
    """One row of the bill.

    Attributes:
        service: Who bills it.
        what: What for.
        amount: How much of it, in a month.
        unit: Of the amount.
        usd: Dollars a month, all stacks together.
        prices: Names of the prices it is made with.
    """

    service: str
    what: str
    amount: float
    unit: str
    usd: float
    prices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """What the function does on a day, of one stack.

    Attributes:
        invocations: How many.
        busy_hours: Hours in which environments compute or have a request under way, all together.
        waiting_hours: Hours in which they wait for the table's capacity, and are paid.
        backlog_hours: Hours of the day in which there is a backlog, after the peak.
    """

    invocations: float
    busy_hours: float
    waiting_hours: float
    backlog_hours: float


def work(plan: Plan) -> Work:
    """Model a day.

    While less comes in than the table takes, nobody waits: the budget saves up what is not used. At a peak
    above that a backlog builds up, all environments are awake until it is gone, and what they do not need for
    documents they wait. Autoscaling, which would shorten that, is left out.
    """
    load = plan.load
    # From a peak above what can be stored to its end, and until what was left over is stored, too.
    peak_h = load.peak_lasts_hours
    rest_h = load.hours - peak_h
    came = load.peak * peak_h
    low = max(0.0, load.documents_per_second * load.hours - came) / rest_h if rest_h > 0 else 0.0
    left = max(0.0, load.peak - plan.drain) * peak_h
    backlog_h = min(24.0, peak_h + left / (plan.drain - low)) if left > 0 and plan.drain > low else 0.0
    in_backlog = min(load.documents_per_day, plan.drain * backlog_h * 3600)
    records = plan.traffic.records(load.documents_per_second, plan.shards)
    a_lane = records / plan.lanes
    by_window = plan.lanes * a_lane / (1 + a_lane * WINDOW_SECONDS)
    invocations = max(records / plan.batch_size, by_window) * load.hours * 3600
    busy = (load.documents_per_day * plan.busy_seconds + invocations * INVOCATION_SECONDS) / 3600
    waiting = max(0.0, plan.concurrency * backlog_h - in_backlog * plan.busy_seconds / 3600)
    return Work(invocations, busy, waiting, backlog_h)


def costs(plan: Plan, prices: Prices) -> tuple[Cost, ...]:
    """Give every row, in the order of a document's way."""
    return tuple(
        Cost(
            each.service, each.what, each.amount * plan.stacks, each.unit, each.usd * plan.stacks, each.prices
        )
        for each in (*_kinesis(plan, prices), *_lambda(plan, prices), *_dynamodb(plan, prices))
    ) + tuple(
        Cost(
            each.service, each.what, each.amount * plan.stacks, each.unit, each.usd * plan.stacks, each.prices
        )
        for each in (*_s3(plan, prices), *_cloudwatch(plan, prices))
    )


def total(rows: tuple[Cost, ...]) -> float:
    """Give the sum in dollars."""
    return sum(row.usd for row in rows)


def on_demand(plan: Plan, prices: Prices) -> float:
    """Give what the same writes would cost a month on a table that is billed by request, in dollars."""
    units = plan.load.documents_per_day * DAYS * plan.load.wcu_per_result * plan.stacks
    return units / 1e6 * prices["on_demand_million_writes"]


def _kinesis(plan: Plan, prices: Prices) -> Iterator[Cost]:
    load = plan.load
    hours = plan.shards * HOURS
    yield Cost("Kinesis", "shards", hours, "shard-hours", hours * prices["shard_hour"], ("shard_hour",))
    each = plan.traffic.payload_units(load.documents_per_second, plan.shards)
    units = load.documents_per_day * DAYS * each
    yield Cost(
        "Kinesis",
        "records put",
        units,
        "units of 25 KB",
        units / 1e6 * prices["put_million_units"],
        ("put_million_units",),
    )
    longer = hours if plan.retention_hours > 24 else 0.0
    usd = longer * prices["retention_shard_hour"]
    yield Cost("Kinesis", "retention above 24 h", longer, "shard-hours", usd, ("retention_shard_hour",))


def _lambda(plan: Plan, prices: Prices) -> Iterator[Cost]:
    day = work(plan)
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
        seconds = hours * 3600 * DAYS * plan.load.memory_mb / 1024
        yield Cost(
            "Lambda", what, seconds, "GB-seconds", seconds * prices["lambda_gb_second"], ("lambda_gb_second",)
        )


def _dynamodb(plan: Plan, prices: Prices) -> Iterator[Cost]:
    load = plan.load
    more = (plan.max_write_units - plan.write_units) * load.peak_lasts_hours * DAYS
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
    stored = load.documents_per_day * load.kept_days * load.wcu_per_result * KIB / GB
    yield Cost(
        "DynamoDB",
        f"storage after {load.kept_days:g} days",
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
    load, flow = plan.load, plan.traffic
    claims = load.documents_per_day * flow.claimed
    calls = claims * DAYS
    usd = calls / 1000 * (prices["s3_thousand_puts"] + prices["s3_thousand_gets"])
    yield Cost(
        "S3", "claims put and fetched", calls, "documents", usd, ("s3_thousand_puts", "s3_thousand_gets")
    )
    kept = claims * flow.wire_bytes * S3_DAYS / GB
    yield Cost("S3", "claims kept 30 days", kept, "GB", kept * prices["s3_gb_month"], ("s3_gb_month",))
    bad = load.documents_per_day * load.quarantine_percent / 100
    kept = bad * flow.wire_bytes * 4 / 3 * QUARANTINE_DAYS / GB
    usd = bad * DAYS / 1000 * prices["s3_thousand_puts"] + kept * prices["s3_gb_month"]
    yield Cost("S3", "quarantine", bad * DAYS, "documents", usd, ("s3_thousand_puts", "s3_gb_month"))


def _cloudwatch(plan: Plan, prices: Prices) -> Iterator[Cost]:
    logs = work(plan).invocations * DAYS * LOG_BYTES / GB
    yield Cost("CloudWatch", "logs", logs, "GB", logs * prices["logs_gb"], ("logs_gb",))
    yield Cost(
        "CloudWatch", "metrics", METRICS, "metrics", METRICS * prices["metric_month"], ("metric_month",)
    )
    alarms = ALARM_METRICS * prices["alarm_metric_month"] + prices["composite_alarm_month"]
    yield Cost(
        "CloudWatch",
        "13 alarms and one of them",
        ALARM_METRICS + 1,
        "metrics",
        alarms,
        ("alarm_metric_month", "composite_alarm_month"),
    )
    yield Cost("CloudWatch", "dashboard", 1, "dashboard", prices["dashboard_month"], ("dashboard_month",))
