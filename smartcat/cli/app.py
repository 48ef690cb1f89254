"""The command line: assembles the commands and nothing else. A command imports what it needs when it runs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from smartcat.cli.commands import (
    classify,
    demo,
    evaluate,
    feedback,
    local,
    model,
    package,
    plan,
    produce,
    replay,
    results,
    samples,
    train,
)
from smartcat.cli.exit_codes import run
from smartcat.distribution import version

app = typer.Typer(
    name="smartcat",
    help="Serverless document classification on AWS: documents in, labels out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    demo.demo,
    samples.samples,
    train.train,
    evaluate.evaluate,
    classify.classify,
    package.package,
    plan.plan,
    local.local,
    produce.produce,
    replay.replay,
    feedback.feedback,
):
    app.command()(command)
app.add_typer(results.app, name="results")
app.add_typer(model.app, name="model")


def _print_version(value: bool) -> None:  # noqa: FBT001 - the signature of a typer callback
    if value:
        typer.echo(f"smartcat {version()}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Serverless document classification on AWS: documents in, labels out."""


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 bad usage, 128 + n stopped by signal n."""
    sys.exit(run(app))
