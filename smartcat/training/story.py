"""Which story of training is told, in memory or beyond it. The one place that decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smartcat.training.fit import train
from smartcat.training.memory import Budget, estimate
from smartcat.training.streaming import train_in_passes
from smartcat.training.survey import survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from smartcat.training.corpus import LabelledDocument
    from smartcat.training.dataset import Progress
    from smartcat.training.fit import TrainedModel
    from smartcat.training.memory import Needs
    from smartcat.training.options import TrainOptions
    from smartcat.training.survey import Survey


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How a corpus will be learned from.

    Attributes:
        read: Gives the documents from the start.
        found: What the survey found.
        options: How to learn.
        needs: What it takes, estimated.
        budget: What it may take.
        streams: Whether it is learned in passes over the disk.
    """

    read: Callable[[], Iterator[LabelledDocument]]
    found: Survey
    options: TrainOptions
    needs: Needs
    budget: Budget
    streams: bool

    def describe(self) -> str:
        """Say in one sentence which story it is, and why."""
        documents = f"{self.found.documents:,} documents"
        memory = f"about {self.needs.memory / 1e6:,.0f} MB"
        if not self.streams:
            return f"learns from {documents} in memory, which takes {memory}"
        bound = f"of {self.budget.memory / 1e6:,.0f} MB allowed"
        return f"learns from {documents} in passes over the disk; in memory it would take {memory} {bound}"

    def train(self, *, directory: Path, progress: Progress) -> TrainedModel:
        """Learn a model.

        Args:
            directory: Where a temporary file may go.
            progress: See :func:`smartcat.training.fit.train` and
            :func:`smartcat.training.streaming.train_in_passes`.

        Raises:
            SpoolError: There is no room for the temporary file, or it cannot be used.
            TrainingError: There is nothing to learn.
            CorpusError: Reading failed, or the corpus changed since.
        """
        if not self.streams:
            return train(self.read(), options=self.options, progress=progress)
        return train_in_passes(
            self.read,
            self.found,
            self.needs,
            options=self.options,
            budget=self.budget,
            directory=directory,
            progress=progress,
        )


def plan(
    read: Callable[[], Iterator[LabelledDocument]],
    *,
    options: TrainOptions,
    budget: Budget,
    stream: bool,
    progress: Progress,
) -> Plan:
    """Look at a corpus and decide how to learn from it.

    Args:
        read: Gives the documents from the start, at every call the same.
        options: How to learn.
        budget: What it may take.
        stream: Whether to learn in passes whatever the size.
        progress: Told ``("survey", documents so far, 0)``.

    Returns:
        The plan. Without ``stream``, a corpus that fits the budget is learned from in memory: an exact solver
        and confidence learned on all documents are better where they can be had.

    Raises:
        TrainingError: There is no document, fewer than two labels, or more labels than a model may have.
        CorpusError: Reading failed.
    """
    found = survey(
        read(),
        progress,
        most_documents=options.max_choice_documents,
        most_characters=budget.sample_characters,
        seed=options.seed,
    )
    needs = estimate(found, options)
    streams = stream or needs.memory > budget.memory
    if not streams:
        found = replace(found, sample=())
    return Plan(read, found, options, needs, budget, streams)
