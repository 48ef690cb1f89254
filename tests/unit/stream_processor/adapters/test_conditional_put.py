"""Conditional items against local AWS's DynamoDB: which versions of a document replace which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from stream_processor.adapters.dynamodb_results import DynamoDbResults
from stream_processor.storage_format.result_item import ResultItem

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def client() -> Iterator[Any]:
    """An emulated DynamoDB with a table of results."""
    with mock_aws():
        made = boto3.client(
            "dynamodb", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        made.create_table(
            TableName="results",
            KeySchema=[{"AttributeName": "document_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "document_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield made


def version(number: str, sub: int | None, label: str, *, conditional: bool) -> ResultItem:
    """A version of one document."""
    attributes: dict[str, Any] = {
        "document_id": {"S": "a"},
        "sequence_number": {"S": number},
        "label": {"S": label},
    }
    if sub is not None:
        attributes["sub_sequence_number"] = {"N": str(sub)}
    return ResultItem("a", attributes, 1, review=False, conditional=conditional)


@pytest.mark.parametrize(
    ("stored", "replayed", "label"),
    [
        (("5", None), ("6", None), "replayed"),
        (("6", None), ("5", None), "stored"),
        (("5", None), ("5", None), "replayed"),
        (("9", None), ("10", None), "replayed"),  # as texts, 10 comes before 9
        (("10", None), ("9", None), "stored"),
        (("5", 2), ("5", 3), "replayed"),
        (("5", 3), ("5", 2), "stored"),
        (("5", None), ("5", 0), "replayed"),
        (("5", 0), ("6", None), "replayed"),
    ],
)
def test_a_replayed_version_replaces_only_what_is_not_later(
    client: Any, stored: tuple[str, int | None], replayed: tuple[str, int | None], label: str
) -> None:
    """Versions are ordered by sequence number as a number, and within an aggregate by their place in it."""
    table = DynamoDbResults(client, "results", sleep=lambda _: None)
    table.put([version(*stored, "stored", conditional=False)], seconds=1)
    outcome = table.put([version(*replayed, "replayed", conditional=True)], seconds=1)
    assert client.scan(TableName="results")["Items"][0]["label"]["S"] == label
    assert bool(outcome.superseded) == (label == "stored")
    assert outcome.units == 1.0
    assert not outcome.unprocessed


def test_a_replayed_document_without_a_result_is_stored(client: Any) -> None:
    """Where nothing is stored, nothing is later; plain items go along in a request of their own."""
    plain = ResultItem("b", {"document_id": {"S": "b"}}, 1, review=False)
    table = DynamoDbResults(client, "results", sleep=lambda _: None)
    outcome = table.put([version("5", None, "replayed", conditional=True), plain], seconds=1)
    assert outcome.requests == 2
    assert client.scan(TableName="results")["Count"] == 2
