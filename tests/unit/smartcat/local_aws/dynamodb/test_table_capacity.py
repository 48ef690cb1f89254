from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.local_aws.dynamodb.table_capacity import Charge, ItemSizes, TableCapacity

ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/results"


def describe(*, units: int = 5, on_demand: bool = False, indexes: Any = ()) -> dict[str, Any]:
    """A TableDescription with what the capacity is read from."""
    return {
        "TableName": "results",
        "TableArn": ARN,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST" if on_demand else "PROVISIONED"},
        "ProvisionedThroughput": {"WriteCapacityUnits": 0 if on_demand else units},
        "GlobalSecondaryIndexes": list(indexes),
    }


def index(projection: dict[str, Any], *, units: int = 1) -> dict[str, Any]:
    """An index on ``label`` with this projection."""
    return {
        "IndexName": "by-label",
        "KeySchema": [{"AttributeName": "label", "KeyType": "HASH"}],
        "Projection": projection,
        "ProvisionedThroughput": {"WriteCapacityUnits": units},
    }


def capacity(description: dict[str, Any], **options: Any) -> TableCapacity:
    """A table as of second 0."""
    return TableCapacity(description, now=0.0, **{"initial_burst_seconds": 0, **options})


def admitted(table: TableCapacity, units: int, now: float, *, keys: int = 1) -> int:
    """How many single units of so many the table admits at a moment, spread over so many keys."""
    names = [table.key_of({"id": {"S": str(number)}}) for number in range(keys)]
    return sum(table.admit(Charge(1), names[number % keys], now) is None for number in range(units))


def test_without_credit_a_table_admits_exactly_its_rate() -> None:
    """5 units/s and an empty start: nothing, then five, then five."""
    table = capacity(describe())
    assert [admitted(table, 100, now) for now in (0.0, 1.0, 2.0)] == [0, 5, 5]


def test_a_full_start_has_300_seconds_of_credit() -> None:
    """5 units/s with all credit: 1,000 at once (one partition's second), the other 500 a second later."""
    table = capacity(describe(), initial_burst_seconds=300)
    assert table.gauges(0.0)["burst_credit"] == 1500
    assert [admitted(table, 2000, now) for now in (0.0, 1.0, 2.0)] == [1000, 505, 5]


def test_partitions_follow_the_provisioned_units() -> None:
    """2,500 units are three partitions: 3,000 units in one second with credit and many keys, never more."""
    table = capacity(describe(units=2500), initial_burst_seconds=300)
    assert admitted(table, 9000, 0.0, keys=300) == 3000


def test_a_hot_key_gets_one_partitions_units_while_others_go_on() -> None:
    """5,000 units/s: one key takes 1,000 and is rejected for its key range; other partitions stay full."""
    table = capacity(describe(units=5000), initial_burst_seconds=300)
    assert admitted(table, 1500, 0.0) == 1000
    reason = table.admit(Charge(1), table.key_of({"id": {"S": "0"}}), 0.0)
    assert reason is not None
    assert (reason.reason, reason.resource) == ("TableWriteKeyRangeThroughputExceeded", ARN)
    assert admitted(table, 9000, 0.0, keys=300) == 4000
    assert admitted(table, 1500, 1.0) == 1000


def test_the_sort_key_does_not_choose_the_partition() -> None:
    """Items of one partition key share its partition, whatever their sort keys are."""
    description = describe(units=5000)
    description["KeySchema"].append({"AttributeName": "page", "KeyType": "RANGE"})
    table = capacity(description, initial_burst_seconds=300)
    keys = [table.key_of({"id": {"S": "a\nb"}, "page": {"N": str(page)}}) for page in range(1500)]
    assert len(set(keys)) == 1500
    assert sum(table.admit(Charge(1), key, 0.0) is None for key in keys) == 1000


def test_lowering_the_capacity_keeps_the_partitions() -> None:
    """From 5 to 2,500 units and back to 5: three partitions stay, and the table's own 5 units/s rule."""
    table = capacity(describe())
    table.update(describe(units=2500), maximum_units=None, now=1.0)
    table.update(describe(), maximum_units=None, now=2.0)
    assert table.gauges(2.0)["partitions"] == 3
    assert admitted(table, 5000, 600.0, keys=300) == 1500
    assert admitted(table, 100, 601.0, keys=300) == 5


def test_the_rejection_names_reason_and_resource() -> None:
    """The table's own units are asked first, then the partition ceiling."""
    empty = capacity(describe()).admit(Charge(1), "k", 0.0)
    assert empty is not None
    assert (empty.reason, empty.resource) == ("TableWriteProvisionedThroughputExceeded", ARN)
    rich = capacity(describe(), initial_burst_seconds=300)
    rich.admit(Charge(1000), "k", 0.0)
    ceiling = rich.admit(Charge(1), "k", 0.0)
    assert ceiling is not None
    assert ceiling.reason == "TableWriteKeyRangeThroughputExceeded"


