"""The one definition of how text becomes features, for training and for serving alike.

Every row depends on its own text only, so a page has the same features in whatever batch it arrives.
"""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize
from sklearn.utils import murmurhash3_32

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from classifier.spec import FeatureSpec

# SciPy ships no types: every matrix here is a CSR matrix of float32 whose indices are sorted within a row.
Csr: TypeAlias = Any

# Logarithms come from a table filled by math.log: a vectorised logarithm may round its tail elements
# differently, and then a value would depend on its position in the batch.
_TABLE_SIZE: Final = 4096
_SUBLINEAR: Final = np.array([0.0] + [1.0 + math.log(c) for c in range(1, _TABLE_SIZE)], dtype=np.float32)


@lru_cache(maxsize=8)
def vectorizer(spec: FeatureSpec) -> HashingVectorizer:
    """Build the (stateless) vectorizer that counts n-grams per hash bucket.

    Args:
        spec: What a feature is.

    Returns:
        A vectorizer of plain counts in float32; equal specs share one.
    """
    return HashingVectorizer(
        n_features=spec.n_features,
        ngram_range=spec.ngram_range,
        analyzer=spec.analyzer,
        lowercase=spec.lowercase,
        strip_accents=spec.strip_accents,
        token_pattern=spec.token_pattern,
        alternate_sign=spec.alternate_sign,
        norm=None,
        dtype=np.float32,
    )


@lru_cache(maxsize=8)
def analyzer(spec: FeatureSpec) -> Callable[[str], list[str]]:
    """Return the function that cuts a text into the n-grams which the vectorizer hashes."""
    return cast("Callable[[str], list[str]]", vectorizer(spec).build_analyzer())


def bucket(term: str, n_features: int) -> int:
    """Return the feature index into which the vectorizer hashes a term.

    Args:
        term: One n-gram, encodable as UTF-8.
        n_features: Number of buckets, a power of two.

    Returns:
        A number in ``0 .. n_features - 1``.
    """
    return abs(int(murmurhash3_32(term, 0))) & (n_features - 1)


def utf8_safe(text: str) -> str:
    """Replace lone surrogates by ``?``: they have no UTF-8 form, and the hash is one of UTF-8 bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def count_features(spec: FeatureSpec, texts: Sequence[str]) -> Csr:
    """Count the n-grams of each text per hash bucket.

    Args:
        spec: What a feature is.
        texts: Any number of texts, none included (the vectorizer itself raises ``StopIteration`` then).

    Returns:
        CSR matrix, float32, ``len(texts) x n_features``.
    """
    if not texts:
        return csr_matrix((0, spec.n_features), dtype=np.float32)
    return vectorizer(spec).transform([utf8_safe(text) for text in texts])


def weigh(spec: FeatureSpec, counts: Csr, idf: npt.NDArray[np.float32] | None) -> Csr:
    """Turn counts into sublinear tf-idf rows of length 1.

    Args:
        spec: What a feature is.
        counts: CSR matrix of counts, ``rows x n_features``; not changed.
        idf: Weight of each feature, ``(n_features,)``; 0 removes a feature (one that training never saw).
            ``None`` where the spec uses no idf.

    Returns:
        CSR matrix, float32, of the shape of ``counts``. Rows without a feature of weight stay empty.
    """
    values = _sublinear(counts.data) if spec.sublinear_tf else counts.data.copy()
    if idf is not None:
        values *= idf[counts.indices]
    weighted = csr_matrix((values, counts.indices.copy(), counts.indptr.copy()), shape=counts.shape)
    weighted.eliminate_zeros()
    return normalize(weighted, norm=spec.norm, copy=False) if weighted.shape[0] else weighted


def document_features(
    spec: FeatureSpec, texts: Sequence[str], idf: npt.NDArray[np.float32] | None = None
) -> Csr:
    """Compute the features of each text, one row a text.

    Args:
        spec: What a feature is.
        texts: Any number of texts; none gives a matrix without rows.
        idf: As for :func:`weigh`.

    Returns:
        CSR matrix, float32, ``len(texts) x n_features``; each row has length 1 or is empty.
    """
    return weigh(spec, count_features(spec, texts), idf)


def fingerprint(counts: Csr) -> str:
    """Return a SHA-256 over hashed counts, to prove that two machines see the same features."""
    digest = hashlib.sha256()
    for array, kind in ((counts.indptr, "<i8"), (counts.indices, "<i8"), (counts.data, "<f4")):
        digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
    return digest.hexdigest()


def _sublinear(counts: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return ``1 + ln c`` for every count, each rounded alike wherever it stands."""
    whole = counts.astype(np.int64)
    values: npt.NDArray[np.float32] = _SUBLINEAR[np.minimum(whole, _TABLE_SIZE - 1)]
    for position in np.flatnonzero(whole >= _TABLE_SIZE):
        values[position] = 1.0 + math.log(int(whole[position]))
    return values
