"""A plan in words and tables, for a terminal. Renders only: plans nothing and writes nothing."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Final

from smartcat.cli.capacity_planning.plan import MIN_AGE_HOURS
from smartcat.cli.capacity_planning.prices import LOOKED_UP, REGION
from smartcat.cli.capacity_planning.stops import partitions
from smartcat.cli.tables import plain_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from smartcat.cli.capacity_planning.answer import Answer
    from smartcat.cli.capacity_planning.stops import Stop

MAX_WIDTH: Final = 100
"""Columns of a paragraph: longer lines are hard to read."""


def page(found: Answer, width: int) -> Iterator[str | Table]:
    """Give the page's parts, from top to bottom.

    Args:
        found: What was planned.
        width: Columns of the terminal.
    """
    width = min(width, MAX_WIDTH)
    yield _fill(_headline(found), width)
    yield _sizes(found)
    yield _fill(_verdict(found), width)
    yield _bill(found, wide=width >= MAX_WIDTH)
    yield _fill(_about_the_bill(found), width)
    yield _ends(found)
    yield from (_fill(each, width) for each in _what_to_do(found.stops))


def _fill(text: str, width: int) -> str:
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


def _headline(found: Answer) -> str:
    load = found.load
    return (
        f"{_figure(load.documents_per_day)} documents a day: {_figure(load.documents_per_second)} a second on"
        f" average, {_figure(load.peak)} at a peak of {_figure(load.peak_lasts_hours)} h."
    )


def _sizes(found: Answer) -> Table:
    plan = found.plan
    table = plain_table("one stack" if plan.stacks == 1 else f"each of {plan.stacks:,} stacks")
    table.add_column("size", overflow="fold")
    table.add_column("is", justify="right", no_wrap=True)
    table.add_column("because of", overflow="fold")
    peak = "what the peak asks for, or the most that may be had"
    retention = f"records are tried for {plan.max_age_hours} h, for an outage of {plan.load.outage_hours:g} h"
    for name, value, why in (
        ("stream.shards", f"{plan.shards:,}", plan.shards_by),
        ("stream.retention_hours", f"{plan.retention_hours:,}", retention),
        ("consumer.parallelization_factor", f"{plan.factor}", f"lanes: {plan.lanes:,}"),
        ("environments at once", f"{plan.concurrency:,}", plan.concurrency_by),
        ("consumer.batch_size", f"{plan.batch_size:,}", plan.batch_by),
        ("consumer.timeout_s", f"{plan.timeout_s:,}", f"a full batch takes {plan.batch_seconds:,.0f} s"),
        ("consumer.max_retries", f"{plan.retries:,}", "given up in half a record's life"),
        ("table.write_capacity", f"{plan.write_units:,}", plan.write_units_by),
        ("table.max_write_capacity", f"{plan.max_write_units:,}", peak),
    ):
        table.add_row(name, value, why)
    return table


def _verdict(found: Answer) -> str:
    tight = found.binding
    least = (
        f"The tightest is {tight.name}: {tight.words} ({_figure(tight.has)} of {_figure(tight.limit)}"
        f" {tight.unit}). To change it: {tight.advice}."
    )
    broken = [f"{each.name}, {each.words} ({each.advice})" for each in found.unmet]
    if broken:
        return f"Not every hard relation can be met: {'; '.join(broken)}. {least}"
    warned = [f"{each.name}, {each.words} ({each.advice})" for each in found.warned]
    if warned:
        return f"Every hard relation holds; Terraform will warn of {'; '.join(warned)}. {least}"
    return f"Every relation holds. {least}"


def _bill(found: Answer, *, wide: bool) -> Table:
    # On a narrow terminal names of prices matter more than amounts, which JSON has.
    table = plain_table("a month" if found.plan.stacks == 1 else "a month, all stacks")
    table.add_column("service", no_wrap=True)
    table.add_column("for", overflow="fold")
    if wide:
        table.add_column("amount", justify="right", no_wrap=True)
        table.add_column("unit", overflow="fold")
    table.add_column("price", overflow="fold")
    table.add_column("USD", justify="right", no_wrap=True)
    for row in found.costs:
        if row.usd >= 0.005:
            amount = (_figure(row.amount), row.unit) if wide else ()
            table.add_row(row.service, row.what, *amount, " ".join(row.prices), f"{row.usd:,.2f}")
    table.add_section()
    blank = ("", "") if wide else ()
    table.add_row("all", "", *blank, "", f"{found.usd:,.2f}")
    return table


def _about_the_bill(found: Answer) -> str:
    writes = sum(row.usd for row in found.costs if row.what == "write capacity")
    words = (
        f"Results expire after {found.load.kept_days:g} days (--kept-days); storage is what there is then."
        f" The same writes billed by request would be ${found.on_demand_usd:,.2f} instead of the"
        f" ${writes:,.2f} of write capacity, without a ceiling."
    )
    if found.plan.retention_hours > MIN_AGE_HOURS + 1:
        least = found.plan.shortest_outage_hours
        words += f" Retention above 24 h is for --outage-hours: up to {least:g} of them need none."
    foreign = found.prices.elsewhere
    if foreign:
        words += (
            f" {foreign} prices are those of {REGION}, not of {found.prices.region}: give yours (--price)."
        )
    return f"{words} Prices were looked up in {LOOKED_UP}; check them (docs/plan.md)."


def _ends(found: Answer) -> Table:
    table = plain_table("where it ends, if everything grows alike")
    table.add_column("bound", no_wrap=True)
    table.add_column("needs", justify="right", no_wrap=True)
    table.add_column("of", justify="right", no_wrap=True)
    table.add_column("unit", overflow="fold")
    table.add_column("docs a day, up to", justify="right", no_wrap=True)
    for each in found.stops:
        at = "never" if math.isinf(each.ends_at) else _rounded(each.ends_at)
        has = _figure(each.has) + (" !" if each.reached else "")
        table.add_row(each.what, has, _figure(each.limit), each.unit, at)
    table.caption = f"partitions of a table at its most: {partitions(found.plan)}"
    if any(each.reached for each in found.stops):
        table.caption += "; ! is more than there is"
    table.caption_justify = "left"
    return table


def _what_to_do(found: tuple[Stop, ...]) -> Iterator[str]:
    """Say each advice once, with the bounds that it is for."""
    bounds: dict[str, list[str]] = {}
    for each in found:
        bounds.setdefault(each.advice, []).append(each.what)
    for advice, names in bounds.items():
        yield f"{', '.join(names)}: {advice}."


def _rounded(value: float) -> str:
    """Give the first two digits, never rounded up."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1) if value > 0 else 1.0
    return _figure(math.floor(value / step) * step)


def _figure(value: float) -> str:
    """Give a number of four digits or all whole ones."""
    if value >= 1000 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.3g}"
