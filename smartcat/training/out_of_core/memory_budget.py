"""The memory that training may take, what that allows, and an estimate of what it would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.training.errors import TrainingError
from smartcat.training.ngram_counting import count_ngrams

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartcat.classifier.spec import FeaturePart
    from smartcat.training.corpus.profile import CorpusProfile
    from smartcat.training.hyperparameters import Hyperparameters, TrainingOptions

DEFAULT_MEMORY: Final = 4_000_000_000
"""Bytes. Not a share of the machine's: the same corpus has to give the same model everywhere."""
MIN_MEMORY: Final = 500_000_000

# Bytes, measured: what Python and its libraries take, and the peak of a fit for each count and each weight.
_LIBRARIES: Final = 200_000_000
_COUNT: Final = 8
_FIT: Final = 52
_WEIGHT: Final = 12
_COUNTS_PER_FEATURE: Final = 10
_PROBED_DOCUMENTS: Final = 200
_SPILLED_COUNT: Final = 5
_SPILLED_PAGE: Final = 16


@dataclass(frozen=True, slots=True)
class MemoryBudget:
    """Limits for the parts of training out of core, so that together they stay within the memory given.

    Attributes:
        memory: Bytes that training may take, about.
    """

    memory: int = DEFAULT_MEMORY

    def __post_init__(self) -> None:
        """Refuse less than the libraries and one batch take.

        Raises:
            TrainingError: Gives the minimum.
        """
        if self.memory < MIN_MEMORY:
            raise TrainingError(f"memory should be {MIN_MEMORY // 10**6} MB or more")

    @property
    def sample_characters(self) -> int:
        """Characters of a sample of documents; a fit on all kinds of features takes some 100 bytes each."""
        return self.memory // 256

    @property
    def batch_entries(self) -> int:
        """Counts of a batch; weighting them takes some 60 bytes each."""
        return min(2**21, self.memory // 512)

    def holdout_documents(self, labels: int) -> int:
        """Return how many held-out documents are scored; calibration has some arrays of their scores."""
        return max(1, min(20_000, self.memory // (128 * labels)))

    def max_features(self, labels: int, hyperparameters: Hyperparameters) -> int:
        """Return how many features may have weights before pruning."""
        return self.memory // ((128 if hyperparameters.naive_bayes else 48) * labels)


@dataclass(frozen=True, slots=True)
class ResourceEstimate:
    """What training on a corpus takes, estimated.

    Attributes:
        memory: Bytes of memory to train in memory.
        entries: Counts of each kind of n-gram.
        pages: Number of pages.
    """

    memory: int
    entries: dict[FeaturePart, int]
    pages: int

    def spill_bytes(self, parts: Iterable[FeaturePart]) -> int:
        """Return the bytes of disk that training out of core takes for these kinds of n-grams."""
        return _SPILLED_COUNT * sum(self.entries[part] for part in parts) + _SPILLED_PAGE * self.pages


def estimate_resources(profile: CorpusProfile, options: TrainingOptions) -> ResourceEstimate:
    """Return what the corpus takes, estimated from some documents of the sample."""
    size = len(profile.sample)
    probed = np.linspace(0, size - 1, num=min(_PROBED_DOCUMENTS, size)).astype(np.int64)
    texts = [page for index in dict.fromkeys(probed.tolist()) for page in profile.sample[index].pages]
    spec = options.candidates[0].spec
    scale = profile.characters / max(1, sum(map(len, texts)))
    entries = {part: int(count_ngrams(spec, part, texts).nnz * scale) for part in options.parts}
    largest = max(sum(entries[part] for part in each.spec.parts) for each in options.candidates)
    width = max(each.spec.width for each in options.candidates)
    weights = len(profile.labels) * min(width, largest // _COUNTS_PER_FEATURE)
    return ResourceEstimate(
        memory=_LIBRARIES + _COUNT * sum(entries.values()) + _FIT * largest + _WEIGHT * weights,
        entries=entries,
        pages=profile.pages,
    )
