"""The reasons for a label: exact contributions of a linear model, traced back through the hash to n-grams.

Where features are n-grams of words, those are the reasons. Where they are n-grams of characters, reasons are
whole words: see :mod:`smartcat.classifier.word_shares`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from smartcat.classifier.features import analyzer, bucket, utf8_safe
from smartcat.classifier.reason_words import explained_in_words, named
from smartcat.classifier.word_shares import strongest_words, word_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from smartcat.classifier.decision import WordReason
    from smartcat.classifier.features import Csr
    from smartcat.classifier.spec import FeatureSpec


def explain(
    spec: FeatureSpec,
    texts: Sequence[str],
    weighted: Csr,
    page_weights: Sequence[float],
    *,
    weights: npt.NDArray[np.float32],
    features: npt.NDArray[np.uint32],
    limit: int,
) -> tuple[WordReason, ...]:
    """Return what of a document contributed most to a label: n-grams of words, or words.

    Args:
        spec: What a feature is.
        texts: The document's pages.
        weighted: CSR matrix of the pages as scored, ``pages x kept``.
        page_weights: Weight of each page in the document's scores.
        weights: Weight of each kept feature for the label, ``(kept,)``.
        features: Global index of each kept feature, ``(kept,)``.
        limit: Most reasons wanted.

    Returns:
        At most ``limit`` reasons, strongest first. Where n-grams of the document share a hash bucket, the
        most frequent of them stands for the bucket.
    """
    if explained_in_words(spec):
        shares = word_shares(spec, texts, weighted, page_weights, weights=weights, features=features)
        return named(strongest_words(shares, limit))
    columns, values = _strongest(*_contributions(weighted, page_weights, weights), limit)
    wanted = [int(features[column]) for column in columns]
    words = _words(spec, texts, wanted)
    return named((words[feature], value) for feature, value in zip(wanted, values, strict=True))


def _contributions(
    weighted: Csr, page_weights: Sequence[float], weights: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Return the features with positive contributions, ascending, and the contribution of each (float64)."""
    shares = np.repeat(np.asarray(page_weights, dtype=np.float64), np.diff(weighted.indptr))
    contributions = weighted.data * weights[weighted.indices].astype(np.float64) * shares
    # A feature's value is never negative, so its contributions have one sign on all pages.
    positive = contributions > 0
    columns, values = weighted.indices[positive], contributions[positive]
    if weighted.shape[0] == 1:
        return columns, values
    # Sorting by value too makes the sums independent of the order of the pages.
    order = np.lexsort((values, columns))
    columns, starts = np.unique(columns[order], return_index=True)
    if not len(columns):
        return columns, values
    return columns, np.add.reduceat(values[order], starts)


def _strongest(
    columns: npt.NDArray[np.int32], values: npt.NDArray[np.float64], limit: int
) -> tuple[list[int], list[float]]:
    """Return the ``limit`` largest contributions, largest first, equals by ascending index."""
    if len(values) > limit:
        kept = np.flatnonzero(values >= np.partition(values, -limit)[-limit])
        columns, values = columns[kept], values[kept]
    order = np.argsort(-values, kind="stable")[:limit]
    return columns[order].tolist(), values[order].tolist()


def _words(spec: FeatureSpec, texts: Sequence[str], wanted: Sequence[int]) -> dict[int, str]:
    """Return each feature's most frequent n-gram in the document; of equals, the first by name."""
    words: dict[int, str] = {}
    size = spec.n_features
    for index, part in enumerate(spec.parts):
        buckets = frozenset(feature % size for feature in wanted if feature // size == index)
        if not buckets:
            continue
        analyze = analyzer(spec, part)
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(analyze(utf8_safe(text)))
        hits = [(term, hashed) for term in counts if (hashed := bucket(term, size)) in buckets]
        for term, hashed in sorted(hits, key=lambda hit: (-counts[hit[0]], hit[0])):
            words.setdefault(index * size + hashed, term)
    return words
