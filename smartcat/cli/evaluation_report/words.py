"""What an evaluation means, in sentences for people who have no use for an F1. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smartcat.classifier.decision import CANDIDATES
from smartcat.cli.console import visible

if TYPE_CHECKING:
    from smartcat.training.evaluation.results import Evaluation

#: A label's figures from fewer documents than this say little.
FEW: Final = 10

#: Labels that the model does not know, and that are named; the others are counted.
NAMED: Final = 10

#: A confidence that sounds certain: three of the fifteen bins reach up from here.
SURE: Final = 0.8

_LABEL_CHARS: Final = 32


@dataclass(frozen=True, slots=True)
class Share:
    """Documents of a hundred, or of all where there are fewer, so that every number is one of documents.

    Attributes:
        of: a hundred, or how many documents there are.
        right: labelled rightly, by the model itself.
        wrong: labelled wrongly, by the model itself.
        review: for a person to look at; the three add up to ``of``.
    """

    of: int
    right: int
    wrong: int
    review: int


def percent(share: float | None) -> str:
    """Write a share as a percentage; only all is 100.0%, and only none is 0.0%."""
    if share is None:
        return "-"
    return f"{share if share in {0.0, 1.0} else min(max(share, 0.001), 0.999):.1%}"


def shortened(label: str, limit: int = _LABEL_CHARS) -> str:
    """Write a label as text of at most ``limit`` characters, beginning and end of a longer one."""
    text = visible(label)
    if len(text) <= limit:
        return text
    end = limit // 3
    return f"{text[: limit - end - 1]}…{text[-end:]}"


def of_a_hundred(evaluation: Evaluation) -> Share:
    """Bring the documents down to a hundred, so that the parts still add up (the largest remainder)."""
    right = evaluation.accepted_right
    parts = (right, evaluation.accepted - right, evaluation.review)
    of = min(100, evaluation.documents)
    whole = [part * of // evaluation.documents for part in parts]
    by_remainder = sorted(range(3), key=lambda place: -(parts[place] * of % evaluation.documents))
    for place in by_remainder[: of - sum(whole)]:
        whole[place] += 1
    return Share(of, *whole)


def verdict(evaluation: Evaluation) -> str:
    """Say what the model would do by itself, what of that would be wrong, and what is left to people."""
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
    return f"Of these {documents} documents" if documents > 1 else "Of the one document judged"


def _number(shown: int, part: int, documents: int, of: int) -> str:
    """Say a number of a hundred without rounding some to none, or nearly all to all."""
    if part == 0:
        return "none"
    if part == documents:
        return f"all {of}" if of > 1 else "1"
    if shown == 0:
        return "fewer than 1"
    return "nearly all" if shown == of else str(shown)


def measured(evaluation: Evaluation) -> str:
    """Say on how much that rests, and how far the true share of right labels may be from it."""
    low, high = evaluation.accuracy_interval
    documents = f"{evaluation.documents:,} document{'s' if evaluation.documents > 1 else ''}"
    return (
        f"Measured on {documents}: {percent(evaluation.accuracy)} got the right label. "
        f"On many more like these it would be {percent(low)} to {percent(high)}, with a certainty of 95%."
    )


def person(evaluation: Evaluation) -> str | None:
    """Say how much the model's answer helps where a person decides; None where there is nothing to decide."""
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


def has_choice(evaluation: Evaluation) -> bool:
    """Say whether there are more labels than candidates, so that being among them means something."""
    return len(evaluation.per_label) > CANDIDATES


def trust(evaluation: Evaluation, wanted: float = 0.95) -> str:
    """Say how much could be left to the model if it had to be right so often."""
    points = [target.point for target in evaluation.coverage_targets if target.precision == wanted]
    if not points or points[0] is None:
        return f"No confidence is high enough to be right in {wanted:.0%} here."
    point = points[0]
    return (
        f"Held to {wanted:.0%} right, it could take {percent(point.coverage)} of the documents by itself: "
        f"those with a confidence of {point.confidence:.2f} or more."
    )


