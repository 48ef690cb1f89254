"""``smartcat feedback``: record and export corrections of labels, for the next training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smartcat.cli.console import err, fail, print_json, progress, visible

if TYPE_CHECKING:
    from smartcat.cli.feedback.changeset import ChangeSet
    from smartcat.cli.feedback.corrections_table import CorrectionsTable
    from smartcat.cli.feedback.recorder import Recorder
    from smartcat.training.corpus.corrections import Correction


def feedback(
    document_id: Annotated[str | None, typer.Argument(metavar="ID", help="Id of the document.")] = None,
    label: Annotated[str | None, typer.Argument(metavar="LABEL", help="The right label.")] = None,
    *,
    corrections_table: Annotated[
        str,
        typer.Option(envvar="SMARTCAT_CORRECTIONS_TABLE", help="Table of corrections.", show_default=False),
    ],
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Record all corrections of a file (JSON lines or CSV).", metavar="FILE"),
    ] = None,
    export: Annotated[
        str | None,
        typer.Option(
            help="Write the latest correction of each document, for smartcat train (- for standard output).",
            metavar="FILE",
        ),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who gives the label.")] = None,
    note: Annotated[str | None, typer.Option(help="Reason for the correction.")] = None,
    table: Annotated[
        str,
        typer.Option(
            "--table", envvar="SMARTCAT_TABLE", help="Table of results, to keep the predicted label."
        ),
    ] = "",
    model: Annotated[
        str,
        typer.Option(
            envvar="SMARTCAT_MODELS",
            help="Model directory, or location of published versions: warn about labels it lacks.",
            metavar="LOCATION",
        ),
    ] = "",
    strict: Annotated[
        bool, typer.Option("--strict", help="Record nothing if a document or a label is unknown.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Record the right labels of documents in a table that no classification overwrites.

    Example: [bold]smartcat feedback letter-17 rental_agreement --by anna[/bold]
    """
    from smartcat.cli.aws_clients import aws_errors, client
    from smartcat.cli.feedback.retry import CapacityError
    from smartcat.cli.feedback.stored_correction import NotACorrectionError
    from smartcat.cli.results_table import NoTableError
    from smartcat.training.errors import LearningError

    _check_usage(document_id, label, source, export, by, note)
    with aws_errors(NoTableError, NotACorrectionError, CapacityError, LearningError):
        corrections = _read_corrections(document_id, label, source, by, note)
        target = _table(client("dynamodb"), corrections_table)
        if export is not None:
            _export(target, export)
            return
        recorder = _recorder(target, table, model)
        changes, stored = recorder.compare(corrections)
        _warn(changes, table, strict=strict)
        if source is not None:
            _record_many(recorder, changes, as_json=json)
            return
        from smartcat.cli.feedback.terminal_report import print_one

        recorder.write(changes)
        print_one(changes, stored, as_json=json)


def _check_usage(
    document_id: str | None,
    label: str | None,
    source: Path | None,
    export: str | None,
    by: str | None,
    note: str | None,
) -> None:
    if [document_id is not None, source is not None, export is not None].count(True) != 1:
        raise typer.BadParameter("expected exactly one of them", param_hint="ID LABEL, --from or --export")
    if (document_id is None) != (label is None):
        raise typer.BadParameter("expected a label after the id", param_hint="LABEL")
    if document_id is None and (by or note):
        raise typer.BadParameter(
            "expected with ID and LABEL only; a file has its own fields", param_hint="--by or --note"
        )


def _read_corrections(
    document_id: str | None, label: str | None, source: Path | None, by: str | None, note: str | None
) -> list[Correction]:
    """Read all corrections to record, so that nothing of an invalid file is written."""
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
        raise CorpusError(f"{where}: expected ids of at most {MAX_ID_CHARS} characters, found {longest}")
    texts = sum(correction.pages is not None for correction in corrections)
    if texts:
        err.print(
            f"note: the text of {texts} corrections is not recorded; smartcat train reads it from the file"
        )
    return corrections


def _table(dynamodb: Any, name: str) -> CorrectionsTable:
    import time

    from smartcat.cli.feedback.corrections_table import CorrectionsTable

    return CorrectionsTable(dynamodb, name, time.sleep)


def _recorder(table: CorrectionsTable, results: str, model: str) -> Recorder:
    import secrets
    from datetime import UTC, datetime

    from smartcat.cli.feedback.recorder import Recorder
    from smartcat.cli.feedback.stored_correction import Timestamps

    timestamps = Timestamps(datetime.now(UTC), secrets.token_hex(4))
    return Recorder(table, results or None, _labels(model) if model else None, timestamps)


def _labels(model: str) -> tuple[str, ...] | None:
    """Return the model's labels; None, with a note, if they cannot be read: corrections matter more."""
    from smartcat.cli.aws_clients import AwsError, client
    from smartcat.cli.feedback.model_labels import read_model_labels
    from smartcat.cli.models.errors import PublishingError

    try:
        return read_model_labels(model, lambda: client("s3"))
    except (PublishingError, AwsError, OSError) as error:
        err.print(visible(f"note: cannot check labels against the model: {error}"))
        return None


def _warn(changes: ChangeSet, table: str, *, strict: bool) -> None:
    from smartcat.cli.feedback.terminal_report import print_warnings, warnings

    found = warnings(changes, table)
    if strict and found:
        raise fail(f"{found[0]}; nothing was recorded")
    print_warnings(changes, table)


def _record_many(recorder: Recorder, changes: ChangeSet, *, as_json: bool) -> None:
    from smartcat.cli.feedback.terminal_report import print_many

    written = 0
    try:
        with progress() as report:

            def note(so_far: int) -> None:
                nonlocal written
                written = so_far
                report("recording", so_far, len(changes.to_write))

            recorder.write(changes, note)
    finally:
        # In any case, also after Ctrl-C: report what was written.
        print_many(changes, written, as_json=as_json)


def _export(table: CorrectionsTable, target: str) -> None:
    import json

    from producers.atomic_file import replace_file
    from smartcat.cli.feedback.stored_correction import lines
    from smartcat.cli.feedback.terminal_report import print_exported

    rows = list(lines(table.latest_of_all().values()))
    if target == "-":
        for row in rows:
            print_json(row)
        return
    content = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    replace_file(Path(target), content.encode())
    print_exported(rows, target)
