"""``smartcat model``: publish versions of a model, promote one, go back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartcat.cli.console import err, progress, visible

if TYPE_CHECKING:
    from smartcat.cli.models.function import ServingFunction
    from smartcat.cli.models.pointer import Move
    from smartcat.cli.models.promotion import Promoted
    from smartcat.cli.models.store import ModelStore

app = typer.Typer(help="Publish versions of a model, promote one, go back.", no_args_is_help=True)

Where = Annotated[
    str,
    typer.Argument(
        metavar="LOCATION", envvar="SMARTCAT_MODELS", help="s3://bucket/prefix that holds all versions."
    ),
]
Version = Annotated[str, typer.Argument(help="The version, 12 digits of 0-9 and a-f.")]
By = Annotated[str | None, typer.Option(help="Who moves it, for the history.")]
Note = Annotated[str | None, typer.Option(help="Why, for the history.")]
Function = Annotated[
    str | None, typer.Option(help="Have this function serve it, and wait until it does.", metavar="NAME")
]
Alias = Annotated[
    str | None,
    typer.Option(help="With --function: publish a version of it, and lead this alias to it.", metavar="NAME"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]


@app.command("publish")
def publish(
    model: Annotated[Path, typer.Argument(help="The model directory that smartcat train wrote.")],
    location: Where,
    *,
    promote: Annotated[bool, typer.Option("--promote", help="Promote it, too.")] = False,
    by: By = None,
    note: Note = None,
    function: Function = None,
    alias: Alias = None,
    json: AsJson = False,
) -> None:
    """Upload a model directory as a version; one that is there already is compared and completed.

    Prints the location that a function pins as SMARTCAT_MODEL.

    Example: [bold]smartcat model publish model s3://my-artifacts/models --promote[/bold]
    """
    from smartcat.classifier.errors import ModelError
    from smartcat.cli.aws import aws_errors
    from smartcat.cli.models.errors import PublishingError
    from smartcat.cli.models.publish import publish as upload
    from smartcat.cli.models.report import tell_published

    if not promote and (by or note or function):
        raise typer.BadParameter("expected --promote beside them", param_hint="--by, --note or --function")
    _move("promote", "0" * 12, by, note)  # what is wrong with them is said before anything is uploaded
    with aws_errors(PublishingError, ModelError):
        store, serving = _store(location), _function(function, alias)
        with progress() as report:
            done = upload(store, model, report)
        tell_published(done, store.location, as_json=json)
        if promote:
            _promote(store, done.model_version, by, note, serving, as_json=json)


@app.command("list")
def list_(
    location: Where,
    *,
    function: Annotated[
        str | None, typer.Option(help="Show which version this function serves.", metavar="NAME")
    ] = None,
    alias: Annotated[str | None, typer.Option(help="With --function: its alias.", metavar="NAME")] = None,
    json: AsJson = False,
) -> None:
    """List the published versions, the newest first, and say which one is promoted.

    Example: [bold]smartcat model list s3://my-artifacts/models[/bold]
    """
    from smartcat.cli.aws import aws_errors
    from smartcat.cli.models.catalogue import read_catalogue
    from smartcat.cli.models.errors import PublishingError
    from smartcat.cli.models.report import tell_catalogue

    with aws_errors(PublishingError):
        store = _store(location)
        serving = _function(function, alias)
        serves = serving.model() if serving else None
        tell_catalogue(read_catalogue(store), store.location, serves, as_json=json)


@app.command("promote")
def promote(
    version: Version,
    location: Where,
    *,
    by: By = None,
    note: Note = None,
    function: Function = None,
    alias: Alias = None,
    json: AsJson = False,
) -> None:
    """Make a published version the promoted one.

    Prints the setting that makes a function serve it; --function makes it.

    Example: [bold]smartcat model promote 3f0c2a9b71de s3://my-artifacts/models --function classifier[/bold]
    """
    from smartcat.cli.aws import aws_errors
    from smartcat.cli.models.errors import PublishingError
    from smartcat.cli.models.location import check_version

    with aws_errors(PublishingError):
        check_version(version)
        serving = _function(function, alias)
        _promote(_store(location), version, by, note, serving, as_json=json)


@app.command("rollback")
def rollback(
    location: Where,
    *,
    to: Annotated[
        str | None,
        typer.Option(help="This version.", metavar="VERSION", show_default="the one promoted before"),
    ] = None,
    only_from: Annotated[
        str | None, typer.Option("--from", help="Only if this version is promoted now.", metavar="VERSION")
    ] = None,
    by: By = None,
    note: Note = None,
    function: Function = None,
    alias: Alias = None,
    json: AsJson = False,
) -> None:
    """Go back to the version that was promoted before; once more, and it goes back further.

    Example: [bold]smartcat model rollback s3://my-artifacts/models --function classifier[/bold]
    """
    from smartcat.cli.aws import aws_errors
    from smartcat.cli.models.errors import PublishingError
    from smartcat.cli.models.location import check_version
    from smartcat.cli.models.promotion import roll_back

    with aws_errors(PublishingError):
        for version in filter(None, (to, only_from)):
            check_version(version)
        store, serving = _store(location), _function(function, alias)
        done = roll_back(
            store, to=to, only_from=only_from, move=lambda target: _move("rollback", target, by, note)
        )
        _finish(store, done, serving, as_json=json)


def _promote(
    store: ModelStore,
    version: str,
    by: str | None,
    note: str | None,
    serving: ServingFunction | None,
    *,
    as_json: bool,
) -> None:
    from smartcat.cli.models.promotion import promote

    _finish(store, promote(store, _move("promote", version, by, note)), serving, as_json=as_json)


def _finish(store: ModelStore, done: Promoted, serving: ServingFunction | None, *, as_json: bool) -> None:
    """Say what was done, and have the function serve it."""
    from smartcat.cli.models.promotion import current
    from smartcat.cli.models.report import tell_promoted, tell_served

    version = done.pointer.model_version
    tell_promoted(done, store.location, as_json=as_json)
    if serving is None:
        return
    pin = store.location.pin(version)

    def still_wanted() -> bool:
        pointer = current(store)
        return pointer is not None and pointer.model_version == version

    err.print(visible(f"giving it to function {serving.name} ..."))
    tell_served(serving, serving.serve(pin, still_wanted), pin)


def _store(location: str) -> ModelStore:
    from smartcat.cli.aws import client
    from smartcat.cli.models.location import parse_location
    from smartcat.cli.models.store import ModelStore

    place = parse_location(location)
    return ModelStore(client("s3"), place)


def _function(name: str | None, alias: str | None) -> ServingFunction | None:
    from smartcat.cli.aws import client
    from smartcat.cli.models.function import START_SECONDS, ServingFunction

    if name is None:
        if alias is not None:
            raise typer.BadParameter("expected --function beside it", param_hint="--alias")
        return None
    return ServingFunction(client("lambda", read_seconds=START_SECONDS), name, alias)


def _move(kind: str, version: str, by: str | None, note: str | None) -> Move:
    from datetime import UTC, datetime

    from pydantic import ValidationError

    from smartcat.cli.models.pointer import Move, written
    from smartcat.wire_format.validation_message import validation_message

    now = written(datetime.now(UTC))
    fields = {"kind": kind, "model_version": version, "promoted_at": now, "by": by, "note": note}
    try:
        return Move.model_validate(fields)
    except ValidationError as error:
        raise typer.BadParameter(validation_message(error), param_hint="--by or --note") from None
