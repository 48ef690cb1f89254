"""``smartcat results``: what the table says of a document, or of all."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from smartcat.console import fail, out, print_json, visible

if TYPE_CHECKING:
    from smartcat.results import StoredResult

app = typer.Typer(help="Read the results.", no_args_is_help=True)

TableName = Annotated[
    str, typer.Option("--table", envvar="SMARTCAT_TABLE", help="The table of results.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]


@app.command("get")
def get(
    document_id: Annotated[str, typer.Argument(help="The document's id.")],
    *,
    table: TableName,
    json: AsJson = False,
) -> None:
    """Show the result of one document, with its candidates and the words that carried the label.

    Example: [bold]smartcat results get sample-7-000042[/bold]
    """
    from smartcat.aws import aws_errors, client
    from smartcat.results import NoTableError, get_result
    from wire_format.fields import MAX_ID_CHARS

    if not 1 <= len(document_id) <= MAX_ID_CHARS:
        raise typer.BadParameter(f"expected 1 to {MAX_ID_CHARS} characters", param_hint="document_id")
    with aws_errors(NoTableError):
        result = get_result(client("dynamodb"), table, document_id)
    if result is None:
        raise fail(f"{document_id}: no result in table {table} (yet, or it is in the quarantine)")
    if json:
        print_json(result.to_dict())
    else:
        _show(result)


@app.command("list")
def list_(
    *,
    table: TableName,
    label: Annotated[str | None, typer.Option(help="Only results with this label.")] = None,
    decision: Annotated[
        str | None, typer.Option(help="Only 'accepted' or only 'review'.", metavar="DECISION")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most this many.", show_default="all")] = None,
    json: AsJson = False,
) -> None:
    """List results: one line a document.

    Example: [bold]smartcat results list --decision review --limit 20[/bold]
    """
    from smartcat.aws import aws_errors, client
    from smartcat.results import NoTableError, list_results

    if decision not in {None, "accepted", "review"}:
        raise typer.BadParameter("expected 'accepted' or 'review'", param_hint="--decision")
    with aws_errors(NoTableError):
        chosen = (
            result
            for result in list_results(client("dynamodb"), table)
            if label in {None, result.label} and decision in {None, result.decision}
        )
        for result in islice(chosen, limit):
            if json:
                print_json(result.to_dict())
            else:
                out.print(
                    f"{visible(result.document_id):<32} {visible(result.label):<28} "
                    f"{result.short_confidence}  {result.decision}"
                )


def _show(result: StoredResult) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column()
    rows = {
        "document": result.document_id,
        "label": result.label,
        "confidence": f"{result.confidence:.4f} ({result.decision})",
        "pages": ", ".join(label or "(blank)" for label in result.page_labels),
        "candidates": ", ".join(result.candidates),
        "reasons": ", ".join(result.reasons),
        "model": result.model_version,
        "arrived": result.arrived_at,
    }
    for name, value in rows.items():
        table.add_row(name, visible(value))
    out.print(table)
