"""From a decision to the DynamoDB item that holds it. Pure and deterministic: same input, same item.

No processing clock is in an item: a repeated delivery writes the same bytes over themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final

from smartcat.classifier.decision import round_probability
from stream_processor.dynamodb_size import (
    MAX_ITEM_BYTES,
    WRITE_UNIT_BYTES,
    element_size,
    item_size,
    write_units,
)
from stream_processor.errors import RejectRecord
from stream_processor.stack_codes import encode_pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smartcat.classifier.decision import Decision
    from smartcat.classifier.page_stream_segmentation import Segment
    from smartcat.wire_format.document import Document
    from stream_processor.dynamodb_size import AttributeValue
    from stream_processor.kinesis_event import Source

RESULT_TOO_LARGE: Final = "result_too_large"

BLANK: Final = "-"
"""A blank page among the page labels."""


@dataclass(frozen=True, slots=True)
class ResultItem:
    """One item, ready to be put.

    Attributes:
        document_id: The key.
        attributes: All attributes, key included, in low-level form.
        units: Write capacity units a put costs, unless it replaces a larger item.
        review: True if a human should look at the document.
        guarded: True for a document that was put on the stream again: it is stored only where the table holds
            no later version of it.
    """

    document_id: str
    attributes: dict[str, AttributeValue] = field(repr=False)
    units: int
    review: bool
    guarded: bool = False


def make_item(
    document: Document,
    decision: Decision,
    source: Source,
    *,
    model_version: str,
    ttl_days: float | None = None,
    guarded: bool = False,
    pieces: Sequence[Segment] = (),
) -> ResultItem:
    """Build the result item of a document, or of a stack of them.

    Reasons and candidates fill what is left of the last write unit begun by everything else, and never begin
    another: an ordinary document's item stays within 1 KB.

    Args:
        document: The document.
        decision: What the classifier said of it.
        source: Where it came from; the first place, for a document that was put on the stream again.
        model_version: Which model said it.
        ttl_days: Days after arrival when the item may expire; the document's own ``expires_at`` goes first.
        guarded: Whether a later version in the table goes first.
        pieces: The documents of a stack, which ``decision`` then sums up; none for an ordinary document.

    Returns:
        The item with its cost.

    Raises:
        RejectRecord: The item would exceed DynamoDB's 400 KB even without reasons.
    """
    attributes = _essentials(document, decision, source, model_version, _expiry(document, source, ttl_days))
    if pieces:
        _add_pieces(attributes, pieces)
    size = item_size(attributes)
    if size > MAX_ITEM_BYTES:
        raise RejectRecord(RESULT_TOO_LARGE, f"the result has {size} bytes, an item at most {MAX_ITEM_BYTES}")
    room = write_units(size) * WRITE_UNIT_BYTES
    size += _add_shadow(attributes, decision, room - size)
    reasons = [f"{reason.word}:{reason.weight:.2f}" for reason in decision.reasons]
    candidates = [
        f"{label}:{round_probability(probability):.4f}" for label, probability in decision.candidates
    ]
    size += _add_what_fits(attributes, "reasons", reasons, room - size)
    size += _add_what_fits(attributes, "candidates", candidates, room - size)
    review = decision.decision == "review"
    units = write_units(size)
    return ResultItem(document.document_id, attributes, units, review, guarded)


def encode_page_labels(labels: Iterable[str | None]) -> str:
    """Write page labels run-length coded, such as ``payslip*3,-,contract``; ``-`` is a blank page.

    A percent sign, comma or asterisk inside a label, and a label that is only ``-``, are percent-encoded.
    """
    runs = ((_escape(label), sum(1 for _ in pages)) for label, pages in groupby(labels))
    return ",".join(name if length == 1 else f"{name}*{length}" for name, length in runs)


def decode_page_labels(text: str) -> tuple[str | None, ...]:
    """Read what ``encode_page_labels`` wrote.

    Raises:
        ValueError: The text is not of that form.
    """
    labels: list[str | None] = []
    for run in text.split(",") if text else ():
        name, star, length = run.partition("*")
        labels += [_unescape(name)] * (int(length) if star else 1)
    return tuple(labels)


def iso_utc(moment: datetime) -> str:
    """Write a moment as ISO 8601 with a Z: to the millisecond where it has one, else to the second."""
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def _essentials(
    document: Document, decision: Decision, source: Source, model_version: str, expires_at: int | None
) -> dict[str, AttributeValue]:
    """Everything that is never trimmed."""
    attributes: dict[str, AttributeValue] = {
        "document_id": {"S": document.document_id},
        "label": {"S": decision.label},
        "confidence": {"N": f"{round_probability(decision.confidence):.4f}"},
        "decision": {"S": decision.decision},
        "pages": {"N": str(len(document.pages))},
        "page_labels": {"S": encode_page_labels(decision.page_labels)},
        "model_version": {"S": model_version},
        "shard_id": {"S": source.shard_id},
        "sequence_number": {"S": source.sequence_number},
        "arrived_at": {"S": iso_utc(source.arrived_at)},
    }
    if source.sub_sequence_number is not None:
        attributes["sub_sequence_number"] = {"N": str(source.sub_sequence_number)}
    if document.job_id is not None:
        attributes["job_id"] = {"S": document.job_id}
    if document.received_at is not None:
        attributes["received_at"] = {"S": iso_utc(document.received_at)}
    if document.metadata:
        attributes["metadata"] = {"M": {name: {"S": text} for name, text in document.metadata.items()}}
    if expires_at is not None:
        attributes["expires_at"] = {"N": str(expires_at)}
    return attributes


def _add_pieces(attributes: dict[str, AttributeValue], pieces: Sequence[Segment]) -> None:
    """Add the documents of a stack; where many pages have long labels, those of the pages give way."""
    attributes["documents"] = {"S": encode_pieces(pieces)}
    if item_size(attributes) > MAX_ITEM_BYTES:
        attributes["page_labels"] = {"S": ""}


def _expiry(document: Document, source: Source, ttl_days: float | None) -> int | None:
    if document.expires_at is not None or ttl_days is None:
        return document.expires_at
    # From arrival, not from now: a later delivery must give the same item.
    return int((source.arrived_at + timedelta(days=ttl_days)).timestamp())


def _add_what_fits(attributes: dict[str, AttributeValue], name: str, texts: Sequence[str], room: int) -> int:
    """Add the list of texts, in order, leaving out those without room; give the bytes it took."""
    kept: list[AttributeValue] = []
    size = item_size({name: {"L": ()}})
    for text in texts:
        grown = size + element_size({"S": text})
        if grown <= room:
            kept.append({"S": text})
            size = grown
    if not kept:
        return 0
    attributes[name] = {"L": kept}
    return size


def _add_shadow(attributes: dict[str, AttributeValue], decision: Decision, room: int) -> int:
    """Add what the shadow model says where it says another label, if that fits; give the bytes it took."""
    second = decision.shadow
    if second is None or second.label == decision.label:
        return 0
    said = f"{second.label}:{round_probability(second.confidence):.4f}:{second.model_version}"
    size = item_size({"shadow": {"S": said}})
    if size > room:
        return 0
    attributes["shadow"] = {"S": said}
    return size


def _escape(label: str | None) -> str:
    if label is None:
        return BLANK
    if label == BLANK:
        return "%2D"
    return label.replace("%", "%25").replace(",", "%2C").replace("*", "%2A")


def _unescape(name: str) -> str | None:
    if name == BLANK:
        return None
    return name.replace("%2D", "-").replace("%2C", ",").replace("%2A", "*").replace("%25", "%")
