"""The protocol of a scorer: texts in, scores of pages out. Decides nothing and imports no engine."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias, get_args

from smartcat.classifier.model_arrays import BOUNDARY, PAGE_RELEVANCE
from smartcat.classifier.rule import Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from smartcat.classifier.decision import WordReason
    from smartcat.classifier.model import Model


EngineChoice: TypeAlias = Literal["auto", "compiled", "sklearn"]
"""The scoring engine. ``auto``: compiled where it is built and supports the features, else scikit-learn."""
ENGINES: Final[tuple[EngineChoice, ...]] = get_args(EngineChoice)


class PageScores(Protocol):
    """The scores of the pages of one call."""

    def pages(self) -> list[Page]:
        """Return each page, scored, in the order given."""

    def explain(
        self, pages: slice, page_weights: Sequence[float], label: int, *, limit: int
    ) -> tuple[WordReason, ...]:
        """Return what of a document contributed most to a label: n-grams of words, or words.

        Words where features are n-grams of characters, each with the sum of its n-grams' shares in the score:
        see :mod:`smartcat.classifier.word_shares`.

        Args:
            pages: The document's pages among those of the call.
            page_weights: Weight of each of them in the document's scores.
            label: Index of the label to explain.
            limit: Most reasons wanted.

        Returns:
            At most ``limit`` reasons, strongest first. Where n-grams of words share a hash bucket, the most
            frequent of them stands for the bucket.
        """


class Scorer(Protocol):
    """A model together with an engine. Holds no state besides the model, so threads may share one."""

    @property
    def name(self) -> str:
        """Name of the engine: ``sklearn`` or ``compiled``."""

    @property
    def model(self) -> Model:
        """The model that is scored."""

    def score(self, texts: Sequence[str]) -> PageScores:
        """Return the scores of every page; each page's are independent of the others."""

    def rescore(self, scores: PageScores) -> PageScores | None:
        """Return this model's scores of pages that another model scored, without hashing their text again.

        Args:
            scores: The other model's scores.

        Returns:
            The scores; ``None`` where the other model's features are not this one's.
        """

    def fingerprint(self, texts: Sequence[str]) -> str:
        """Return a SHA-256 over the hashed counts of texts, the same from every engine."""


def page_ranges(documents: Iterable[Sequence[str]]) -> Iterator[slice]:
    """Yield the slice of each document's pages in the concatenation of all pages."""
    return (slice(*bounds) for bounds in pairwise(accumulate(map(len, documents), initial=0)))


def make_page(model: Model, scores: Sequence[float], distinct: Sequence[int], known: Sequence[int]) -> Page:
    """Return a page with its score columns assigned to what they mean.

    Args:
        model: The model that scored.
        scores: One score a column, labels first.
        distinct: Number of distinct features of each part.
        known: How many of those the model knows.
    """
    if not any(known):
        return Page(distinct=tuple(distinct), known=tuple(known))
    labels = len(model.labels)
    extra = dict(zip(model.columns, scores[labels:], strict=True))
    return Page(
        scores=tuple(scores[:labels]),
        relevance=extra.get(PAGE_RELEVANCE, 0.0),
        boundary_logit=extra.get(BOUNDARY),
        distinct=tuple(distinct),
        known=tuple(known),
    )
