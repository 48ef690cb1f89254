"""Which words carried a label: exact contributions of a linear model, traced back through the hash."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from classifier.decision import WordReason
from classifier.features import analyzer, bucket, utf8_safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifier.model import Model
    from classifier.spec import FeatureSpec


def explain(
    model: Model,
    pages: Sequence[str],
    entries: tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]],
    label: int,
    *,
    evident: int,
    limit: int,
) -> tuple[WordReason, ...]:
    """Name the n-grams of a document that spoke most for a label.

    Args:
        model: The model that scored the document.
        pages: The document's texts.
        entries: Features and values of the pages as scored, page after page; ascending within a page.
        label: Index of the class to explain.
        evident: How many pages had evidence: the divisor of the document's score, >= 1.
        limit: Most reasons wanted.

    Returns:
        At most ``limit`` reasons, strongest first. Where n-grams of the document share a hash bucket, the
        most frequent of them stands for the bucket.
    """
    indices, weights = _strongest(*_contributions(model, *entries, label, pages=len(pages)), limit)
    words = _words(model.spec, pages, indices)
    return tuple(
        WordReason(words[index], weight / evident) for index, weight in zip(indices, weights, strict=True)
    )


def _contributions(
    model: Model,
    indices: npt.NDArray[np.int32],
    data: npt.NDArray[np.float32],
    label: int,
    *,
    pages: int,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Return the features that spoke for the label, ascending, and what each added to its score (float64)."""
    weights = model.weights[indices, label]
    # A feature's value is never negative, so no page can take back what another gave.
    helpful = weights > 0
    indices, values = indices[helpful], data[helpful] * weights[helpful].astype(np.float64)
    if pages == 1:
        return indices, values
    # Sorting by value too makes the sums independent of the order of the pages.
    order = np.lexsort((values, indices))
    indices, starts = np.unique(indices[order], return_index=True)
    return indices, np.add.reduceat(values[order], starts)


def _strongest(
    indices: npt.NDArray[np.int32], values: npt.NDArray[np.float64], limit: int
) -> tuple[list[int], list[float]]:
    """Keep the ``limit`` largest contributions, largest first, equals by ascending index."""
    if len(values) > limit:
        kept = np.flatnonzero(values >= np.partition(values, -limit)[-limit])
        indices, values = indices[kept], values[kept]
    order = np.argsort(-values, kind="stable")[:limit]
    return indices[order].tolist(), values[order].tolist()


def _words(spec: FeatureSpec, pages: Sequence[str], indices: Sequence[int]) -> dict[int, str]:
    """Find each bucket's most frequent n-gram in the document; of equals, the first by name."""
    cut = analyzer(spec)
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update(cut(utf8_safe(page)))
    wanted = frozenset(indices)
    size = spec.n_features
    found: dict[int, str] = {}
    for term in sorted((t for t in counts if bucket(t, size) in wanted), key=lambda t: (-counts[t], t)):
        found.setdefault(bucket(term, size), term)
    return found
