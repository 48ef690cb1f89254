"""``smartcat plan``: sizes, costs and Terraform variables for a workload."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartcat.cli.console import err, fail, one_line_errors, out, print_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.cli.capacity_planning.plan_result import PlanResult


def plan(
    *,
    documents_per_day: Annotated[float, typer.Option(help="Documents per day.")],
    pages: Annotated[float, typer.Option(help="Mean pages per document.")] = 1.0,
    mean_kb: Annotated[float, typer.Option(help="Mean KiB of a page as JSON, before compression.")] = 3.5,
    hours: Annotated[float, typer.Option(help="Hours of the day in which documents arrive.")] = 24.0,
    peak_factor: Annotated[float, typer.Option(help="Peak rate as a multiple of the mean.")] = 3.0,
    peak_documents_per_second: Annotated[
        float | None, typer.Option(help="Peak rate; overrides --peak-factor.")
    ] = None,
    peak_hours: Annotated[float, typer.Option(help="Duration of the peak in hours.")] = 1.0,
    aggregate: Annotated[bool, typer.Option(help="Whether producers pack documents into aggregates.")] = True,
    compression: Annotated[float, typer.Option(help="Compression ratio of gzip.")] = 1.8,
    claims_percent: Annotated[
        float, typer.Option(help="Percent of documents too large for the stream.")
    ] = 0.0,
    quarantine_percent: Annotated[
        float, typer.Option(help="Percent of documents that cannot be read.")
    ] = 0.01,
    wcu_per_result: Annotated[int, typer.Option(help="Write units per result.")] = 1,
    classify_ms: Annotated[
        float | None, typer.Option(help="CPU milliseconds per document.", show_default="by size")
    ] = None,
    memory_mb: Annotated[int, typer.Option(help="Memory of the function in MB.")] = 1769,
    outage_hours: Annotated[float, typer.Option(help="Longest outage without losing a record.")] = 8.0,
    target_utilization: Annotated[int, typer.Option(help="Percent of the write capacity to use.")] = 70,
    kept_days: Annotated[float, typer.Option(help="Days until a result expires.")] = 90.0,
    other_consumers: Annotated[int, typer.Option(help="Other consumers of the stream.")] = 0,
    region: Annotated[
        str | None,
        typer.Option(
            help="AWS region. Default: Terraform's own region, with quotas and prices of us-east-1."
        ),
    ] = None,
    quota: Annotated[
        list[str] | None,
        typer.Option("--quota", metavar="NAME=NUMBER", help="A quota of your account; repeatable."),
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option("--prices", metavar="FILE", help="Prices in US dollars by name, as TOML or JSON."),
    ] = None,
    price: Annotated[
        list[str] | None, typer.Option("--price", metavar="NAME=VALUE", help="One price; overrides --prices.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write the Terraform variables to this file."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file of --out.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Plan the capacity for a workload: shards, environments, write capacity, costs and limits.

    Contacts no AWS account and changes nothing.

    Example: [bold]smartcat plan --documents-per-day 1000000 --out infra/terraform/terraform.tfvars[/bold]
    """
    # The names of the other options are the fields of the workload.
    workload = {name: value for name, value in locals().items() if name not in _OTHERS}
    from producers.atomic_file import replace_file
    from smartcat.cli.capacity_planning.errors import PlanningError
    from smartcat.cli.capacity_planning.plan_result import as_json, plan_capacity
    from smartcat.cli.capacity_planning.prices import read_pairs

    with one_line_errors(PlanningError, UnicodeDecodeError):
        if output and output.exists() and not force:
            raise PlanningError(f"{output} already exists; use --force to overwrite it")
        own = _own_prices(prices, price or [])
        try:
            result = plan_capacity(workload, region, read_pairs(quota or [], "quota"), own)
        except PlanningError as error:
            raise PlanningError(_with_options(str(error), workload)) from None
    if json:
        print_json(as_json(result))
    else:
        _show(result)
    if result.unmet:
        # Terraform would refuse it as well.
        names = ", ".join(each.name for each in result.unmet)
        raise fail(f"hard constraints cannot be met: {names}; nothing was written")
    if output:
        with one_line_errors():
            # In one step: half a file, left by a break, would refuse the same command from then on.
            replace_file(output, result.tfvars.encode())
        err.print(f"Wrote {output}.")
    if not json:
        _print_next_steps(output)


_OTHERS = frozenset({"region", "quota", "prices", "price", "output", "force", "json"})


def _with_options(message: str, workload: Mapping[str, object]) -> str:
    """Return the message with the fields at its beginning named as options."""
    subject, colon, rest = message.partition(":")
    words = [f"--{word.replace('_', '-')}" if word in workload else word for word in subject.split(" ")]
    return " ".join(words) + colon + rest


def _own_prices(path: Path | None, pairs: list[str]) -> dict[str, tuple[float, str]]:
    from smartcat.cli.capacity_planning.prices import read_pairs, read_price_file

    own: dict[str, tuple[float, str]] = {}
    if path:
        listed = read_price_file(path.read_text("utf-8"), path.name)
        own = {name: (usd, path.name) for name, usd in listed.items()}
    return own | {name: (usd, "--price") for name, usd in read_pairs(pairs, "price").items()}


def _show(result: PlanResult) -> None:
    from smartcat.cli.capacity_planning.terminal_report import report_parts

    for part in report_parts(result, out.width):
        for lines in part.splitlines() if isinstance(part, str) else [part]:
            out.print(lines)


def _print_next_steps(output: Path | None) -> None:
    out.print()
    out.print("Next (docs/deploy.md):")
    if output is None:
        out.print("  smartcat plan ... --out infra/terraform/terraform.tfvars")
        out.print("  smartcat package --out build/function.zip")
        return
    out.print("  smartcat package --out build/function.zip")
    here = output.resolve()
    file = "" if here.parts[-3:] == ("infra", "terraform", "terraform.tfvars") else f" -var-file={here}"
    out.print(f"  terraform -chdir=infra/terraform plan{file}")
