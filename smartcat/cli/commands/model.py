"""``smartcat model``: publish, list, promote and roll back versions of a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartcat.cli.console import err, progress, visible

if TYPE_CHECKING:
    from smartcat.cli.models.model_store import ModelStore
    from smartcat.cli.models.pointer import Move
    from smartcat.cli.models.promotion import Promoted
    from smartcat.cli.models.serving_function import ServingFunction

app = typer.Typer(help="Publish, list, promote and roll back versions of a model.", no_args_is_help=True)

Where = Annotated[
    str,
    typer.Argument(metavar="LOCATION", envvar="SMARTCAT_MODELS", help="s3://bucket/prefix of all versions."),
]
Version = Annotated[str, typer.Argument(help="Version: 12 digits of 0-9 and a-f.")]
By = Annotated[str | None, typer.Option(help="Who makes the change, for the history.")]
Note = Annotated[str | None, typer.Option(help="Reason for the change, for the history.")]
Function = Annotated[
    str | None,
    typer.Option(help="Switch this function to the version, and wait until it serves it.", metavar="NAME"),
]
Alias = Annotated[
    str | None,
    typer.Option(
        help="With --function: publish a function version and point this alias to it.", metavar="NAME"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]


@app.command("publish")
def publish(
    model: Annotated[Path, typer.Argument(help="Model directory written by smartcat train.")],
    location: Where,
    *,
    promote: Annotated[bool, typer.Option("--promote", help="Also promote the version.")] = False,
    by: By = None,
    note: Note = None,
    function: Function = None,
    alias: Alias = None,
    json: AsJson = False,
) -> None:
    """Upload a model directory as a version. An existing version is verified and completed.

    Prints the URL of the version, which is the value of a function's SMARTCAT_MODEL.

    Example: [bold]smartcat model publish model s3://my-artifacts/models --promote[/bold]
    """
    from smartcat.classifier.errors import ModelError
    from smartcat.cli.aws_clients import aws_errors
    from smartcat.cli.models.errors import PublishingError
    from smartcat.cli.models.publish import publish as upload
    from smartcat.cli.models.terminal_report import print_published

    if not promote and (by or note or function):
        raise typer.BadParameter("expected together with --promote", param_hint="--by, --note or --function")
    _move("promote", "0" * 12, by, note)  # validates them before anything is uploaded
    with aws_errors(PublishingError, ModelError):
        store, serving = _store(location), _checked_function(function, alias)
        with progress() as report:
            done = upload(store, model, report)
        print_published(done, store.location, as_json=json)
        if promote:
            _promote(store, done.model_version, by, note, serving, as_json=json)


@app.command("list")
def list_(
    location: Where,
    *,
    function: Annotated[
        str | None, typer.Option(help="Mark the version that this function serves.", metavar="NAME")
    ] = None,
    alias: Annotated[str | None, typer.Option(help="With --function: its alias.", metavar="NAME")] = None,
    json: AsJson = False,
) -> None:
    """List the published versions, newest first, and mark the promoted one.

    Example: [bold]smartcat model list s3://my-artifacts/models[/bold]
    """
    from smartcat.cli.aws_clients import aws_errors
    from smartcat.cli.models.catalogue import read_catalogue
    from smartcat.cli.models.errors import PublishingError
    from smartcat.cli.models.terminal_report import print_catalogue

    with aws_errors(PublishingError):
        store = _store(location)
        serving = _function(function, alias)
        serves = serving.model() if serving else None
        print_catalogue(read_catalogue(store), store.location, serves, as_json=json)


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
    """Promote a published version.

    Prints the setting that makes a function serve it; --function applies it.

    Example: [bold]smartcat model promote 3f0c2a9b71de s3://my-artifacts/models --function classifier[/bold]
    """
    from smartcat.cli.aws_clients import aws_errors
    from smartcat.cli.models.errors import PublishingError
    from smartcat.cli.models.location import check_version

    with aws_errors(PublishingError):
        check_version(version)
        store, serving = _store(location), _checked_function(function, alias)
        _promote(store, version, by, note, serving, as_json=json)


@app.command("rollback")
def rollback(
    location: Where,
    *,
    to: Annotated[
        str | None,
        typer.Option(help="Version to go back to.", metavar="VERSION", show_default="the previous one"),
    ] = None,
    only_from: Annotated[
        str | None,
        typer.Option("--from", help="Roll back only if this version is promoted.", metavar="VERSION"),
    ] = None,
    by: By = None,
    note: Note = None,
    function: Function = None,
    alias: Alias = None,
    json: AsJson = False,
) -> None:
    """Roll back to the previously promoted version; repeat to go further back.

    With --function, a rollback that the function did not follow yet is finished first.

    Example: [bold]smartcat model rollback s3://my-artifacts/models --function classifier[/bold]
    """
    from smartcat.cli.aws_clients import aws_errors
    from smartcat.cli.models.errors import PublishingError
    from smartcat.cli.models.location import check_version
    from smartcat.cli.models.promotion import roll_back

    with aws_errors(PublishingError):
        for version in filter(None, (to, only_from)):
            check_version(version)
        store, serving = _store(location), _checked_function(function, alias)
        done = roll_back(
            store,
            to=to,
            only_from=only_from,
            move=lambda target: _move("rollback", target, by, note),
            function=serving,
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

    done = promote(store, _move("promote", version, by, note), serving)
    _finish(store, done, serving, as_json=as_json)


def _finish(store: ModelStore, done: Promoted, serving: ServingFunction | None, *, as_json: bool) -> None:
    """Print what was done, and switch the function, if any."""
    from smartcat.cli.models.promotion import current, finished
    from smartcat.cli.models.terminal_report import print_promoted, print_served

    version = done.pointer.model_version
    print_promoted(done, store.location, as_json=as_json)
    if serving is None:
        return
    url = store.location.url(version)

    def still_promoted() -> bool:
        pointer = current(store)
        return pointer is not None and pointer.model_version == version

    err.print(visible(f"switching function {serving.name} ..."))
    print_served(serving, serving.serve(url, still_promoted), url)
    finished(store, serving)


def _store(location: str) -> ModelStore:
    from smartcat.cli.aws_clients import client
    from smartcat.cli.models.location import parse_location
    from smartcat.cli.models.model_store import ModelStore

    return ModelStore(client("s3"), parse_location(location))


def _function(name: str | None, alias: str | None) -> ServingFunction | None:
    from smartcat.cli.aws_clients import client
    from smartcat.cli.models.serving_function import START_SECONDS, ServingFunction

    if name is None:
        if alias is not None:
            raise typer.BadParameter("expected together with --function", param_hint="--alias")
        return None
    return ServingFunction(client("lambda", read_seconds=START_SECONDS), name, alias)


def _checked_function(name: str | None, alias: str | None) -> ServingFunction | None:
    """Return the function, if any, once it is known that it can be switched: before the pointer moves."""
    serving = _function(name, alias)
    if serving is not None:
        serving.check()
    return serving


def _move(kind: str, version: str, by: str | None, note: str | None) -> Move:
    from datetime import UTC, datetime

    from pydantic import ValidationError

    from smartcat.cli.models.pointer import Move, timestamp
    from smartcat.wire_format.validation_message import validation_message

    now = timestamp(datetime.now(UTC))
    fields = {"kind": kind, "model_version": version, "promoted_at": now, "by": by, "note": note}
    try:
        return Move.model_validate(fields)
    except ValidationError as error:
        raise typer.BadParameter(validation_message(error), param_hint="--by or --note") from None
