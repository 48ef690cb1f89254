"""The classifier that serves: documents in, decisions out, one vectorised call a batch."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from smartcat.classifier import compiled
from smartcat.classifier.artifact import read_model
from smartcat.classifier.compiled_engine import CompiledScorer
from smartcat.classifier.decision import Decision, SecondOpinion, decide, votes
from smartcat.classifier.errors import EngineMissingError
from smartcat.classifier.golden import check_golden
from smartcat.classifier.likeness import likenesses
from smartcat.classifier.scoring import page_ranges
from smartcat.classifier.stacks import split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier.decision import Page, WordReason
    from smartcat.classifier.model import Model
    from smartcat.classifier.scoring import EngineChoice, PageScores, Scorer
    from smartcat.classifier.stacks import Piece

DEFAULT_REASONS = 5


class Classifier:
    """Decides what documents are. Holds no state besides the model, so threads may share one.

    Attributes:
        scorer: The model in the hands of an engine.
        shadow: Another model, whose decisions are noted beside those of the first; ``None`` for none.
    """

    def __init__(self, scorer: Scorer, shadow: Scorer | None = None) -> None:
        self.scorer = scorer
        self.shadow = shadow
        self._label_index = {label: index for index, label in enumerate(scorer.model.labels)}

    @property
    def engine(self) -> str:
        """What computes features and scores."""
        return self.scorer.name

    @property
    def model(self) -> Model:
        """The model in use."""
        return self.scorer.model

    @property
    def model_version(self) -> str:
        """Short hash that identifies the model's content."""
        return self.model.model_version

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label the model can give."""
        return self.model.labels

    def classify(
        self, documents: Sequence[Sequence[str]], *, reasons: int = DEFAULT_REASONS
    ) -> list[Decision]:
        """Decide what each document is.

        A document's result does not depend on the others in the call, nor (page labels apart) on the order of
        its pages.

        Args:
            documents: Each document as the texts of its pages; blank pages and documents are allowed.
            reasons: Most reasons wanted for each document; 0 for none, which is cheaper.

        Returns:
            One decision a document, in the order given.
        """
        if not documents:
            return []
        scores = self.scorer.score(list(chain.from_iterable(documents)))
        pages = scores.pages()
        decisions = [self._decide(scores, pages[place], place, reasons) for place in page_ranges(documents)]
        if self.shadow is None:
            return decisions
        return self._with_second_opinions(self.shadow, decisions, scores, documents)

    def split(
        self, stacks: Sequence[Sequence[str]], *, reasons: int = DEFAULT_REASONS
    ) -> list[tuple[Piece, ...]]:
        """Split stacks of scans into their documents, and decide what each is.

        Args:
            stacks: Each stack as the texts of its pages, in order; may be empty.
            reasons: Most reasons wanted for each document; 0 for none, which is cheaper.

        Returns:
            The documents of each stack, in order; a document's label is the one that its pages alone would
            get. The shadow model is not asked.
        """
        if not stacks:
            return []
        scores = self.scorer.score(list(chain.from_iterable(stacks)))
        pages = scores.pages()
        return [
            tuple(self._explained(scores, pages, place.start, piece, reasons) for piece in pieces)
            for place, texts in zip(page_ranges(stacks), stacks, strict=True)
            for pieces in [self._split(pages[place], texts)]
        ]

    def openings(self, pages: Sequence[str]) -> list[float | None]:
        """Say of each page alone how much speaks for it being the first of its document.

        Returns:
            A log odds a page; ``None`` for a page without evidence, and from a model that did not learn it.
        """
        return [page.opening for page in self.scorer.score(pages).pages()]

    def _split(self, pages: Sequence[Page], texts: Sequence[str]) -> tuple[Piece, ...]:
        evident = [text for text, page in zip(texts, pages, strict=True) if page.scores]
        return split(self.model.rule, pages, list(likenesses(evident)))

    def _explained(
        self, scores: PageScores, pages: Sequence[Page], start: int, piece: Piece, reasons: int
    ) -> Piece:
        place = slice(start + piece.first - 1, start + piece.last)
        words = self._reasons(scores, pages[place], place, piece.label, reasons)
        return replace(piece, alone=replace(piece.alone, reasons=words)) if words else piece

    def _with_second_opinions(
        self,
        shadow: Scorer,
        decisions: list[Decision],
        scores: PageScores,
        documents: Sequence[Sequence[str]],
    ) -> list[Decision]:
        try:
            others = shadow.rescore(scores) or shadow.score(list(chain.from_iterable(documents)))
            pages = others.pages()
            opinions = [decide(shadow.model.rule, pages[place]) for place in page_ranges(documents)]
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - a model on trial must not harm those that are served
            return decisions
        return [
            replace(decision, second=_opinion(other, shadow.model.model_version))
            for decision, other in zip(decisions, opinions, strict=True)
        ]

    def _decide(self, scores: PageScores, pages: Sequence[Page], place: slice, reasons: int) -> Decision:
        decision = decide(self.model.rule, pages)
        words = self._reasons(scores, pages, place, decision.label, reasons)
        return replace(decision, reasons=words) if words else decision

    def _reasons(
        self, scores: PageScores, pages: Sequence[Page], place: slice, label: str, reasons: int
    ) -> tuple[WordReason, ...]:
        if reasons < 1 or not any(page.scores for page in pages):
            return ()
        return scores.explain(place, votes(pages), self._label_index[label], limit=reasons)


def _opinion(decision: Decision, model_version: str) -> SecondOpinion:
    return SecondOpinion(decision.label, decision.confidence, decision.decision, model_version)


def make_scorer(model: Model, engine: EngineChoice = "auto", where: str = "the model") -> Scorer:
    """Put a model into the hands of an engine.

    Args:
        model: What to score.
        engine: Who computes.
        where: What to call the model in an error.

    Raises:
        EngineMissingError: The engine is not installed here; the message says which, and why.
        ModelError: The engine cannot serve the model, or an array holds what no model can hold.
    """
    if engine == "auto":
        able = compiled.AVAILABLE and compiled.why_unsupported(model.spec) is None
        engine = "compiled" if able else "sklearn"
    if engine == "compiled":
        return CompiledScorer(model, where)
    try:
        # Only here: importing scikit-learn takes longer than all else, and it need not be installed.
        from smartcat.classifier.sklearn_engine import SklearnScorer  # noqa: PLC0415
    except ImportError as error:
        raise EngineMissingError(f"the sklearn engine cannot be imported here: {error}") from None
    return SklearnScorer(model, where)


def load_classifier(path: Path | str, engine: EngineChoice = "auto") -> Classifier:
    """Load a classifier from a model directory.

    Args:
        path: The directory that training wrote.
        engine: Who computes; every engine gives the same labels, and scores within 1e-5.

    Returns:
        A classifier that passed every check: those of :func:`smartcat.classifier.artifact.read_model`, the
        values of
        the arrays, and the golden documents, scored again. A model from another version of scikit-learn is
        welcome as long as the golden documents agree.

    Raises:
        EngineMissingError: The engine that was asked for is not installed here.
        ModelError: The directory must not be used; the message says why.
    """
    model = read_model(Path(path))
    scorer = make_scorer(model, engine, str(path))
    if model.manifest is not None:
        check_golden(scorer, model.manifest.golden, str(path))
    return Classifier(scorer)
