"""From page scores to the decision on a document, and why it is for review: plain numbers, no NumPy, no text.

No label or confidence here may depend on the order of the pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from smartcat.classifier.evidence import Evidence, gather
from smartcat.classifier.page_means import argmax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier.rule import Page, Rule

CANDIDATES: Final = 3
"""Most candidate labels of a decision."""

Why: TypeAlias = Literal[
    "no_evidence", "unfamiliar", "looks_like_a_stack", "pages_disagree", "below_threshold"
]
"""Why a document is for review; where several hold, the first of them.

``no_evidence``: no page has a feature that the model knows, or all are near-blank. ``unfamiliar``: too little
of the text is known, or the document passes for none of the model's labels. ``looks_like_a_stack``: other
pages are as sure of another label as hardly ever in one document. ``pages_disagree``: the pages that have the
label would be accepted without the others, or no page has it. ``below_threshold``: none of these, and the
confidence is below the label's threshold.
"""
WHYS: Final[tuple[Why, ...]] = get_args(Why)


@dataclass(frozen=True, slots=True)
class WordReason:
    """What contributed to the label: an n-gram of words, or a word where features are n-grams of characters.

    Attributes:
        word: The word or n-gram as it was counted (in form, lowercased, single spaces); of a word of more
            than 40 characters the beginning and an ellipsis.
        weight: Its exact contribution to the label's document score, > 0, in the unit of the margin.
    """

    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class ShadowDecision:
    """The decision of a shadow model on the same document; it changes nothing.

    Attributes:
        label: The shadow model's most probable label.
        confidence: Its calibrated probability of that label, 0..1.
        decision: What it would have decided.
        model_version: The shadow model's version.
    """

    label: str
    confidence: float
    decision: Literal["accepted", "review"]
    model_version: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What one document is.

    Attributes:
        label: The most probable label.
        confidence: Calibrated probability of ``label``, 0..1; 0 when no page has a feature the model knows.
        decision: ``review`` where ``why`` says so.
        page_labels: The best label of each page, in page order; ``None`` for a page without known features.
        candidates: The best labels with their probabilities, best first; the first is ``label``.
        reasons: The words or n-grams that contributed most to the label, strongest first.
        known_share: Share of the document's distinct features that the model knows, 0..1; 0 without text.
        is_in_distribution: Whether enough of the text is known to be judged by the model; where not, the
            probabilities are shrunk towards equal ones.
        why: Why the document is for review; ``None`` where it is accepted.
        shadow: The shadow model's decision, where there is a shadow model.
    """

    label: str
    confidence: float
    decision: Literal["accepted", "review"]
    page_labels: tuple[str | None, ...]
    candidates: tuple[tuple[str, float], ...]
    reasons: tuple[WordReason, ...] = ()
    known_share: float = 1.0
    is_in_distribution: bool = True
    why: Why | None = None
    shadow: ShadowDecision | None = None


def round_probability(probability: float) -> float:
    """Return a probability with the four decimals that are stored and printed.

    Rounded down, so that what is below a threshold never reads as if it had reached it.
    """
    nearest = round(probability, 4)
    return nearest if nearest <= probability else round(nearest - 0.0001, 4)


def decide(rule: Rule, pages: Sequence[Page]) -> Decision:
    """Decide what a document is from the scores of its pages.

    Pages without known features have no vote. If no page has any, the label is the one that the intercepts
    favour (the nearest thing to a prior), every probability is 0 and the document goes to review. Where less
    of the text is known than in nearly all documents like those of training, the document is out of
    distribution: its probabilities are shrunk towards equal ones by as much as the text falls short, and it
    goes to review whatever they are. How pages count together is said in :mod:`smartcat.classifier.evidence`.

    Args:
        rule: Labels, link, thresholds, and what in distribution means.
        pages: The pages in their order; may be empty.

    Returns:
        The decision, without reasons.
    """
    evidence = gather(rule, pages)
    if evidence is None:
        evidence = Evidence((0.0,) * len(rule.labels), rule.intercept, 0.0, 0.0, sufficient=False)
    order = evidence.ranking()[:CANDIDATES]
    label = order[0]
    confidence = evidence.chances[label]
    why = _why(rule, evidence, label)
    return Decision(
        label=rule.labels[label],
        confidence=confidence,
        decision="accepted" if why is None else "review",
        page_labels=tuple(rule.labels[argmax(page.scores)] if page.has_features else None for page in pages),
        candidates=tuple((rule.labels[index], evidence.chances[index]) for index in order),
        known_share=evidence.known_share,
        is_in_distribution=evidence.familiarity == 1.0,
        why=why,
    )


def _why(rule: Rule, evidence: Evidence, label: int) -> Why | None:
    """Return why a document is for review, the first reason of :data:`WHYS` that holds; ``None`` for none."""
    if not evidence.sufficient:
        return "no_evidence"
    own = evidence.part_of(label)
    if evidence.familiarity < 1.0 or (rule.gate and own and not rule.gate.admits(own.gate_numbers())):
        return "unfamiliar"
    if rule.pooling and evidence.dissent(label) > rule.pooling.max_dissent:
        return "looks_like_a_stack"
    threshold, accepted = rule.thresholds[label], evidence.chances[label] >= rule.thresholds[label]
    if rule.pooling and (own is None or (not accepted and own.confidence >= threshold)):
        return "pages_disagree"
    return None if accepted else "below_threshold"
