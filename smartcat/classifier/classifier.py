"""The classifier that serves: documents in, decisions out, one vectorised call a batch. No arithmetic."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from smartcat.classifier import native_binding
from smartcat.classifier.compiled_engine import CompiledScorer
from smartcat.classifier.decision import Decision, ShadowDecision, decide
from smartcat.classifier.errors import EngineMissingError
from smartcat.classifier.evidence import vote_weights
from smartcat.classifier.golden import check_golden
from smartcat.classifier.model_directory import read_model
from smartcat.classifier.page_similarity import page_similarities
from smartcat.classifier.page_stream_segmentation import segment_pages
from smartcat.classifier.scorer import page_ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier.decision import WordReason
    from smartcat.classifier.model import Model
    from smartcat.classifier.page_stream_segmentation import Segment
    from smartcat.classifier.rule import Page
    from smartcat.classifier.scorer import EngineChoice, PageScores, Scorer

DEFAULT_REASONS = 5


class Classifier:
    """Decides what documents are. Holds no state besides the model, so threads may share one.

    Attributes:
        scorer: The model and its engine.
        shadow: Another model, whose decisions are recorded beside those of the first; ``None`` for none.
    """

    def __init__(self, scorer: Scorer, shadow: Scorer | None = None) -> None:
        self.scorer = scorer
        self.shadow = shadow
        self._label_index = {label: index for index, label in enumerate(scorer.model.labels)}

    @property
    def engine(self) -> str:
        """Name of the engine that computes features and scores."""
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
        """Every label of the model."""
        return self.model.labels

    def classify(
        self, documents: Sequence[Sequence[str]], *, reasons: int = DEFAULT_REASONS
    ) -> list[Decision]:
        """Return a decision on each document.

        A decision does not depend on the other documents of the call, nor (page labels apart) on the order of
        the document's pages.

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
        decisions = [self._decide(scores, pages[part], part, reasons) for part in page_ranges(documents)]
        if self.shadow is None:
            return decisions
        return self._with_shadow_decisions(self.shadow, decisions, scores, documents)

    def split(
        self, page_streams: Sequence[Sequence[str]], *, reasons: int = DEFAULT_REASONS
    ) -> list[tuple[Segment, ...]]:
        """Return the documents of each page stream, with a decision on each.

        Args:
            page_streams: Each page stream as the texts of its pages, in order; may be empty.
            reasons: Most reasons wanted for each document; 0 for none, which is cheaper.

        Returns:
            The documents of each page stream, in order; a document's label is the one that its pages would
            get as a document of their own. The shadow model is not used.
        """
        if not page_streams:
            return []
        scores = self.scorer.score(list(chain.from_iterable(page_streams)))
        pages = scores.pages()
        return [
            tuple(self._explained(scores, pages, stream.start, segment, reasons) for segment in segments)
            for stream, texts in zip(page_ranges(page_streams), page_streams, strict=True)
            for segments in [self._segment(pages[stream], texts)]
        ]

    def boundary_logits(self, pages: Sequence[str]) -> list[float | None]:
        """Return the log odds that each page, seen alone, is the first of its document.

        Returns:
            One log odds a page; ``None`` for a page without known features, and from a model that did not
            learn boundaries.
        """
        return [page.boundary_logit for page in self.scorer.score(pages).pages()]

    def _segment(self, pages: Sequence[Page], texts: Sequence[str]) -> tuple[Segment, ...]:
        # Imported only here: page streams are rare, and a cold start need not load Python's Unicode for them.
        from smartcat.classifier.canonical_text import in_form  # noqa: PLC0415

        form = self.model.spec.canonical
        featured = [in_form(form, text) for text, page in zip(texts, pages, strict=True) if page.has_features]
        return segment_pages(self.model.rule, pages, list(page_similarities(featured)))

    def _explained(
        self, scores: PageScores, pages: Sequence[Page], start: int, segment: Segment, reasons: int
    ) -> Segment:
        pages_of_segment = slice(start + segment.first - 1, start + segment.last)
        words = self._reasons(scores, pages[pages_of_segment], pages_of_segment, segment.label, reasons)
        if not words:
            return segment
        return replace(segment, document_decision=replace(segment.document_decision, reasons=words))

    def _with_shadow_decisions(
        self,
        shadow: Scorer,
        decisions: list[Decision],
        scores: PageScores,
        documents: Sequence[Sequence[str]],
    ) -> list[Decision]:
        try:
            shadow_scores = shadow.rescore(scores) or shadow.score(list(chain.from_iterable(documents)))
            pages = shadow_scores.pages()
            shadow_decisions = [decide(shadow.model.rule, pages[part]) for part in page_ranges(documents)]
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - a failing shadow model must not affect the documents that are served
            return decisions
        return [
            replace(decision, shadow=_as_shadow(other, shadow.model.model_version))
            for decision, other in zip(decisions, shadow_decisions, strict=True)
        ]

    def _decide(self, scores: PageScores, pages: Sequence[Page], page_range: slice, reasons: int) -> Decision:
        decision = decide(self.model.rule, pages)
        words = self._reasons(scores, pages, page_range, decision.label, reasons)
        return replace(decision, reasons=words) if words else decision

    def _reasons(
        self, scores: PageScores, pages: Sequence[Page], page_range: slice, label: str, reasons: int
    ) -> tuple[WordReason, ...]:
        if reasons < 1 or not any(page.has_features for page in pages):
            return ()
        return scores.explain(
            page_range, vote_weights(self.model.rule, pages), self._label_index[label], limit=reasons
        )


def _as_shadow(decision: Decision, model_version: str) -> ShadowDecision:
    return ShadowDecision(decision.label, decision.confidence, decision.decision, model_version)


def make_scorer(model: Model, engine: EngineChoice = "auto", where: str = "the model") -> Scorer:
    """Return the scorer of a model with an engine.

    Args:
        model: The model to score with.
        engine: The scoring engine.
        where: Name of the model for error messages.

    Raises:
        EngineMissingError: The engine is not installed here; the message says which, and why.
        ModelError: The engine does not support the model, or an array holds an invalid value.
    """
    if engine == "auto":
        usable = native_binding.AVAILABLE and native_binding.why_unsupported(model.spec) is None
        engine = "compiled" if usable else "sklearn"
    if engine == "compiled":
        return CompiledScorer(model, where)
    try:
        # Imported only here: scikit-learn takes longer to import than all else, and may not be installed.
        from smartcat.classifier.sklearn_engine import SklearnScorer  # noqa: PLC0415
    except ImportError as error:
        raise EngineMissingError(f"the sklearn engine cannot be imported here: {error}") from None
    return SklearnScorer(model, where)


def load_classifier(path: Path | str, engine: EngineChoice = "auto") -> Classifier:
    """Return the classifier in a model directory.

    Args:
        path: The directory that training wrote.
        engine: The scoring engine; all give the same labels, and scores within 1e-5 of one another.

    Returns:
        A classifier that passed every check: those of :func:`smartcat.classifier.model_directory.read_model`,
        the values of the arrays, and the golden documents, scored again. A model from another version of
        scikit-learn is accepted as long as the golden documents agree.

    Raises:
        EngineMissingError: The requested engine is not installed here.
        ModelError: The directory must not be used; the message says why.
    """
    model = read_model(Path(path))
    scorer = make_scorer(model, engine, str(path))
    if model.manifest is not None:
        check_golden(scorer, model.manifest.golden, str(path))
    return Classifier(scorer)
