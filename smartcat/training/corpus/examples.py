"""Training examples: what gets one label, a document or a page that has a label of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartcat.classifier.format_limits import MAX_LABELS
from smartcat.training.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Collection

    from smartcat.training.corpus.labelled_documents import LabelledDocument


def examples_of(document: LabelledDocument) -> list[tuple[str, tuple[str, ...]]]:
    """Return label and pages of each example: the document, or each page that has a label of its own."""
    if document.page_labels is None:
        return [(document.label, document.pages)]
    return [(label, (page,)) for label, page in zip(document.page_labels, document.pages, strict=True)]


def sole_label(document: LabelledDocument) -> str | None:
    """Return the label of a document, ``None`` where its pages have several."""
    names = {label for label, _ in examples_of(document)}
    return names.pop() if len(names) == 1 else None


def check_labels(names: Collection[str]) -> tuple[str, ...]:
    """Return the labels that occur in alphabetical order.

    Raises:
        TrainingError: There is none, only one, or more than a model may have.
    """
    labels = tuple(sorted(names))
    if not labels:
        raise TrainingError("there is no document to learn from")
    if len(labels) == 1:
        raise TrainingError(f"every document has the label {labels[0]!r}; expected two labels or more")
    if len(labels) > MAX_LABELS:
        raise TrainingError(f"{len(labels)} labels are more than a model may hold, which is {MAX_LABELS}")
    return labels


def check_texts(labels: tuple[str, ...], with_text: Collection[str]) -> None:
    """Refuse labels of which no page has a feature.

    Raises:
        TrainingError: Names the first of them.
    """
    textless = [label for label in labels if label not in with_text]
    if textless:
        raise TrainingError(f"no document with the label {textless[0]!r} holds any word to learn from")
