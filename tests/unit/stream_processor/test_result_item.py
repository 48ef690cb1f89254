from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.decision import Decision, WordReason
from smartcat.classifier.page_stream_segmentation import Segment, summarize
from smartcat.wire_format.document import Document
from stream_processor.dynamodb_size import item_size, write_units
from stream_processor.errors import RejectRecord
from stream_processor.kinesis_event import Source
from stream_processor.result_item import decode_page_labels, encode_page_labels, iso_utc, make_item
from stream_processor.stack_codes import decode_pieces

SOURCE = Source(
    "documents", "shardId-000000000002", "4955", None, "d1", datetime(2026, 11, 3, 4, 5, 6, 789_000, UTC)
)


def decide(**fields: Any) -> Decision:
    """A decision, with these fields changed."""
    values: dict[str, Any] = {
        "label": "invoice",
        "confidence": 0.98765,
        "decision": "accepted",
        "page_labels": ("invoice",),
        "candidates": (),
        "reasons": (),
    }
    return Decision(**{**values, **fields})


def make(document: Document, decision: Decision, source: Source = SOURCE, **options: Any) -> Any:
    """The item under test."""
    return make_item(document, decision, source, model_version="m1", **options)


def test_whole_item() -> None:
    """An item holds everything known of the document, each value in its documented form."""
    document = Document(
        document_id="d1",
        pages=("a", "b", "", "c"),
        job_id="j1",
        received_at=datetime(2026, 11, 3, 5, 0, tzinfo=timezone(timedelta(hours=1))),
        metadata={"branch": "north"},
        expires_at=1_800_000_000,
    )
    decision = decide(
        page_labels=("payslip", "payslip", None, "invoice"),
        candidates=(("invoice", 0.98765), ("payslip", 0.01)),
        reasons=(WordReason("total", 1.234), WordReason("vat:id", 0.5)),
    )
    source = Source(
        **{**{name: getattr(SOURCE, name) for name in SOURCE.__slots__}, "sub_sequence_number": 7}
    )
    item = make(document, decision, source)
    assert item.attributes == {
        "document_id": {"S": "d1"},
        "label": {"S": "invoice"},
        "confidence": {"N": "0.9876"},
        "decision": {"S": "accepted"},
        "pages": {"N": "4"},
        "page_labels": {"S": "payslip*2,-,invoice"},
        "model_version": {"S": "m1"},
        "shard_id": {"S": "shardId-000000000002"},
        "sequence_number": {"S": "4955"},
        "sub_sequence_number": {"N": "7"},
        "arrived_at": {"S": "2026-11-03T04:05:06.789Z"},
        "job_id": {"S": "j1"},
        "received_at": {"S": "2026-11-03T04:00:00Z"},
        "metadata": {"M": {"branch": {"S": "north"}}},
        "expires_at": {"N": "1800000000"},
        "reasons": {"L": [{"S": "total:1.23"}, {"S": "vat:id:0.50"}]},
        "candidates": {"L": [{"S": "invoice:0.9876"}, {"S": "payslip:0.0100"}]},
    }
    assert item.units == 1
    assert not item.review


def test_optional_attributes_are_absent() -> None:
    """What a document does not have is not in its item."""
    item = make(Document(document_id="d1", pages=("a",)), decide(decision="review"))
    absent = {
        "sub_sequence_number",
        "job_id",
        "received_at",
        "metadata",
        "expires_at",
        "reasons",
        "candidates",
    }
    assert not absent & set(item.attributes)
    assert item.review


def test_expiry_counts_from_arrival() -> None:
    """The configured days count from arrival, so that a later delivery gives the same item."""
    item = make(Document(document_id="d1", pages=("a",)), decide(), ttl_days=2)
    assert item.attributes["expires_at"] == {
        "N": str(int(datetime(2026, 11, 5, 4, 5, 6, tzinfo=UTC).timestamp()))
    }


def test_document_expiry_goes_first() -> None:
    """A document's own expiry is kept, whatever is configured."""
    item = make(Document(document_id="d1", pages=("a",), expires_at=99), decide(), ttl_days=2)
    assert item.attributes["expires_at"] == {"N": "99"}


