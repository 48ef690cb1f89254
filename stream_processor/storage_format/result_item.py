"""The DynamoDB item of a result, written and read. Pure and deterministic: same input, same item.

No processing time is in an item: a repeated delivery writes the same bytes over themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from smartcat.classifier.decision import round_probability
from stream_processor.errors import RejectRecord
from stream_processor.storage_format.document_segments import StoredSegment, decode_segments, encode_segments
from stream_processor.storage_format.document_version import VERSION, encode_version
from stream_processor.storage_format.dynamodb_item_size import element_size, item_size, write_units
from stream_processor.storage_format.dynamodb_limits import MAX_ITEM_BYTES, WRITE_UNIT_BYTES
from stream_processor.storage_format.page_labels import decode_page_labels, encode_page_labels
from stream_processor.storage_format.record_position import iso_utc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartcat.classifier.decision import Decision
    from smartcat.classifier.page_stream_segmentation import Segment
    from smartcat.wire_format.document import Document
    from stream_processor.storage_format.dynamodb_item_size import AttributeValue
    from stream_processor.storage_format.record_position import RecordPosition

RESULT_TOO_LARGE: Final = "result_too_large"


@dataclass(frozen=True, slots=True)
class ResultItem:
    """One item, ready to be put.

    Attributes:
        document_id: The key.
        attributes: All attributes, key included, in low-level form.
        units: Write capacity units a put costs, unless it replaces a larger item.
        review: True if a human should look at the document.
        conditional: True for a document that has a result, as far as is known, such as one that was put on
            the stream again: it is written over that, unless that is later.
        why: Why, one of :data:`smartcat.classifier.decision.WHYS`; None where it is accepted.
    """

    document_id: str
    attributes: dict[str, AttributeValue] = field(repr=False)
    units: int
    review: bool
    conditional: bool = False
    why: str | None = None


class StoredResult(NamedTuple):
    """One item as people read it. A named tuple: a dataclass would take a cold start seven times as long.

    Attributes:
        document_id: The document.
        label: What it is.
        confidence: Calibrated probability of the label, 0 to 1.
        decision: ``accepted``, or ``review`` where a person should look.
        page_labels: The label of each page, None for one that is blank or has no word that the model knows.
        reasons: The words that carried the label with their weight, strongest first.
        candidates: The best labels with their probability.
        model_version: The model that decided.
        arrived_at: When Kinesis took the record, ISO 8601.
        job_id: The job it belongs to, where there is one.
        documents: The documents of a stack; none for an ordinary document.
        version: Which version the producer says the document is, where it said so: a number or a time.
        why: Why it is for review, one of :data:`smartcat.classifier.decision.WHYS`; none in older results.
    """

    document_id: str
    label: str
    confidence: float
    decision: str
    page_labels: tuple[str | None, ...]
    reasons: tuple[str, ...]
    candidates: tuple[str, ...]
    model_version: str
    arrived_at: str
    job_id: str | None = None
    documents: tuple[StoredSegment, ...] = ()
    version: int | str | None = None
    why: str | None = None

    @property
    def short_confidence(self) -> str:
        """The confidence in two decimals, rounded down: 0.4999 and for review does not read 0.50."""
        return f"{math.floor(self.confidence * 100 + 1e-9) / 100:.2f}"

    def to_dict(self) -> dict[str, Any]:
        """Return the fields for JSON."""
        return self._asdict() | {"documents": [segment._asdict() for segment in self.documents]}


def make_item(
    document: Document,
    decision: Decision,
    position: RecordPosition,
    *,
    model_version: str,
    ttl_days: float | None = None,
    conditional: bool = False,
    segments: Sequence[Segment] = (),
) -> ResultItem:
    """Return the result item of a document, or of a stack of them.

    Reasons and candidates fill what is left of the last write unit begun by everything else, and never begin
    another: an ordinary document's item stays within 1 KB.

    Args:
        document: The document.
        decision: The classifier's decision on it.
        position: The record it came in; the original one, for a document that was put on the stream again.
        model_version: The model that decided.
        ttl_days: Days after arrival when the item may expire; the document's own ``expires_at`` goes first.
        conditional: Whether the document is likely to have a result.
        segments: The documents of a stack, which ``decision`` then sums up; none for an ordinary document.

    Raises:
        RejectRecord: The item would exceed DynamoDB's 400 KB even without reasons.
    """
    expires_at = _expiry(document, position, ttl_days)
    attributes = _required_attributes(document, decision, position, model_version, expires_at)
    if segments:
        _add_segments(attributes, segments)
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
    return ResultItem(document.document_id, attributes, write_units(size), review, conditional, decision.why)


def read_item(item: Mapping[str, Any]) -> StoredResult:
    """Return what an item in low-level form holds for people.

    Raises:
        KeyError: It is not a result: an attribute is missing.
        ValueError: It is not a result: an attribute has another form.
    """

    def texts(name: str) -> tuple[str, ...]:
        return tuple(entry["S"] for entry in item.get(name, {"L": ()})["L"])

    return StoredResult(
        document_id=item["document_id"]["S"],
        label=item["label"]["S"],
        confidence=float(item["confidence"]["N"]),
        decision=item["decision"]["S"],
        page_labels=decode_page_labels(item["page_labels"]["S"]),
        reasons=texts("reasons"),
        candidates=texts("candidates"),
        model_version=item["model_version"]["S"],
        arrived_at=item["arrived_at"]["S"],
        job_id=item["job_id"]["S"] if "job_id" in item else None,
        documents=decode_segments(item["documents"]["S"]) if "documents" in item else (),
        version=_given_version(item),
        why=item["why"]["S"] if "why" in item else None,
    )


def _given_version(item: Mapping[str, Any]) -> int | str | None:
    attribute = item.get(VERSION, {})
    return int(attribute["N"]) if "N" in attribute else attribute.get("S")


def _required_attributes(
    document: Document,
    decision: Decision,
    position: RecordPosition,
    model_version: str,
    expires_at: int | None,
) -> dict[str, AttributeValue]:
    """Return everything that is never trimmed."""
    attributes: dict[str, AttributeValue] = {
        "document_id": {"S": document.document_id},
        "label": {"S": decision.label},
        "confidence": {"N": f"{round_probability(decision.confidence):.4f}"},
        "decision": {"S": decision.decision},
        "pages": {"N": str(len(document.pages))},
        "page_labels": {"S": encode_page_labels(decision.page_labels)},
        "model_version": {"S": model_version},
        "shard_id": {"S": position.shard_id},
        "sequence_number": {"S": position.sequence_number},
        "arrived_at": {"S": iso_utc(position.arrived_at)},
    }
    if decision.why is not None:
        attributes["why"] = {"S": decision.why}
    if position.sub_sequence_number is not None:
        attributes["sub_sequence_number"] = {"N": str(position.sub_sequence_number)}
    if document.job_id is not None:
        attributes["job_id"] = {"S": document.job_id}
    if document.version is not None:
        attributes[VERSION] = encode_version(document.version)
    if document.received_at is not None:
        attributes["received_at"] = {"S": iso_utc(document.received_at)}
    if document.metadata:
        attributes["metadata"] = {"M": {name: {"S": text} for name, text in document.metadata.items()}}
    if expires_at is not None:
        attributes["expires_at"] = {"N": str(expires_at)}
    return attributes


def _add_segments(attributes: dict[str, AttributeValue], segments: Sequence[Segment]) -> None:
    """Add the documents of a stack; where many pages have long labels, those of the pages give way."""
    attributes["documents"] = {"S": encode_segments(segments)}
    if item_size(attributes) > MAX_ITEM_BYTES:
        attributes["page_labels"] = {"S": ""}


def _expiry(document: Document, position: RecordPosition, ttl_days: float | None) -> int | None:
    if document.expires_at is not None or ttl_days is None:
        return document.expires_at
    # From arrival, not from now: a later delivery must give the same item.
    return int((position.arrived_at + timedelta(days=ttl_days)).timestamp())


def _add_what_fits(attributes: dict[str, AttributeValue], name: str, texts: Sequence[str], room: int) -> int:
    """Add the list of texts, in order, leaving out those without room; return the bytes it took."""
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
    """Add the shadow model's label where it is another one, if that fits; return the bytes it took."""
    shadow = decision.shadow
    if shadow is None or shadow.label == decision.label:
        return 0
    text = f"{shadow.label}:{round_probability(shadow.confidence):.4f}:{shadow.model_version}"
    size = item_size({"shadow": {"S": text}})
    if size > room:
        return 0
    attributes["shadow"] = {"S": text}
    return size
