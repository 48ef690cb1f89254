"""The demo from curtain to curtain: choose the scenario, learn, stream, write summary and report."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smartcat.cli.console import progress
from smartcat.cli.demo.live_view import live_view
from smartcat.cli.demo.report import write_report
from smartcat.cli.demo.run import Run, learn, play
from smartcat.cli.demo.scenario import Scenario, generated_paperwork, own_documents
from smartcat.cli.demo.summary import summarise

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from smartcat.cli.stack import StackOptions

#: How many generated documents the demo learns from.
TRAINING_DOCUMENTS = 2000


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What to play.

    Attributes:
        documents: somebody's labelled documents; None for generated ones.
        count: generated documents to stream.
        seed: the same seed gives the same documents and the same order.
        stack: sizes of stream, table and function.
        folder: where model, logs, summary.json and report.html go.
    """

    documents: Path | None
    count: int
    seed: int
    stack: StackOptions
    folder: Path


@dataclass(frozen=True, slots=True)
class Performance:
    """What was played, what came of it, and the figures of ``summary.json``."""

    scenario: Scenario
    run: Run
    summary: Mapping[str, Any]


def perform(options: DemoOptions, screen: Console) -> Performance:
    """Run the demo and write its files.

    Args:
        options: what to play.
        screen: where it is shown.

    Raises:
        LearningError: the documents cannot be learned from.
        DemoError: the run did not come to its end.
        LocalAwsError: local AWS did not start, or stopped.
        OSError: the folder cannot be written.
    """
    started = time.monotonic()
    options.folder.mkdir(parents=True, exist_ok=True)
    # Logs of an earlier run would be taken for this one's; others in the folder are not ours.
    shutil.rmtree(options.folder / "logs" / options.stack.function, ignore_errors=True)
    scenario = _scenario(options)
    screen.print(f"Learning from {len(scenario.training)} documents of {scenario.name} ...")
    with progress() as report:
        learn(scenario, options.folder / "model", report)
    _announce(scenario, options.stack, screen)
    with live_view(screen, len(scenario.stream) + len(scenario.poison)) as show:
        run = play(scenario, options.folder / "model", options.stack, logs=options.folder / "logs", show=show)
    summary = summarise(run) | {"total_seconds": round(time.monotonic() - started, 1)}
    (options.folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", "utf-8")
    write_report(options.folder / "report.html", scenario, run, summary)
    return Performance(scenario, run, summary)


def _scenario(options: DemoOptions) -> Scenario:
    if options.documents is not None:
        return own_documents(options.documents, seed=options.seed)
    return generated_paperwork(training=TRAINING_DOCUMENTS, streamed=options.count, seed=options.seed)


def _announce(scenario: Scenario, stack: StackOptions, screen: Console) -> None:
    screen.print(
        f"Streaming {len(scenario.stream)} documents and {len(scenario.poison)} poison records: "
        f"{stack.shards} shards, a table of {stack.write_units} write units/s, "
        f"{stack.concurrency} Lambda environments.",
        # Only a terminal breaks lines: a log keeps each in one.
        soft_wrap=not screen.is_terminal,
    )
