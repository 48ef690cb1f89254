"""The training strategy: in memory, or out of core for a corpus that does not fit. Decided here alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smartcat.training.corpus.corpus_report import no_report
from smartcat.training.corpus.profile import profile_corpus
from smartcat.training.out_of_core.memory_budget import MemoryBudget, estimate_resources
from smartcat.training.out_of_core.train import train_out_of_core
from smartcat.training.train import train

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from smartcat.training.corpus.corpus_report import CorpusReport
    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.corpus.profile import CorpusProfile
    from smartcat.training.hyperparameters import TrainingOptions
    from smartcat.training.out_of_core.memory_budget import ResourceEstimate
    from smartcat.training.progress import Progress
    from smartcat.training.trained_model import TrainedModel


@dataclass(frozen=True, slots=True, eq=False)
class TrainingStrategy:
    """How a model will be trained on a corpus.

    Attributes:
        read: Yields the documents from the start.
        profile: The profile of the corpus.
        options: How to train.
        estimate: The memory and disk that it takes.
        budget: The memory that it may take.
        out_of_core: Whether it trains out of core.
    """

    read: Callable[[], Iterator[LabelledDocument]]
    profile: CorpusProfile
    options: TrainingOptions
    estimate: ResourceEstimate
    budget: MemoryBudget
    out_of_core: bool

    def describe(self) -> str:
        """Return in one sentence which strategy it is, and why."""
        documents = f"{self.profile.documents:,} documents"
        memory = f"about {self.estimate.memory / 1e6:,.0f} MB"
        if not self.out_of_core:
            return f"learns from {documents} in memory, which takes {memory}"
        limit = f"of {self.budget.memory / 1e6:,.0f} MB allowed"
        return f"learns from {documents} in passes over the disk; in memory it would take {memory} {limit}"

    def train(
        self,
        *,
        directory: Path,
        progress: Progress,
        on_report: Callable[[CorpusReport], None] = no_report,
    ) -> TrainedModel:
        """Train a model.

        Args:
            directory: Where a temporary file may go.
            progress: See :func:`smartcat.training.train.train` and
                :func:`smartcat.training.out_of_core.train.train_out_of_core`.
            on_report: Called with what is unusual about the corpus, before it is learned from.

        Raises:
            SpillFileError: There is no room for the temporary file, or it cannot be used.
            TrainingError: There is nothing to learn.
            CorpusError: Reading failed, or the corpus has changed.
        """
        if not self.out_of_core:
            return train(self.read(), options=self.options, progress=progress, on_report=on_report)
        on_report(self.profile.report)
        return train_out_of_core(
            self.read,
            self.profile,
            self.estimate,
            options=self.options,
            budget=self.budget,
            directory=directory,
            progress=progress,
        )


def choose_strategy(
    read: Callable[[], Iterator[LabelledDocument]],
    *,
    options: TrainingOptions,
    budget: MemoryBudget,
    stream: bool,
    progress: Progress,
    without_spaces: TrainingOptions | None = None,
) -> TrainingStrategy:
    """Profile a corpus and decide how to train on it.

    Args:
        read: Yields the documents from the start, at every call the same.
        options: How to train.
        budget: The memory that training may take.
        stream: Whether to train out of core whatever the size.
        progress: Called with ``("profile", documents so far, 0)``.
        without_spaces: How to train instead where many documents are in scripts without spaces between words;
            ``None`` for the same.

    Returns:
        The strategy. Without ``stream``, a corpus that fits the budget is trained on in memory: an exact
        solver and confidence learned on all documents are better where they can be had.

    Raises:
        TrainingError: There is no document, fewer than two labels, or more labels than a model may have.
        CorpusError: Reading failed.
    """
    profile = profile_corpus(
        read(),
        progress,
        max_documents=options.max_selection_documents,
        max_characters=budget.sample_characters,
        seed=options.seed,
    )
    if without_spaces is not None and profile.report.words_fail:
        options = without_spaces
    estimate = estimate_resources(profile, options)
    out_of_core = stream or estimate.memory > budget.memory
    if not out_of_core:
        # Only training out of core uses the sample.
        profile = replace(profile, sample=())
    return TrainingStrategy(read, profile, options, estimate, budget, out_of_core)
