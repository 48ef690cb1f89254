"""What an engine has to do: texts in, scores of pages out. Decides nothing and imports no engine."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias, get_args

from smartcat.classifier.decision import Page
from smartcat.classifier.model import OPENING, PERTINENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from smartcat.classifier.decision import WordReason
    from smartcat.classifier.model import Model


EngineChoice: TypeAlias = Literal["auto", "compiled", "sklearn"]
"""Who computes. ``auto``: the compiled engine where it is built and knows the features, else scikit-learn."""
ENGINES: Final[tuple[EngineChoice, ...]] = get_args(EngineChoice)


class PageScores(Protocol):
    """What a model says about the pages of one call."""

    def pages(self) -> list[Page]:
        """Return what is known of each page, in the order given."""

    def explain(
        self, pages: slice, votes: Sequence[float], label: int, *, limit: int
    ) -> tuple[WordReason, ...]:
        """Name the n-grams of a document that spoke most for a label.

        Args:
            pages: Where the document's pages stand among those of the call.
            votes: Share of each of them in the document's scores.
            label: Index of the label to explain.
            limit: Most reasons wanted.

        Returns:
            At most ``limit`` reasons, strongest first. Where n-grams of the document share a hash bucket, the
            most frequent of them stands for the bucket.
        """


class Scorer(Protocol):
    """A model in the hands of an engine. Holds no state besides the model, so threads may share one."""

    @property
    def name(self) -> str:
        """What computes: ``sklearn`` or ``compiled``."""

    @property
    def model(self) -> Model:
        """The model that is scored."""

    def score(self, texts: Sequence[str]) -> PageScores:
        """Score every page; each page's result is independent of the others."""

    def rescore(self, scores: PageScores) -> PageScores | None:
        """Score the pages of another model without hashing their text again.

        Args:
            scores: What that model's scorer gave.

        Returns:
            The scores; ``None`` where the other model's features are not this one's.
        """

    def fingerprint(self, texts: Sequence[str]) -> str:
        """Return a SHA-256 over the hashed counts of texts, the same from every engine."""


def page_ranges(documents: Iterable[Sequence[str]]) -> Iterator[slice]:
    """Say where each document's pages stand, when the pages of all follow one another."""
    return (slice(*bounds) for bounds in pairwise(accumulate(map(len, documents), initial=0)))


def make_page(model: Model, scores: Sequence[float], distinct: Sequence[int], known: Sequence[int]) -> Page:
    """Sort a page's score columns by what they mean.

    Args:
        model: The model that scored.
        scores: One score a column, labels first.
        distinct: Distinct features of each part.
        known: How many of those the model knows.
    """
    if not any(known):
        return Page(distinct=tuple(distinct), known=tuple(known))
    labels = len(model.labels)
    extra = dict(zip(model.columns, scores[labels:], strict=True))
    return Page(
        scores=tuple(scores[:labels]),
        weight=extra.get(PERTINENCE, 0.0),
        opening=extra.get(OPENING),
        distinct=tuple(distinct),
        known=tuple(known),
    )
