"""``smartcat results``: read the results of one document, or of all."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from smartcat.cli.console import fail, out, print_json, visible

if TYPE_CHECKING:
    from smartcat.cli.feedback.corrections_table import CorrectionsTable
    from smartcat.cli.feedback.stored_correction import StoredCorrection
    from stream_processor.storage_format.result_item import StoredResult

app = typer.Typer(help="Read results from the table.", no_args_is_help=True)

TableName = Annotated[
    str, typer.Option("--table", envvar="SMARTCAT_TABLE", help="Table of results.", show_default=False)
]
CorrectionsTableName = Annotated[
    str,
    typer.Option(
        "--corrections-table",
        envvar="SMARTCAT_CORRECTIONS_TABLE",
        help="Table of corrections: also show corrected labels.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]


@app.command("get")
def get(
    document_id: Annotated[str, typer.Argument(help="Id of the document.")],
    *,
    table: TableName,
    corrections_table: CorrectionsTableName = "",
    json: AsJson = False,
) -> None:
    """Show the result of one document, with its candidates and the reasons for its label.

    Example: [bold]smartcat results get sample-7-000042[/bold]
    """
    from smartcat.cli.aws_clients import aws_errors, client
    from smartcat.cli.feedback.stored_correction import NotACorrectionError
    from smartcat.cli.results_table import NoTableError, get_result
    from smartcat.wire_format.fields import MAX_ID_CHARS

    if not 1 <= len(document_id) <= MAX_ID_CHARS:
        raise typer.BadParameter(f"expected 1 to {MAX_ID_CHARS} characters", param_hint="document_id")
    with aws_errors(NoTableError, NotACorrectionError):
        dynamodb = client("dynamodb")
        result = get_result(dynamodb, table, document_id)
        corrections = _corrections(dynamodb, corrections_table)
        correction = corrections.latest(document_id) if corrections else None
    if result is None:
        text = f"; corrected to {correction.label}" if correction else ""
        raise fail(
            f"{document_id}: no result in table {table}: not processed yet, or in the quarantine{text}"
        )
    if json:
        print_json(_fields(result, correction, known=corrections is not None))
    else:
        _show(result, correction)


@app.command("list")
def list_(
    *,
    table: TableName,
    corrections_table: CorrectionsTableName = "",
    label: Annotated[
        str | None,
        typer.Option(help="Only results with this label (or corrected to it)."),
    ] = None,
    decision: Annotated[
        str | None, typer.Option(help="Only 'accepted' or only 'review'.", metavar="DECISION")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Maximum number of results.", show_default="all")
    ] = None,
    json: AsJson = False,
) -> None:
    """List results, one line per document.

    Example: [bold]smartcat results list --decision review --limit 20[/bold]
    """
    from smartcat.cli.aws_clients import aws_errors, client
    from smartcat.cli.feedback.stored_correction import NotACorrectionError
    from smartcat.cli.results_table import NoTableError, list_results

    if decision not in {None, "accepted", "review"}:
        raise typer.BadParameter("expected 'accepted' or 'review'", param_hint="--decision")
    with aws_errors(NoTableError, NotACorrectionError):
        dynamodb = client("dynamodb")
        corrections = _corrections(dynamodb, corrections_table)
        # Corrections are few; looking each up would cost as much as reading the results.
        corrected = corrections.latest_of_all() if corrections else {}
        chosen = (
            (result, corrected.get(result.document_id))
            for result in list_results(dynamodb, table)
            if decision in {None, result.decision}
            and label in {None, (corrected.get(result.document_id) or result).label}
        )
        for result, correction in islice(chosen, limit):
            if json:
                print_json(_fields(result, correction, known=corrections is not None))
            else:
                out.print(_line(result, correction))


def _corrections(dynamodb: Any, table: str) -> CorrectionsTable | None:
    import time

    from smartcat.cli.feedback.corrections_table import CorrectionsTable

    return CorrectionsTable(dynamodb, table, time.sleep) if table else None


def _fields(result: StoredResult, correction: StoredCorrection | None, *, known: bool) -> dict[str, Any]:
    """Return the fields for JSON, with ``correction`` (which may be null) if corrections are known."""
    text = correction.to_dict() if correction else None
    return result.to_dict() | ({"correction": text} if known else {})


def _line(result: StoredResult, correction: StoredCorrection | None) -> str:
    text = f"  corrected: {visible(correction.label)}" if correction else ""
    return (
        f"{visible(result.document_id):<32} {visible(result.label):<28} "
        f"{result.short_confidence}  {_decision(result)}{_stack_of(result)}{text}"
    )


def _decision(result: StoredResult) -> str:
    """Return the decision, and why it is for review where the result says so."""
    return f"{result.decision}: {result.why}" if result.why else result.decision


def _stack_of(result: StoredResult) -> str:
    return f"  a stack of {len(result.documents)}" if result.documents else ""


def _show(result: StoredResult, correction: StoredCorrection | None) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column()
    rows = {
        "document": result.document_id,
        "label": result.label,
        **({"corrected": _said(correction)} if correction else {}),
        "confidence": f"{result.confidence:.4f} ({_decision(result)})",
        "pages": ", ".join(label or "(no evidence)" for label in result.page_labels),
        "candidates": ", ".join(result.candidates),
        "reasons": ", ".join(result.reasons),
        "model": result.model_version,
        "arrived": result.arrived_at,
    }
    for name, value in rows.items():
        table.add_row(name, visible(value))
    for index, piece in enumerate(result.documents):
        pages = f"page {piece.first}" if piece.first == piece.last else f"pages {piece.first}-{piece.last}"
        text = f"{pages}: {piece.label} {piece.confidence:.4f} ({piece.decision})"
        table.add_row("" if index else "documents", visible(text))
    out.print(table)


def _said(correction: StoredCorrection) -> str:
    fields = correction.to_dict()
    by = f" by {correction.by}" if correction.by else ""
    note = f": {correction.note}" if correction.note else ""
    return f"{correction.label} ({fields['corrected_at']}{by}{note})"
