"""What tests of the compiled engine share: tables of this Python, and scikit-learn as the measure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer

from smartcat.classifier.native_binding import feature_space
from smartcat.classifier.spec import FeaturePart
from smartcat.training.unicode_recording import build_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier._native import Counts, Features
    from smartcat.classifier.unicode_tables import Accents

Csr = tuple[list[int], list[int], list[float]]


def words(shortest: int, longest: int, head: int | None = None) -> FeaturePart:
    """N-grams of words."""
    return FeaturePart(analyzer="word", ngram_range=(shortest, longest), head=head)


def chars(shortest: int, longest: int, head: int | None = None) -> FeaturePart:
    """N-grams of characters."""
    return FeaturePart(analyzer="char_wb", ngram_range=(shortest, longest), head=head)


@lru_cache(maxsize=64)
def space(
    *parts: FeaturePart,
    n_features: int = 2**20,
    lowercase: bool = True,
    strip_accents: Accents = None,
    alternate_sign: bool = False,
) -> Features:
    """A feature space over the tables of the running Python."""
    tables = build_tables(lowercase=lowercase, strip_accents=strip_accents)
    return feature_space(
        tables,
        parts,
        n_features,
        lowercase=lowercase,
        strip_accents=strip_accents,
        alternate_sign=alternate_sign,
    )


def vectorizer(part: FeaturePart, **options: Any) -> HashingVectorizer:
    """The vectorizer that defines what :func:`space` with the same options has to count."""
    return HashingVectorizer(
        analyzer=part.analyzer,
        ngram_range=part.ngram_range,
        norm=None,
        dtype=np.float32,
        **{"n_features": 2**20, "alternate_sign": False, **options},
    )


def counted(counts: Counts) -> Csr:
    """Counts as plain lists: row bounds, indices, values."""
    indptr, indices, data = counts.csr()
    return (
        np.frombuffer(indptr, "<i8").tolist(),
        np.frombuffer(indices, "<i8").tolist(),
        np.frombuffer(data, "<f4").tolist(),
    )


def expected(part: FeaturePart, texts: Sequence[str], **options: Any) -> Csr:
    """What scikit-learn counts, as :func:`counted` gives it."""
    safe = [text[: part.head].encode(errors="replace").decode() for text in texts]
    matrix = vectorizer(part, **options).transform(safe)
    return matrix.indptr.tolist(), matrix.indices.tolist(), matrix.data.tolist()
