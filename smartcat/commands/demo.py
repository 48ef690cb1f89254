"""``smartcat demo``: the main job end to end on this machine."""

from __future__ import annotations

import json as json_module
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartcat.console import fail, out, print_json, progress

if TYPE_CHECKING:
    from smartcat.demo.scenario import Scenario

#: How many generated documents the demo learns from.
TRAINING_DOCUMENTS = 2000


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
    output: Annotated[
        Path, typer.Option("--out", help="Folder for model, summary.json, report.html and logs.")
    ] = Path("build/demo"),
    json: Annotated[bool, typer.Option("--json", help="Print only the summary, as JSON.")] = False,
) -> None:
    """Train, stream several thousand documents and some poison through local AWS, and account for every one.

    Example: [bold]smartcat demo --documents labelled.jsonl[/bold]
    """
    from classifier.errors import ModelError
    from local_aws.errors import LocalAwsError
    from smartcat.aws import aws_errors
    from smartcat.console import err
    from smartcat.demo.live_view import live_view
    from smartcat.demo.report import write_report
    from smartcat.demo.run import DemoError, learn, play
    from smartcat.demo.summary import summarise
    from smartcat.demo.tables import show_ending
    from smartcat.stack import StackOptions
    from training.errors import LearningError

    screen = err if json else out
    options = StackOptions(shards=shards, write_units=write_units)
    started = time.monotonic()
    with aws_errors(LearningError, ModelError, DemoError, LocalAwsError):
        output.mkdir(parents=True, exist_ok=True)
        # Logs of an earlier run would be taken for this one's; others in the folder are not ours.
        shutil.rmtree(output / "logs" / options.function, ignore_errors=True)
        scenario = _scenario(documents, count, seed)
        model = output / "model"
        screen.print(f"Learning from {len(scenario.training)} documents of {scenario.name} ...")
        with progress() as report:
            learn(scenario, model, report)
        screen.print(
            f"Streaming {len(scenario.stream)} documents and {len(scenario.poison)} poison records: "
            f"{shards} shards, a table of {write_units} write units/s, "
            f"{options.concurrency} Lambda environments.",
            # Only a terminal breaks lines: a log keeps each in one.
            soft_wrap=not screen.is_terminal,
        )
        with live_view(screen, len(scenario.stream) + len(scenario.poison)) as show:
            run = play(scenario, model, options, logs=output / "logs", show=show)
        summary = summarise(run) | {"total_seconds": round(time.monotonic() - started, 1)}
        (output / "summary.json").write_text(json_module.dumps(summary, indent=2) + "\n", "utf-8")
        write_report(output / "report.html", scenario, run, summary)
    if json:
        print_json(summary)
    else:
        show_ending(screen, scenario, run, summary, output)
    if not run.account.closes:
        raise fail(
            f"the account does not close: {run.account.lost} lost, {run.account.unexpected} unexplained"
        )


def _scenario(documents: Path | None, count: int, seed: int) -> Scenario:
    from smartcat.demo.scenario import generated_paperwork, own_documents

    if documents is not None:
        return own_documents(documents, seed=seed)
    return generated_paperwork(training=TRAINING_DOCUMENTS, streamed=count, seed=seed)
