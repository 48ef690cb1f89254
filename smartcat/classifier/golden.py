"""Golden documents: whether a model decides here as it did where it was trained. Reads no files."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from smartcat.classifier.decision import decide
from smartcat.classifier.errors import ModelError
from smartcat.classifier.manifest import GoldenDocument
from smartcat.classifier.page_means import combine
from smartcat.classifier.scorer import page_ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier.scorer import Scorer

# Sums of float32 products may round differently on another processor; features must be equal.
SCORE_TOLERANCE: Final = 1e-5


def make_golden(scorer: Scorer, documents: Sequence[tuple[str, Sequence[str]]]) -> list[GoldenDocument]:
    """Return documents together with what a model decides on them.

    Args:
        scorer: The model and its engine.
        documents: Name and pages of each.

    Returns:
        One golden document for each, in the order given.
    """
    pages = scorer.score(list(chain.from_iterable(texts for _, texts in documents))).pages()
    ranges = page_ranges(texts for _, texts in documents)
    golden = []
    for (name, texts), page_range in zip(documents, ranges, strict=True):
        document = pages[page_range]
        golden.append(
            GoldenDocument(
                name=name,
                pages=tuple(texts),
                features=scorer.fingerprint(texts),
                label=decide(scorer.model.rule, document).label,
                scores=combine(document) if any(page.has_features for page in document) else None,
            )
        )
    return golden


def check_golden(scorer: Scorer, expected: Sequence[GoldenDocument], where: str) -> None:
    """Check that a model decides its golden documents here as it did where it was trained.

    Args:
        scorer: The model as loaded here.
        expected: Its golden documents.
        where: Name of the model for error messages.

    Raises:
        ModelError: Features, a score (beyond 1e-5) or a label differ; the message names the document.
    """
    actual = make_golden(scorer, [(document.name, document.pages) for document in expected])
    for there, here in zip(expected, actual, strict=True):
        problem = _difference(there, here)
        if problem:
            raise ModelError(f"{where}: golden document {there.name!r} {problem}")


def _difference(there: GoldenDocument, here: GoldenDocument) -> str | None:
    if there.features != here.features:
        return "has other features here than where the model was trained"
    if (there.scores is None) != (here.scores is None):
        return "has known features either only here or only where the model was trained"
    pairs = zip(there.scores or (), here.scores or (), strict=True)
    difference = max((abs(a - b) for a, b in pairs), default=0.0)
    if not difference <= SCORE_TOLERANCE:
        return f"differs by {difference:.3g} in a score, more than {SCORE_TOLERANCE:g}"
    if there.label != here.label:
        return f"is {here.label!r} here and {there.label!r} where the model was trained"
    return None
