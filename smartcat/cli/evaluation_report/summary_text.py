"""Summarises an evaluation in sentences for readers who do not know an F1. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smartcat.classifier.decision import CANDIDATES
from smartcat.cli.console import visible

if TYPE_CHECKING:
    from smartcat.training.evaluation.results import Evaluation

#: Metrics of a label with fewer documents than this are unreliable.
FEW: Final = 10

#: Unknown labels that are named; the others are counted.
NAMED: Final = 10

#: A high confidence: three of the fifteen bins lie above.
SURE: Final = 0.8

_LABEL_CHARS: Final = 32


@dataclass(frozen=True, slots=True)
class Share:
    """Documents out of a hundred, or of all if there are fewer; every number is a number of documents.

    Attributes:
        of: A hundred, or the number of documents if there are fewer.
        right: Accepted and labelled rightly.
        wrong: Accepted and labelled wrongly.
        review: Left to a person; the three add up to ``of``.
    """

    of: int
    right: int
    wrong: int
    review: int


def percent(share: float | None) -> str:
    """Return a share as a percentage; only all is 100.0%, and only none is 0.0%."""
    if share is None:
        return "-"
    return f"{share if share in {0.0, 1.0} else min(max(share, 0.001), 0.999):.1%}"


def shortened(label: str, limit: int = _LABEL_CHARS) -> str:
    """Return a label as text of at most ``limit`` characters: beginning and end of a longer one."""
    text = visible(label)
    if len(text) <= limit:
        return text
    end = limit // 3
    return f"{text[: limit - end - 1]}…{text[-end:]}"


def of_a_hundred(evaluation: Evaluation) -> Share:
    """Scale the documents down to a hundred, so that the parts still add up (largest remainder method)."""
    right = evaluation.accepted_right
    parts = (right, evaluation.accepted - right, evaluation.review)
    of = min(100, evaluation.documents)
    whole = [part * of // evaluation.documents for part in parts]
    by_remainder = sorted(range(3), key=lambda index: -(parts[index] * of % evaluation.documents))
    for index in by_remainder[: of - sum(whole)]:
        whole[index] += 1
    return Share(of, *whole)


def learned_from(learned: int | None, documents: int) -> str | None:
    """Return how many documents were learned from, to be said before any figure; None if none is known."""
    if not learned:
        return None
    return f"{learned:,} of {documents:,} documents were learned from; figures on them prove nothing."


def verdict(evaluation: Evaluation) -> str:
    """Return how much the model would handle by itself, and wrongly, and what is left to people."""
    share = of_a_hundred(evaluation)
    who = "Of 100 documents like these" if evaluation.documents >= 100 else _of_these(share.of)
    if not evaluation.accepted:
        return f"{who}, the model would handle none by itself: all would go to a person."
    handled = _number(share.right + share.wrong, evaluation.accepted, evaluation.documents, share.of)
    mistakes = evaluation.accepted - evaluation.accepted_right
    wrong = _number(share.wrong, mistakes, evaluation.documents, share.of)
    review = _number(share.review, evaluation.review, evaluation.documents, share.of)
    return (
        f"{who}, the model would handle {handled} by itself, and {wrong} of those would be wrong; "
        f"{review} would go to a person."
    )


def _of_these(documents: int) -> str:
    return f"Of these {documents} documents" if documents > 1 else "Of the one document evaluated"


def _number(shown: int, part: int, documents: int, of: int) -> str:
    """Return a number of a hundred in words, without rounding some to none, or nearly all to all."""
    if part == 0:
        return "none"
    if part == documents:
        return f"all {of}" if of > 1 else "1"
    if shown == 0:
        return "fewer than 1"
    return "nearly all" if shown == of else str(shown)


def measured(evaluation: Evaluation) -> str:
    """Return the number of documents, the accuracy and its confidence interval."""
    low, high = evaluation.accuracy_interval
    documents = f"{evaluation.documents:,} document{'s' if evaluation.documents > 1 else ''}"
    return (
        f"Measured on {documents}: {percent(evaluation.accuracy)} got the right label. "
        f"The 95% confidence interval is {percent(low)} to {percent(high)}."
    )


def person(evaluation: Evaluation) -> str | None:
    """Return how often the model's guess helps a person who decides; None if nothing is left to people."""
    if evaluation.review_accuracy is None:
        return None
    one = evaluation.review == 1
    documents = "the 1 document" if one else f"the {evaluation.review:,} documents"
    guesses = ""
    if has_choice(evaluation):
        guesses = (
            ", and the right label is among its three guesses in "
            f"{percent(evaluation.review_among_candidates)}"
        )
    return (
        f"For {documents} left to a person, the model's first guess is right in "
        f"{percent(evaluation.review_accuracy)}{guesses}."
    )


_WHYS: Final = {
    "no_evidence": "hold nothing that the model knows, or next to nothing",
    "unfamiliar": "are unlike the documents of training",
    "looks_like_a_stack": "look like several documents in one file",
    "pages_disagree": "have pages that contradict each other",
    "below_threshold": "are below the threshold",
}


def review_reasons(evaluation: Evaluation) -> str | None:
    """Return why documents are left to a person; None where nothing says so."""
    if not evaluation.review_by_why:
        return None
    parts = (f"{documents:,} {_WHYS[why]}" for why, documents in evaluation.review_by_why.items())
    return f"Why they are left to a person: {'; '.join(parts)}."


