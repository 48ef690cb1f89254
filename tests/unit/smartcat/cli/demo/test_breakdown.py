from smartcat.cli.demo.breakdown import examples, label_rows, rejection_rows
from smartcat.cli.demo.outcome import Quarantined
from smartcat.cli.demo.reconciliation import RecordIdentity
from stream_processor.storage_format.result_item import StoredResult


def result(
    identity: str, label: str, confidence: float = 0.9, *, pages: tuple[str | None, ...] = ("x",)
) -> StoredResult:
    """Make a stored result."""
    decision = "accepted" if confidence >= 0.5 else "review"
    return StoredResult(identity, label, confidence, decision, pages, (), (), "m", "2026-01-01T00:00:00Z")


def test_a_row_a_kind_says_how_it_fared() -> None:
    """Rows are by the true label, with the share that was right and the commonest mistake."""
    results = [result("1", "bill"), result("2", "deed"), result("3", "deed", 0.3), result("4", "bill")]
    rows = label_rows(results, dict.fromkeys("123", "bill") | {"4": "deed"})
    bill, deed = rows
    assert (bill.label, bill.documents, bill.mistaken_for) == ("bill", 3, ("deed", 2))
    assert bill.right == 1 - 2 / 3
    assert bill.review == 1 / 3
    assert (deed.label, deed.right, deed.mistaken_for) == ("deed", 0.0, ("bill", 1))


def test_documents_without_a_known_label_have_no_row() -> None:
    """What nobody labelled cannot be right or wrong."""
    assert label_rows([result("1", "bill")], {}) == []


def test_poison_is_counted_by_reason() -> None:
    """The most frequent reason comes first, with the detail of its first record."""
    entries = [
        Quarantined(RecordIdentity("s", str(number)), reason, f"detail {number}")
        for number, reason in enumerate(["bad_json", "bad_gzip", "bad_gzip"])
    ]
    assert rejection_rows(entries) == [("bad_gzip", 2, "detail 1"), ("bad_json", 1, "detail 0")]


def test_examples_show_what_went_well_and_what_did_not() -> None:
    """Sure ones of three kinds, one with a blank page, one for review, one that is wrong."""
    results = [result(str(number), label) for number, label in enumerate(["a", "b", "c", "d", "a"])]
    blank = result("blank", "a", 0.8, pages=("a", None, "a"))
    unsure, wrong = result("unsure", "b", 0.4), result("wrong", "c", 0.7)
    expected = {entry.document_id: entry.label for entry in [*results, blank, unsure]} | {"wrong": "d"}
    shown = examples([*results, blank, unsure, wrong], expected)
    assert len({entry.label for entry in shown[:3]}) == 3
    assert shown[3:] == [blank, unsure, wrong]


def test_no_results_give_no_examples() -> None:
    """A run of poison alone has nothing to show."""
    assert examples([], {}) == []
