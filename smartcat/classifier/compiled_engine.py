"""The compiled engine as a scorer: scikit-learn's numbers without scikit-learn, SciPy and NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smartcat.classifier.array_checks import check_range, feature_order_error
from smartcat.classifier.errors import ModelError, PageTooLargeError
from smartcat.classifier.model_arrays import FEATURES, IDF, INTERCEPT, SCALE, UNICODE, array_shapes
from smartcat.classifier.native_binding import (
    Arrays,
    bounds,
    feature_space,
    fingerprint,
    linear_model,
    why_unsupported,
)
from smartcat.classifier.reason_words import explained_in_words, named
from smartcat.classifier.scorer import make_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier._native import Counts, Features, Scores
    from smartcat.classifier._native import Model as NativeModel
    from smartcat.classifier.decision import WordReason
    from smartcat.classifier.model import Model
    from smartcat.classifier.rule import Page
    from smartcat.classifier.scorer import PageScores


class CompiledScorer:
    """A model whose arrays are read in place; see :class:`smartcat.classifier.scorer.Scorer`.

    Args:
        model: The model to score with.
        where: Name of the model for error messages.

    Raises:
        EngineMissingError: The engine is not built here.
        ModelError: A file holds an invalid value, or the engine does not support the model's features.
    """

    name: Final = "compiled"

    def __init__(self, model: Model, where: str = "the model") -> None:
        self.model: Final = model
        self._space: Final = _space(model, where)
        self._native: Final = _connect(model, self._space, where)
        _check_ranges(model, where)

    def score(self, texts: Sequence[str]) -> CompiledScores:
        """Return the scores of every page; see :class:`smartcat.classifier.scorer.Scorer`.

        Raises:
            PageTooLargeError: A page has more than 32 MiB of UTF-8.
        """
        return self._score_counts(self._count(texts))

    def rescore(self, scores: PageScores) -> CompiledScores | None:
        """Return the scores of pages that another model scored, without hashing their text again."""
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
    """See :class:`smartcat.classifier.scorer.PageScores`.

    Attributes:
        scorer: The scorer.
        counts: The pages' hashed counts, and what is needed to name their n-grams.
        native: The pages' scores.
    """

    scorer: CompiledScorer
    counts: Counts
    native: Scores

    def pages(self) -> list[Page]:
        """Return each page, scored, in the order given."""
        model = self.scorer.model
        rows = zip(self.native.rows(), self.counts.distinct(), self.native.kept(), strict=True)
        return [make_page(model, scores or (), distinct, kept) for scores, distinct, kept in rows]

    def explain(
        self, pages: slice, page_weights: Sequence[float], label: int, *, limit: int
    ) -> tuple[WordReason, ...]:
        """See :meth:`smartcat.classifier.scorer.PageScores.explain`."""
        weighted = list(zip(range(pages.start, pages.stop), page_weights, strict=True))
        if explained_in_words(self.scorer.model.spec):
            return named(self.native.word_reasons(weighted, label, limit))
        return named(self.native.reasons(weighted, label, limit))


def _space(model: Model, where: str) -> Features:
    spec = model.spec
    unsupported = why_unsupported(spec)
    if unsupported:
        raise ModelError(f"{where}: {unsupported}")
    if UNICODE not in model.arrays:
        raise ModelError(f"{where}: has no {UNICODE}")
    space = feature_space(
        model.arrays[UNICODE],
        spec.parts,
        spec.n_features,
        lowercase=spec.lowercase,
        strip_accents=spec.strip_accents,
        where=f"{where}/{UNICODE}",
    )
    if space.has_form != (spec.canonical is not None):
        raise ModelError(f"{where}/{UNICODE}: recorded for another canonical form than the features'")
    return space


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
        # Sizes were checked with the manifest: only the order of the features can be wrong.
        raise feature_order_error(model.spec, where) from None


def _check_ranges(model: Model, where: str) -> None:
    for name in array_shapes(
        model.spec, kept=model.kept, columns=model.all_columns, precision=model.precision
    ):
        if name.endswith(".f32"):
            check_range(name, *bounds(model.arrays[name]), where)
