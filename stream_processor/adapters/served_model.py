"""The classifier as the processor sees it: a golden document of its model is the witness that it works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifier.engine import load_classifier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from classifier.decision import Decision
    from classifier.engine import Classifier

_BLANK: Final = ("",)
"""The witness of a model none of whose golden documents has evidence."""


class ServedModel:
    """A loaded classifier; see ``ports.Labeller`` for the contract.

    Args:
        classifier: What decides.
        witness: Pages of a document that it is known to decide.
    """

    def __init__(self, classifier: Classifier, witness: Sequence[str]) -> None:
        self._classifier = classifier
        self._witness = witness

    @property
    def model_version(self) -> str:
        """The short content hash of the model that decides."""
        return self._classifier.model_version

    @property
    def witness(self) -> Sequence[str]:
        """The pages of a document that a sound classifier decides."""
        return self._witness

    def classify(self, documents: Sequence[Sequence[str]], *, reasons: int = 5) -> list[Decision]:
        """Decide on each document, given as its pages, in one vectorised call."""
        return self._classifier.classify(documents, reasons=reasons)


def serve(directory: Path) -> ServedModel:
    """Load the model in a directory.

    Raises:
        ModelError: The directory must not be used; the message says why.
    """
    classifier = load_classifier(directory)
    manifest = classifier.model.manifest
    golden = manifest.golden if manifest else ()
    # One with evidence, so that the whole way to a decision with reasons is walked.
    return ServedModel(classifier, next((each.pages for each in golden if each.scores), _BLANK))
