"""``smartcat demo``: run the whole system on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartcat.cli.commands.options import EngineOption
from smartcat.cli.console import err, fail, out, print_json


def demo(
    *,
    documents: Annotated[
        Path | None,
        typer.Option(
            help="Your own labelled documents (JSON lines, plain or gzip) instead of generated ones."
        ),
    ] = None,
    count: Annotated[int, typer.Option(min=10, help="Number of generated documents to stream.")] = 3000,
    training: Annotated[int, typer.Option(min=60, help="Number of generated documents to train on.")] = 2000,
    write_units: Annotated[
        int, typer.Option(min=1, max=1000, help="Write units per second of the table.")
    ] = 100,
    shards: Annotated[int, typer.Option(min=1, max=16, help="Shards of the stream.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same documents.")] = 7,
    engine: EngineOption = "auto",
    code: Annotated[
        Path | None, typer.Option("--function", metavar="ZIP", help="Run this zip built by smartcat package.")
    ] = None,
    output: Annotated[
        Path, typer.Option("--out", help="Folder for model, logs, summary.json and report.html.")
    ] = Path("build/demo"),
    json: Annotated[bool, typer.Option("--json", help="Print only the summary, as JSON.")] = False,
) -> None:
    """Train a model, stream documents and invalid records through local AWS, and account for each one.

    Example: [bold]smartcat demo --documents labelled.jsonl[/bold]
    """
    from smartcat.classifier.errors import ModelError
    from smartcat.cli.aws_clients import aws_errors
    from smartcat.cli.demo.run import DemoOptions, run_demo
    from smartcat.cli.demo.streaming import DemoError
    from smartcat.cli.demo.terminal_report import print_report
    from smartcat.cli.deployment import DeploymentOptions
    from smartcat.cli.lambda_package.function_code import check_function_libraries
    from smartcat.local_aws.errors import LocalAwsError
    from smartcat.training.errors import LearningError

    if code is None:
        check_function_libraries()
    screen = err if json else out
    deployment = DeploymentOptions(shards=shards, write_units=write_units, engine=engine, code=code)
    options = DemoOptions(
        documents=documents,
        count=count,
        training=training,
        seed=seed,
        deployment=deployment,
        folder=output,
    )
    with aws_errors(LearningError, ModelError, DemoError, LocalAwsError):
        result = run_demo(options, screen)
    if json:
        print_json(result.summary)
    else:
        print_report(screen, result.scenario, result.run, result.summary, output)
    found = result.run.reconciliation
    if not found.balanced:
        raise fail(f"records are unaccounted for: {found.lost} lost, {found.unexpected} unexpected")
