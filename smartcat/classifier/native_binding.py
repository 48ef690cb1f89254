"""The Python binding of the compiled engine. No NumPy, no scikit-learn, no arithmetic of its own.

The numbers are computed in ``smartcat/classifier/_engine`` (docs/engine.md). Where that is not built,
importing this module still works and :data:`AVAILABLE` is false.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smartcat.classifier.errors import EngineMissingError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from typing_extensions import Buffer

    from smartcat.classifier._native import Counts, Features, Model, Scores
    from smartcat.classifier.spec import FeaturePart, FeatureSpec
    from smartcat.classifier.unicode_tables import Accents

try:
    from smartcat.classifier import _native
except ImportError as error:
    IMPORT_PROBLEM: str | None = f"smartcat.classifier._native cannot be imported ({error})"
else:
    IMPORT_PROBLEM = None

AVAILABLE: Final = IMPORT_PROBLEM is None

MAX_PARTS: Final = 4
MAX_NGRAM: Final = 10
_SIZES: Final = frozenset(2**bits for bits in range(4, 25))


@dataclass(frozen=True, eq=False)
class Arrays:
    """A model's arrays as buffers (bytes, memory maps), little-endian, read in place and never copied.

    Attributes:
        features: uint32, ``(kept,)``: the features the model keeps, ascending; part i has the features from
            ``i * n_features`` on.
        weights: ``kept x columns`` in C order: int8 where there is a ``scale``, else float32.
        intercept: float32, ``(columns,)``.
        scale: float32, ``(columns,)``: factor of an int8 weight; ``None`` for float32 weights.
        idf: float32, ``(kept,)``; ``None`` for a model without.
        sublinear: Whether a count ``c`` becomes ``1 + ln c``.
    """

    features: Buffer
    weights: Buffer
    intercept: Buffer
    scale: Buffer | None = None
    idf: Buffer | None = None
    sublinear: bool = True


def feature_space(
    tables: Buffer,
    parts: Sequence[FeaturePart],
    n_features: int,
    *,
    lowercase: bool = True,
    strip_accents: Accents = None,
    alternate_sign: bool = False,
    where: str = "model",
) -> Features:
    """Return a feature space, which counts features in texts; any number of threads may share it.

    Args:
        tables: The content of ``unicode.bin``, see :mod:`smartcat.classifier.unicode_tables`.
        parts: The kinds of n-grams; all parts have ``n_features`` buckets each.
        n_features: Number of buckets, a power of two.
        lowercase: Whether the tables must lowercase.
        strip_accents: How they must remove accents.
        alternate_sign: Whether counts have the sign of the hash.
        where: Name of the model for error messages.

    Returns:
        A native object; ``count(texts)`` hashes and counts texts with the GIL released.

    Raises:
        EngineMissingError: The engine is not built here.
        ModelError: The tables are damaged or fold differently, or the engine does not support such features.
    """
    _require()
    try:
        table = _native.Tables(tables)
        flat = [(part.analyzer, *part.ngram_range, part.head or 0) for part in parts]
        features = _native.Features(table, flat, n_features, alternate_sign)
    except (ValueError, OverflowError) as error:
        raise ModelError(f"{where}: {error}") from None
    if (table.lowercase, table.strip_accents) != (lowercase, strip_accents):
        raise ModelError(f"{where}: recorded for another case or other accents than the features'")
    return features


def linear_model(space: Features, arrays: Arrays, *, where: str = "model") -> Model:
    """Return a linear model over a feature space.

    Args:
        space: The features that the arrays refer to.
        arrays: The model's arrays; they stay in use as long as the model.
        where: Name of the model for error messages.

    Returns:
        A native object; ``score(counts)`` scores texts with the GIL released. It accepts the counts of any
        equally defined feature space, so two models can share one hashing.

    Raises:
        ModelError: Sizes do not agree, or features are out of order or out of range.
    """
    try:
        return _native.Model(
            space,
            arrays.features,
            arrays.weights,
            arrays.intercept,
            scale=arrays.scale,
            idf=arrays.idf,
            sublinear=arrays.sublinear,
        )
    except ValueError as error:
        raise ModelError(f"{where}: {error}") from None


def score(model: Model, space: Features, texts: Iterable[str]) -> Scores:
    """Return the scores of texts: hash and score in one call."""
    return model.score(space.count(texts))


def fingerprint(counts: Counts, start: int = 0, stop: int | None = None) -> str:
    """Return the SHA-256 of adjacent texts' counts, as :func:`smartcat.classifier.features.fingerprint` does.

    Args:
        counts: Counts of a batch of texts.
        start: First text.
        stop: One beyond the last text; ``None`` for the end.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for array in counts.csr(start, len(counts) if stop is None else stop):
        digest.update(array)
    return digest.hexdigest()


def bounds(array: Buffer) -> tuple[float, float]:
    """Return the smallest and the largest value of a float32 buffer; both infinite where any is NaN."""
    _require()
    return _native.bounds(array)


def descend(*arrays: Any, **options: Any) -> int:
    """Fit classes in place and return the passes taken; see :mod:`smartcat.training.fitting.solver`.

    Args:
        arrays: NumPy arrays, contiguous, in this order: int64 ``starts (rows + 1)``, int32 ``columns`` and
            float32 ``values`` of a CSR matrix; int32 ``targets (rows)``; float64 costs ``inside`` and
            ``outside`` of 1 to 16 classes; float32 and written to: ``alpha (rows x those classes)``,
            ``weights (features x all classes)`` and ``intercepts (all classes)``.
        options: ``first`` of the classes, ``logistic``, ``tolerance``, ``max_epochs`` and ``seed``.

    Raises:
        EngineMissingError: The engine is not built here.
        ValueError: An array is not what it should be; says what.
    """
    _require()
    return _native.descend(*arrays, **options)


def weigh(parts: tuple[Any, ...], *arrays: Any) -> None:
    """Weigh rows of counts in place; see :mod:`smartcat.training.page_counts`.

    Args:
        parts: NumPy arrays, contiguous: int64 ``starts``, int32 ``columns``, float32 ``counts`` of each part.
        arrays: int64 ``rows``; int32 ``places`` of all parts' columns; float32 ``idf``, empty for none, and
            ``table``; written to: int64 ``starts``, int32 ``columns``, float32 ``values``.

    Raises:
        EngineMissingError: The engine is not built here.
        ValueError: An array is not what it should be; says what.
    """
    _require()
    _native.weigh(parts, *arrays)


def why_unsupported(spec: FeatureSpec) -> str | None:
    """Return why the compiled engine does not support these features; ``None`` if it does.

    Works where the engine is not built, too: a model is saved for all machines that may serve it. Accents,
    case, sublinear counts and heads of any length are always supported.
    """
    if not 1 <= len(spec.parts) <= MAX_PARTS:
        return f"the compiled engine takes 1 to {MAX_PARTS} parts, not {len(spec.parts)}"
    if spec.n_features not in _SIZES:
        return f"the compiled engine takes a power of two from 2**4 to 2**24 features, not {spec.n_features}"
    for part in spec.parts:
        shortest, longest = part.ngram_range
        if part.analyzer not in {"word", "char_wb"}:
            return f"the compiled engine knows the analyzers word and char_wb, not {part.analyzer}"
        if not 1 <= shortest <= longest <= MAX_NGRAM:
            return f"the compiled engine takes n-grams of 1 to {MAX_NGRAM}, not {shortest} to {longest}"
    return None


def _require() -> None:
    if IMPORT_PROBLEM is not None:
        raise EngineMissingError(f"the compiled engine is not built here: {IMPORT_PROBLEM}")
