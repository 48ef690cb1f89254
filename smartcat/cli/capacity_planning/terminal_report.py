"""Renders a plan as text and tables for a terminal. Plans nothing and writes nothing."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Final

from smartcat.cli.capacity_planning.limits import partitions
from smartcat.cli.capacity_planning.plan import MIN_AGE_HOURS
from smartcat.cli.capacity_planning.prices import LOOKED_UP, REGION
from smartcat.cli.console import plain_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from smartcat.cli.capacity_planning.limits import Limit
    from smartcat.cli.capacity_planning.plan_result import PlanResult

MAX_WIDTH: Final = 100
"""Columns of a paragraph: longer lines are hard to read."""


def report_parts(result: PlanResult, width: int) -> Iterator[str | Table]:
    """Yield the parts of the report, from top to bottom.

    Args:
        result: The plan and what follows from it.
        width: Columns of the terminal.
    """
    width = min(width, MAX_WIDTH)
    yield _fill(_headline(result), width)
    yield _sizes(result)
    yield _fill(_constraints(result), width)
    yield _bill(result, wide=width >= MAX_WIDTH)
    yield _fill(_about_the_bill(result), width)
    yield _limits(result)
    yield from (_fill(each, width) for each in _advice(result.limits))


def _fill(text: str, width: int) -> str:
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


def _headline(result: PlanResult) -> str:
    workload = result.workload
    return (
        f"{_figure(workload.documents_per_day)} documents per day:"
        f" {_figure(workload.documents_per_second)} per second on average,"
        f" {_figure(workload.peak)} at a peak of {_figure(workload.peak_lasts_hours)} h."
    )


def _sizes(result: PlanResult) -> Table:
    plan = result.plan
    count = plan.deployments
    table = plain_table("one deployment" if count == 1 else f"each of {count:,} deployments")
    table.add_column("setting", overflow="fold")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("determined by", overflow="fold")
    retention = f"retries for {plan.max_age_hours} h, for an outage of {plan.workload.outage_hours:g} h"
    for name, value, why in (
        ("stream.shards", f"{plan.shards:,}", plan.shards_by),
        (
            "stream.retention_hours",
            f"{plan.retention_hours:,}",
            retention,
        ),
        (
            "consumer.parallelization_factor",
            f"{plan.parallelization_factor}",
            f"concurrent batches: {plan.concurrent_batches:,}",
        ),
        ("environments", f"{plan.environments:,}", plan.environments_by),
        ("consumer.batch_size", f"{plan.batch_size:,}", plan.batch_by),
        ("consumer.timeout_s", f"{plan.timeout_s:,}", f"a full batch takes {plan.batch_seconds:,.0f} s"),
        ("consumer.max_retries", f"{plan.retries:,}", "half a record's lifetime"),
        ("table.write_capacity", f"{plan.write_units:,}", plan.write_units_by),
        ("table.max_write_capacity", f"{plan.max_write_units:,}", "the peak, the quota or the environments"),
    ):
        table.add_row(name, value, why)
    return table


def _constraints(result: PlanResult) -> str:
    tight = result.binding
    tightest = (
        f"The tightest is {tight.name}: {tight.words} ({_figure(tight.has)} of {_figure(tight.limit)}"
        f" {tight.unit}). To relax it: {tight.advice}."
    )
    unmet = [f"{each.name}, {each.words} ({each.advice})" for each in result.unmet]
    if unmet:
        return f"Not every hard constraint can be met: {'; '.join(unmet)}. {tightest}"
    warned = [f"{each.name}, {each.words} ({each.advice})" for each in result.warned]
    if warned:
        return f"Every hard constraint is met; Terraform will warn about {'; '.join(warned)}. {tightest}"
    return f"Every constraint is met. {tightest}"


def _bill(result: PlanResult, *, wide: bool) -> Table:
    # On a narrow terminal names of prices matter more than amounts, which JSON has.
    one = result.plan.deployments == 1
    table = plain_table("cost per month" if one else "cost per month, all deployments")
    table.add_column("service", no_wrap=True)
    table.add_column("item", overflow="fold")
    if wide:
        table.add_column("amount", justify="right", no_wrap=True)
        table.add_column("unit", overflow="fold")
    table.add_column("price", overflow="fold")
    table.add_column("USD", justify="right", no_wrap=True)
    for row in result.costs:
        if row.usd >= 0.005:
            amount = (_figure(row.amount), row.unit) if wide else ()
            table.add_row(row.service, row.what, *amount, " ".join(row.prices), f"{row.usd:,.2f}")
    table.add_section()
    blank = ("", "") if wide else ()
    table.add_row("total", "", *blank, "", f"{result.usd:,.2f}")
    return table


def _about_the_bill(result: PlanResult) -> str:
    writes = sum(row.usd for row in result.costs if row.what == "write capacity")
    text = (
        f"Results expire after {result.workload.kept_days:g} days (--kept-days); storage is the amount stored"
        f" from then on. On demand, the same writes would cost ${result.on_demand_usd:,.2f} instead of"
        f" ${writes:,.2f} for write capacity, without an upper limit."
    )
    if result.plan.retention_hours > MIN_AGE_HOURS + 1:
        hours = result.plan.shortest_outage_hours
        text += f" Retention above 24 h is for --outage-hours: up to {hours:g} h need none."
    elsewhere = result.prices.elsewhere
    if elsewhere:
        text += (
            f" {elsewhere} prices are those of {REGION}, not of {result.prices.region}:"
            " pass your own with --price."
        )
    return f"{text} Prices were looked up in {LOOKED_UP}; check them (docs/plan.md)."


def _limits(result: PlanResult) -> Table:
    table = plain_table("limits, if everything grows in proportion")
    table.add_column("limit", no_wrap=True)
    table.add_column("needed", justify="right", no_wrap=True)
    table.add_column("available", justify="right", no_wrap=True)
    table.add_column("unit", overflow="fold")
    table.add_column("max documents/day", justify="right", no_wrap=True)
    for each in result.limits:
        at = "unlimited" if math.isinf(each.ends_at) else _rounded(each.ends_at)
        has = _figure(each.has) + (" !" if each.reached else "")
        table.add_row(each.what, has, _figure(each.limit), each.unit, at)
    table.caption = f"partitions of the table at its maximum capacity: {partitions(result.plan)}"
    if any(each.reached for each in result.limits):
        table.caption += "; ! exceeds the limit"
    table.caption_justify = "left"
    return table


def _advice(found: tuple[Limit, ...]) -> Iterator[str]:
    """Yield each advice once, with the limits that it is for."""
    names: dict[str, list[str]] = {}
    for each in found:
        names.setdefault(each.advice, []).append(each.what)
    for advice, limits in names.items():
        yield f"{', '.join(limits)}: {advice}."


def _rounded(value: float) -> str:
    """Return the first two digits, never rounded up."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1) if value > 0 else 1.0
    return _figure(math.floor(value / step) * step)


def _figure(value: float) -> str:
    """Return a number with three significant digits, or all of a whole number."""
    if value >= 1000 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.3g}"
