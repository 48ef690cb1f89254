"""DynamoDB's write throttling as boto3 sees it, against local AWS with a clock that the tests move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from smartcat.local_aws.account import REGION
from smartcat.local_aws.local_aws import LocalAws
from support.tables import create, item, puts, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from support.clock import Clock

ARN = f"arn:aws:dynamodb:{REGION}:123456789012:table"


@pytest.fixture(scope="module")
def local_aws(clock: Clock) -> Iterator[LocalAws]:
    """Local AWS whose new tables start with two seconds' worth of units."""
    with LocalAws(initial_burst_seconds=2, clock=clock) as running:
        yield running


@pytest.fixture(scope="module")
def dynamodb(local_aws: LocalAws, impatient: Callable[[str, LocalAws], DynamoDBClient]) -> DynamoDBClient:
    """Give a client of the service."""
    return impatient("dynamodb", local_aws)


@pytest.fixture
def table(dynamodb: DynamoDBClient, request: pytest.FixtureRequest) -> Iterator[str]:
    """A table of 5 write units a second, named after its test, that starts with 10 units."""
    name = request.node.name.partition("[")[0][-60:]
    create(dynamodb, name, units=5)
    yield name
    dynamodb.delete_table(TableName=name)


def test_a_batch_beyond_the_capacity_is_partly_unprocessed(dynamodb: DynamoDBClient, table: str) -> None:
    """Ten units of credit admit ten items of 25; the other fifteen come back as they were sent."""
    sent = puts(*(item(number) for number in range(25)))
    answer = dynamodb.batch_write_item(RequestItems={table: sent}, ReturnConsumedCapacity="TOTAL")
    assert answer["UnprocessedItems"] == {table: sent[10:]}
    assert answer["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 10.0}]
    assert stored(dynamodb, table) == {str(number) for number in range(10)}


def test_a_batch_of_which_nothing_fits_is_rejected_with_its_reason(
    dynamodb: DynamoDBClient, table: str
) -> None:
    """With no credit left the call fails, naming the reason and the table's ARN as botocore parses them."""
    dynamodb.batch_write_item(RequestItems={table: puts(*(item(number) for number in range(10)))})
    with pytest.raises(dynamodb.exceptions.ProvisionedThroughputExceededException) as caught:
        dynamodb.batch_write_item(RequestItems={table: puts(item("a"), item("b"))})
    response: Any = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["ThrottlingReasons"] == [
        {"reason": "TableWriteProvisionedThroughputExceeded", "resource": f"{ARN}/{table}"}
    ]
    assert response["Error"]["Message"].startswith("The level of configured provisioned throughput")


def test_capacity_comes_back_with_time(dynamodb: DynamoDBClient, table: str, clock: Clock) -> None:
    """Two seconds at 5 units/s admit ten more items of 25."""
    dynamodb.batch_write_item(RequestItems={table: puts(*(item(number) for number in range(10)))})
    clock.now += 2
    answer = dynamodb.batch_write_item(RequestItems={table: puts(*(item(number) for number in range(25)))})
    assert len(answer["UnprocessedItems"][table]) == 15


def test_larger_items_cost_more_units(dynamodb: DynamoDBClient, table: str) -> None:
    """An item of 2,500 bytes costs 3 units: three fit into ten, and one small item beside them."""
    big = [item(number, 2500) for number in range(5)]
    answer = dynamodb.batch_write_item(RequestItems={table: puts(*big, item("small"))})
    assert answer["UnprocessedItems"] == {table: puts(*big[3:])}


@pytest.mark.parametrize(("size", "units"), [(1024, 1.0), (1025, 2.0), (5000, 5.0)])
def test_put_item_reports_what_it_consumed(
    dynamodb: DynamoDBClient, table: str, size: int, units: float
) -> None:
    """ConsumedCapacity is the item's started KiB, and INDEXES says how much of it was the table's."""
    answer = dynamodb.put_item(TableName=table, Item=item("a", size), ReturnConsumedCapacity="INDEXES")
    assert answer["ConsumedCapacity"] == {
        "TableName": table,
        "CapacityUnits": units,
        "Table": {"CapacityUnits": units},
    }


def test_a_write_is_billed_by_the_larger_of_old_and_new(dynamodb: DynamoDBClient, table: str) -> None:
    """Replacing 3 KB by 100 bytes costs 3; deleting those 100 bytes costs 1; deleting nothing costs 1."""

    def consumed(answer: Any) -> float:
        return float(answer["ConsumedCapacity"]["CapacityUnits"])

    total = {"ReturnConsumedCapacity": "TOTAL"}
    key = {"id": {"S": "a"}}
    assert consumed(dynamodb.put_item(TableName=table, Item=item("a", 3000), **total)) == 3
    assert consumed(dynamodb.put_item(TableName=table, Item=item("a"), **total)) == 3
    assert consumed(dynamodb.delete_item(TableName=table, Key=key, **total)) == 1
    assert consumed(dynamodb.delete_item(TableName=table, Key=key, **total)) == 1


def test_an_update_is_billed_by_the_item_it_leaves(
    dynamodb: DynamoDBClient, table: str, local_aws: LocalAws
) -> None:
    """An update that grows an item to 3 KB costs 3 units, and the table's credit shows it."""
    answer = dynamodb.update_item(
        TableName=table,
        Key={"id": {"S": "a"}},
        UpdateExpression="SET t = :t",
        ExpressionAttributeValues={":t": {"S": "x" * 2500}},
        ReturnConsumedCapacity="TOTAL",
    )
    assert answer["ConsumedCapacity"]["CapacityUnits"] == 3
    assert local_aws.gauges()["tables"][table]["burst_credit"] == pytest.approx(7)


def test_a_failed_condition_costs_its_write(
    dynamodb: DynamoDBClient, table: str, local_aws: LocalAws
) -> None:
    """Ten failed conditions use up ten units, so the eleventh is throttled."""
    dynamodb.put_item(TableName=table, Item=item("a"))
    for _ in range(9):
        with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
            dynamodb.put_item(TableName=table, Item=item("a"), ConditionExpression="attribute_not_exists(id)")
    with pytest.raises(dynamodb.exceptions.ProvisionedThroughputExceededException):
        dynamodb.put_item(TableName=table, Item=item("b"))
    assert local_aws.gauges()["tables"][table]["consumed_write_units"] == 10


def test_an_invalid_write_costs_nothing(dynamodb: DynamoDBClient, table: str, local_aws: LocalAws) -> None:
    """A write that DynamoDB answers with a validation error gives its units back."""
    with pytest.raises(ClientError, match="ValidationException"):
        dynamodb.put_item(TableName=table, Item={"id": {"S": ""}, "t": {"S": "x"}})
    gauges = local_aws.gauges()["tables"][table]
    assert (gauges["consumed_write_units"], gauges["burst_credit"]) == (0, pytest.approx(10))


def test_more_than_25_items_are_rejected(dynamodb: DynamoDBClient, table: str) -> None:
    """A batch of 26 is a ValidationException, as on AWS, and writes nothing."""
    with pytest.raises(ClientError, match=r"ValidationException.*Too many items requested"):
        dynamodb.batch_write_item(RequestItems={table: puts(*(item(number) for number in range(26)))})
    assert stored(dynamodb, table) == set()


def test_two_writes_to_one_key_reject_the_whole_batch(dynamodb: DynamoDBClient, table: str) -> None:
    """A put and a delete of one key in one batch are a ValidationException, and nothing is written."""
    requests: Any = [*puts(item("a"), item("b")), {"DeleteRequest": {"Key": {"id": {"S": "a"}}}}]
    with pytest.raises(ClientError, match=r"ValidationException.*contains duplicates"):
        dynamodb.batch_write_item(RequestItems={table: requests})
    assert stored(dynamodb, table) == set()


def test_a_transaction_costs_double_and_is_all_or_nothing(dynamodb: DynamoDBClient, table: str) -> None:
    """Six items cost 12 of 10 units: cancelled with the throttled entry's code; five cost 10 and go."""

    def write(count: int) -> Any:
        entries: Any = [{"Put": {"TableName": table, "Item": item(number)}} for number in range(count)]
        return dynamodb.transact_write_items(TransactItems=entries, ReturnConsumedCapacity="TOTAL")

    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        write(6)
    codes = [reason["Code"] for reason in caught.value.response["CancellationReasons"]]
    assert codes == ["None"] * 5 + ["ProvisionedThroughputExceeded"]
    assert stored(dynamodb, table) == set()
    assert write(5)["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 10.0}]


def test_an_index_has_its_own_units_and_can_throttle_the_table(dynamodb: DynamoDBClient) -> None:
    """An index of 1 unit/s (2 of credit) stops the third write that it takes part in, not the others."""
    index = {
        "IndexName": "by-label",
        "KeySchema": [{"AttributeName": "label", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
        "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    }
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "label")]
    create(dynamodb, "indexed", units=50, AttributeDefinitions=attributes, GlobalSecondaryIndexes=[index])
    for number in range(2):
        answer = dynamodb.put_item(
            TableName="indexed",
            Item={**item(number, 2000), "label": {"S": "payslip"}},
            ReturnConsumedCapacity="INDEXES",
        )
        assert answer["ConsumedCapacity"]["CapacityUnits"] == 3
        assert answer["ConsumedCapacity"]["GlobalSecondaryIndexes"] == {"by-label": {"CapacityUnits": 1}}
    with pytest.raises(dynamodb.exceptions.ProvisionedThroughputExceededException) as caught:
        dynamodb.put_item(TableName="indexed", Item={**item("c"), "label": {"S": "payslip"}})
    assert caught.value.response["ThrottlingReasons"] == [
        {"reason": "IndexWriteProvisionedThroughputExceeded", "resource": f"{ARN}/indexed/index/by-label"}
    ]
    dynamodb.put_item(TableName="indexed", Item=item("d"))


def test_the_gauges_count_requests_items_and_units(
    dynamodb: DynamoDBClient, table: str, local_aws: LocalAws
) -> None:
    """One partly and one wholly rejected request: 2 requests of 2, 5 items, 10 units."""
    dynamodb.batch_write_item(RequestItems={table: puts(*(item(number) for number in range(14)))})
    with pytest.raises(dynamodb.exceptions.ProvisionedThroughputExceededException):
        dynamodb.put_item(TableName=table, Item=item("z"))
    assert local_aws.gauges()["tables"][table] == {
        "provisioned_write_units": 5,
        "consumed_write_units": 10,
        "throttled_requests": 2,
        "throttled_items": 5,
        "write_requests": 2,
        "written_items": 10,
        "burst_credit": pytest.approx(0),
        "partitions": 1,
    }


def test_a_write_to_a_missing_table_gets_dynamodbs_own_error(dynamodb: DynamoDBClient) -> None:
    """What cannot be metered is answered by the service itself."""
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.put_item(TableName="missing", Item=item("a"))


def inserts(table: str, *items: dict[str, Any]) -> list[Any]:
    """The statements that insert these items."""
    return [
        {
            "Statement": f"INSERT INTO \"{table}\" VALUE {{'id': ?, 't': ?}}",
            "Parameters": [each["id"], each["t"]],
        }
        for each in items
    ]


def test_a_batch_of_inserts_is_admitted_statement_by_statement(dynamodb: DynamoDBClient, table: str) -> None:
    """Ten units: nine new items, one that exists, which is refused and billed; the rest is throttled."""
    dynamodb.put_item(TableName=table, Item=item(3, 1000))
    answer = dynamodb.batch_execute_statement(
        Statements=inserts(table, *(item(number) for number in range(12))), ReturnConsumedCapacity="INDEXES"
    )
    codes = [each["Error"]["Code"] if "Error" in each else "" for each in answer["Responses"]]
    assert codes == ["", "", "", "DuplicateItem", *[""] * 5, *["ProvisionedThroughputExceeded"] * 3]
    assert answer["ConsumedCapacity"] == [
        {"TableName": table, "CapacityUnits": 9.0, "Table": {"CapacityUnits": 9.0}}
    ]
    kept = dynamodb.get_item(TableName=table, Key={"id": {"S": "3"}})["Item"]
    assert kept == item(3, 1000)
    assert stored(dynamodb, table) == {str(number) for number in range(9)}
