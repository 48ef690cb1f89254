"""Patches of moto while local AWS runs, where it loses, duplicates or stalls records, or is open to others.

Nothing else of moto is changed, and everything is restored afterwards. Seen in moto 5.2.5:

* After a split or a merge, moto keeps writing to the closed parent, and the children stay empty; a merge
  copies the parents' records into the child, where a consumer reads them a second time.
* The shards created by a split or a merge number their records from 1 again, so that a key's later record
  has a lower number than its earlier one.
* A record on the very last hash of a shard finds no shard (HTTP 500).
* Numbering a record and starting a read both walk over all records of the shard.
* Serializing an attribute value looks for each of DynamoDB's ten types under all aliases of its name: a scan
  of 400 items takes two seconds.
* PartiQL's INSERT replaces what exists, and each statement copies every item of every table.
* S3 checks the condition of a PutObject and writes the object in two steps: two concurrent requests for the
  same object may both succeed.
* Each request lists moto's folder of services, which takes longer than most answers.
* Every answer invites every web page to read it (CORS).
* The ARN of a stream's consumer lacks the number at its end; a consumer may be registered twice and for a
  stream that does not exist, and deregistering one by its name removes all the others.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from moto import backends
from moto.core.exceptions import JsonRESTError
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.exceptions import (
    DynamodbException,
    MockValidationException,
    ResourceNotFoundException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.kinesis.exceptions import ResourceInUseError, ResourceNotFoundError
from moto.kinesis.models import Consumer, KinesisBackend, Record, Shard, Stream
from moto.moto_server import werkzeug_app
from moto.s3.responses import S3Response

from smartcat.local_aws.dynamodb.partiql_inserts import read_insert
from smartcat.local_aws.kinesis.shards import hash_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_RECORDS_READ = 10_000  # API reference of GetRecords
MAX_CONSUMERS = 20  # API reference of RegisterStreamConsumer

_list_services = backends.list_of_moto_modules
_batch_execute_statement = DynamoDBBackend.batch_execute_statement
_check_key = Stream.get_shard_for_key
_register = KinesisBackend.register_stream_consumer
_serialize_structure = BaseJSONSerializer._serialize_type_structure  # noqa: SLF001 - patched below


class LimitExceededError(JsonRESTError):
    """Kinesis has as many of these as it allows."""

    def __init__(self, message: str) -> None:
        super().__init__("LimitExceededException", message)


@cache
def _services() -> tuple[str, ...]:
    return tuple(_list_services())


def _open_shard_for_key(stream: Any, partition_key: str, explicit_hash_key: str | None) -> Any:
    # Called for its errors; its result may be a closed shard.
    _check_key(stream, partition_key, explicit_hash_key or "")
    hash_value = hash_key(partition_key, explicit_hash_key or None)
    for shard in stream.shards.values():
        if shard.is_open and shard.starting_hash <= hash_value <= shard.ending_hash:
            return shard
    return None


def _keep_parent_records(reshard: Callable[[Any, str, str], None]) -> Callable[[Any, str, str], None]:
    """Return a split or merge that leaves the parents' records in the parents, as consumers expect."""

    def resharded(stream: Any, shard_id: str, other: str) -> None:
        # `other` is the second parent of a merge, and a hash key, thus no shard, of a split.
        parents = [stream.shards[name] for name in (shard_id, other) if name in stream.shards]
        records = [parent.records for parent in parents]
        before, known = max(map(_last_sequence_number, parents), default=0), set(stream.shards)
        for parent in parents:
            parent.records = OrderedDict()
        try:
            reshard(stream, shard_id, other)
        finally:
            for parent, kept in zip(parents, records, strict=True):
                parent.records = kept
        for child in (shard for name, shard in stream.shards.items() if name not in known):
            child.last_parent_number = before

    return resharded


def _last_parent_number(shard: Any) -> int:
    """Return the highest sequence number of a shard's parents; 0 without parents."""
    return int(getattr(shard, "last_parent_number", 0))


def _last_sequence_number(shard: Any) -> int:
    return next(reversed(shard.records), _last_parent_number(shard))


def _put_record(shard: Any, partition_key: str, data: str, explicit_hash_key: str) -> str:
    number = _last_sequence_number(shard) + 1
    shard.records[number] = Record(partition_key, data, number, explicit_hash_key)
    return str(number)


def _records_after(shard: Any, last_sequence_id: str, limit: int | None) -> tuple[list[Any], int, int]:
    # Sequence numbers of a shard have no gaps, so a number gives the index.
    start = max(0, int(last_sequence_id) - _last_parent_number(shard))
    records = list(
        islice(shard.records.values(), start, start + min(limit or MAX_RECORDS_READ, MAX_RECORDS_READ))
    )
    if not records:
        return [], int(last_sequence_id), 0
    newest = shard.records[_last_sequence_number(shard)]
    behind = int((newest.created_at - records[-1].created_at) * 1000)
    return records, records[-1].sequence_number, behind