def test_reasons_are_trimmed_to_one_unit() -> None:
    """Reasons that would begin a second KB are left out; shorter ones after them still find room."""
    words = (WordReason("w" * 600, 1.0), WordReason("x" * 600, 0.9), WordReason("short", 0.8))
    item = make(Document(document_id="d1", pages=("a",)), decide(reasons=words))
    assert [text["S"][0] for text in item.attributes["reasons"]["L"]] == ["w", "s"]
    assert item.units == 1


def test_too_large_a_result_is_rejected() -> None:
    """An item that DynamoDB could never take is a rejection, with sizes and without text."""
    labels = tuple(f"{n % 2}" * 500 for n in range(1000))
    with pytest.raises(RejectRecord, match="result_too_large: the result has 501"):
        make(Document(document_id="d1", pages=("a",) * 1000), decide(page_labels=labels))


@given(
    document_id=st.text(min_size=1, max_size=256),
    metadata=st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=200), max_size=16),
    words=st.lists(st.text(max_size=300), max_size=10),
    labels=st.lists(st.sampled_from(["a", "b", None]), min_size=1, max_size=300),
)
def test_trimming_never_costs_a_unit(
    document_id: str, metadata: dict[str, str], words: list[str], labels: list[str | None]
) -> None:
    """Reasons and candidates never begin another write unit, and the same input gives the same item."""
    document = Document(document_id=document_id, pages=("x",), metadata=metadata)
    bare = make(document, decide(page_labels=tuple(labels)))
    reasons = tuple(WordReason(word, 0.5) for word in words)
    full_decision = decide(page_labels=tuple(labels), reasons=reasons, candidates=(("a", 0.5),) * 3)
    full = make(document, full_decision)
    assert full.units == bare.units == write_units(item_size(full.attributes))
    assert make(document, full_decision) == full
    assert {name: full.attributes[name] for name in bare.attributes} == bare.attributes


def pieces_of(labels: list[str]) -> tuple[Segment, ...]:
    """A stack of documents of one page each."""
    return tuple(
        Segment(number, number, 0.9, 0.5, "review", decide(label=label, page_labels=(label,)))
        for number, label in enumerate(labels, start=1)
    )


def test_a_stack_of_five_thousand_documents_fits() -> None:
    """Page labels and documents of the largest stack take a third of what DynamoDB takes, units and all."""
    pieces = pieces_of([f"land_register_extract_{n % 2}" for n in range(5000)])
    item = make(Document(document_id="s", pages=("x",) * 5000), summarize(pieces), pieces=pieces)
    assert decode_page_labels(item.attributes["page_labels"]["S"]) == summarize(pieces).page_labels
    assert [piece.label for piece in decode_pieces(item.attributes["documents"]["S"])] == [
        piece.label for piece in pieces
    ]
    assert item.units == write_units(item_size(item.attributes)) < 200


def test_labels_of_pages_give_way_to_the_documents_of_a_stack() -> None:
    """Where labels are so long that both do not fit, the documents stay."""
    pieces = pieces_of([f"{n % 2}" * 200 for n in range(5000)])
    item = make(Document(document_id="s", pages=("x",) * 5000), summarize(pieces), pieces=pieces)
    assert item.attributes["page_labels"] == {"S": ""}
    assert decode_page_labels("") == ()
    assert len(decode_pieces(item.attributes["documents"]["S"])) == 5000
    assert item.units < 100


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (("a",), "a"),
        (("a", "a", "a", None, "b"), "a*3,-,b"),
        ((None, None), "-*2"),
        (("-", None), "%2D,-"),
        (("a,b", "a*2", "50%"), "a%2Cb,a%2A2,50%25"),
    ],
)
def test_page_labels_by_hand(labels: tuple[str | None, ...], text: str) -> None:
    """Runs are counted, blank pages are dashes, and separators inside labels are encoded."""
    assert encode_page_labels(labels) == text
    assert decode_page_labels(text) == labels


@given(st.lists(st.one_of(st.none(), st.text(min_size=1, max_size=5), st.text("-,*%2D5A", min_size=1))))
def test_page_labels_round_trip(labels: list[str | None]) -> None:
    """Any labels come back as they were."""
    assert decode_page_labels(encode_page_labels(labels)) == tuple(labels)


def test_iso_utc_precision() -> None:
    """Whole seconds are written without a fraction, others to the millisecond."""
    assert iso_utc(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05Z"
    assert iso_utc(datetime(2026, 1, 2, 3, 4, 5, 60_000, UTC)) == "2026-01-02T03:04:05.060Z"
