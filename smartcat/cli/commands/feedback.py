"""``smartcat feedback``: what a document really is, for the next training; and all that was said so far."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smartcat.cli.console import err, fail, print_json, progress, visible

if TYPE_CHECKING:
    from smartcat.cli.feedback.plan import Plan
    from smartcat.cli.feedback.record import Recording
    from smartcat.cli.feedback.table import CorrectionsTable
    from smartcat.training.corpus.corrections import Correction


def feedback(
    document_id: Annotated[str | None, typer.Argument(metavar="ID", help="The document.")] = None,
    label: Annotated[str | None, typer.Argument(metavar="LABEL", help="What it is.")] = None,
    *,
    corrections_table: Annotated[
        str,
        typer.Option(
            envvar="SMARTCAT_CORRECTIONS_TABLE", help="The table of corrections.", show_default=False
        ),
    ],
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Record all corrections of a file: JSON lines or CSV.", metavar="FILE"),
    ] = None,
    export: Annotated[
        str | None,
        typer.Option(
            help="Write the latest correction of each document, for smartcat train; - for standard output.",
            metavar="FILE",
        ),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who says so.")] = None,
    note: Annotated[str | None, typer.Option(help="Why.")] = None,
    table: Annotated[
        str,
        typer.Option(
            "--table", envvar="SMARTCAT_TABLE", help="The table of results: what the machine had said."
        ),
    ] = "",
    model: Annotated[
        str,
        typer.Option(
            envvar="SMARTCAT_MODELS",
            help="A model directory, or where versions are published: labels it lacks are named.",
            metavar="LOCATION",
        ),
    ] = "",
    strict: Annotated[
        bool, typer.Option("--strict", help="Record nothing if a document or a label is not known.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Record what documents really are, beside the results, where no classification overwrites it.

    Example: [bold]smartcat feedback letter-17 rental_agreement --by anna[/bold]
    """
    from smartcat.cli.aws import aws_errors, client
    from smartcat.cli.feedback.patience import CapacityError
    from smartcat.cli.feedback.stored import NotOursError
    from smartcat.cli.results import NoTableError
    from smartcat.training.errors import LearningError

    _check_usage(document_id, label, source, export, by, note)
    with aws_errors(NoTableError, NotOursError, CapacityError, LearningError):
        corrections = _wanted(document_id, label, source, by, note)
        where = _table(client("dynamodb"), corrections_table)
        if export is not None:
            _export(where, export)
            return
        recording = _recording(where, table, model)
        plan, stored = recording.plan(corrections)
        _doubt(plan, table, strict=strict)
        if source is not None:
            _record_many(recording, plan, as_json=json)
            return
        from smartcat.cli.feedback.report import tell_one

        recording.write(plan)
        tell_one(plan, stored, as_json=json)


def _check_usage(
    document_id: str | None,
    label: str | None,
    source: Path | None,
    export: str | None,
    by: str | None,
    note: str | None,
) -> None:
    if [document_id is not None, source is not None, export is not None].count(True) != 1:
        raise typer.BadParameter("expected one of them", param_hint="ID LABEL, --from or --export")
    if (document_id is None) != (label is None):
        raise typer.BadParameter("expected it beside the id", param_hint="LABEL")
    if document_id is None and (by or note):
        raise typer.BadParameter("expected them in the file's own fields", param_hint="--by or --note")


def _wanted(
    document_id: str | None, label: str | None, source: Path | None, by: str | None, note: str | None
) -> list[Correction]:
    """Read what is to be recorded, all of it: nothing is written of a file that holds a mistake."""
    from smartcat.training.corpus.corrections import correction_of, read_corrections
    from smartcat.training.errors import CorpusError
    from smartcat.wire_format.fields import MAX_ID_CHARS

    if source is not None:
        corrections = list(read_corrections(source))
    elif document_id is not None:
        try:
            fields = {"id": document_id, "label": label, "by": by, "note": note}
            corrections = [correction_of(fields, "feedback")]
        except CorpusError as error:
            raise typer.BadParameter(str(error).removeprefix("feedback: ")) from None
    else:
        return []
    longest = max((len(correction.document_id) for correction in corrections), default=0)
    if longest > MAX_ID_CHARS:
        where = source or "feedback"
        raise CorpusError(
            f"{where}: expected ids of at most {MAX_ID_CHARS} characters, as results have, not {longest}"
        )
    texts = sum(correction.pages is not None for correction in corrections)
    if texts:
        err.print(
            f"note: the text of {texts} corrections is not recorded; smartcat train reads it from the file"
        )
    return corrections


def _table(dynamodb: Any, name: str) -> CorrectionsTable:
    import time

    from smartcat.cli.feedback.table import CorrectionsTable

    return CorrectionsTable(dynamodb, name, time.sleep)


def _recording(table: CorrectionsTable, results: str, model: str) -> Recording:
    import secrets
    from datetime import UTC, datetime

    from smartcat.cli.feedback.record import Recording
    from smartcat.cli.feedback.stored import Moments

    moments = Moments(datetime.now(UTC), secrets.token_hex(4))
    return Recording(table, results or None, _labels(model) if model else None, moments)


def _labels(model: str) -> tuple[str, ...] | None:
    """Read the model's labels; None, and a note, where they cannot be read: a correction is worth more."""
    from smartcat.cli.aws import AwsError, client
    from smartcat.cli.feedback.labels import labels_of
    from smartcat.cli.models.errors import PublishingError

    try:
        return labels_of(model, lambda: client("s3"))
    except (PublishingError, AwsError, OSError) as error:
        err.print(visible(f"note: labels are not compared with the model's: {error}"))
        return None


def _doubt(plan: Plan, table: str, *, strict: bool) -> None:
    from smartcat.cli.feedback.report import doubts, tell_doubts

    found = doubts(plan, table)
    if strict and found:
        raise fail(f"{found[0]}; nothing was recorded")
    tell_doubts(plan, table)


def _record_many(recording: Recording, plan: Plan, *, as_json: bool) -> None:
    from smartcat.cli.feedback.report import tell_many

    written = 0
    try:
        with progress() as report:

            def note(so_far: int) -> None:
                nonlocal written
                written = so_far
                report("record", so_far, len(plan.to_write))

            recording.write(plan, note)
    finally:
        # In any case, Ctrl-C too: what was written and what was not.
        tell_many(plan, written, as_json=as_json)


def _export(table: CorrectionsTable, target: str) -> None:
    import json

    from producers.atomic_file import replace_file
    from smartcat.cli.feedback.report import tell_exported
    from smartcat.cli.feedback.stored import lines

    rows = list(lines(table.latest_of_all().values()))
    if target == "-":
        for row in rows:
            print_json(row)
        return
    content = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    replace_file(Path(target), content.encode())
    tell_exported(rows, target)
