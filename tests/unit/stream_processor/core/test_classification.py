from __future__ import annotations

from typing import Any

import pytest

from stream_processor.core import classification
from stream_processor.core.classification import ClassificationRules, classify_documents
from stream_processor.core.kinesis_event import read_event
from stream_processor.errors import ClassifierBroken
from stream_processor.storage_format.quarantine_object import RejectedRecord


def documents(make: Any, *bodies: bytes) -> list[Any]:
    """The documents of these payloads."""
    event = {"Records": [make.entry(body, number) for number, body in enumerate(bodies)]}
    batch = read_event(event, max_document_bytes=10_000_000, max_batch_text=10_000_000)
    return [document for record in batch.records for document in record.documents]


def test_no_documents_no_call(make: Any) -> None:
    """Without documents the classifier is not called."""
    classifier = make.classifier()
    assert classify_documents([], classifier, ClassificationRules()).results == []
    assert classifier.calls == []


def test_rules_reach_the_items(make: Any) -> None:
    """Number of reasons and days to live come from the rules, the model version from the classifier."""
    (item,) = classify_documents(
        documents(make, make.payload("a", "one two three")),
        make.classifier(),
        ClassificationRules(2, ttl_days=1.0),
    ).results
    assert not isinstance(item, RejectedRecord)
    assert len(item.attributes["reasons"]["L"]) == 2
    assert "expires_at" in item.attributes
    assert item.attributes["model_version"] == {"S": "m1"}


def test_wrong_number_of_decisions_is_a_defect(make: Any) -> None:
    """A classifier that answers for fewer documents than asked has its documents rejected, not mixed up."""
    classifier = make.classifier()
    decide = classifier.classify
    classifier.classify = lambda documents, *, reasons: [
        decision
        for pages in documents
        if pages == classifier.canary_document
        for decision in decide([pages], reasons=reasons)
    ]
    (result,) = classify_documents(
        documents(make, make.payload("a")), classifier, ClassificationRules()
    ).results
    assert isinstance(result, RejectedRecord)
    assert (result.reason, result.detail) == ("classification_failed", "failed with ValueError")


def test_result_too_large_for_an_item_is_rejected_alone(make: Any) -> None:
    """A document whose result cannot be an item is rejected without a second call for its neighbours."""
    classifier = make.classifier()
    huge = make.payload("huge", "x" * 450_000)
    results = classify_documents(
        documents(make, make.payload("a"), huge), classifier, ClassificationRules(reasons=0)
    ).results
    assert [isinstance(result, RejectedRecord) for result in results] == [False, True]
    assert results[1].reason == "result_too_large"
    assert classifier.calls == [2]


def test_stacks_and_documents_of_a_batch_keep_their_places(make: Any) -> None:
    """Documents are decided in one call and stacks in another, and items come in the order of the batch."""
    classifier = make.classifier()
    kinds = [("a", False), ("b", True), ("c", False), ("d", True)]
    bodies = [make.payload(name, f"{name}1", f"{name}2", stack=stack) for name, stack in kinds]
    classified = classify_documents(documents(make, *bodies), classifier, ClassificationRules())
    items = classified.results
    assert [item.document_id for item in items if not isinstance(item, RejectedRecord)] == [
        "a",
        "b",
        "c",
        "d",
    ]
    assert (classifier.calls, classifier.splits) == ([2], [2])
    assert ["documents" in item.attributes for item in items if not isinstance(item, RejectedRecord)] == [
        stack for _, stack in kinds
    ]
    # The gauges of drift look at the documents of a stack, not at their sum.
    assert [decision.label for decision in classified.decisions] == ["a1", "b1", "b2", "c1", "d1", "d2"]


def test_a_stack_that_cannot_be_split_is_rejected_alone(make: Any) -> None:
    """A bad stack harms neither its neighbours nor the documents."""
    bodies = [
        make.payload("a"),
        make.payload("b", "explode", stack=True),
        make.payload("c", "fine", stack=True),
    ]
    results = classify_documents(documents(make, *bodies), make.classifier(), ClassificationRules()).results
    assert [isinstance(result, RejectedRecord) for result in results] == [False, True, False]


def test_a_classifier_that_cannot_split_blames_no_stack(make: Any) -> None:
    """Where stacks fail, the canary has to be split, too, before one is rejected."""
    classifier = make.classifier()
    classifier.broken_splits = True
    with pytest.raises(ClassifierBroken, match=r"its own model \(ZeroDivisionError\)"):
        classify_documents(
            documents(make, make.payload("a"), make.payload("b", stack=True)),
            classifier,
            ClassificationRules(),
        )


def test_documents_are_blamed_all_of_them_while_the_classifier_knows_its_canary(make: Any) -> None:
    """A batch of nothing but documents that the classifier cannot take is rejected whole, and moves on."""
    bodies = [make.payload(f"d{n}", "explode") for n in range(3)]
    results = classify_documents(documents(make, *bodies), make.classifier(), ClassificationRules()).results
    assert [result.reason for result in results if isinstance(result, RejectedRecord)] == [
        "classification_failed"
    ] * 3


@pytest.mark.parametrize("count", [1, 4])
def test_a_broken_classifier_blames_no_document(make: Any, count: int) -> None:
    """A classifier that fails on its canary too fails the invocation, with no word of any page."""
    classifier = make.classifier()
    classifier.broken_batches = 1000
    bodies = [make.payload(f"d{n}", "page") for n in range(count)]
    with pytest.raises(ClassifierBroken, match=r"its own model \(ZeroDivisionError\)") as caught:
        classify_documents(documents(make, *bodies), classifier, ClassificationRules())
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_classifier_that_decides_nothing_is_broken(make: Any) -> None:
    """No decision for the canary is as bad as an error."""
    classifier = make.classifier()
    classifier.classify = lambda documents, *, reasons: []
    with pytest.raises(ClassifierBroken, match="no decision"):
        classify_documents(documents(make, make.payload("a")), classifier, ClassificationRules())


def test_a_small_environment_blames_nobody(make: Any) -> None:
    """Running out of memory is no document's fault: it ends the invocation, and the batch is halved."""
    classifier = make.classifier()
    classifier.error = MemoryError
    with pytest.raises(MemoryError):
        classify_documents(documents(make, make.payload("a", "explode")), classifier, ClassificationRules())


def test_huge_documents_are_classified_in_several_calls(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call's text is bounded, in order and without leaving any out; one huge document goes alone."""
    monkeypatch.setattr(classification, "CALL_TEXT", 100)
    classifier = make.classifier()
    lengths = [30, 30, 30, 30, 500, 10, 10]
    bodies = [make.payload(f"d{n}", "x" * length) for n, length in enumerate(lengths)]
    results = classify_documents(documents(make, *bodies), classifier, ClassificationRules(reasons=0)).results
    assert classifier.calls == [3, 1, 1, 2]
    assert [result.document_id for result in results if not isinstance(result, RejectedRecord)] == [
        f"d{n}" for n in range(7)
    ]