def _serialize_attribute_value(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    if shape.name != "AttributeValue" or type(value) is not dict or len(value) != 1 or not key:
        _serialize_structure(serializer, serialized, value, shape, key)
        return
    ((data_type, content),) = value.items()
    member = shape.members.get(data_type)
    wrapper: dict[str, Any] = {}
    if member is not None and content is not None:
        serializer._serialize(wrapper, content, member, data_type)  # noqa: SLF001 - the same
    serialized[serializer.get_serialized_name(shape, key)] = wrapper


def _insert_statements(backend: Any, statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    inserts = [read_insert(each["Statement"], each.get("Parameters", ())) for each in statements]
    if not all(inserts):
        return _batch_execute_statement(backend, statements)
    return [_insert(backend, *insert) for insert in inserts if insert is not None]


def _insert(backend: Any, table_name: str, item: Any) -> dict[str, Any]:
    """Store an item where there is none, and answer as to one statement of a batch."""
    try:
        table = backend.get_table(table_name)
        keys = [
            DynamoType(item[name]) for name in (table.hash_key_attr, table.range_key_attr) if name in item
        ]
        if table.hash_key_attr in item and table.get_item(*keys) is not None:
            return _failed("DuplicateItem", "Duplicate primary key exists in table", table_name)
        table.put_item(item)
    except ResourceNotFoundException:
        return _failed("ResourceNotFound", "Requested resource not found", table_name)
    except MockValidationException as problem:
        return _failed("ValidationError", str(problem.message), table_name)
    except DynamodbException as problem:
        return _failed("InternalServerError", type(problem).__name__, table_name)
    return {"TableName": table_name}


def _failed(code: str, message: str, table_name: str) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": message}, "TableName": table_name}


def _consumer_with_number(init: Callable[..., None]) -> Callable[..., None]:
    def initialized(consumer: Any, *arguments: Any) -> None:
        init(consumer, *arguments)
        consumer.consumer_arn = f"{consumer.consumer_arn}:{int(consumer.created.timestamp())}"

    return initialized


def _register_consumer(backend: Any, stream_arn: str, consumer_name: str) -> Any:
    stream = _stream_of(backend, stream_arn)
    if any(consumer.consumer_name == consumer_name for consumer in stream.consumers):
        raise ResourceInUseError(f"Consumer {consumer_name} already exists.")
    if len(stream.consumers) >= MAX_CONSUMERS:
        raise LimitExceededError(f"A stream has at most {MAX_CONSUMERS} consumers.")
    return _register(backend, stream_arn, consumer_name)


def _deregister_consumer(backend: Any, stream_arn: str, consumer_name: str, consumer_arn: str) -> None:
    found = backend.describe_stream_consumer(stream_arn, consumer_name, consumer_arn)
    stream = _stream_of(backend, found.stream_arn)
    stream.consumers = [each for each in stream.consumers if each is not found]


def _stream_of(backend: Any, stream_arn: str) -> Any:
    stream = backend._find_stream_by_arn(stream_arn)  # noqa: SLF001 - the same
    if stream is None:
        raise ResourceNotFoundError(f"Stream {stream_arn} not found.")
    return stream


def _serialized(method: Callable[[Any], Any]) -> Callable[[Any], Any]:
    lock = threading.Lock()

    def locked(responder: Any) -> Any:
        with lock:
            return method(responder)

    return locked


_PATCHES: tuple[tuple[Any, str, Any], ...] = (
    (backends, "list_of_moto_modules", _services),
    (DynamoDBBackend, "batch_execute_statement", _insert_statements),
    (Stream, "get_shard_for_key", _open_shard_for_key),
    (Stream, "split_shard", _keep_parent_records(Stream.split_shard)),
    (Stream, "merge_shards", _keep_parent_records(Stream.merge_shards)),
    (Consumer, "__init__", _consumer_with_number(Consumer.__init__)),
    (KinesisBackend, "register_stream_consumer", _register_consumer),
    (KinesisBackend, "deregister_stream_consumer", _deregister_consumer),
    (Shard, "put_record", _put_record),
    (Shard, "get_max_sequence_number", _last_sequence_number),
    (Shard, "get_records", _records_after),
    (BaseJSONSerializer, "_serialize_type_structure", _serialize_attribute_value),
    (S3Response, "put_object", _serialized(S3Response.put_object)),
    (werkzeug_app, "DISABLE_GLOBAL_CORS", True),
)


@contextmanager
def patched_moto() -> Iterator[None]:
    """Patch moto for the duration of a ``with`` block."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in _PATCHES]
    for owner, name, repair in _PATCHES:
        setattr(owner, name, repair)
    try:
        yield
    finally:
        for owner, name, original in before:
            setattr(owner, name, original)
