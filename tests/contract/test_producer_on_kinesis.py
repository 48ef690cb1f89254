"""The producer against a Kinesis that enforces its limits and can be resharded, and other readers."""

from __future__ import annotations

import base64
import json
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from aws_kinesis_agg.deaggregator import deaggregate_records

from producers import Aggregation, Document, DocumentTooLargeError, Options, Producer
from smartcat.local_aws.event_source_mapping.mappings import EventSourceMappings
from smartcat.local_aws.lambda_runtime.host import InvokeResult
from smartcat.local_aws.local_aws import LocalAws
from smartcat.wire_format.document import from_bytes
from stream_processor.core.kinesis_event import read_event
from support.targets import aws_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_kinesis import KinesisClient

    from producers import Receipt

PAGE = "Kontoauszug Nr. 7 vom 1. Mai. Neuer Saldo. " * 80


@pytest.fixture(scope="module")
def local_aws(request: pytest.FixtureRequest) -> Iterator[LocalAws | SimpleNamespace]:
    """One Kinesis for the module, of local AWS or, with --target localstack, the one of LocalStack."""
    if request.config.getoption("--target") == "localstack":
        yield SimpleNamespace(endpoint_url=aws_environment("localstack")["AWS_ENDPOINT_URL"])
        return
    with LocalAws() as running:
        yield running


def document(name: str, version: int = 0) -> Document:
    """Make a document of one page."""
    return Document(document_id=name, pages=(f"{version} {PAGE}",))


def records(kinesis: KinesisClient, stream: str) -> list[dict[str, Any]]:
    """Every record of the stream as a Lambda event has it, shard by shard."""
    found = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        for record in kinesis.get_records(ShardIterator=iterator)["Records"]:
            inner = {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record["PartitionKey"],
                "sequenceNumber": record["SequenceNumber"],
                "data": base64.b64encode(record["Data"]).decode(),
                "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
            }
            event_id = f"{shard['ShardId']}:{record['SequenceNumber']}"
            arn = f"arn:aws:kinesis:eu-west-1:000000000000:stream/{stream}"
            found.append({"eventID": event_id, "eventSourceARN": arn, "kinesis": inner})
    return found


def processed(kinesis: KinesisClient, stream: str) -> dict[tuple[str, str, int | None], Document]:
    """What the processor reads: a document by shard, sequence number and index."""
    event = {"Records": records(kinesis, stream)}
    batch = read_event(event, max_document_bytes=2**22, max_batch_text=2**30)
    return {
        (
            part.position.shard_id,
            part.position.sequence_number,
            part.position.sub_sequence_number,
        ): part.document
        for record in batch.records
        for part in record.documents
    }


def record_id(receipt: Receipt) -> tuple[str, str, int | None]:
    """Where a receipt says the document is."""
    return receipt.shard_id, receipt.sequence_number, receipt.sub_sequence_number


@pytest.mark.parametrize(
    ("aggregate", "together"), [(True, False), (True, True), (False, False)], ids=["kpl", "together", "plain"]
)
def test_the_processor_finds_each_document_where_its_receipt_says(
    kinesis: KinesisClient, stream: str, *, aggregate: bool, together: bool
) -> None:
    """Shard, sequence number and index in the aggregate lead to the document that was put."""
    options = Options(aggregation=Aggregation(together=together))
    documents = [document(f"d{number}") for number in range(120)]
    with Producer(stream, client=kinesis, aggregate=aggregate, options=options) as producer:
        futures = [producer.put(each) for each in documents]
    found = processed(kinesis, stream)
    assert [found[record_id(future.result())] for future in futures] == documents
    assert len(found) == 120


def test_a_stream_is_used_by_its_arn(kinesis: KinesisClient, stream: str) -> None:
    """Its shards, its record limit and its records: everything works as by its name."""
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    with Producer(arn, client=kinesis) as out:
        receipts = [out.put(document(f"d{number}")) for number in range(20)]
        with pytest.raises(DocumentTooLargeError):
            out.put_raw(bytes(2**21), "large")
    found = processed(kinesis, stream)
    for number, each in enumerate(receipts):
        receipt = each.result()
        position = (receipt.shard_id, receipt.sequence_number, receipt.sub_sequence_number)
        assert found[position] == document(f"d{number}")
    assert {record["kinesis"]["partitionKey"][:5] for record in records(kinesis, stream)} == {"lane-"}


