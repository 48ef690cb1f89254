"""From pages to scores: one sparse product over all pages of a batch. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from classifier.features import document_features

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from classifier.features import Csr
    from classifier.model import Model


@dataclass(frozen=True, slots=True, eq=False)
class PageScores:
    """What a model says about pages.

    Attributes:
        features: CSR matrix, float32, ``pages x n_features``.
        margins: float32, ``pages x classes``.
        evidence: Whether a page holds any feature that the model knows, ``(pages,)``.
    """

    features: Csr
    margins: npt.NDArray[np.float32]
    evidence: npt.NDArray[np.bool_]

    def entries(self, pages: slice) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Return features and values of adjacent pages, page after page, without copying."""
        start, stop = self.features.indptr[[pages.start, pages.stop]]
        return self.features.indices[start:stop], self.features.data[start:stop]

    def rows(self) -> list[list[float] | None]:
        """Return each page's scores as plain numbers, ``None`` for a page without evidence."""
        pairs = zip(self.margins.tolist(), self.evidence.tolist(), strict=True)
        return [margins if evident else None for margins, evident in pairs]


def page_ranges(documents: Iterable[Sequence[str]]) -> Iterator[slice]:
    """Say where each document's pages stand, when the pages of all follow one another."""
    return (slice(*bounds) for bounds in pairwise(accumulate(map(len, documents), initial=0)))


def score_pages(model: Model, texts: Sequence[str]) -> PageScores:
    """Score every page; each page's result is independent of the others.

    Args:
        model: The model to ask.
        texts: The pages' texts; may be empty.

    Returns:
        Scores of the pages in the order given.
    """
    return score_features(model, document_features(model.spec, texts, model.idf))


def score_features(model: Model, features: Csr) -> PageScores:
    """Score rows of features, as :func:`score_pages` does for texts."""
    # CSR times C-ordered float32 copies nothing; scikit-learn's decision_function would copy the weights.
    margins: npt.NDArray[np.float32] = features @ model.weights
    margins += model.intercept
    hits = np.concatenate(([0], np.cumsum(model.known[features.indices], dtype=np.int64)))
    evidence: npt.NDArray[np.bool_] = hits[features.indptr[1:]] > hits[features.indptr[:-1]]
    return PageScores(features, margins, evidence)
