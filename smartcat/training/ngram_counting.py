"""Counts the n-grams of training texts: by the compiled engine where it can, else by scikit-learn.

Both count alike, to the bit. What a feature is, only :mod:`smartcat.classifier.features` says.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix

from smartcat.classifier import native_binding
from smartcat.classifier.features import count_part, utf8_safe
from smartcat.training.unicode_recording import tables_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier._native import Features
    from smartcat.classifier.features import Csr
    from smartcat.classifier.spec import FeaturePart, FeatureSpec


def count_ngrams(spec: FeatureSpec, part: FeaturePart, texts: Sequence[str]) -> Csr:
    """Return what :func:`smartcat.classifier.features.count_part` returns, in a fraction of its time.

    Args:
        spec: What a feature is; its own parts are ignored.
        part: The n-grams to count.
        texts: Any number of texts.

    Returns:
        CSR matrix, float32, ``len(texts) x n_features``.
    """
    space = _feature_space(spec, part)
    if space is None or not texts:
        return count_part(spec, part, texts)
    try:
        counts = space.count([utf8_safe(text) for text in texts])
    except ValueError:
        # A text is longer than the engine takes; scikit-learn knows no bound.
        return count_part(spec, part, texts)
    starts, columns, values = counts.csr()
    return csr_matrix(
        (
            np.frombuffer(values, "<f4").astype(np.float32),
            np.frombuffer(columns, "<i8").astype(np.int32),
            np.frombuffer(starts, "<i8").astype(np.int32),
        ),
        shape=(len(texts), spec.n_features),
    )


@lru_cache(maxsize=16)
def _feature_space(spec: FeatureSpec, part: FeaturePart) -> Features | None:
    """Return the engine's feature space; None where it is not built or does not know such features."""
    if not native_binding.AVAILABLE or native_binding.why_unsupported(
        spec.model_copy(update={"parts": (part,)})
    ):
        return None
    return native_binding.feature_space(
        tables_for(spec),
        (part,),
        spec.n_features,
        lowercase=spec.lowercase,
        strip_accents=spec.strip_accents,
        alternate_sign=spec.alternate_sign,
        where="training",
    )