def has_choice(evaluation: Evaluation) -> bool:
    """Return whether there are more labels than candidates, so that being a candidate means something."""
    return len(evaluation.per_label) > CANDIDATES


def trust(evaluation: Evaluation, wanted: float = 0.95) -> str:
    """Return how much the model could handle at a required precision."""
    points = [target.point for target in evaluation.coverage_targets if target.precision == wanted]
    if not points or points[0] is None:
        return f"No confidence threshold reaches {wanted:.0%} precision here."
    point = points[0]
    return (
        f"At {wanted:.0%} precision, it could handle {percent(point.coverage)} of the documents by itself: "
        f"those with a confidence of {point.confidence:.2f} or more."
    )


def calibration(evaluation: Evaluation) -> str:
    """Return whether the model is overconfident, underconfident or well calibrated."""
    low, high = evaluation.accuracy_interval
    gap = evaluation.mean_confidence - evaluation.accuracy
    text = f"mean confidence {percent(evaluation.mean_confidence)}, accuracy {percent(evaluation.accuracy)}"
    if low <= evaluation.mean_confidence <= high:
        return f"On the whole it is well calibrated: {text}."
    degree = "far " if abs(gap) >= 0.1 else "slightly " if abs(gap) < 0.02 else ""
    return f"On the whole it is {degree}{'over' if gap > 0 else 'under'}confident: {text}."


def sure_and_wrong(evaluation: Evaluation) -> str:
    """Return how many errors have a high confidence."""
    wrong = sum(row.documents - row.right for row in evaluation.reliability)
    if not wrong:
        return "No prediction was wrong."
    sure = sum(row.documents - row.right for row in evaluation.reliability if row.lower >= SURE)
    return f"Of {wrong:,} wrong predictions, {sure:,} had a confidence of {SURE} or more."


def mixed_up(evaluation: Evaluation) -> str:
    """Return the most confused pair of labels."""
    if not evaluation.confused_pairs:
        return "No labels were confused."
    pair = evaluation.confused_pairs[0]
    return (
        f"Most confused: {pair.documents:,} of the documents labelled {shortened(pair.label)} "
        f"({percent(pair.share)}) were predicted as {shortened(pair.answer)}."
    )


def rough(evaluation: Evaluation) -> str | None:
    """Return how many labels have few documents; None if none has."""
    few = sum(0 < score.support < FEW for score in evaluation.per_label)
    if not few:
        return None
    labels = "1 label has" if few == 1 else f"{few} labels have"
    return f"{labels} fewer than {FEW} documents: {'its' if few == 1 else 'their'} metrics are unreliable."


def drift(evaluation: Evaluation, held_out_accuracy: float | None) -> str | None:
    """Return whether these documents are harder or easier than the training documents; None if neither."""
    low, high = evaluation.accuracy_interval
    if held_out_accuracy is None or low <= held_out_accuracy <= high:
        return None
    harder = held_out_accuracy > high
    return (
        f"In training, accuracy on held-out documents was {percent(held_out_accuracy)}: these documents are "
        f"{'harder; they may differ from the training documents' if harder else 'easier'}."
    )


def notes(evaluation: Evaluation, held_out_accuracy: float | None) -> list[str]:
    """Return what a reader must know to interpret the metrics.

    Args:
        evaluation: The evaluation.
        held_out_accuracy: Accuracy on held-out documents in training, if known.
    """
    found = [drift(evaluation, held_out_accuracy), rough(evaluation)]
    if evaluation.without_evidence:
        found.append(
            f"{evaluation.without_evidence:,} of the documents contain no feature of the model; "
            "they always go to a person."
        )
    if evaluation.pages:
        found.append(
            f"By the first page alone, {percent(evaluation.pages.first_page_accuracy)} of the documents "
            f"would get the right label; {percent(evaluation.pages.accuracy)} of single pages get it."
        )
    return [note for note in found if note]


def unknown(evaluation: Evaluation) -> tuple[list[tuple[str, int]], int, int]:
    """Return the labels that the model does not know.

    Returns:
        The first ten with their numbers of documents; the number of others; the documents of those.
    """
    labels = list(evaluation.unknown_labels.items())
    others = labels[NAMED:]
    return labels[:NAMED], len(others), sum(documents for _, documents in others)


def thresholds(each: tuple[float, ...]) -> str:
    """Return the thresholds in words: one for all labels, or one per label (above 1 for never)."""
    reached = [threshold for threshold in each if threshold <= 1]
    never = len(each) - len(reached)
    if not reached:
        return "none"
    low, high = min(reached), max(reached)
    span = f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}, by label"
    return f"{span}; never for {never} label{'s' if never > 1 else ''}" if never else span


def closing(evaluation: Evaluation, held_out_accuracy: float | None) -> list[str]:
    """Return the sentences after the verdict, the most important first; see :func:`notes`."""
    found = [
        measured(evaluation),
        person(evaluation),
        review_reasons(evaluation),
        calibration(evaluation),
    ]
    return [sentence for sentence in found if sentence] + notes(evaluation, held_out_accuracy)
