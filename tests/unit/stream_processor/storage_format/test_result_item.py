from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.decision import WHYS, Decision, Why, WordReason
from smartcat.classifier.page_stream_segmentation import Segment, summarize
from smartcat.wire_format.document import Document
from stream_processor.errors import RejectRecord
from stream_processor.storage_format.document_segments import decode_segments
from stream_processor.storage_format.dynamodb_item_size import item_size, write_units
from stream_processor.storage_format.page_labels import decode_page_labels
from stream_processor.storage_format.record_position import RecordPosition
from stream_processor.storage_format.result_item import StoredResult, make_item, read_item

POSITION = RecordPosition(
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


def make(document: Document, decision: Decision, position: RecordPosition = POSITION, **options: Any) -> Any:
    """The item under test."""
    return make_item(document, decision, position, model_version="m1", **options)


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
    position = RecordPosition(
        **{**{name: getattr(POSITION, name) for name in POSITION.__slots__}, "sub_sequence_number": 7}
    )
    item = make(document, decision, position)
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


@pytest.mark.parametrize("why", WHYS)
def test_why_a_document_is_for_review_is_stored(why: Why) -> None:
    """The item says why, an accepted one does not, and one from before it was known reads as it did."""
    document = Document(document_id="d1", pages=("a",))
    item = make(document, decide(decision="review", why=why))
    assert (item.why, item.attributes["why"], read_item(item.attributes).why) == (why, {"S": why}, why)
    accepted = make(document, decide())
    assert (accepted.why, "why" in accepted.attributes, read_item(accepted.attributes).why) == (
        None,
        False,
        None,
    )
    older = {name: value for name, value in item.attributes.items() if name != "why"}
    assert (read_item(older).decision, read_item(older).why) == ("review", None)


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
    """An item that DynamoDB could never take is a rejected record, with sizes and without text."""
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
    item = make(Document(document_id="s", pages=("x",) * 5000), summarize(pieces), segments=pieces)
    assert decode_page_labels(item.attributes["page_labels"]["S"]) == summarize(pieces).page_labels
    assert [piece.label for piece in decode_segments(item.attributes["documents"]["S"])] == [
        piece.label for piece in pieces
    ]
    assert item.units == write_units(item_size(item.attributes)) < 200


def test_labels_of_pages_give_way_to_the_documents_of_a_stack() -> None:
    """Where labels are so long that both do not fit, the documents stay."""
    pieces = pieces_of([f"{n % 2}" * 200 for n in range(5000)])
    item = make(Document(document_id="s", pages=("x",) * 5000), summarize(pieces), segments=pieces)
    assert item.attributes["page_labels"] == {"S": ""}
    assert decode_page_labels("") == ()
    assert len(decode_segments(item.attributes["documents"]["S"])) == 5000
    assert item.units < 100


def test_an_item_is_read_as_it_was_written() -> None:
    """Everything that people are shown comes back, of an ordinary document and of a stack."""
    document = Document(document_id="d1", pages=("a", "", "c"), job_id="j1")
    decision = decide(
        page_labels=("payslip", None, "invoice"),
        candidates=(("invoice", 0.98765),),
        reasons=(WordReason("total", 1.234),),
    )
    stored = read_item(make(document, decision).attributes)
    assert stored == StoredResult(
        "d1",
        "invoice",
        0.9876,
        "accepted",
        ("payslip", None, "invoice"),
        ("total:1.23",),
        ("invoice:0.9876",),
        "m1",
        "2026-11-03T04:05:06.789Z",
        "j1",
    )
    pieces = pieces_of(["deed", "invoice"])
    stack = read_item(make(document, summarize(pieces), segments=pieces).attributes)
    assert [(each.first, each.last, each.label, each.decision) for each in stack.documents] == [
        (1, 1, "deed", "review"),
        (2, 2, "invoice", "review"),
    ]
    assert stack.to_dict()["documents"][1]["label"] == "invoice"
    assert stored.to_dict()["documents"] == []


@pytest.mark.parametrize(
    ("version", "attribute"),
    [
        (12, {"N": "12"}),
        (datetime(2026, 11, 3, 6, tzinfo=timezone(timedelta(hours=1))), {"S": "2026-11-03T05:00:00.000000Z"}),
        (datetime(2026, 11, 3, 5, 0, 0, 1, UTC), {"S": "2026-11-03T05:00:00.000001Z"}),
    ],
)
def test_a_producers_version_is_said(version: int | datetime, attribute: dict[str, str]) -> None:
    """Times as texts of one length, which order as the times do; people read what is stored."""
    attributes = make(Document(document_id="d", text="t", version=version), decide()).attributes
    assert attributes["version"] == attribute
    ((kind, text),) = attribute.items()
    assert read_item(attributes).version == (int(text) if kind == "N" else text)
    assert read_item(make(Document(document_id="d", text="t"), decide()).attributes).version is None
