"""The one definition of how text becomes features, for training and for serving alike. Knows no labels.

Every row depends on its own text only, so a page has the same features in any batch.
"""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils import murmurhash3_32

from smartcat.classifier.canonical_text import in_form, word_characters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from smartcat.classifier.spec import FeaturePart, FeatureSpec

# SciPy ships no types. Every matrix here is a CSR matrix of float32 whose indices are sorted within a row.
Csr: TypeAlias = Any

# Logarithms come from a table filled by math.log: a vectorised logarithm may round the last elements of an
# array differently, and then a value would depend on its position in the batch.
_TABLE_SIZE: Final = 4096
SUBLINEAR: Final = np.array([0.0] + [1.0 + math.log(c) for c in range(1, _TABLE_SIZE)], dtype=np.float32)
"""What each small count becomes."""


@lru_cache(maxsize=16)
def vectorizer(spec: FeatureSpec, part: FeaturePart) -> HashingVectorizer:
    """Return the (stateless) vectorizer that counts one part's n-grams per hash bucket.

    Args:
        spec: What a feature is.
        part: One of its parts.

    Returns:
        A vectorizer of plain counts in float32; equal arguments share one.
    """
    fold = HashingVectorizer(lowercase=spec.lowercase, strip_accents=spec.strip_accents).build_preprocessor()
    return HashingVectorizer(
        n_features=spec.n_features,
        ngram_range=part.ngram_range,
        analyzer=part.analyzer,
        preprocessor=lambda text: fold(part_text(spec, part, text)),
        # What the preprocessor does already.
        lowercase=spec.lowercase,
        strip_accents=spec.strip_accents,
        token_pattern=_token_pattern(spec),
        alternate_sign=spec.alternate_sign,
        norm=None,
        dtype=np.float32,
    )


@lru_cache(maxsize=16)
def analyzer(spec: FeatureSpec, part: FeaturePart) -> Callable[[str], list[str]]:
    """Return the function that splits a text into the n-grams which the vectorizer of the part hashes."""
    return cast("Callable[[str], list[str]]", vectorizer(spec, part).build_analyzer())


def _token_pattern(spec: FeatureSpec) -> str:
    """Return scikit-learn's pattern, or the same with marks as word characters: two of them or more."""
    return spec.token_pattern if spec.canonical is None else f"{word_characters(spec.canonical)}{{2,}}"


def part_text(spec: FeatureSpec, part: FeaturePart, text: str) -> str:
    """Return the text of a page that the part uses: all or the head of its form."""
    text = in_form(spec.canonical, text)
    return text if part.head is None else text[: part.head]


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
    """Return the text with lone surrogates, which have no UTF-8 bytes to hash, replaced by ``?``."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def count_part(spec: FeatureSpec, part: FeaturePart, texts: Sequence[str]) -> Csr:
    """Return the counts of one part's n-grams in each text, by hash bucket.

    Args:
        spec: What a feature is.
        part: One of its parts.
        texts: Any number of texts, none included (for which the vectorizer itself raises ``StopIteration``).

    Returns:
        CSR matrix, float32, ``len(texts) x n_features``.
    """
    if not texts:
        return csr_matrix((0, spec.n_features), dtype=np.float32)
    return vectorizer(spec, part).transform([utf8_safe(text) for text in texts])


def count_features(spec: FeatureSpec, texts: Sequence[str]) -> Csr:
    """Return the counts of all parts' n-grams in each text, by hash bucket.

    Args:
        spec: What a feature is.
        texts: Any number of texts.

    Returns:
        CSR matrix, float32, ``len(texts) x width``.
    """
    counts = [count_part(spec, part, texts) for part in spec.parts]
    return counts[0] if len(counts) == 1 else hstack(counts, format="csr")


def weigh(
    spec: FeatureSpec, counts: Csr, part_starts: npt.NDArray[np.int64], idf: npt.NDArray[np.float32] | None
) -> Csr:
    """Return sublinear tf-idf rows of counts, each part of which has the same length.

    Args:
        spec: What a feature is.
        counts: CSR matrix of counts, ``rows x columns``, where columns are any features in ascending order,
            such as those that a model kept; not changed.
        part_starts: First column of each part, ``(parts,)``.
        idf: Weight of each column, ``(columns,)``, above 0; ``None`` where the spec uses no idf.

    Returns:
        CSR matrix, float32, of the shape of ``counts``. A row with features of every part has length 1;
        a part without any is zero.
    """
    values = (_sublinear(counts.data) if spec.sublinear_tf else counts.data).astype(np.float64)
    if idf is not None:
        values *= idf[counts.indices]
    parts = len(part_starts)
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    owner = rows * parts + np.searchsorted(part_starts, counts.indices, side="right") - 1
    # bincount adds one after another, so a row's sums do not depend on its neighbours.
    squares = np.bincount(owner, weights=values * values, minlength=counts.shape[0] * parts)
    values /= np.sqrt(squares * parts)[owner]
    weighted: Csr = csr_matrix((values.astype(np.float32), counts.indices, counts.indptr), shape=counts.shape)
    return weighted


def lookup(features: npt.NDArray[Any], width: int) -> npt.NDArray[np.int32]:
    """Return the column of each feature that is kept, -1 for all others, ``(width,)``."""
    columns = np.full(width, -1, dtype=np.int32)
    columns[features] = np.arange(len(features), dtype=np.int32)
    return columns


def keep(counts: Csr, columns: npt.NDArray[np.int32], kept: int) -> Csr:
    """Return the counts of the features that are kept.

    Args:
        counts: CSR matrix of counts, ``rows x width``; not changed.
        columns: Column of each feature, from :func:`lookup`.
        kept: Number of features that are kept.

    Returns:
        CSR matrix, ``rows x kept``.
    """
    kept_columns = columns[counts.indices]
    known = kept_columns >= 0
    rows = np.concatenate(([0], np.cumsum(known, dtype=np.int64)))[counts.indptr]
    shape = (counts.shape[0], kept)
    return csr_matrix((counts.data[known], kept_columns[known], rows), shape=shape, copy=False)


def entries_per_part(matrix: Csr, part_starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the number of entries of each row that belong to each part, ``rows x parts``."""
    rows, parts = matrix.shape[0], len(part_starts)
    owner = np.repeat(np.arange(rows) * parts, np.diff(matrix.indptr))
    owner += np.searchsorted(part_starts, matrix.indices, side="right") - 1
    return np.bincount(owner, minlength=rows * parts).reshape(rows, parts)


def fingerprint(counts: Csr) -> str:
    """Return a SHA-256 over hashed counts, to prove that two machines compute the same features."""
    digest = hashlib.sha256()
    for array, kind in ((counts.indptr, "<i8"), (counts.indices, "<i8"), (counts.data, "<f4")):
        digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
    return digest.hexdigest()


def _sublinear(counts: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return ``1 + ln c`` for every count, each rounded alike at any position."""
    whole = counts.astype(np.int64)
    values: npt.NDArray[np.float32] = SUBLINEAR[np.minimum(whole, _TABLE_SIZE - 1)]
    for position in np.flatnonzero(whole >= _TABLE_SIZE):
        values[position] = 1.0 + math.log(int(whole[position]))
    return values
