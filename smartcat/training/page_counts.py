"""Counts of several kinds of n-grams side by side, without a copy: chosen rows, frequencies, weights.

Where the engine is not built, or a specification is not the engine's, scikit-learn's way gives the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_matrix, hstack

from smartcat.classifier import native_binding
from smartcat.classifier.features import SUBLINEAR, keep, lookup, weigh

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.classifier.spec import FeatureSpec


@dataclass(frozen=True, slots=True, eq=False)
class PageCounts:
    """Rows of the counts of each part of a specification; a view that copies no count.

    Attributes:
        parts: CSR matrices of counts with sorted columns, one a part, all of as many rows and columns.
        rows: Which of their rows, in the order given; ``None`` for all.
    """

    parts: tuple[Csr, ...]
    rows: npt.NDArray[np.int64] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows, and of columns of all parts."""
        rows = self.parts[0].shape[0] if self.rows is None else len(self.rows)
        return rows, len(self.parts) * self.parts[0].shape[1]

    def __getitem__(self, rows: npt.NDArray[Any]) -> PageCounts:
        """Return some of the rows, given by indices or by a mask."""
        chosen = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)
        return replace(self, rows=chosen if self.rows is None else self.rows[chosen])

    def frequency(self) -> npt.NDArray[np.int64]:
        """Return how many rows have each feature, ``(columns of all parts,)``."""
        buckets = self.parts[0].shape[1]
        if self.rows is not None and 2 * len(self.rows) > self.parts[0].shape[0]:
            others = np.ones(self.parts[0].shape[0], dtype=np.bool_)
            others[self.rows] = False
            if np.count_nonzero(others) == len(others) - len(self.rows):
                # Each row once: all less the few others, which need not be copied.
                every = PageCounts(self.parts)
                return every.frequency() - every[others].frequency()
        return np.concatenate([np.bincount(each.indices, minlength=buckets) for each in self._selected()])

    def entries_per_part(self) -> npt.NDArray[np.int64]:
        """Return how many features of each part every row has, ``rows x parts``."""
        entries = np.stack([np.diff(each.indptr) for each in self.parts], axis=1).astype(np.int64)
        return entries if self.rows is None else entries[self.rows]

    def to_csr(self) -> Csr:
        """Return the counts as one matrix."""
        parts = self._selected()
        return parts[0] if len(parts) == 1 else hstack(parts, format="csr")

    def weigh(
        self, spec: FeatureSpec, features: npt.NDArray[np.int64], idf: npt.NDArray[np.float32] | None
    ) -> Csr:
        """Return weighted rows of the features that are known, as :func:`smartcat.classifier.features.weigh`.

        Args:
            spec: What a feature is.
            features: Those that are known, ascending, ``(known,)``.
            idf: Weight of each; ``None`` where the spec uses none.

        Returns:
            CSR matrix, float32, ``rows x known``.
        """
        places = lookup(features, spec.width)
        most = max((float(each.data.max(initial=0)) for each in self.parts), default=0)
        if not all((native_binding.AVAILABLE, not spec.alternate_sign, most < _LARGEST_COUNT)):
            starts = np.searchsorted(features, np.arange(len(spec.parts)) * spec.n_features)
            return weigh(spec, keep(self.to_csr(), places, len(features)), starts, idf)
        rows = np.arange(self.shape[0]) if self.rows is None else self.rows
        room = int(self.entries_per_part().sum())
        out = np.zeros(len(rows) + 1, np.int64), np.empty(room, np.int32), np.empty(room, np.float32)
        native_binding.weigh(
            tuple(array for each in self.parts for array in _arrays(each)),
            rows,
            places,
            np.empty(0, np.float32) if idf is None else np.ascontiguousarray(idf, np.float32),
            _table(int(most), sublinear=spec.sublinear_tf),
            *out,
        )
        used = int(out[0][-1])
        starts = out[0].astype(np.int32) if used < 2**31 else out[0]
        for array in out[1:]:
            # In place: the room for features that are not known is given back, and nothing is copied.
            array.resize(used, refcheck=False)
        return csr_matrix((out[2], out[1], starts), shape=(len(rows), len(features)), copy=False)

    def _selected(self) -> list[Csr]:
        return [each if self.rows is None else each[self.rows] for each in self.parts]


_LARGEST_COUNT: Final = 2**20
"""Larger counts, of which no text has seen any, are left to scikit-learn: the table would be too large."""


def _arrays(counts: Csr) -> tuple[npt.NDArray[Any], ...]:
    return (
        np.ascontiguousarray(counts.indptr, np.int64),
        np.ascontiguousarray(counts.indices, np.int32),
        np.ascontiguousarray(counts.data, np.float32),
    )


def _table(most: int, *, sublinear: bool) -> npt.NDArray[np.float32]:
    """Return what each count up to the largest becomes."""
    if not sublinear:
        return np.arange(most + 1, dtype=np.float32)
    more = [1.0 + math.log(count) for count in range(len(SUBLINEAR), most + 1)]
    return np.concatenate((SUBLINEAR, np.array(more, dtype=np.float32)))