def test_a_rejected_write_is_neither_taken_nor_counted() -> None:
    """The counter of consumed units moves with admitted writes alone, and back with settled ones."""
    table = capacity(describe())
    table.admit(Charge(5), "k", 0.9)
    assert table.consumed == 0
    table.admit(Charge(3), "k", 1.0)
    table.adjust(Charge(2), "k", 1.0)
    assert (table.consumed, table.gauges(1.0)["burst_credit"]) == (5, 0)
    table.adjust(Charge(-5), "k", 1.0)
    assert (table.consumed, table.gauges(1.0)["burst_credit"]) == (0, 5)


def test_a_change_to_on_demand_and_back_is_followed() -> None:
    """5 units/s, then 4,000, then a maximum of 7, then 10 provisioned ones."""
    table = capacity(describe())
    table.update(describe(on_demand=True), maximum_units=None, now=10.0)
    assert table.provisioned_units == 4000
    assert admitted(table, 12_000, 20.0, keys=300) == 4000
    table.update(describe(on_demand=True), maximum_units=7, now=30.0)
    assert admitted(table, 100, 40.0) == 7
    reason = table.admit(Charge(1), "k", 40.0)
    assert reason is not None
    assert reason.on_demand
    table.update(describe(units=10), maximum_units=None, now=40.0)
    assert admitted(table, 100, 41.0) == 10


@pytest.mark.parametrize(
    ("projection", "units"),
    [
        ({"ProjectionType": "ALL"}, 3),
        ({"ProjectionType": "KEYS_ONLY"}, 1),
        ({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["text"]}, 3),
        ({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["other"]}, 1),
    ],
)
def test_an_index_costs_what_it_projects(projection: dict[str, Any], units: int) -> None:
    """A 2.5 KB item costs the index the started KiB of the attributes that the index holds."""
    table = capacity(describe(indexes=[index(projection)]))
    item = {"id": {"S": "a"}, "label": {"S": "x"}, "text": {"S": "t" * 2500}, "other": {"S": "o"}}
    price = table.price(table.key_of(item), table.sizes_of(item))
    assert price == Charge(3, {"by-label": units})
    assert price.total == 3 + units


def test_an_item_without_the_index_key_costs_the_index_nothing() -> None:
    """A sparse index takes no part; deleting an item that it held costs it the old size."""
    table = capacity(describe(indexes=[index({"ProjectionType": "ALL"})]))
    bare, full = {"id": {"S": "a"}}, {"id": {"S": "a"}, "label": {"S": "x" * 1500}}
    key = table.key_of(bare)
    assert table.price(key, table.sizes_of(bare)) == Charge(1)
    table.remember(key, table.sizes_of(full))
    assert table.price(key, None) == Charge(2, {"by-label": 2})
    table.remember(key, None)
    assert table.price(key, None) == Charge(1)


def test_an_index_without_units_left_rejects_for_the_table() -> None:
    """The index's rejection takes nothing from the table, and names the index."""
    table = capacity(describe(indexes=[index({"ProjectionType": "ALL"})]), initial_burst_seconds=1)
    assert table.admit(Charge(1, {"by-label": 1}), "k", 0.0) is None
    reason = table.admit(Charge(1, {"by-label": 1}), "k", 0.0)
    assert reason is not None
    assert (reason.reason, reason.resource) == (
        "IndexWriteProvisionedThroughputExceeded",
        f"{ARN}/index/by-label",
    )
    assert table.gauges(0.0)["burst_credit"] == 4


def test_a_key_needs_every_key_attribute() -> None:
    """An item without its key is told by the attribute's name; equal keys are one, however written."""
    table = capacity(describe())
    with pytest.raises(ValueError, match="expected the key attribute id"):
        table.key_of({"label": {"S": "x"}})
    assert table.key_of({"id": {"S": "a"}, "x": {"N": "1"}}) == table.key_of({"id": {"S": "a"}})
    assert table.key_of({"id": {"S": "1"}}) != table.key_of({"id": {"N": "1"}})


@given(st.integers(0, 409600), st.integers(0, 409600))
def test_a_write_never_costs_less_than_either_item(old: int, new: int) -> None:
    """The price covers the old and the new item, and no more than the larger of them."""
    table = capacity(describe())
    table.remember("k", ItemSizes(old))
    units = table.price("k", ItemSizes(new)).total
    assert (units - 1) * 1024 < max(old, new, 1) <= units * 1024


@given(
    units=st.integers(1, 3000),
    burst=st.floats(0, 300),
    steps=st.lists(st.tuples(st.floats(0, 20), st.integers(1, 40)), max_size=60),
)
def test_a_table_consumes_no_more_than_it_was_given(
    units: int, burst: float, steps: list[tuple[float, int]]
) -> None:
    """All units ever admitted stay within the initial credit and the rate times the time."""
    table = capacity(describe(units=units), initial_burst_seconds=burst)
    now = 0.0
    for wait, cost in steps:
        now += wait
        table.admit(Charge(cost), "k", now)
    # One write may exceed a very small table's whole depth; nothing else may.
    assert table.consumed <= units * (burst + now) + 1e-3 + max(0, 40 - units * 300)
