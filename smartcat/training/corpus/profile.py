"""The profile of a corpus that may be larger than memory: its counts and a sample. Extracts no features."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smartcat.training.corpus.copies import CorpusSurvey
from smartcat.training.corpus.examples import check_labels, examples_of, sole_label
from smartcat.training.corpus.fingerprint import Fingerprint
from smartcat.training.corpus.learned_texts import pack_texts
from smartcat.training.corpus.sampling import DocumentSample, text_length

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartcat.training.corpus.corpus_report import CorpusReport
    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.progress import Progress

_MIN_PER_LABEL: Final = 10
"""Documents of each label that the sample holds, where there are so many."""


@dataclass(frozen=True, slots=True, eq=False)
class CorpusProfile:
    """What a corpus holds; its copies are left out of all but ``report``.

    Attributes:
        labels: The labels in alphabetical order; at least two.
        documents: Number of documents.
        examples: How many examples carry each label, in the order of ``labels``; see
            :class:`smartcat.training.feature_matrix.Dataset`.
        documents_by_label: How many documents are of each label alone; under ``None`` those of several.
        groups_by_label: For each label the most documents that are alike and hold it; see
            :func:`smartcat.training.folds.possible_folds`.
        pages: Number of pages, blank ones included.
        characters: Length of all their texts.
        corrected: How many documents have a corrected label.
        sample: Some of the documents, in their order.
        sha256: Fingerprint of ids, labels and texts, in the order read.
        report: What is unusual about it.
        texts: What recognises its texts; see :mod:`smartcat.training.corpus.learned_texts`.
    """

    labels: tuple[str, ...]
    documents: int
    examples: tuple[int, ...]
    documents_by_label: dict[str | None, int]
    groups_by_label: tuple[int, ...]
    pages: int
    characters: int
    corrected: int
    sample: tuple[LabelledDocument, ...]
    sha256: str
    report: CorpusReport
    texts: bytes


def profile_corpus(
    documents: Iterable[LabelledDocument],
    progress: Progress,
    *,
    max_documents: int,
    max_characters: int,
    seed: int,
) -> CorpusProfile:
    """Count what there is to learn from, and take a sample.

    Args:
        documents: The corpus; read once, only the sample is kept.
        progress: Called with ``("profile", documents so far, 0)``.
        max_documents: Documents of the sample, beside a few of each label.
        max_characters: Length of the sample's texts, but for those few.
        seed: Seed of the sample; the same seed and documents give the same one.

    Returns:
        The profile.

    Raises:
        TrainingError: There is no document, fewer than two labels, or more labels than a model may have.
    """
    fingerprint, survey = Fingerprint(), CorpusSurvey()
    sample = DocumentSample(max_documents, max_characters, seed, min_per_label=_MIN_PER_LABEL)
    examples: Counter[str] = Counter()
    in_mixed: set[str] = set()
    by_label: Counter[str | None] = Counter()
    number = pages = characters = corrected = 0
    for number, document in enumerate(survey.distinct(documents), start=1):
        names = [label for label, _ in examples_of(document)]
        examples.update(names)
        label = sole_label(document)
        by_label[label] += 1
        if label is None:
            in_mixed.update(names)
        pages += len(document.pages)
        characters += text_length(document)
        corrected += document.corrected
        fingerprint.add(document)
        sample.add(document)
        progress("profile", number, 0)
    labels = check_labels(examples)
    return CorpusProfile(
        labels=labels,
        documents=number,
        examples=tuple(examples[label] for label in labels),
        documents_by_label=dict(by_label),
        groups_by_label=tuple(
            max(by_label[label], by_label[None] if label in in_mixed else 0) for label in labels
        ),
        pages=pages,
        characters=characters,
        corrected=corrected,
        sample=sample.documents(),
        sha256=fingerprint.hexdigest(),
        report=survey.report(),
        texts=pack_texts(survey.examples),
    )
