from __future__ import annotations

from typing import Any

from stream_processor.kinesis_event import Rejection, read_event
from stream_processor.labelling import LabellingRules, label


def arrivals(make: Any, *bodies: bytes) -> list[Any]:
    """The documents of these payloads."""
    event = {"Records": [make.entry(body, number) for number, body in enumerate(bodies)]}
    batch = read_event(event, max_document_bytes=10_000_000, max_batch_text=10_000_000)
    return [arrival for record in batch.records for arrival in record.documents]


def test_no_documents_no_call(make: Any) -> None:
    """Without documents the classifier is not called."""
    labeller = make.labeller()
    assert label([], labeller, LabellingRules()) == []
    assert labeller.calls == []


def test_rules_reach_the_items(make: Any) -> None:
    """Number of reasons and days to live come from the rules, the model version from the classifier."""
    (item,) = label(
        arrivals(make, make.payload("a", "one two three")), make.labeller(), LabellingRules(2, ttl_days=1.0)
    )
    assert not isinstance(item, Rejection)
    assert len(item.attributes["reasons"]["L"]) == 2
    assert "expires_at" in item.attributes
    assert item.attributes["model_version"] == {"S": "m1"}


def test_wrong_number_of_decisions_is_a_defect(make: Any) -> None:
    """A classifier that answers for fewer documents than asked has its documents rejected, not mixed up."""
    labeller = make.labeller()
    labeller.classify = lambda documents, *, reasons: []
    (result,) = label(arrivals(make, make.payload("a")), labeller, LabellingRules())
    assert isinstance(result, Rejection)
    assert (result.reason, result.detail) == ("classification_failed", "failed with ValueError")


def test_result_too_large_for_an_item_is_rejected_alone(make: Any) -> None:
    """A document whose result cannot be an item is rejected without a second call for its neighbours."""
    labeller = make.labeller()
    huge = make.payload("huge", "x" * 450_000)
    results = label(arrivals(make, make.payload("a"), huge), labeller, LabellingRules(reasons=0))
    assert [isinstance(result, Rejection) for result in results] == [False, True]
    assert results[1].reason == "result_too_large"
    assert labeller.calls == [2]
