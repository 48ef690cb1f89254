"""How much memory training may take, what that buys, and an estimate of what it would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.classifier.features import count_part
from smartcat.training.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartcat.classifier.spec import FeaturePart
    from smartcat.training.options import TrainOptions, Way
    from smartcat.training.survey import Survey

DEFAULT_MEMORY: Final = 4_000_000_000
"""Bytes. Not a share of the machine's: the same corpus has to give the same model everywhere."""
LEAST_MEMORY: Final = 500_000_000

# Measured: what Python and its libraries take, and the peak of a fit for each count and each weight.
_LIBRARIES: Final = 200_000_000
_COUNT_BYTES: Final = 8
_FIT_BYTES: Final = 52
_WEIGHT_BYTES: Final = 12
_FEATURES_SHARE: Final = 10
_PROBES: Final = 200
_SPOOL_BYTES: Final = 5
_SPOOL_PAGE_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds for the parts of training from a spool, so that together they stay within the memory given.

    Attributes:
        memory: Bytes that training may take, about.
    """

    memory: int = DEFAULT_MEMORY

    def __post_init__(self) -> None:
        """Refuse less than the libraries and one batch take.

        Raises:
            TrainingError: Says how much is needed.
        """
        if self.memory < LEAST_MEMORY:
            raise TrainingError(f"memory should be {LEAST_MEMORY // 10**6} MB or more")

    @property
    def sample_characters(self) -> int:
        """Characters of a sample of documents; a fit on all kinds of features takes some 100 bytes each."""
        return self.memory // 256

    @property
    def batch_entries(self) -> int:
        """Counts that are learned from at a time; weighing takes some 60 bytes each."""
        return min(2**21, self.memory // 512)

    def held_documents(self, labels: int) -> int:
        """Return how many held-out documents are looked at; calibration has some arrays of their scores."""
        return max(1, min(20_000, self.memory // (128 * labels)))

    def features(self, labels: int, way: Way) -> int:
        """Return how many features may have weights before pruning."""
        return self.memory // ((128 if way.naive_bayes else 48) * labels)


@dataclass(frozen=True, slots=True)
class Needs:
    """What learning from a corpus takes, estimated.

    Attributes:
        memory: Bytes of memory to learn in memory.
        entries: Counts of each kind of n-gram.
        pages: Number of pages.
    """

    memory: int
    entries: dict[FeaturePart, int]
    pages: int

    def spool(self, parts: Iterable[FeaturePart]) -> int:
        """Return the bytes of disk that learning in passes takes for these kinds of n-grams."""
        return _SPOOL_BYTES * sum(self.entries[part] for part in parts) + _SPOOL_PAGE_BYTES * self.pages


def estimate(found: Survey, options: TrainOptions) -> Needs:
    """Estimate from some documents of the sample what the corpus takes."""
    places = np.linspace(0, len(found.sample) - 1, num=min(_PROBES, len(found.sample))).astype(np.int64)
    texts = [page for place in dict.fromkeys(places.tolist()) for page in found.sample[place].pages]
    spec = options.spec_of(options.ways[0])
    share = found.characters / max(1, sum(map(len, texts)))
    entries = {part: int(count_part(spec, part, texts).nnz * share) for part in options.parts}
    dearest = max(sum(entries[part] for part in way.parts) for way in options.ways)
    width = max(options.spec_of(way).width for way in options.ways)
    weights = len(found.labels) * min(width, dearest // _FEATURES_SHARE)
    return Needs(
        memory=_LIBRARIES
        + _COUNT_BYTES * sum(entries.values())
        + _FIT_BYTES * dearest
        + _WEIGHT_BYTES * weights,
        entries=entries,
        pages=found.pages,
    )
