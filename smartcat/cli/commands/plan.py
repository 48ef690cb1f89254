"""``smartcat plan``: from a load to the sizes, the bill and the variables of a stack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartcat.cli.console import err, fail, one_line_errors, out, print_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.cli.capacity_planning.answer import Answer


def plan(
    *,
    documents_per_day: Annotated[float, typer.Option(help="Documents on a day.")],
    pages: Annotated[float, typer.Option(help="Pages a document.")] = 1.0,
    mean_kb: Annotated[float, typer.Option(help="KiB of a page as JSON.")] = 3.5,
    hours: Annotated[float, typer.Option(help="Hours of the day in which documents come.")] = 24.0,
    peak_factor: Annotated[float, typer.Option(help="The peak, by the mean of those hours.")] = 3.0,
    peak_documents_per_second: Annotated[
        float | None, typer.Option(help="The peak as a rate; wins over the factor.")
    ] = None,
    peak_hours: Annotated[float, typer.Option(help="Hours that the peak lasts.")] = 1.0,
    aggregate: Annotated[bool, typer.Option(help="Producers pack documents into aggregates.")] = True,
    compression: Annotated[float, typer.Option(help="By how much gzip makes a document smaller.")] = 1.8,
    claims_percent: Annotated[float, typer.Option(help="Documents too large for the stream.")] = 0.0,
    quarantine_percent: Annotated[float, typer.Option(help="Documents that cannot be read.")] = 0.01,
    wcu_per_result: Annotated[int, typer.Option(help="Write units of a result.")] = 1,
    classify_ms: Annotated[
        float | None, typer.Option(help="Processor time of a document; else by its size.")
    ] = None,
    memory_mb: Annotated[int, typer.Option(help="Memory of the function.")] = 1769,
    outage_hours: Annotated[float, typer.Option(help="Standstill that loses no record.")] = 8.0,
    target_utilization: Annotated[int, typer.Option(help="Percent of the capacity to plan with.")] = 70,
    kept_days: Annotated[float, typer.Option(help="Days until a result expires.")] = 90.0,
    other_consumers: Annotated[int, typer.Option(help="Other readers of the stream.")] = 0,
    region: Annotated[
        str | None,
        typer.Option(
            help="Where it will be; without it Terraform takes yours, and quotas and prices are us-east-1's."
        ),
    ] = None,
    quota: Annotated[
        list[str] | None, typer.Option("--quota", metavar="NAME=NUMBER", help="A quota of your account.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option("--prices", help="TOML or JSON of names and dollars.")
    ] = None,
    price: Annotated[
        list[str] | None, typer.Option("--price", metavar="NAME=VALUE", help="One price; wins over the file.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the variables for Terraform here.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite that file.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Size a stack for a load: shards, environments, capacity; what binds, what it costs, and where it ends.

    Asks no account and changes nothing.

    Example: [bold]smartcat plan --documents-per-day 1000000 --out infra/terraform/terraform.tfvars[/bold]
    """
    # All options by their names, which are those of the load; the rest is taken out.
    load = {name: value for name, value in locals().items() if name not in _OTHERS}
    from smartcat.cli.capacity_planning.answer import answer, facts
    from smartcat.cli.capacity_planning.errors import PlanningError
    from smartcat.cli.capacity_planning.prices import read_pairs

    with one_line_errors(PlanningError, UnicodeDecodeError):
        if output and output.exists() and not force:
            raise PlanningError(f"{output} is there already; --force overwrites it")
        own = _own_prices(prices, price or [])
        try:
            found = answer(load, region, read_pairs(quota or [], "quota"), own)
        except PlanningError as error:
            raise PlanningError(_with_options(str(error), load)) from None
    if json:
        print_json(facts(found))
    else:
        _show(found)
    if found.unmet:
        # Terraform would refuse it, too.
        names = ", ".join(each.name for each in found.unmet)
        raise fail(f"hard relations that cannot be met: {names}; nothing was written")
    if output:
        with one_line_errors(), output.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(found.tfvars)
        err.print(f"Wrote {output}.")
    if not json:
        _say_what_next(output)


_OTHERS = frozenset({"region", "quota", "prices", "price", "output", "force", "json"})


def _with_options(message: str, load: Mapping[str, object]) -> str:
    """Name the fields that a message begins with as a person gave them: by their options."""
    subject, colon, rest = message.partition(":")
    words = [f"--{word.replace('_', '-')}" if word in load else word for word in subject.split(" ")]
    return " ".join(words) + colon + rest


def _own_prices(path: Path | None, pairs: list[str]) -> dict[str, tuple[float, str]]:
    from smartcat.cli.capacity_planning.prices import read_pairs, read_price_file

    own: dict[str, tuple[float, str]] = {}
    if path:
        found = read_price_file(path.read_text("utf-8"), path.name)
        own = {name: (usd, path.name) for name, usd in found.items()}
    return own | {name: (usd, "--price") for name, usd in read_pairs(pairs, "price").items()}


def _show(found: Answer) -> None:
    from smartcat.cli.capacity_planning.page import page

    for part in page(found, out.width):
        out.print(part)


def _say_what_next(output: Path | None) -> None:
    out.print("\nNext (docs/deploy.md):")
    if output is None:
        out.print("  smartcat plan ... --out infra/terraform/terraform.tfvars")
        out.print("  smartcat package --out build/function.zip")
        return
    out.print("  smartcat package --out build/function.zip")
    here = output.resolve()
    file = "" if here.parts[-3:] == ("infra", "terraform", "terraform.tfvars") else f" -var-file={here}"
    out.print(f"  terraform -chdir=infra/terraform plan{file}")
