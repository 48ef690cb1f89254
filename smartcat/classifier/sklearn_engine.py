"""The scikit-learn engine, a vectorizer and one sparse product: it defines the numbers of every engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smartcat.classifier.array_checks import check_range, feature_order_error
from smartcat.classifier.explain import explain
from smartcat.classifier.features import count_features, entries_per_part, fingerprint, keep, lookup, weigh
from smartcat.classifier.model_arrays import FEATURES, IDF, INTERCEPT, SCALE, array_shapes
from smartcat.classifier.scorer import make_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from smartcat.classifier.decision import WordReason
    from smartcat.classifier.features import Csr
    from smartcat.classifier.model import Model
    from smartcat.classifier.model_arrays import ArrayName
    from smartcat.classifier.rule import Page
    from smartcat.classifier.scorer import PageScores

_DTYPES: Final = {"u32": "<u4", "i8": "i1", "f32": "<f4"}


class SklearnScorer:
    """A model as NumPy arrays; see :class:`smartcat.classifier.scorer.Scorer`.

    Args:
        model: The model to score with.
        where: Name of the model for error messages.

    Raises:
        ModelError: An array holds an invalid value.
    """

    name: Final = "sklearn"

    def __init__(self, model: Model, where: str = "the model") -> None:
        self.model: Final = model
        arrays = _arrays(model)
        _check(model, arrays, where)
        self.features: Final[npt.NDArray[np.uint32]] = arrays[FEATURES]
        self.weights: Final = _weights(model, arrays)
        self.intercept: Final[npt.NDArray[np.float32]] = arrays[INTERCEPT]
        self.idf: Final[npt.NDArray[np.float32] | None] = arrays.get(IDF)
        buckets = np.arange(len(model.spec.parts), dtype=np.int64) * model.spec.n_features
        self.part_starts: Final = np.searchsorted(self.features, buckets)
        self._columns: Final = lookup(self.features, model.spec.width)

    def score(self, texts: Sequence[str]) -> SklearnScores:
        """Return the scores of every page; see :class:`smartcat.classifier.scorer.Scorer`."""
        return self.score_counts(count_features(self.model.spec, texts), texts)

    def score_counts(self, counts: Csr, texts: Sequence[str]) -> SklearnScores:
        """Return the scores of pages whose n-grams have been counted already.

        Args:
            counts: Counts from ``count_features`` with the model's spec.
            texts: The same pages, for reasons.
        """
        model = self.model
        known = keep(counts, self._columns, model.kept)
        weighted = weigh(model.spec, known, self.part_starts, self.idf)
        # CSR times C-ordered float32 copies nothing; scikit-learn's decision_function copies the weights.
        margins: npt.NDArray[np.float32] = weighted @ self.weights
        margins += self.intercept
        parts = np.arange(len(model.spec.parts), dtype=np.int64)
        return SklearnScores(
            scorer=self,
            texts=texts,
            counts=counts,
            weighted=weighted,
            margins=margins,
            distinct=entries_per_part(counts, parts * model.spec.n_features),
            known=entries_per_part(known, self.part_starts),
        )

    def rescore(self, scores: PageScores) -> SklearnScores | None:
        """Return the scores of pages that another model scored, without hashing their text again."""
        if not isinstance(scores, SklearnScores) or scores.scorer.model.spec != self.model.spec:
            return None
        return self.score_counts(scores.counts, scores.texts)

    def fingerprint(self, texts: Sequence[str]) -> str:
        """Return a SHA-256 over the hashed counts of texts."""
        return fingerprint(count_features(self.model.spec, texts))


@dataclass(frozen=True, slots=True, eq=False)
class SklearnScores:
    """See :class:`smartcat.classifier.scorer.PageScores`.

    Attributes:
        scorer: The scorer.
        texts: The pages.
        counts: CSR matrix of all counted features, ``pages x width``.
        weighted: CSR matrix, float32, ``pages x kept``.
        margins: float32, ``pages x columns``.
        distinct: Number of distinct features, ``pages x parts``.
        known: Number of those that the model knows, ``pages x parts``.
    """

    scorer: SklearnScorer
    texts: Sequence[str]
    counts: Csr
    weighted: Csr
    margins: npt.NDArray[np.float32]
    distinct: npt.NDArray[np.int64]
    known: npt.NDArray[np.int64]

    def pages(self) -> list[Page]:
        """Return each page, scored, in the order given."""
        rows = zip(self.margins.tolist(), self.distinct.tolist(), self.known.tolist(), strict=True)
        return [make_page(self.scorer.model, *row) for row in rows]

    def explain(
        self, pages: slice, page_weights: Sequence[float], label: int, *, limit: int
    ) -> tuple[WordReason, ...]:
        """See :meth:`smartcat.classifier.scorer.PageScores.explain`."""
        return explain(
            self.scorer.model.spec,
            self.texts[pages],
            self.weighted[pages],
            page_weights,
            weights=self.scorer.weights[:, label],
            features=self.scorer.features,
            limit=limit,
        )


def _arrays(model: Model) -> dict[ArrayName, npt.NDArray[Any]]:
    shapes = array_shapes(model.spec, kept=model.kept, columns=model.all_columns, precision=model.precision)
    return {
        name: np.frombuffer(model.arrays[name], dtype=_DTYPES[name.partition(".")[2]]).reshape(shape)
        for name, shape in shapes.items()
    }


def _weights(model: Model, arrays: dict[ArrayName, npt.NDArray[Any]]) -> npt.NDArray[np.float32]:
    weights: npt.NDArray[np.float32] = arrays[model.weights_name].astype(np.float32, copy=False)
    return weights * arrays[SCALE] if model.precision == "int8" else weights


def _check(model: Model, arrays: dict[ArrayName, npt.NDArray[Any]], where: str) -> None:
    features = arrays[FEATURES]
    if not (np.all(features[1:] > features[:-1]) and features[-1] < model.spec.width):
        raise feature_order_error(model.spec, where)
    for name, array in arrays.items():
        if name.endswith(".f32"):
            check_range(name, float(array.min()), float(array.max()), where)
