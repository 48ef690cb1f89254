"""``smartcat demo``: the main job end to end on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartcat.cli.console import err, fail, out, print_json
from smartcat.cli.engine_option import EngineOption


def demo(
    *,
    documents: Annotated[
        Path | None,
        typer.Option(
            help="Your own labelled documents (JSON lines, plain or gzip) instead of generated ones."
        ),
    ] = None,
    count: Annotated[int, typer.Option(min=10, help="Generated documents to stream.")] = 3000,
    write_units: Annotated[
        int, typer.Option(min=1, max=1000, help="Write units a second of the table.")
    ] = 100,
    shards: Annotated[int, typer.Option(min=1, max=16, help="Shards of the stream.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same documents.")] = 7,
    engine: EngineOption = "auto",
    code: Annotated[
        Path | None, typer.Option("--function", metavar="ZIP", help="Run this zip of smartcat package.")
    ] = None,
    output: Annotated[
        Path, typer.Option("--out", help="Folder for model, summary.json, report.html and logs.")
    ] = Path("build/demo"),
    json: Annotated[bool, typer.Option("--json", help="Print only the summary, as JSON.")] = False,
) -> None:
    """Train, stream several thousand documents and some poison through local AWS, and account for every one.

    Example: [bold]smartcat demo --documents labelled.jsonl[/bold]
    """
    from smartcat.classifier.errors import ModelError
    from smartcat.cli.aws import aws_errors
    from smartcat.cli.demo.perform import DemoOptions, perform
    from smartcat.cli.demo.run import DemoError
    from smartcat.cli.demo.tables import show_ending
    from smartcat.cli.package import check_function_libraries
    from smartcat.cli.stack import StackOptions
    from smartcat.local_aws.errors import LocalAwsError
    from smartcat.training.errors import LearningError

    if code is None:
        check_function_libraries()
    screen = err if json else out
    stack = StackOptions(shards=shards, write_units=write_units, engine=engine, code=code)
    options = DemoOptions(documents=documents, count=count, seed=seed, stack=stack, folder=output)
    with aws_errors(LearningError, ModelError, DemoError, LocalAwsError):
        performance = perform(options, screen)
    if json:
        print_json(performance.summary)
    else:
        show_ending(screen, performance.scenario, performance.run, performance.summary, output)
    account = performance.run.account
    if not account.closes:
        raise fail(f"the account does not close: {account.lost} lost, {account.unexpected} unexplained")
