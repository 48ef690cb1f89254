"""The condition that DynamoDB evaluates, against an emulated table: it is the order of versions, no other."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from smartcat.local_aws.moto_patches import patched_moto
from stream_processor.adapters.canary_item import canary_put
from stream_processor.adapters.conditional_put import conditional_put
from stream_processor.adapters.dynamodb_results import DynamoDbResults
from stream_processor.adapters.insert_statements import insert_request
from stream_processor.storage_format.document_version import encode_version, standing, stored_version
from stream_processor.storage_format.result_item import ResultItem
from support.tables import create

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def client() -> Iterator[Any]:
    """An emulated DynamoDB with a table of results."""
    with mock_aws(), patched_moto():
        made = boto3.client(
            "dynamodb", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        create(made, "results", units=None, key="document_id")
        yield made


def version(
    number: str, sub: int | None, given: int | datetime | None = None, *, model: str = "m1", key: str = "a"
) -> ResultItem:
    """A version of one document."""
    attributes: dict[str, Any] = {
        "document_id": {"S": key},
        "sequence_number": {"S": number},
        "model_version": {"S": model},
    }
    if sub is not None:
        attributes["sub_sequence_number"] = {"N": str(sub)}
    if given is not None:
        attributes["version"] = encode_version(given)
    return ResultItem(key, attributes, 1, review=False, conditional=True)


@pytest.mark.parametrize(
    ("stored", "put", "replaced"),
    [
        (("5", None), ("6", None), True),
        (("6", None), ("5", None), False),
        (("9", None), ("10", None), True),  # as texts, 10 comes before 9
        (("10", None), ("9", None), False),
        (("5", 2), ("5", 3), True),
        (("5", 9), ("5", 10), True),
        (("5", 3), ("5", 2), False),
        (("5", None), ("5", 0), True),
        (("5", 0), ("5", None), False),
        (("5", 0), ("6", None), True),
        (("6", None, 1), ("5", None, 2), True),
        (("5", None, 2), ("6", None, 1), False),
        (("5", None, 9), ("5", None, 10), True),
        (("5", None), ("4", None, 0), True),
        (("4", None, 0), ("5", None), False),
        (("9", None, 2**63 - 1), ("5", None, datetime(2026, 1, 1, tzinfo=UTC)), True),
        (("5", None, datetime(2026, 1, 1, tzinfo=UTC)), ("9", None, 2**63 - 1), False),
        (("5", None, 7), ("6", None, 7), True),
        (("6", 1, 7), ("6", 0, 7), False),
    ],
)
def test_a_later_version_replaces_and_an_earlier_one_does_not(
    client: Any, stored: tuple[Any, ...], put: tuple[Any, ...], *, replaced: bool
) -> None:
    """A producer's version goes first, then the sequence number, then the place in an aggregate."""
    table = DynamoDbResults(client, "results", sleep=lambda _: None)
    table.put([version(*stored)], seconds=1)
    outcome = table.put([version(*put)], seconds=1)
    assert client.scan(TableName="results")["Items"] == [version(*(put if replaced else stored)).attributes]
    assert bool(outcome.superseded) != replaced
    assert outcome.units == 1.0


def test_the_same_version_is_replaced_by_another_model_alone(client: Any) -> None:
    """A repeat writes nothing; a stream read again after a change of the model gets its results."""
    table = DynamoDbResults(client, "results", sleep=lambda _: None)
    for sub in (None, 3):
        item, other = version("5", sub, key=f"k{sub}"), version("5", sub, model="m2", key=f"k{sub}")
        table.put([item], seconds=1)
        repeat = table.put([item], seconds=1)
        assert (repeat.kept, repeat.superseded, repeat.met_stored) == ((item,), (), True)
        assert not table.put([other], seconds=1).met_stored


def test_what_smartcat_did_not_write_is_replaced(client: Any) -> None:
    """An item without a sequence number is of no version."""
    client.put_item(TableName="results", Item={"document_id": {"S": "a"}, "note": {"S": "by hand"}})
    DynamoDbResults(client, "results", sleep=lambda _: None).put([version("5", None)], seconds=1)
    assert client.scan(TableName="results")["Items"] == [version("5", None).attributes]


def test_dynamodb_and_the_processor_have_one_order_of_versions() -> None:
    """Of random pairs, the condition holds for those where the processor says that the stored is earlier."""
    rng = random.Random(3)  # noqa: S311 - a test's choice, not a secret
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = [start + timedelta(microseconds=step) for step in (0, 1, 999_999, 1_000_000)]
    found = Counter[str]()
    for _ in range(600):
        stored, put = (
            version(
                rng.choice(["9", "10"]),
                rng.choice([None, 0, 9, 10]),
                rng.choice([None, None, 9, 10, *times]),
                model=rng.choice(["m1", "m2"]),
            )
            for _ in range(2)
        )
        call = conditional_put("results", put)
        condition = get_filter_expression(
            call["ConditionExpression"], call["ExpressionAttributeNames"], call["ExpressionAttributeValues"]
        )
        holds = condition.expr(Item(DynamoType({"S": "a"}), None, dict(stored.attributes)))
        judged = standing(put.attributes, stored_version(stored.attributes))
        assert bool(holds) == (judged == "earlier")
        found[judged] += 1
    assert min(found.values()) > 5


def test_a_new_document_is_stored_either_way(client: Any) -> None:
    """Where nothing is stored, nothing is later; plain items go along in a request of their own."""
    plain = [ResultItem(key, {"document_id": {"S": key}}, 1, review=False) for key in "bc"]
    table = DynamoDbResults(client, "results", sleep=lambda _: None)
    outcome = table.put([version("5", None), *plain], seconds=1)
    assert outcome.requests == 2
    assert client.scan(TableName="results")["Count"] == 3


@pytest.mark.parametrize("stored", [("9", None), ("1", None, 3)])
def test_a_request_that_lands_late_replaces_nothing_newer(client: Any, stored: tuple[Any, ...]) -> None:
    """Whatever the function has sent may land after the client gave up and a later version was stored."""
    late = version("5", None)
    DynamoDbResults(client, "results", sleep=lambda _: None).put([version(*stored)], seconds=1)
    client.batch_execute_statement(**insert_request("results", [late]))
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(**conditional_put("results", late))
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(**canary_put("results", late))
    assert client.scan(TableName="results")["Items"] == [version(*stored).attributes]
