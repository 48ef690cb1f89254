"""Partitions, on-demand tables and changes of capacity as boto3 sees them, with a clock that tests move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smartcat.local_aws.account import REGION
from smartcat.local_aws.local_aws import LocalAws
from support.tables import create, item, puts, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from support.clock import Clock

ARN = f"arn:aws:dynamodb:{REGION}:123456789012:table"
HOT = "TableWriteKeyRangeThroughputExceeded"


@pytest.fixture(scope="module")
def local_aws(clock: Clock) -> Iterator[LocalAws]:
    """Local AWS whose new tables start with two seconds' worth of units."""
    with LocalAws(initial_burst_seconds=2, clock=clock) as running:
        yield running


@pytest.fixture(scope="module")
def dynamodb(local_aws: LocalAws, impatient: Callable[[str, LocalAws], DynamoDBClient]) -> DynamoDBClient:
    """Give a client of the service."""
    return impatient("dynamodb", local_aws)


def throttling_reason(dynamodb: DynamoDBClient, table: str, entry: dict[str, Any]) -> str | None:
    """Put an item; the reason for which it was throttled, None if it was stored."""
    try:
        dynamodb.put_item(TableName=table, Item=entry)
    except dynamodb.exceptions.ProvisionedThroughputExceededException as caught:
        response: Any = caught.response
        (reason,) = response["ThrottlingReasons"]
        assert reason["resource"] == f"{ARN}/{table}"
        return str(reason["reason"])
    return None


def test_a_hot_key_is_throttled_while_other_partitions_go_on(dynamodb: DynamoDBClient, clock: Clock) -> None:
    """3,000 units/s in three partitions: two writes of 390 units to one key, two in each other partition."""
    create(dynamodb, "hot", units=3000)
    size = 390 * 1024
    assert [throttling_reason(dynamodb, "hot", item("hot", size)) for _ in range(3)] == [None, None, HOT]
    others = [throttling_reason(dynamodb, "hot", item(number, size)) for number in range(30)]
    assert (others.count(None), others.count(HOT)) == (4, 26)
    clock.now += 0.2
    assert throttling_reason(dynamodb, "hot", item("hot", size)) is None


def test_a_batch_with_a_hot_partition_is_partly_unprocessed(dynamodb: DynamoDBClient) -> None:
    """What belongs to the exhausted partition comes back, the rest is stored; no reason is told."""
    create(dynamodb, "mixed", units=3000)
    for _ in range(4):
        dynamodb.put_item(TableName="mixed", Item=item("hot", 250 * 1024))
    sent = puts(item("hot"), *(item(number) for number in range(24)))
    answer = dynamodb.batch_write_item(RequestItems={"mixed": sent})
    returned = {entry["PutRequest"]["Item"]["id"]["S"] for entry in answer["UnprocessedItems"]["mixed"]}
    assert "hot" in returned
    assert 1 < len(returned) < 25
    assert stored(dynamodb, "mixed") == {"hot"} | {str(number) for number in range(24)} - returned


def test_raised_capacity_brings_partitions_that_stay(
    dynamodb: DynamoDBClient, local_aws: LocalAws, clock: Clock
) -> None:
    """From 5 to 4,000 units/s and back: four partitions from the first change on."""
    create(dynamodb, "split", units=5)
    seen = []
    for units in (5, 4000, 10):
        if units != 5:
            dynamodb.update_table(
                TableName="split", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": units}
            )
        clock.now += 1
        seen.append(local_aws.gauges()["tables"]["split"]["partitions"])
    assert seen == [1, 4, 4]


def test_one_partition_takes_1000_units_a_second_whatever_the_credit(
    dynamodb: DynamoDBClient, clock: Clock
) -> None:
    """A table of 600 units with 1,200 saved still takes 1,000 at once: credit does not lift the ceiling."""
    create(dynamodb, "ceiling", units=600)
    found = [throttling_reason(dynamodb, "ceiling", item(number, 390 * 1024)) for number in range(3)]
    assert found == [None, None, HOT]
    clock.now += 0.2
    assert throttling_reason(dynamodb, "ceiling", item("c", 390 * 1024)) is None


def test_update_table_changes_the_rate_while_running(dynamodb: DynamoDBClient, clock: Clock) -> None:
    """5 units/s, then 20: a second brings 20; then 5 again: a second brings 5."""
    create(dynamodb, "changed", units=5)
    batch = puts(*(item(number) for number in range(25)))

    def stored_now() -> int:
        answer = dynamodb.batch_write_item(RequestItems={"changed": batch})
        return 25 - len(answer["UnprocessedItems"].get("changed", []))

    assert stored_now() == 10
    for units in (20, 5):
        dynamodb.update_table(
            TableName="changed", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": units}
        )
        clock.now += 1
        assert stored_now() == units


def test_an_on_demand_table_takes_4000_units_a_second(dynamodb: DynamoDBClient, clock: Clock) -> None:
    """A new on-demand table has four partitions, and each takes four writes of 250 units a second."""
    create(dynamodb, "on-demand", units=None)

    def stored_of_60() -> int:
        found = [throttling_reason(dynamodb, "on-demand", item(number, 250 * 1024)) for number in range(60)]
        assert set(found) == {None, HOT}
        return found.count(None)

    assert stored_of_60() == 16
    clock.now += 0.5
    assert stored_of_60() == 8


def test_an_on_demand_maximum_has_its_own_exception(dynamodb: DynamoDBClient) -> None:
    """Beyond MaxWriteRequestUnits the call fails with ThrottlingException and the maximum as its reason."""
    create(dynamodb, "maximum", units=None, OnDemandThroughput={"MaxWriteRequestUnits": 3})
    answer = dynamodb.batch_write_item(RequestItems={"maximum": puts(*(item(n) for n in range(5)))})
    assert len(answer["UnprocessedItems"]["maximum"]) == 2
    with pytest.raises(dynamodb.exceptions.ThrottlingException) as caught:
        dynamodb.put_item(TableName="maximum", Item=item("a"))
    response: Any = caught.value.response
    assert response["throttlingReasons"] == [
        {"reason": "TableWriteMaxOnDemandThroughputExceeded", "resource": f"{ARN}/maximum"}
    ]


def test_an_on_demand_maximum_can_be_changed_and_removed(dynamodb: DynamoDBClient, clock: Clock) -> None:
    """A maximum of 3, then of 8 by UpdateTable, then none (-1): a second brings 3, 8 and all 25."""
    create(dynamodb, "moved", units=None, OnDemandThroughput={"MaxWriteRequestUnits": 3})
    batch = puts(*(item(number) for number in range(25)))
    seen = []
    for maximum in (3, 8, -1):
        if maximum != 3:
            dynamodb.update_table(TableName="moved", OnDemandThroughput={"MaxWriteRequestUnits": maximum})
        clock.now += 1
        answer = dynamodb.batch_write_item(RequestItems={"moved": batch})
        seen.append(25 - len(answer["UnprocessedItems"].get("moved", [])))
    assert seen == [3, 8, 25]
