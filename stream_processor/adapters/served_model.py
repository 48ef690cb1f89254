"""The classifier as the processor sees it: a golden document of its model shows that it works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smartcat.classifier.classifier import Classifier, load_classifier
from stream_processor.core.drift import TrainingBaseline

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from smartcat.classifier.decision import Decision
    from smartcat.classifier.manifest import Manifest
    from smartcat.classifier.page_stream_segmentation import Segment
    from smartcat.classifier.scorer import EngineChoice

_BLANK: Final = ("",)
"""The canary document of a model none of whose golden documents has evidence."""


class ServedModel:
    """A loaded classifier; see ``ports.DocumentClassifier`` for the contract.

    Args:
        classifier: What decides.
        canary_document: Pages of a document that it is known to decide.
        training_baseline: What its model met in training.
    """

    def __init__(
        self, classifier: Classifier, canary_document: Sequence[str], training_baseline: TrainingBaseline
    ) -> None:
        self._classifier = classifier
        self._canary_document = canary_document
        self._training_baseline = training_baseline

    @property
    def model_version(self) -> str:
        """The short content hash of the model that decides."""
        return self._classifier.model_version

    @property
    def engine(self) -> str:
        """What computes features and scores."""
        return self._classifier.engine

    @property
    def canary_document(self) -> Sequence[str]:
        """The pages of a document that a sound classifier decides."""
        return self._canary_document

    @property
    def training_baseline(self) -> TrainingBaseline:
        """What the model met in training."""
        return self._training_baseline

    def shadowed_by(self, other: ServedModel) -> ServedModel:
        """Return this model with another's decisions beside its own."""
        classifier = Classifier(self._classifier.scorer, other._classifier.scorer)
        return ServedModel(classifier, self._canary_document, self._training_baseline)

    def classify(self, documents: Sequence[Sequence[str]], *, reasons: int = 5) -> list[Decision]:
        """Return a decision for each document, given as its pages, in one vectorised call."""
        return self._classifier.classify(documents, reasons=reasons)

    def split(self, stacks: Sequence[Sequence[str]], *, reasons: int = 5) -> list[tuple[Segment, ...]]:
        """Return the documents in each stack, given as its pages, in one vectorised call."""
        return self._classifier.split(stacks, reasons=reasons)


def serve(directory: Path, engine: EngineChoice = "auto") -> ServedModel:
    """Return the model in a directory.

    Args:
        directory: Where it is.
        engine: Which engine computes features and scores.

    Raises:
        EngineMissingError: The engine is not installed here.
        ModelError: The directory must not be used; the message says why.
    """
    classifier = load_classifier(directory, engine)
    manifest = classifier.model.manifest
    golden = manifest.golden if manifest else ()
    # One with evidence, so that the whole way to a decision with reasons is walked.
    canary_document = next((each.pages for each in golden if each.scores), _BLANK)
    return ServedModel(classifier, canary_document, _training_baseline(manifest))


def _training_baseline(manifest: Manifest | None) -> TrainingBaseline:
    if manifest is None:
        return TrainingBaseline()
    facts = manifest.training
    return TrainingBaseline(
        label_mix={label: fared.documents / facts.documents for label, fared in facts.labels.items()},
        confidence=facts.held_out_confidence,
        familiarity=facts.held_out_familiarity,
    )
