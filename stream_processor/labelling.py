"""From documents to result items: one call for an ordinary batch, one by one only when a call fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from smartcat.classifier.page_stream_segmentation import summarize
from stream_processor.errors import ClassifierBroken, RejectRecord
from stream_processor.kinesis_event import Rejection
from stream_processor.result_item import ResultItem, make_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from smartcat.classifier.decision import Decision
    from smartcat.classifier.page_stream_segmentation import Segment
    from stream_processor.kinesis_event import Arrival
    from stream_processor.ports import Labeller

CLASSIFICATION_FAILED: Final = "classification_failed"

CALL_TEXT: Final = 4 * 1024 * 1024
"""Characters of text in one call of the classifier, unless one document alone has more.

Features take some sixty times the memory of their text for as long as a call lasts: 16 MiB cost 1 GB. Two
hundred ordinary documents are far below.
"""


@dataclass(frozen=True, slots=True)
class LabellingRules:
    """What configuration says of results.

    Attributes:
        reasons: Words that explain a label, at most; 0 for none.
        ttl_days: Days after arrival when a result may expire; None for never.
    """

    reasons: int = 5
    ttl_days: float | None = None


Noted: TypeAlias = "Callable[[Sequence[Decision]], None]"


def _unnoted(_: Sequence[Decision]) -> None:
    """Take no note."""


def label(
    arrivals: Sequence[Arrival], labeller: Labeller, rules: LabellingRules, noted: Noted = _unnoted
) -> list[ResultItem | Rejection]:
    """Decide on all documents in one call of the classifier, or in a few where they are huge.

    If a call fails, each of its documents is tried alone, and those that fail alone are rejected: a defect
    met by one document must not hold up its neighbours. Before any is rejected, the classifier is asked for a
    document that it is known to decide.

    Args:
        arrivals: The documents; none is fine and calls nothing.
        labeller: The classifier.
        rules: What configuration says of results.
        noted: Told every decision, for gauges.

    Returns:
        One item or rejection for each document, in the order given.

    Raises:
        MemoryError: The environment is too small; no document is to blame.
        ClassifierBroken: The classifier fails on its own witness; no document is to blame.
    """
    results: list[ResultItem | Rejection] = []
    for part in _slices(arrivals):
        results += _label_slice(part, labeller, rules, noted)
    return results


def _slices(arrivals: Sequence[Arrival]) -> Iterator[Sequence[Arrival]]:
    """Cut the documents where a call's text would exceed its bound; a document of its own size goes alone."""
    start, text = 0, 0
    for place, arrival in enumerate(arrivals):
        if place > start and text + arrival.text_size > CALL_TEXT:
            yield arrivals[start:place]
            start, text = place, 0
        text += arrival.text_size
    if arrivals:
        yield arrivals[start:]


def _label_slice(
    arrivals: Sequence[Arrival], labeller: Labeller, rules: LabellingRules, noted: Noted
) -> list[ResultItem | Rejection]:
    try:
        return _label_together(arrivals, labeller, rules, noted)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a document triggers is found again, alone, below
        results = [_label_alone(arrival, labeller, rules, noted) for arrival in arrivals]
    failed = [arrivals[place] for place, result in enumerate(results) if isinstance(result, Rejection)]
    if failed:
        _require_sound(labeller, rules, stacks=any(arrival.document.stack for arrival in failed))
    return results


def _require_sound(labeller: Labeller, rules: LabellingRules, *, stacks: bool) -> None:
    """Make sure that the classifier works before a document is blamed for its failure.

    How many documents failed says nothing: a batch may hold one document, or poison alone, and bisecting ends
    at batches of one. A document that is known to be good does tell. If it fails too, the whole stream would
    go to the quarantine; a failed invocation raises the alarm, keeps the order, and is delivered again once
    the function is mended, or ends in the mapping's failure destination. If it passes, the documents are at
    fault, all of them if need be, and the stream moves on. Where stacks failed it has to split the same
    document, too.

    Raises:
        ClassifierBroken: It fails on its witness.
    """
    failure = "no decision"
    try:
        sound = len(labeller.classify([labeller.witness], reasons=rules.reasons)) == 1
        if sound and stacks:
            sound = len(labeller.split([labeller.witness], reasons=rules.reasons)) == 1
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - any failure on the witness is the classifier's own
        sound, failure = False, type(error).__name__
    if not sound:  # outside the handler: the failure's own message must not reach a traceback
        raise ClassifierBroken(
            f"the classifier fails on a document of its own model ({failure}): no record is to blame"
        )


def _label_together(
    arrivals: Sequence[Arrival], labeller: Labeller, rules: LabellingRules, noted: Noted
) -> list[ResultItem | Rejection]:
    answers = _decide(arrivals, labeller, rules)
    results: list[ResultItem | Rejection] = []
    for arrival, (decision, pieces) in zip(arrivals, answers, strict=True):
        try:
            item = make_item(
                arrival.document,
                decision,
                arrival.first,
                model_version=labeller.model_version,
                ttl_days=rules.ttl_days,
                guarded=arrival.origin is not None,
                pieces=pieces,
            )
        except RejectRecord as error:
            results.append(Rejection.of(arrival, error.reason, error.detail))
        else:
            results.append(item)
    noted(
        [
            each
            for whole, pieces in answers
            for each in ([piece.document_decision for piece in pieces] or [whole])
        ]
    )
    return results


def _decide(
    arrivals: Sequence[Arrival], labeller: Labeller, rules: LabellingRules
) -> list[tuple[Decision, tuple[Segment, ...]]]:
    """Decide on documents in one call, and on stacks in another; only stacks have pieces."""
    places: dict[bool, list[int]] = {False: [], True: []}
    for place, arrival in enumerate(arrivals):
        places[arrival.document.stack].append(place)
    pages = [arrival.document.pages for arrival in arrivals]
    answers: dict[int, tuple[Decision, tuple[Segment, ...]]] = {}
    if documents := places[False]:
        decisions = labeller.classify([pages[place] for place in documents], reasons=rules.reasons)
        answers |= {place: (said, ()) for place, said in zip(documents, decisions, strict=True)}
    if stacks := places[True]:
        cut = labeller.split([pages[place] for place in stacks], reasons=rules.reasons)
        answers |= {place: (summarize(pieces), pieces) for place, pieces in zip(stacks, cut, strict=True)}
    return [answers[place] for place in range(len(arrivals))]


def _label_alone(
    arrival: Arrival, labeller: Labeller, rules: LabellingRules, noted: Noted
) -> ResultItem | Rejection:
    try:
        (result,) = _label_together([arrival], labeller, rules, noted)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the document is quarantined whole, with the type as its reason
        # The type alone: the message of an unforeseen error may quote the page.
        return Rejection.of(arrival, CLASSIFICATION_FAILED, f"failed with {type(error).__name__}")
    return result
