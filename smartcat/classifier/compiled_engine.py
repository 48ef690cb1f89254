"""Scores with the compiled engine: the same numbers as scikit-learn's, without it, SciPy and NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smartcat.classifier.array_values import check_range, out_of_order
from smartcat.classifier.compiled import (
    Arrays,
    bounds,
    feature_space,
    fingerprint,
    linear_model,
    why_unsupported,
)
from smartcat.classifier.decision import WordReason
from smartcat.classifier.errors import ModelError, PageTooLargeError
from smartcat.classifier.model import FEATURES, IDF, INTERCEPT, SCALE, UNICODE, array_shapes
from smartcat.classifier.scoring import make_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier._native import Counts, Features, Scores
    from smartcat.classifier._native import Model as NativeModel
    from smartcat.classifier.decision import Page
    from smartcat.classifier.model import Model
    from smartcat.classifier.scoring import PageScores


class CompiledScorer:
    """A model whose arrays are read where they lie; see :class:`smartcat.classifier.scoring.Scorer`.

    Args:
        model: What to score.
        where: What to call the model in an error.

    Raises:
        EngineMissingError: The engine is not built here.
        ModelError: A file holds what no model can hold, or the engine does not know the model's features.
    """

    name: Final = "compiled"

    def __init__(self, model: Model, where: str = "the model") -> None:
        self.model: Final = model
        self._space: Final = _space(model, where)
        self._native: Final = _connect(model, self._space, where)
        _check_ranges(model, where)

    def score(self, texts: Sequence[str]) -> CompiledScores:
        """Score every page; see :class:`smartcat.classifier.scoring.Scorer`.

        Raises:
            PageTooLargeError: A page has more than 32 MiB of UTF-8.
        """
        return self._score_counts(self._count(texts))

    def rescore(self, scores: PageScores) -> CompiledScores | None:
        """Score the pages of another model without hashing their text again."""
        if not isinstance(scores, CompiledScores) or scores.scorer.model.spec != self.model.spec:
            return None
        if not self._native.fits(scores.counts):
            return None
        return self._score_counts(scores.counts)

    def fingerprint(self, texts: Sequence[str]) -> str:
        """Return a SHA-256 over the hashed counts of texts."""
        return fingerprint(self._count(texts))

    def _count(self, texts: Sequence[str]) -> Counts:
        try:
            return self._space.count(texts)
        except ValueError as error:
            raise PageTooLargeError(str(error)) from None

    def _score_counts(self, counts: Counts) -> CompiledScores:
        return CompiledScores(self, counts, self._native.score(counts))


@dataclass(frozen=True, slots=True, eq=False)
class CompiledScores:
    """See :class:`smartcat.classifier.scoring.PageScores`.

    Attributes:
        scorer: What scored.
        counts: The pages' hashed counts, and what is needed to name their n-grams.
        native: Their scores.
    """

    scorer: CompiledScorer
    counts: Counts
    native: Scores

    def pages(self) -> list[Page]:
        """Return what is known of each page, in the order given."""
        model = self.scorer.model
        rows = zip(self.native.rows(), self.counts.distinct(), self.native.kept(), strict=True)
        return [make_page(model, scores or (), distinct, kept) for scores, distinct, kept in rows]

    def explain(
        self, pages: slice, votes: Sequence[float], label: int, *, limit: int
    ) -> tuple[WordReason, ...]:
        """See :meth:`smartcat.classifier.scoring.PageScores.explain`."""
        voices = list(zip(range(pages.start, pages.stop), votes, strict=True))
        return tuple(WordReason(word, weight) for word, weight in self.native.reasons(voices, label, limit))


def _space(model: Model, where: str) -> Features:
    spec = model.spec
    unsupported = why_unsupported(spec)
    if unsupported:
        raise ModelError(f"{where}: {unsupported}")
    if UNICODE not in model.arrays:
        raise ModelError(f"{where}: has no {UNICODE}")
    return feature_space(
        model.arrays[UNICODE],
        spec.parts,
        spec.n_features,
        lowercase=spec.lowercase,
        strip_accents=spec.strip_accents,
        where=f"{where}/{UNICODE}",
    )


def _connect(model: Model, space: Features, where: str) -> NativeModel:
    arrays = Arrays(
        features=model.arrays[FEATURES],
        weights=model.arrays[model.weights_name],
        intercept=model.arrays[INTERCEPT],
        scale=model.arrays[SCALE] if model.precision == "int8" else None,
        idf=model.arrays[IDF] if model.spec.idf else None,
        sublinear=model.spec.sublinear_tf,
    )
    try:
        return linear_model(space, arrays, where=where)
    except ModelError:
        # Sizes were checked with the manifest: what is left is the features' order.
        raise out_of_order(model.spec, where) from None


def _check_ranges(model: Model, where: str) -> None:
    for name in array_shapes(
        model.spec, kept=model.kept, columns=model.all_columns, precision=model.precision
    ):
        if name.endswith(".f32"):
            check_range(name, *bounds(model.arrays[name]), where)
