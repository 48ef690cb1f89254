"""The story of training: read, choose how to learn, learn what a score is worth, fit on everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.classifier.classifier import Classifier
from smartcat.classifier.sklearn_engine import SklearnScorer
from smartcat.training.artifact_writer import save_model
from smartcat.training.choose import choose_way
from smartcat.training.dataset import collect
from smartcat.training.facts import Corpus, describe_training, doubts
from smartcat.training.finish import finish
from smartcat.training.folds import block_folds
from smartcat.training.held_out import hold_out, learn
from smartcat.training.judge import judge
from smartcat.training.options import TrainOptions
from smartcat.training.threads import one_thread

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from smartcat.classifier.manifest import TrainingFacts
    from smartcat.classifier.model import Model
    from smartcat.training.corpus import LabelledDocument
    from smartcat.training.dataset import Progress

__all__ = ["TrainOptions", "TrainedModel", "train"]


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel:
    """A model fresh from training.

    Attributes:
        model: Its numbers.
        facts: Where it comes from.
        warnings: What a person should know about it, one sentence each.
    """

    model: Model
    facts: TrainingFacts
    warnings: tuple[str, ...] = ()

    def classifier(self) -> Classifier:
        """Return a classifier of this model, as loading the saved model would give."""
        return Classifier(SklearnScorer(self.model))

    def save(self, path: Path, *, created_at: str) -> None:
        """Write the model directory; see :func:`smartcat.training.artifact_writer.save_model`."""
        save_model(path, self.model, self.facts, created_at=created_at)


@one_thread()
def train(
    documents: Iterable[LabelledDocument],
    *,
    options: TrainOptions | None = None,
    progress: Progress | None = None,
) -> TrainedModel:
    """Learn a model.

    Args:
        documents: What to learn from, read once; texts are not kept. Each page is learned with its document's
            label, or with its own where pages have labels.
        options: How to learn; the defaults of :class:`TrainOptions`.
        progress: Called with the stage (``read``, ``choose``, ``calibrate``, ``fit``), the steps done and the
            steps in all (0 where that is not known).

    Returns:
        The model; the same documents and options give the same numbers.

    Raises:
        TrainingError: There is nothing to learn: no document, fewer than two labels, or a label without text.
        CorpusError: Whatever reading ``documents`` raises is passed on.
    """
    options = options or TrainOptions()
    tell = progress or _silent
    data = collect(documents, options.spec_of(options.ways[0]), options.parts, tell)
    fold = block_folds(data.targets, data.groups, options.folds)
    chosen = choose_way(data, options, tell)
    folds, done = int(fold.max()) + 1, 0

    def told() -> None:
        nonlocal done
        done += 1
        tell("calibrate", done, folds)

    held = hold_out(data, fold, chosen.way, options, told)
    judgement = judge(data, held, options)
    tell("fit", 0, 1)
    counts = data.counts_of(options.spec_of(chosen.way))
    learned = learn(counts, data.page_targets, len(data.labels), chosen.way, options)
    model = finish(learned.vocabulary, learned.weights, data, held, judgement, options)
    tell("fit", 1, 1)
    converged = held.converged and learned.weights.converged
    features = len(learned.full_vocabulary.features)
    corpus = Corpus(
        sha256=data.sha256,
        units=data.units_per_label(),
        pages=len(data.owners) + data.blank_pages,
        blank_pages=data.blank_pages,
        corrected=data.corrected,
    )
    return TrainedModel(
        model=model,
        facts=describe_training(corpus, judgement, chosen, options, folds=folds, features=features),
        warnings=doubts(corpus, judgement, options, folds=folds, converged=converged),
    )


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""
