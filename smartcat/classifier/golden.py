"""Golden documents: what a model answered where it was trained, and whether it answers alike here."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from smartcat.classifier.decision import combine, decide
from smartcat.classifier.errors import ModelError
from smartcat.classifier.manifest import GoldenDocument
from smartcat.classifier.scoring import page_ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier.scoring import Scorer

# Sums of float32 products may round differently on another processor; features may not differ at all.
SCORE_TOLERANCE: Final = 1e-5


def answer(scorer: Scorer, documents: Sequence[tuple[str, Sequence[str]]]) -> list[GoldenDocument]:
    """Record what a model says about documents.

    Args:
        scorer: The model in the hands of an engine.
        documents: Name and pages of each.

    Returns:
        One golden document for each, in the order given.
    """
    pages = scorer.score(list(chain.from_iterable(texts for _, texts in documents))).pages()
    places = page_ranges(texts for _, texts in documents)
    golden = []
    for (name, texts), place in zip(documents, places, strict=True):
        evident = any(page.scores for page in pages[place])
        golden.append(
            GoldenDocument(
                name=name,
                pages=tuple(texts),
                features=scorer.fingerprint(texts),
                label=decide(scorer.model.rule, pages[place]).label,
                scores=combine(pages[place]) if evident else None,
            )
        )
    return golden


def check_golden(scorer: Scorer, expected: Sequence[GoldenDocument], where: str) -> None:
    """Score the golden documents again.

    Args:
        scorer: The model as loaded here.
        expected: What it answered where it was trained.
        where: What to call the model in an error.

    Raises:
        ModelError: Features, a score (beyond 1e-5) or a label differ; the message names the document.
    """
    actual = answer(scorer, [(document.name, document.pages) for document in expected])
    for wanted, got in zip(expected, actual, strict=True):
        problem = _difference(wanted, got)
        if problem:
            raise ModelError(f"{where}: golden document {wanted.name!r} {problem}")


def _difference(wanted: GoldenDocument, got: GoldenDocument) -> str | None:
    if wanted.features != got.features:
        return "has other features here than where the model was trained"
    if (wanted.scores is None) != (got.scores is None):
        return "has evidence in one place and none in the other"
    pairs = zip(wanted.scores or (), got.scores or (), strict=True)
    drift = max((abs(a - b) for a, b in pairs), default=0.0)
    if not drift <= SCORE_TOLERANCE:
        return f"differs by {drift:.3g} in a score, more than {SCORE_TOLERANCE:g}"
    if wanted.label != got.label:
        return f"is {got.label!r} here and {wanted.label!r} where the model was trained"
    return None
