from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from model_check.dynamodb import REFUSED_LABEL, ServiceError, Table
from support.tables import create

if TYPE_CHECKING:
    from collections.abc import Iterator

NEWER = "attribute_not_exists(document_id) OR #n < :n"


def make_table(units: float = 1e9) -> Table:
    """A table with a clock that stands still."""
    return Table("results", units=units, burst=units, now=lambda: 0.0, on_write=lambda _old, _new: None)


def item(name: str, number: int) -> dict[str, Any]:
    """An item, with a number that orders its versions."""
    return {"document_id": {"S": name}, "n": {"N": str(number)}, "label": {"S": f"v{number}"}}


@pytest.fixture
def moto_client() -> Iterator[Any]:
    """A table of moto's."""
    with mock_aws():
        client = boto3.client(
            "dynamodb", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        create(client, "results", units=None, key="document_id")
        yield client


def a_request(chance: random.Random) -> tuple[str, dict[str, Any]]:
    """Return a request of a kind that the function makes."""
    names = chance.sample(["a", "b", "c", "d"], chance.randint(1, 3))
    items = [item(name, chance.randint(1, 9)) for name in names]
    keys = [{"document_id": each["document_id"]} for each in items]
    return chance.choice(
        [
            ("BatchWriteItem", {"RequestItems": {"results": [{"PutRequest": {"Item": i}} for i in items]}}),
            (
                "PutItem",
                {
                    "TableName": "results",
                    "Item": items[0],
                    "ConditionExpression": NEWER,
                    "ExpressionAttributeNames": {"#n": "n"},
                    "ExpressionAttributeValues": {":n": items[0]["n"]},
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                },
            ),
            ("GetItem", {"TableName": "results", "Key": keys[0], "ConsistentRead": True}),
            (
                "BatchGetItem",
                {
                    "RequestItems": {
                        "results": {
                            "Keys": keys,
                            "ConsistentRead": True,
                            "ProjectionExpression": "document_id, #n",
                            "ExpressionAttributeNames": {"#n": "n"},
                        }
                    }
                },
            ),
        ]
    )


def normal(answer: dict[str, Any]) -> dict[str, Any]:
    """Return of an answer what both must say alike: messages and the order of items are free."""
    wanted = {name: answer[name] for name in ("Item", "Responses", "UnprocessedItems") if name in answer}
    if "Responses" in wanted:
        wanted["Responses"] = sorted(
            wanted["Responses"]["results"], key=lambda each: each["document_id"]["S"]
        )
    return wanted


def test_the_table_answers_as_moto_does(moto_client: Any) -> None:
    """Two hundred requests one after the other, refused ones among them, leave the same items in both."""
    chance, table, codes = random.Random(15), make_table(), set[str]()  # noqa: S311 - a test
    for _ in range(200):
        operation, request = a_request(chance)
        method = getattr(moto_client, {"PutItem": "put_item", "GetItem": "get_item"}.get(operation, ""), None)
        method = (
            method
            or {
                "BatchWriteItem": moto_client.batch_write_item,
                "BatchGetItem": moto_client.batch_get_item,
            }[operation]
        )
        try:
            expected = normal(method(**request))
        except ClientError as error:
            expected = {"code": error.response["Error"]["Code"], "item": error.response.get("Item")}
            codes.add(expected["code"])
        try:
            found = normal(table.call(operation, request))
        except ServiceError as error:
            found = {"code": error.code, "item": error.fields.get("Item")}
        assert found == expected, (operation, request)
    stored = {each["document_id"]["S"]: each for each in moto_client.scan(TableName="results")["Items"]}
    assert table.items == stored
    assert codes == {"ConditionalCheckFailedException"}


def test_what_there_is_no_room_for_is_left_over_or_throttled() -> None:
    """Part of a batch is an answer with unprocessed items; all of it, or a single put, is an error."""
    table = make_table(units=2)
    batch = {"RequestItems": {"results": [{"PutRequest": {"Item": item(name, 1)}} for name in "abc"]}}
    answer = table.call("BatchWriteItem", {**batch, "ReturnConsumedCapacity": "TOTAL"})
    (left,) = answer["UnprocessedItems"]["results"]
    assert left == {"PutRequest": {"Item": item("c", 1)}}
    assert answer["ConsumedCapacity"] == [{"TableName": "results", "CapacityUnits": 2.0}]
    with pytest.raises(ServiceError) as caught:
        table.call("BatchWriteItem", batch)
    assert caught.value.fields["ThrottlingReasons"]
    with pytest.raises(ServiceError, match="ProvisionedThroughputExceeded"):
        table.call("PutItem", {"TableName": "results", "Item": item("d", 1)})


def test_what_the_table_refuses_fails_the_whole_batch() -> None:
    """DynamoDB does not say which item of a BatchWriteItem is wrong, and stores none."""
    table = make_table()
    wrong = {**item("b", 1), "label": {"S": REFUSED_LABEL}}
    batch = {"RequestItems": {"results": [{"PutRequest": {"Item": each}} for each in (item("a", 1), wrong)]}}
    with pytest.raises(ServiceError, match="ValidationException"):
        table.call("BatchWriteItem", batch)
    assert table.items == {}


def test_a_key_twice_or_a_batch_too_large_is_refused() -> None:
    """As by DynamoDB: a function that sent one would not be noticed otherwise."""
    table = make_table()
    for keys in (["a", "a"], [f"d{n}" for n in range(26)]):
        entries = [{"PutRequest": {"Item": item(key, 1)}} for key in keys]
        with pytest.raises(ServiceError, match="ValidationException"):
            table.call("BatchWriteItem", {"RequestItems": {"results": entries}})


def insert(*items: dict[str, Any]) -> dict[str, Any]:
    """A request of INSERT statements; moto knows none with parameters, so the API reference is the model."""
    statements = [
        {
            "Statement": 'INSERT INTO "results" VALUE {' + ", ".join(f"'{name}': ?" for name in each) + "}",
            "Parameters": [*each.values()],
        }
        for each in items
    ]
    return {"Statements": statements, "ReturnConsumedCapacity": "INDEXES"}


def test_inserts_are_answered_one_by_one() -> None:
    """What exists is refused and billed, what is wrong is refused, what has no room is throttled."""
    table = make_table(units=3)
    table.call("BatchExecuteStatement", insert(item("a", 1)))
    refused = {**item("b", 1), "label": {"S": REFUSED_LABEL}}
    answer = table.call("BatchExecuteStatement", insert(item("a", 2), refused, item("c", 1), item("d", 1)))
    codes = [each.get("Error", {}).get("Code") for each in answer["Responses"]]
    assert codes == ["DuplicateItem", "ValidationError", None, "ProvisionedThroughputExceeded"]
    assert table.items == {"a": item("a", 1), "c": item("c", 1)}
    assert answer["ConsumedCapacity"][0]["Table"] == {"CapacityUnits": 2.0}


def test_only_inserts_of_this_table_are_known() -> None:
    """Any other statement is noticed."""
    for statement in ("SELECT * FROM results", "INSERT INTO \"other\" VALUE {'document_id': ?}"):
        with pytest.raises(ServiceError, match="ValidationException"):
            make_table().call(
                "BatchExecuteStatement",
                {"Statements": [{"Statement": statement, "Parameters": [{"S": "a"}]}]},
            )
