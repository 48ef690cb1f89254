"""One suite over the fakes that the unit tests believe in, local AWS, and a real account on request.

``SMARTCAT_CONTRACT_AWS=1`` adds the account and region of the environment: table and bucket are made there
and deleted again.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from smartcat.local_aws.local_aws import LocalAws
from stream_processor.adapters.dynamodb_results import DynamoDbResults
from stream_processor.adapters.s3_quarantine import S3Quarantine
from stream_processor.adapters.system_clock import SystemClock
from stream_processor.storage_format.document_version import stored_version
from stream_processor.storage_format.quarantine_object import RejectedRecord, object_key
from stream_processor.storage_format.record_position import RecordPosition
from stream_processor.storage_format.result_item import ResultItem
from support.processor_fakes import ARRIVED, FakeClock, FakeQuarantine, FakeTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stream_processor.core.ports import Quarantine, ResultTable

CAPACITY = 5
"""Write units a second, and in store at first, of the tables that throttle."""

SECONDS = 5.0
PREFIX = "quarantine/"
EVERYWHERE = ["fake", "local", *(["aws"] if os.environ.get("SMARTCAT_CONTRACT_AWS") else [])]
SCRIPTED = ["fake", "local"]
"""A real table's burst credit is its own business."""


@dataclass
class Backend:
    """The two ports and how a test sees what they hold."""

    table: ResultTable
    quarantine: Quarantine
    items: Callable[[], dict[str, Any]]
    objects: Callable[[], set[str]]
    break_quarantine: Callable[[], None]


def item(number: int, label: str = "payslip", *, record: int = 5) -> ResultItem:
    """Make a result of one write unit, of the record with this sequence number."""
    attributes = {
        "document_id": {"S": f"d-{number}"},
        "label": {"S": label},
        "sequence_number": {"S": str(record)},
        "model_version": {"S": "m1"},
    }
    return ResultItem(f"d-{number}", attributes, units=1, review=False)


def rejected(number: int) -> RejectedRecord:
    """Make a rejected record."""
    arrived = datetime.fromtimestamp(ARRIVED, UTC)
    position = RecordPosition("documents", "shardId-000000000000", str(number), None, "key", arrived)
    return RejectedRecord(position, "bad_json", "expected a JSON object", data=b"\x00\xff")


def fake() -> Iterator[Backend]:
    """Give the unit tests' fakes, with a table that takes as many items as the local one holds units."""
    table, quarantine, room = FakeTable(FakeClock()), FakeQuarantine(), [CAPACITY]

    def admit(_request: int, items: Any) -> list[bool]:
        taken = min(room[0], len(items))
        room[0] -= taken
        return [place < taken for place in range(len(items))]

    def fail() -> None:
        quarantine.fails = lambda _: True

    table.admit = admit
    table.reasons = ("TableWriteProvisionedThroughputExceeded",)
    yield Backend(
        table,
        quarantine,
        items=lambda: table.items,
        objects=lambda: {object_key(PREFIX, stored) for stored in quarantine.stored.values()},
        break_quarantine=fail,
    )