def calibration(evaluation: Evaluation) -> str:
    """Say whether confidence promises too much, too little, or what it keeps."""
    low, high = evaluation.accuracy_interval
    gap = evaluation.mean_confidence - evaluation.accuracy
    said = f"{percent(evaluation.mean_confidence)} sure on average, right in {percent(evaluation.accuracy)}"
    if low <= evaluation.mean_confidence <= high:
        return f"On the whole it is as sure as it may be: {said}."
    degree = "far " if abs(gap) >= 0.1 else "slightly " if abs(gap) < 0.02 else ""
    return f"On the whole it is {degree}too {'sure' if gap > 0 else 'careful'}: {said}."


def sure_and_wrong(evaluation: Evaluation) -> str:
    """Say how many mistakes come with a confidence that nobody would doubt."""
    wrong = sum(row.documents - row.right for row in evaluation.reliability)
    if not wrong:
        return "No answer was wrong."
    sure = sum(row.documents - row.right for row in evaluation.reliability if row.lower >= SURE)
    return f"Of {wrong:,} wrong answers, {sure:,} had a confidence of {SURE} or more."


def mixed_up(evaluation: Evaluation) -> str:
    """Say which two labels are mixed up most."""
    if not evaluation.confused_pairs:
        return "No label was mistaken for another."
    pair = evaluation.confused_pairs[0]
    return (
        f"Mixed up most: {pair.documents:,} of the documents that are {shortened(pair.label)} "
        f"({percent(pair.share)}) were called {shortened(pair.answer)}."
    )


def rough(evaluation: Evaluation) -> str | None:
    """Say how many labels rest on a handful of documents; None where none does."""
    few = sum(0 < score.support < FEW for score in evaluation.per_label)
    if not few:
        return None
    labels = "1 label rests" if few == 1 else f"{few} labels rest"
    return f"{labels} on fewer than {FEW} documents: figures for {'it' if few == 1 else 'them'} are rough."


def drift(evaluation: Evaluation, held_out_accuracy: float | None) -> str | None:
    """Say that these documents are harder, or easier, than those learned from; None where they are not."""
    low, high = evaluation.accuracy_interval
    if held_out_accuracy is None or low <= held_out_accuracy <= high:
        return None
    harder = held_out_accuracy > high
    return (
        f"In training, on documents held out, {percent(held_out_accuracy)} were right: these documents are "
        f"{'harder; they may differ from those it learned from' if harder else 'easier'}."
    )


def notes(evaluation: Evaluation, held_out_accuracy: float | None) -> list[str]:
    """Give what a reader has to know before believing the figures.

    Args:
        evaluation: what was measured.
        held_out_accuracy: the share of held-out documents that were right in training, where it is known.
    """
    found = [drift(evaluation, held_out_accuracy), rough(evaluation)]
    if evaluation.without_evidence:
        found.append(
            f"{evaluation.without_evidence:,} of the documents hold nothing the model knows; "
            "they go to a person always."
        )
    if evaluation.pages:
        found.append(
            f"By their first page alone, {percent(evaluation.pages.first_page_accuracy)} of the documents "
            f"would have the right label; {percent(evaluation.pages.accuracy)} of single pages have it."
        )
    return [note for note in found if note]


def unknown(evaluation: Evaluation) -> tuple[list[tuple[str, int]], int, int]:
    """Give labels that the model does not know.

    Returns:
        The first ten with their documents; how many there are besides; their documents.
    """
    labels = list(evaluation.unknown_labels.items())
    others = labels[NAMED:]
    return labels[:NAMED], len(others), sum(documents for _, documents in others)


def thresholds(each: tuple[float, ...]) -> str:
    """Say from which confidence on answers are accepted: one for all, or one a label (above 1 for never)."""
    reached = [threshold for threshold in each if threshold <= 1]
    never = len(each) - len(reached)
    if not reached:
        return "none"
    low, high = min(reached), max(reached)
    span = f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}, by label"
    return f"{span}; never for {never} label{'s' if never > 1 else ''}" if never else span


def closing(evaluation: Evaluation, held_out_accuracy: float | None) -> list[str]:
    """Give the sentences behind the verdict, the most important first; see :func:`notes`."""
    found = [measured(evaluation), person(evaluation), calibration(evaluation)]
    return [sentence for sentence in found if sentence] + notes(evaluation, held_out_accuracy)
