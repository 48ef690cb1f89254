"""The records of a Kinesis put request, with shard and size; limits and error responses. Pure.

Limits and wording of errors: API reference of PutRecord and PutRecords.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smartcat.local_aws.account import ACCOUNT_ID
from smartcat.local_aws.kinesis.shards import DEFAULT_MAX_RECORD_KIB, LARGEST_MAX_RECORD_KIB, hash_key
from smartcat.local_aws.server.rejected_requests import RejectedRequestError, UnmeteredError
from smartcat.local_aws.server.wsgi import base64_size, json_response

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from smartcat.local_aws.kinesis.shards import Shard, StreamCapacity
    from smartcat.local_aws.server.wsgi import Response

MAX_RECORDS = 500
MAX_REQUEST_BYTES = 10 * 1024 * 1024
# Limits of moto's PutRecords; larger requests are forwarded in parts.
MOTO_REQUEST_BYTES = 5 * 1024 * 1024
MOTO_RECORD_BYTES = 1024 * 1024

THROTTLED = "ProvisionedThroughputExceededException"


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a request, its shard, and its size in bytes (data and partition key)."""

    position: int
    entry: Mapping[str, Any]
    size: int
    shard: Shard


def read_records(stream: StreamCapacity, entries: object) -> list[Record]:
    """Return the records of a PutRecords request, each with its shard and size.

    Raises:
        RejectedRequestError: Too many records, a record too large, or too many bytes in all.
        UnmeteredError: The request is malformed.
    """
    if not isinstance(entries, list):
        raise UnmeteredError
    if len(entries) > MAX_RECORDS:
        raise _too_long("records", MAX_RECORDS)
    records = [read_record(stream, entry, position) for position, entry in enumerate(entries)]
    if sum(record.size for record in records) > MAX_REQUEST_BYTES:
        raise RejectedRequestError("Records size exceeds 10 MB limit", error="InvalidArgumentException")
    return records


def read_record(stream: StreamCapacity, entry: Mapping[str, Any], position: int | None = None) -> Record:
    """Return one record with its shard and size; `position` counts from 0, None for a PutRecord request.

    Raises:
        RejectedRequestError: The record is larger than its stream allows.
        UnmeteredError: The record is malformed.
    """
    try:
        partition_key = entry["PartitionKey"]
        size = base64_size(entry["Data"]) + len(partition_key.encode())
        shard = stream.shard_for(hash_key(partition_key, entry.get("ExplicitHashKey")))
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise UnmeteredError from problem
    limit = stream.max_record_kib * 1024
    if size > limit:
        raise _too_long("data" if position is None else f"records.{position + 1}.member.data", limit)
    return Record(position or 0, entry, size, shard)


def moto_parts(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Yield the records in order, in parts that moto accepts; a record above 1 MiB is a part of its own."""
    part: list[Record] = []
    size = 0
    for record in records:
        alone = record.size > MOTO_RECORD_BYTES
        if part and (alone or size + record.size > MOTO_REQUEST_BYTES):
            yield part
            part, size = [], 0
        part.append(record)
        size += record.size
        if alone:
            yield part
            part, size = [], 0
    if part:
        yield part


def checked_limit(kib: object) -> int:
    """Return a stream's record limit in KiB.

    Raises:
        RejectedRequestError: It is outside 1,024 to 10,240.
    """
    if not isinstance(kib, int) or not DEFAULT_MAX_RECORD_KIB <= kib <= LARGEST_MAX_RECORD_KIB:
        raise RejectedRequestError(
            f"1 validation error detected: Value '{kib}' at 'maxRecordSizeInKiB' failed to satisfy "
            f"constraint: Member must have value between {DEFAULT_MAX_RECORD_KIB} and "
            f"{LARGEST_MAX_RECORD_KIB}",
        )
    return kib


def throttled_text(stream: StreamCapacity, record: Record) -> str:
    """Return the message for a record that exceeds its shard's limits."""
    shard = record.shard.shard_id
    return f"Rate exceeded for shard {shard} in stream {stream.name} under account {ACCOUNT_ID}."


def throttled_entry(stream: StreamCapacity, record: Record) -> dict[str, Any]:
    """Return the entry of a PutRecords response for a record that exceeds its shard's limits."""
    return {"ErrorCode": THROTTLED, "ErrorMessage": throttled_text(stream, record)}


def error_response(error: str, message: str) -> Response:
    """Return the response to a rejected or throttled call."""
    return json_response({"__type": error, "message": message}, status=400, version="1.1")


def _too_long(where: str, limit: int) -> RejectedRequestError:
    return RejectedRequestError(
        f"1 validation error detected: Value at '{where}' failed to satisfy constraint: "
        f"Member must have length less than or equal to {limit}",
    )


def stream_name(request: Mapping[str, Any]) -> str:
    """Return the name of the stream that a request names, by name or by ARN.

    Raises:
        UnmeteredError: It names none.
    """
    name = request.get("StreamName") or request.get("StreamARN")
    if not isinstance(name, str):
        raise UnmeteredError
    return name.rpartition("/")[2]