def remote(clients: Callable[[str], Any]) -> Iterator[Backend]:
    """Give the adapters over a table and a bucket of their own."""
    dynamodb, s3, name = clients("dynamodb"), clients("s3"), f"smartcat-contract-{uuid.uuid4().hex[:12]}"
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "document_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "document_id", "KeyType": "HASH"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": CAPACITY},
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    region = s3.meta.region_name
    elsewhere = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **elsewhere)

    def objects() -> set[str]:
        return {entry["Key"] for entry in s3.list_objects_v2(Bucket=name).get("Contents", ())}

    def items() -> dict[str, Any]:
        found = dynamodb.scan(TableName=name, ConsistentRead=True)["Items"]
        return {entry["document_id"]["S"]: entry for entry in found}

    def empty() -> None:
        for key in objects():
            s3.delete_object(Bucket=name, Key=key)

    def delete_bucket() -> None:
        empty()
        s3.delete_bucket(Bucket=name)

    clock = SystemClock()
    quarantine = S3Quarantine(lambda: s3, name, prefix=PREFIX, clock=clock, report_problem=lambda _: None)
    table = DynamoDbResults(dynamodb, name, sleep=clock.sleep)
    yield Backend(table, quarantine, items, objects, delete_bucket)
    dynamodb.delete_table(TableName=name)
    if name in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        delete_bucket()


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """Local AWS whose clock stands still, so that nothing refills."""
    with LocalAws(initial_burst_seconds=1, clock=lambda: 1000.0) as running:
        yield running


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Give the backend that the test names."""
    if request.param == "fake":
        yield from fake()
    elif request.param == "local":
        aws: LocalAws = request.getfixturevalue("local_aws")
        environment = aws.environment_variables()
        session = boto3.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
        )
        yield from remote(lambda service: session.client(service, endpoint_url=aws.endpoint_url))
    else:
        yield from remote(boto3.client)


@pytest.mark.parametrize("backend", EVERYWHERE, indirect=True)
def test_what_is_put_is_there_and_its_cost_is_told(backend: Backend) -> None:
    """Items are stored as given, nothing is left over, and the units are those planned."""
    outcome = backend.table.put([item(1), item(2)], seconds=SECONDS)
    assert (outcome.unprocessed, outcome.invalid, outcome.throttled) == ((), (), False)
    assert outcome.units == 2
    assert backend.items() == {each.document_id: each.attributes for each in (item(1), item(2))}


@pytest.mark.parametrize("backend", EVERYWHERE, indirect=True)
def test_the_same_item_twice_is_one_item_and_a_later_one_replaces_it(backend: Backend) -> None:
    """A put is idempotent, a later version replaces, an earlier one does not; what was met is told."""
    first, later, earlier = item(1), item(1, "loan_offer", record=10), item(1, "other", record=4)
    assert not backend.table.put([first], seconds=SECONDS).met_stored
    assert backend.table.put([first], seconds=SECONDS).kept == (first,)
    assert not backend.table.put([later], seconds=SECONDS).met_stored
    assert backend.table.put([earlier], seconds=SECONDS).superseded == (earlier,)
    assert backend.items() == {"d-1": later.attributes}


@pytest.mark.parametrize("backend", EVERYWHERE, indirect=True)
def test_what_exists_among_new_items_is_told_and_stays(backend: Backend) -> None:
    """Of several items in a request the new ones are stored; the table can be asked what the others met."""
    stored, again, new = item(1, record=10), item(1, "other", record=4), item(2)
    backend.table.put([stored], seconds=SECONDS)
    outcome = backend.table.put([again, new], seconds=SECONDS)
    assert (outcome.exists, outcome.units) == ((again,), 2)
    assert backend.items() == {"d-1": stored.attributes, "d-2": new.attributes}
    assert backend.table.stored([again, item(3)]) == {"d-1": stored_version(stored.attributes), "d-3": None}
    assert backend.table.put([replace(again, conditional=True)], seconds=SECONDS).superseded


@pytest.mark.parametrize("backend", SCRIPTED, indirect=True)
def test_what_finds_no_capacity_comes_back_in_order(backend: Backend) -> None:
    """A partly served request stores what fits, returns the rest as given, and names no reason."""
    sent = [item(number) for number in range(CAPACITY + 3)]
    outcome = backend.table.put(sent, seconds=SECONDS)
    assert outcome.unprocessed == tuple(sent[CAPACITY:])
    assert (outcome.units, outcome.throttled, outcome.reasons) == (CAPACITY, True, ())
    assert len(backend.items()) == CAPACITY


@pytest.mark.parametrize("backend", SCRIPTED, indirect=True)
def test_a_request_without_any_capacity_is_an_outcome_with_its_reason(backend: Backend) -> None:
    """Nothing is stored, everything comes back, and of one item alone the table says what was short."""
    backend.table.put([item(number) for number in range(CAPACITY)], seconds=SECONDS)
    outcome = backend.table.put([item(90), item(91)], seconds=SECONDS)
    assert outcome.unprocessed == (item(90), item(91))
    assert (outcome.units, outcome.throttled, outcome.reasons) == (0, True, ())
    outcome = backend.table.put([item(90)], seconds=SECONDS)
    assert outcome.reasons == ("TableWriteProvisionedThroughputExceeded",)


@pytest.mark.parametrize("backend", EVERYWHERE, indirect=True)
def test_rejected_record_is_stored_once_however_often_it_comes(backend: Backend) -> None:
    """Two rejected records, one of them twice, are two objects, and none is returned."""
    assert backend.quarantine.store([rejected(1), rejected(2)], seconds=SECONDS) == ()
    assert backend.quarantine.store([rejected(1)], seconds=SECONDS) == ()
    assert backend.objects() == {object_key(PREFIX, rejected(1)), object_key(PREFIX, rejected(2))}


@pytest.mark.parametrize("backend", EVERYWHERE, indirect=True)
def test_rejected_record_that_cannot_be_stored_comes_back(backend: Backend) -> None:
    """A quarantine that is gone raises nothing and returns everything, in order."""
    backend.break_quarantine()
    left = backend.quarantine.store([rejected(1), rejected(2)], seconds=0.0)
    assert left == (rejected(1), rejected(2))
