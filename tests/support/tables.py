"""Tables, and items of known sizes, for tests on an emulated DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WAIT_FOR_RESULTS = """
import os, sys, time, boto3
table = boto3.resource("dynamodb").Table(os.environ["SMARTCAT_TABLE"])
while table.scan(Select="COUNT")["Count"] < int(sys.argv[1]):
    time.sleep(0.2)
"""
#: A program that ends once the table has as many results as its argument says; a command of ours at each look
#: would take a second each time.


def create(dynamodb: DynamoDBClient, name: str, *, units: int | None, key: str = "id", **more: Any) -> None:
    """Create a table of so many write units a second, under a key that is text; None makes it on-demand."""
    mode: dict[str, Any] = {"BillingMode": "PAY_PER_REQUEST"}
    if units is not None:
        mode = {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": units}}
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=more.pop("AttributeDefinitions", [{"AttributeName": key, "AttributeType": "S"}]),
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        **mode,
        **more,
    )


def item(name: object, size: int = 100) -> dict[str, Any]:
    """An item of exactly `size` bytes: 2 for ``id``, its value, 1 for ``t``, and text."""
    return {"id": {"S": str(name)}, "t": {"S": "x" * (size - 3 - len(str(name)))}}


def puts(*items: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of a batch that puts these items."""
    return [{"PutRequest": {"Item": each}} for each in items]


def stored(dynamodb: DynamoDBClient, table: str) -> set[str]:
    """The ids of all stored items."""
    return {each["id"]["S"] for each in dynamodb.scan(TableName=table)["Items"]}
