from __future__ import annotations

from typing import Any

import pytest

from smartcat.local_aws.dynamodb.table_capacity import Charge, TableCapacity
from smartcat.local_aws.dynamodb.writes import (
    batch_writes,
    consumed_capacity,
    insert_writes,
    single_write,
    table_name,
    transaction_writes,
)
from smartcat.local_aws.server.rejected_requests import RejectedRequestError, UnmeteredError


@pytest.fixture
def tables() -> dict[str, TableCapacity]:
    """Two tables by name, both keyed by ``id``."""
    return {
        name: TableCapacity(
            {
                "TableName": name,
                "TableArn": f"arn:aws:dynamodb:eu-central-1:123456789012:table/{name}",
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "ProvisionedThroughput": {"WriteCapacityUnits": 5},
            },
            now=0.0,
        )
        for name in ("one", "two")
    }


def put(name: str, size: int = 10) -> dict[str, Any]:
    """A batch entry that puts an item of about this size."""
    return {"PutRequest": {"Item": {"id": {"S": name}, "t": {"S": "x" * size}}}}


def delete(name: str) -> dict[str, Any]:
    """A batch entry that deletes."""
    return {"DeleteRequest": {"Key": {"id": {"S": name}}}}


def test_a_batch_is_read_in_order_over_all_its_tables(tables: dict[str, TableCapacity]) -> None:
    """Every entry becomes one write with its table, as named, and its price."""
    request = {"RequestItems": {"one": [put("a", 3000), delete("b")], "two": [put("a")]}}
    writes = batch_writes(request, tables.get)
    assert [(name, write.charge.total) for name, _, write in writes] == [("one", 3), ("one", 1), ("two", 1)]
    assert [entry for _, entry, _ in writes] == [put("a", 3000), delete("b"), put("a")]


def test_25_entries_are_the_limit_over_all_tables(tables: dict[str, TableCapacity]) -> None:
    """25 pass, a 26th rejects the whole request, whichever table it is for."""
    items = {"one": [put(str(number)) for number in range(20)], "two": [put(str(n)) for n in range(5)]}
    assert len(batch_writes({"RequestItems": items}, tables.get)) == 25
    items["two"].append(put("more"))
    with pytest.raises(RejectedRequestError, match="Too many items"):
        batch_writes({"RequestItems": items}, tables.get)


def test_one_key_twice_rejects_the_batch(tables: dict[str, TableCapacity]) -> None:
    """A put and a delete of one key collide; the same key in two tables does not."""
    batch_writes({"RequestItems": {"one": [put("a")], "two": [put("a")]}}, tables.get)
    with pytest.raises(RejectedRequestError, match="duplicates"):
        batch_writes({"RequestItems": {"one": [put("a"), delete("a")]}}, tables.get)


@pytest.mark.parametrize(
    "request_items",
    [
        None,
        [],
        {"missing": [{"PutRequest": {"Item": {"id": {"S": "a"}}}}]},
        {"one": [{"PutRequest": {"Item": {"no key": {"S": "a"}}}}]},
        {"one": [{"PutRequest": {"Item": {"id": {"S": 5}}}}]},
        {"one": [{"PutRequest": {}}]},
        {"one": [{"Unknown": {}}]},
        {"one": [{}]},
        {"one": 3},
    ],
)
def test_what_cannot_be_priced_is_left_to_the_service(
    tables: dict[str, TableCapacity], request_items: Any
) -> None:
    """A malformed batch, or one for an unknown table, is not ours to judge."""
    with pytest.raises(UnmeteredError):
        batch_writes({"RequestItems": request_items}, tables.get)


def test_an_update_is_priced_by_the_old_item_until_it_is_done(tables: dict[str, TableCapacity]) -> None:
    """An update of a remembered 3 KB item costs 3 before its outcome is known, of an unknown one 1."""
    first = single_write("PutItem", {"TableName": "one", **put("a", 3000)["PutRequest"]}, tables.get)
    tables["one"].remember(first.key, first.sizes)
    for name, units in (("a", 3), ("b", 1)):
        request = {"TableName": "one", "Key": {"id": {"S": name}}, "UpdateExpression": "SET t = :t"}
        write = single_write("UpdateItem", request, tables.get)
        assert (write.charge.total, write.is_update, write.sizes) == (units, True, None)


def test_a_transaction_pays_double_and_its_checks_pay_too(tables: dict[str, TableCapacity]) -> None:
    """A 3 KB put costs 6, a condition check 2, and the check changes nothing."""
    key = {"TableName": "one", "Key": {"id": {"S": "b"}}}
    request = {
        "TransactItems": [
            {"Put": {"TableName": "one", **put("a", 3000)["PutRequest"]}},
            {"ConditionCheck": key},
            {"Delete": {**key, "TableName": "two"}},
        ]
    }
    writes = transaction_writes(request, tables.get)
    assert [write.charge.total for write in writes] == [6, 2, 2]
    assert [write.changes for write in writes] == [True, False, True]


def test_consumed_capacity_is_summed_by_table(tables: dict[str, TableCapacity]) -> None:
    """Two writes to one table are one entry; INDEXES splits it into table and indexes."""
    writes = [
        write
        for _, _, write in batch_writes({"RequestItems": {"one": [put("a"), put("b", 2000)]}}, tables.get)
    ]
    assert consumed_capacity(writes, "TOTAL") == [{"TableName": "one", "CapacityUnits": 3}]
    writes[0].charge = Charge(1, {"by-label": 2})
    assert consumed_capacity(writes, "INDEXES") == [
        {
            "TableName": "one",
            "CapacityUnits": 5,
            "Table": {"CapacityUnits": 3},
            "GlobalSecondaryIndexes": {"by-label": {"CapacityUnits": 2}},
        }
    ]


def test_a_table_may_be_named_by_its_arn() -> None:
    """The last part of an ARN is the name."""
    assert table_name("arn:aws:dynamodb:eu-central-1:123456789012:table/results") == "results"
    assert table_name("results") == "results"


def insert(table: str, key: str) -> dict[str, Any]:
    """A statement that inserts an item."""
    return {"Statement": f"INSERT INTO \"{table}\" VALUE {{'id': ?}}", "Parameters": [{"S": key}]}


def test_a_batch_of_inserts_is_priced_like_puts(tables: dict[str, TableCapacity]) -> None:
    """25 statements are the limit, keys are distinct, and a batch that does anything else is not priced."""
    statements = [insert("one", "a"), insert("two", "a")]
    assert [write.table.name for write in insert_writes({"Statements": statements}, tables.get)] == [
        "one",
        "two",
    ]
    with pytest.raises(RejectedRequestError, match="same item"):
        insert_writes({"Statements": [insert("one", "a"), insert("one", "a")]}, tables.get)
    with pytest.raises(RejectedRequestError, match="less than or equal to 25"):
        insert_writes({"Statements": [insert("one", str(number)) for number in range(26)]}, tables.get)
    for other in ({"Statement": "SELECT * FROM one"}, {"no": "statement"}, insert("unknown", "a")):
        with pytest.raises(UnmeteredError):
            insert_writes({"Statements": [insert("one", "a"), other]}, tables.get)