def test_the_readers_of_aws_kinesis_agg_find_every_document(kinesis: KinesisClient, stream: str) -> None:
    """What the producer sends is read by the package, each under its own id."""
    with Producer(stream, client=kinesis) as producer:
        for number in range(120):
            producer.put(document(f"d{number}"))
    found = {
        each["kinesis"]["partitionKey"]: from_bytes(base64.b64decode(each["kinesis"]["data"]))
        for each in deaggregate_records(records(kinesis, stream))
    }
    assert found == {f"d{number}": document(f"d{number}") for number in range(120)}
    assert producer.report.kinesis_records < 20


@pytest.mark.parametrize("aggregate", [True, False], ids=["kpl", "plain"])
def test_resharding_in_mid_run_loses_and_reorders_nothing(
    kinesis: KinesisClient, stream: str, *, aggregate: bool
) -> None:
    """Through a split and a merge, each id's versions are in order, and every receipt is true."""
    reshards = {
        1: lambda: kinesis.split_shard(
            StreamName=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**126)
        ),
        2: lambda: kinesis.merge_shards(
            StreamName=stream,
            ShardToMerge="shardId-000000000003",
            AdjacentShardToMerge="shardId-000000000001",
        ),
    }
    futures = []
    with Producer(stream, client=kinesis, aggregate=aggregate) as producer:
        for version in range(3):
            reshards.get(version, lambda: None)()
            futures += [producer.put(document(f"d{number}", version)) for number in range(60)]
            producer.flush()
    found = processed(kinesis, stream)
    for number, future in enumerate(futures):
        assert found[record_id(future.result())] == document(f"d{number % 60}", number // 60)
    for number in range(60):
        ids = [record_id(futures[version * 60 + number].result()) for version in range(3)]
        numbers = [int(sequence) for _, sequence, _ in ids]
        assert numbers == sorted(numbers)


def test_a_stream_that_takes_larger_records_is_used_for_them(
    kinesis: KinesisClient, stream: str, request: pytest.FixtureRequest
) -> None:
    """A document above 1 MiB is rejected, and is sent once the stream's limit is raised."""
    if request.config.getoption("--target") == "localstack":
        pytest.skip("LocalStack 4.14.0 has no streams for records above 1 MiB")
    noise = "".join(chr(0x4E00 + (number * 7919) % 20_000) for number in range(600_000))
    large = Document(document_id="large", pages=(noise,))
    with Producer(stream, client=kinesis) as producer, pytest.raises(DocumentTooLargeError, match="1048576"):
        producer.put(large)
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=2048)
    with Producer(stream, client=kinesis) as producer:
        future = producer.put(large)
    assert processed(kinesis, stream)[record_id(future.result())] == large


@pytest.mark.parametrize("aggregate", [True, False], ids=["kpl", "plain"])
def test_the_mapping_delivers_each_document_once_and_in_order(
    kinesis: KinesisClient,
    stream: str,
    local_aws: LocalAws,
    *,
    aggregate: bool,
) -> None:
    """The event source mapping reads what the producer put; the processor's decoding finds all of it."""
    seen: list[tuple[str, str]] = []

    def function(_arn: str, payload: bytes) -> InvokeResult:
        batch = read_event(json.loads(payload), max_document_bytes=2**22, max_batch_text=2**30)
        for record in batch.records:
            seen.extend((part.document.document_id, part.document.pages[0]) for part in record.documents)
        return InvokeResult(200, b"{}", None, request_id="r")

    with Producer(stream, client=kinesis, aggregate=aggregate) as producer:
        for version in range(3):
            for number in range(40):
                producer.put(document(f"d{number}", version))
    mappings = EventSourceMappings(local_aws.endpoint_url, function)
    try:
        arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
        where = {
            "EventSourceArn": arn,
            "FunctionName": arn.replace("kinesis", "lambda").split("stream/")[0] + "function:f",
        }
        mappings.create({**where, "StartingPosition": "TRIM_HORIZON", "BatchSize": 100})
        deadline = time.monotonic() + 30
        while len(seen) < 120 and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        mappings.stop()
    assert len(seen) == 120
    for number in range(40):
        expected = [document(f"d{number}", version).pages[0] for version in range(3)]
        assert [page for name, page in seen if name == f"d{number}"] == expected
