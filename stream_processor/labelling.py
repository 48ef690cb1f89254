"""From documents to result items: one call for the whole batch, one by one only when that call fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stream_processor.errors import RejectRecord
from stream_processor.kinesis_event import Rejection
from stream_processor.result_item import ResultItem, make_item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream_processor.kinesis_event import Arrival
    from stream_processor.ports import Labeller

CLASSIFICATION_FAILED: Final = "classification_failed"


@dataclass(frozen=True, slots=True)
class LabellingRules:
    """What configuration says of results.

    Attributes:
        reasons: Words that explain a label, at most; 0 for none.
        ttl_days: Days after arrival when a result may expire; None for never.
    """

    reasons: int = 5
    ttl_days: float | None = None


def label(
    arrivals: Sequence[Arrival], labeller: Labeller, rules: LabellingRules
) -> list[ResultItem | Rejection]:
    """Decide on all documents in one call of the classifier.

    If that call fails, each document is tried alone, and those that fail alone are rejected: a defect met by
    one document must not hold up its neighbours.

    Args:
        arrivals: The documents; none is fine and calls nothing.
        labeller: The classifier.
        rules: What configuration says of results.

    Returns:
        One item or rejection for each document, in the order given.

    Raises:
        MemoryError: The environment is too small; no document is to blame.
    """
    if not arrivals:
        return []
    try:
        return _label_together(arrivals, labeller, rules)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a document triggers is found again, alone, below
        return [_label_alone(arrival, labeller, rules) for arrival in arrivals]


def _label_together(
    arrivals: Sequence[Arrival], labeller: Labeller, rules: LabellingRules
) -> list[ResultItem | Rejection]:
    decisions = labeller.classify([arrival.document.pages for arrival in arrivals], reasons=rules.reasons)
    results: list[ResultItem | Rejection] = []
    for arrival, decision in zip(arrivals, decisions, strict=True):
        try:
            item = make_item(
                arrival.document,
                decision,
                arrival.source,
                model_version=labeller.model_version,
                ttl_days=rules.ttl_days,
            )
        except RejectRecord as error:
            results.append(Rejection.of(arrival, error.reason, error.detail))
        else:
            results.append(item)
    return results


def _label_alone(arrival: Arrival, labeller: Labeller, rules: LabellingRules) -> ResultItem | Rejection:
    try:
        (result,) = _label_together([arrival], labeller, rules)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the document is quarantined whole, with the type as its reason
        # The type alone: the message of an unforeseen error may quote the page.
        return Rejection.of(arrival, CLASSIFICATION_FAILED, f"failed with {type(error).__name__}")
    return result
