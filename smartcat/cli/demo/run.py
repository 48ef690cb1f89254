"""Runs the demo: choose the documents, train, stream, and write summary and report."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smartcat.cli.console import progress
from smartcat.cli.demo.html_report import write_report
from smartcat.cli.demo.live_view import live_view
from smartcat.cli.demo.scenario import Scenario, generated_paperwork, labelled_documents
from smartcat.cli.demo.streaming import StreamingRun, stream_documents, train_model
from smartcat.cli.demo.summary import summarise

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from smartcat.cli.deployment import DeploymentOptions


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The options of a demo.

    Attributes:
        documents: Labelled documents; None for generated ones.
        count: Generated documents to stream.
        training: Generated documents to train on.
        seed: The same seed gives the same documents in the same order.
        deployment: Sizes of stream, table and function.
        folder: Folder for model, logs, summary.json and report.html.
    """

    documents: Path | None
    count: int
    training: int
    seed: int
    deployment: DeploymentOptions
    folder: Path


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The documents, the run, and the content of ``summary.json``."""

    scenario: Scenario
    run: StreamingRun
    summary: Mapping[str, Any]


def run_demo(options: DemoOptions, screen: Console) -> DemoResult:
    """Run the demo and write its files.

    Args:
        options: What to run.
        screen: Where to show it.

    Raises:
        LearningError: The documents cannot be trained on.
        DemoError: The run did not finish.
        LocalAwsError: Local AWS did not start, or stopped.
        OSError: The folder cannot be written.
    """
    started = time.monotonic()
    options.folder.mkdir(parents=True, exist_ok=True)
    # Delete only the function's logs of an earlier run: other files in the folder may be the user's.
    shutil.rmtree(options.folder / "logs" / options.deployment.function, ignore_errors=True)
    scenario = _scenario(options)
    screen.print(f"Training on {len(scenario.training)} documents of {scenario.name} ...")
    with progress() as report:
        train_model(scenario, options.folder / "model", report)
    _announce(scenario, options.deployment, screen)
    with live_view(screen, len(scenario.stream) + len(scenario.rejected)) as show:
        run = stream_documents(
            scenario, options.folder / "model", options.deployment, logs=options.folder / "logs", show=show
        )
    summary = summarise(run) | {"total_seconds": round(time.monotonic() - started, 1)}
    (options.folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", "utf-8")
    write_report(options.folder / "report.html", scenario, run, summary)
    return DemoResult(scenario, run, summary)


def _scenario(options: DemoOptions) -> Scenario:
    if options.documents is not None:
        return labelled_documents(options.documents, seed=options.seed)
    return generated_paperwork(training=options.training, streamed=options.count, seed=options.seed)


def _announce(scenario: Scenario, deployment: DeploymentOptions, screen: Console) -> None:
    screen.print(
        f"Streaming {len(scenario.stream)} documents and {len(scenario.rejected)} invalid records: "
        f"{deployment.shards} shards, a table of {deployment.write_units} write units/s, "
        f"{deployment.environments} Lambda environments.",
        # Wrap lines on a terminal only: a log keeps each on one line.
        soft_wrap=not screen.is_terminal,
    )
