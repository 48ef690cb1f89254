"""Nearly equal texts, found by MinHash (Broder 1997) and banding. Texts and arrays in, arrays out.

Why this is own code: docs/decisions/0033-copies-stay-together.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training.ngram_counting import count_ngrams

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from smartcat.classifier.features import Csr

SIMILARITY: Final = 0.8
"""Estimated share of common shingles from which two texts are nearly equal."""
HASHES: Final = 80
"""Hashes of a signature: a share of 0.8 is estimated with a standard error of 0.045."""
MAX_SHARE: Final = 0.2
"""Largest share of a label that copies of one document may be: a fold of five. More is a template."""
SMALL: Final = 3
"""Documents that may always be copies of one another, however few their label has."""
_BANDS: Final = 16
"""Bands that signatures are compared by: texts with a share of 0.8 share one with a probability of 0.998."""
_ROWS: Final = HASHES // _BANDS
_NO_SHINGLE: Final = np.uint32(2**32 - 1)
_SHINGLES: Final = FeaturePart(analyzer="word", ngram_range=(5, 5))
_SPEC: Final = FeatureSpec(n_features=2**20, parts=(_SHINGLES,))
_PAIRS_AT_ONCE: Final = 2**16

# Fixed, so that a corpus has the same folds wherever it is learned from: NumPy's generators may change.
_CONSTANTS: Final = np.frombuffer(hashlib.shake_128(b"permutations").digest(8 * HASHES), "<u4")
_FACTORS: Final = _CONSTANTS[:HASHES] | np.uint32(1)
_SUMMANDS: Final = _CONSTANTS[HASHES:]


def shingles(texts: Sequence[str]) -> Csr:
    """Return which runs of five words occur in texts, hashed: a CSR matrix of counts, ``texts x 2**20``.

    Case does not count, nor do words of one letter. Five, so that a form with other values in its fields is
    another document: one changed word in thirty leaves a share of 0.71 in common, with runs of three 0.82.
    """
    return count_ngrams(_SPEC, _SHINGLES, texts)


def signatures(counts: Csr, documents: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.uint32]:
    """Return the MinHash signatures of documents.

    Args:
        counts: The shingles of their pages, see :func:`shingles`.
        documents: Document of each page, ascending, ``(pages,)``.
        size: Number of documents.

    Returns:
        ``size x HASHES``: for each of so many permutations the first shingle of the document. The share of
        equal entries estimates the share of common shingles, intersection over union.
    """
    found = np.full((size, HASHES), _NO_SHINGLE, dtype=np.uint32)
    if not counts.nnz:
        return found
    mixed = counts.indices.astype(np.uint32) * np.uint32(0x9E3779B1)
    mixed ^= mixed >> np.uint32(15)
    document = np.repeat(documents, np.diff(counts.indptr))
    starts = np.flatnonzero(np.append(True, document[1:] != document[:-1]))
    rows = document[starts]
    for number, (factor, summand) in enumerate(zip(_FACTORS, _SUMMANDS, strict=True)):
        # Odd factors permute 32 bits.
        found[rows, number] = np.minimum.reduceat(mixed * factor + summand, starts)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class CopyClusters:
    """Which documents are held together.

    Attributes:
        first: Index of the first document of each one's cluster, ``(documents,)``; its own for most.
        near_copies: Documents that are not the first of their cluster, and equal to no earlier one.
        from_templates: Documents of clusters that were too large a share of a label, and are none.
    """

    first: npt.NDArray[np.int64]
    near_copies: int
    from_templates: int


def copy_clusters(
    signature: npt.NDArray[np.uint32], texts: npt.NDArray[np.uint64], labels: npt.NDArray[np.int64]
) -> CopyClusters:
    """Return clusters of documents with equal or nearly equal texts, in whatever steps they are alike.

    A cluster that would be more than :data:`MAX_SHARE` of a label, and more than :data:`SMALL` documents of
    it, is dissolved, but for texts that are equal: forms that share most of their text would otherwise be one
    document, and nothing of their label could be held out.

    Args:
        signature: See :func:`signatures`.
        texts: Hash of each document's text, 0 for one that is like no other.
        labels: Index of each document's label.
    """
    size = len(texts)
    equal = _equal_neighbours(texts, texts != 0)
    near = _nearly_equal(signature)
    exact = _components(equal, size)
    joined = _components(np.concatenate((equal, near)), size)
    width = int(labels.max(initial=0)) + 1
    cells, counts = np.unique(joined * width + labels, return_counts=True)
    limit = np.maximum(SMALL, MAX_SHARE * np.bincount(labels, minlength=width).astype(np.float64))
    too_large = np.zeros(size, dtype=np.bool_)
    too_large[cells[counts > limit[cells % width]] // width] = True
    dissolved = too_large[joined]
    first = np.where(dissolved, exact, joined)
    near_copies = (first != np.arange(size)) & (exact == np.arange(size))
    return CopyClusters(first, int(near_copies.sum()), int(dissolved.sum()))


def _equal_neighbours(keys: npt.NDArray[np.uint64], eligible: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return pairs of rows with equal keys, enough to connect them: each with the next and with the first."""
    rows = np.flatnonzero(eligible)
    order = rows[np.argsort(keys[rows], kind="stable")]
    new = np.append(True, keys[order[1:]] != keys[order[:-1]]) if len(order) else np.zeros(0, np.bool_)
    first = order[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
    again = np.flatnonzero(~new)
    return np.concatenate(
        (np.column_stack((order[again - 1], order[again])), np.column_stack((first[again], order[again])))
    )


def _nearly_equal(signature: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    """Return pairs of documents that are nearly equal, ``pairs x 2``: enough to connect all that are."""
    has_shingles = (signature != _NO_SHINGLE).any(axis=1)
    found = []
    for band in range(_BANDS):
        rows = np.ascontiguousarray(signature[:, band * _ROWS : (band + 1) * _ROWS])
        found.append(_equal_neighbours(_row_hashes(rows), has_shingles))
    pairs = np.unique(np.concatenate(found), axis=0)
    similar = [
        (signature[part[:, 0]] == signature[part[:, 1]]).mean(axis=1) >= SIMILARITY
        for part in np.array_split(pairs, max(1, -(-len(pairs) // _PAIRS_AT_ONCE)))
    ]
    nearly_equal: npt.NDArray[np.int64] = pairs[np.concatenate(similar)]
    return nearly_equal


def _row_hashes(rows: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """Return a hash of each row; a collision is a candidate more to compare."""
    keys = np.zeros(len(rows), dtype=np.uint64)
    for column in rows.T:
        keys = (keys ^ column) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


def _components(pairs: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """Return for each document the first that it is connected with, ``(size,)``."""
    graph = csr_matrix((np.ones(len(pairs), np.bool_), (pairs[:, 0], pairs[:, 1])), (size, size))
    _, component = connected_components(graph, directed=False)
    _, first = np.unique(component, return_index=True)
    connected: npt.NDArray[np.int64] = first[component].astype(np.int64)
    return connected
