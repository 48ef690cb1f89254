"""The function with one defect each, such as people have made: the check must find every one of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from unittest.mock import patch

from model_check.clients import TableClient
from model_check.dynamodb import Table
from model_check.world import FaultKind
from stream_processor.adapters.dynamodb_results import DynamoDbResults
from stream_processor.adapters.s3_quarantine import S3Quarantine
from stream_processor.core import process_batch, write_plan
from stream_processor.core.ports import WriteOutcome
from stream_processor.errors import TryLater

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


@contextmanager
def writes_without_condition() -> Iterator[None]:
    """Every put is unconditional, and an insert replaces what is there."""
    put_item, insert = Table._put_item, Table._insert

    def put(self: Table, request: Any) -> Any:
        asks = "smartcat-canary" in str(request["Item"]["document_id"])
        kept = {name: value for name, value in request.items() if asks or name != "ConditionExpression"}
        return put_item(self, kept)

    def replaces(self: Table, item: Any) -> Any:
        old = self.items.pop(item["document_id"]["S"], None)
        answer = insert(self, item)
        if answer[0] is not None and old is not None:
            self.items[item["document_id"]["S"]] = old
        return answer

    with patch.object(Table, "_put_item", put), patch.object(Table, "_insert", replaces):
        yield


@contextmanager
def memory_over_table() -> Iterator[None]:
    """What an environment has once stored it takes to be stored for an hour, whatever the table says."""
    put = DynamoDbResults.put

    def remembering(self: Any, items: Any, **options: Any) -> WriteOutcome:
        known = self.__dict__.setdefault("known", {})
        left = [item for item in items if known.get(item.document_id) != _version(item)]
        if not left:
            return WriteOutcome(requests=0)
        outcome = put(self, left, **options)
        undone = (*outcome.unprocessed, *outcome.invalid, *outcome.superseded, *outcome.unanswered)
        undone += outcome.exists
        known |= {item.document_id: _version(item) for item in left if item not in undone}
        return outcome

    with patch.object(DynamoDbResults, "put", remembering):
        yield


def _version(item: Any) -> Any:
    return item.attributes["sequence_number"], item.attributes.get("sub_sequence_number")


def throttled_items_forgotten() -> AbstractContextManager[Any]:
    """What the table had no room for counts as stored."""
    return _changed_outcome(lambda outcome: replace(outcome, unprocessed=()))


def unanswered_items_forgotten() -> AbstractContextManager[Any]:
    """What was not answered counts as stored."""
    return _changed_outcome(lambda outcome: replace(outcome, unanswered=()))


@contextmanager
def _changed_outcome(change: Callable[[WriteOutcome], WriteOutcome]) -> Iterator[None]:
    put = DynamoDbResults.put

    def changed(self: Any, items: Any, **options: Any) -> WriteOutcome:
        try:
            return change(put(self, items, **options))
        except TryLater:
            outcome = change(WriteOutcome(unanswered=tuple(items)))
            if outcome.unanswered:
                raise
            return outcome

    with patch.object(DynamoDbResults, "put", changed):
        yield


@contextmanager
def damaged_answers_believed() -> Iterator[None]:
    """An answer that says nothing is completed to one that says that all is well."""
    get = TableClient.__getattr__

    def completed(self: TableClient, name: str) -> Any:
        call = get(self, name)
        del self.__dict__[name]  # so that the next call comes here as well

        def believing(**request: Any) -> Any:
            answer = call(**request)
            stored = [{"TableName": "results"} for _ in request.get("Statements", ())]
            capacity: Any = {"TableName": "results", "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}
            single = "Item" in request
            return {
                "UnprocessedItems": {},
                "Responses": stored,
                "ConsumedCapacity": capacity if single else [capacity],
                **answer,
            }

        return believing if name in {"batch_execute_statement", "batch_write_item", "put_item"} else call

    with patch.object(TableClient, "__getattr__", completed):
        yield


def partial_responses_left_out() -> AbstractContextManager[Any]:
    """Every batch is called finished."""
    return patch.object(process_batch, "_response", lambda *_: {"batchItemFailures": []})


@contextmanager
def failing_quarantine_ignored() -> Iterator[None]:
    """A rejected record that could not be stored counts as stored."""
    store = S3Quarantine.store

    def ignoring(self: Any, records: Any, **options: Any) -> tuple[()]:
        store(self, records, **options)
        return ()

    with patch.object(S3Quarantine, "store", ignoring):
        yield


def older_of_two_versions_kept() -> AbstractContextManager[Any]:
    """Of two versions in one batch the first is written."""
    return patch.object(write_plan, "_latest", lambda entries: entries[0][2])


def refusal_blamed_on_the_document() -> AbstractContextManager[Any]:
    """What the table refuses is at fault, whatever else it refuses."""
    return patch.object(DynamoDbResults, "_check_canary", lambda *_: None)


class Variant(NamedTuple):
    """A defect, and the kinds of fault of which a world needs one to show it; none for any world."""

    defect: Callable[[], AbstractContextManager[Any]]
    shown_by: frozenset[FaultKind] = frozenset()


VARIANTS: Final[dict[str, Variant]] = {
    variant.defect.__name__: variant
    for variant in (
        Variant(writes_without_condition),
        Variant(memory_over_table),
        Variant(throttled_items_forgotten),
        Variant(unanswered_items_forgotten),
        Variant(damaged_answers_believed, frozenset({FaultKind.TABLE_DAMAGED})),
        Variant(partial_responses_left_out),
        Variant(failing_quarantine_ignored, frozenset({FaultKind.QUARANTINE_DOWN})),
        Variant(refusal_blamed_on_the_document, frozenset({FaultKind.TABLE_REFUSES})),
        Variant(older_of_two_versions_kept),
    )
}
