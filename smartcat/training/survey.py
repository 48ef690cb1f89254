"""A first look at a corpus that may be larger than memory: what is in it, and a sample. Hashes no text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.training.dataset import check_labels
from smartcat.training.hashing import Fingerprint, units_of
from smartcat.training.sample import Sample, length

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartcat.training.corpus import LabelledDocument
    from smartcat.training.dataset import Progress

_FEW = 10


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What a corpus holds.

    Attributes:
        labels: The labels in alphabetical order; at least two.
        documents: Number of documents.
        units: How many units carry each label, in the order of ``labels``; see
            :class:`smartcat.training.dataset.Dataset`.
        leading: How many documents are of each label alone; under ``None`` those of several labels.
        reach: For each label the most documents that are alike and hold it; see
            :func:`smartcat.training.folds.possible_folds`.
        pages: Number of pages, blank ones included.
        characters: Length of all their texts.
        corrected: How many documents have a corrected label.
        sample: Some of the documents, in their order.
        sha256: Fingerprint of ids, labels and texts, in the order read.
    """

    labels: tuple[str, ...]
    documents: int
    units: tuple[int, ...]
    leading: dict[str | None, int]
    reach: tuple[int, ...]
    pages: int
    characters: int
    corrected: int
    sample: tuple[LabelledDocument, ...]
    sha256: str


def leading_label(document: LabelledDocument) -> str | None:
    """Return the label of a document, ``None`` where its pages have several."""
    names = {label for label, _ in units_of(document)}
    return names.pop() if len(names) == 1 else None


def survey(
    documents: Iterable[LabelledDocument],
    progress: Progress,
    *,
    most_documents: int,
    most_characters: int,
    seed: int,
) -> Survey:
    """Count what there is to learn from, and draw a sample.

    Args:
        documents: The corpus; read once, and let go but for the sample.
        progress: Told ``("survey", documents so far, 0)``.
        most_documents: Documents of the sample, beside a few of each label.
        most_characters: Length of the sample's texts, but for those few.
        seed: Seed of the sample; the same seed and documents give the same one.

    Returns:
        What was found.

    Raises:
        TrainingError: There is no document, fewer than two labels, or more labels than a model may have.
    """
    digest = Fingerprint()
    sample = Sample(most_documents, most_characters, seed, few=_FEW)
    units: Counter[str] = Counter()
    mixed: set[str] = set()
    leading: Counter[str | None] = Counter()
    number = pages = characters = corrected = 0
    for number, document in enumerate(documents, start=1):
        names = [label for label, _ in units_of(document)]
        units.update(names)
        label = leading_label(document)
        leading[label] += 1
        if label is None:
            mixed.update(names)
        pages += len(document.pages)
        characters += length(document)
        corrected += document.corrected
        digest.note(document)
        sample.offer(document)
        progress("survey", number, 0)
    labels = check_labels(units)
    return Survey(
        labels=labels,
        documents=number,
        units=tuple(units[label] for label in labels),
        leading=dict(leading),
        reach=tuple(max(leading[label], leading[None] if label in mixed else 0) for label in labels),
        pages=pages,
        characters=characters,
        corrected=corrected,
        sample=sample.drawn(),
        sha256=digest.hexdigest(),
    )
