"""The stream as boto3 sees it: one PutRecords call, the open shards, the size of a record. Decides nothing.

Knows nothing of documents, and retries nothing. An answer counts only if it holds what was asked for:
anything else, whatever its status, is not known now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from producers.aws_failures import SHARD_THROTTLING_CODES, failure_of
from producers.core.kinesis_limits import DEFAULT_RECORD_BYTES
from producers.core.outcomes import Accepted, Failure
from producers.core.shards import ShardMap, ShardRange
from smartcat.aws_errors import RETRYABLE_CODES
from smartcat.stream_names import parse_stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

    from producers.core.kinesis_limits import Entry

MALFORMED: Final = "MalformedResponse"
"""Our code for an answer that lacks what was asked for."""


class KinesisStream:
    """One stream.

    Args:
        client: A Kinesis client that does not retry by itself.
        stream: Name or ARN of the stream.

    Raises:
        ValueError: It is neither.
    """

    def __init__(self, client: KinesisClient, stream: str) -> None:
        self._client = client
        self._stream: Any = parse_stream(stream).request

    def put_records(self, entries: Sequence[Entry]) -> list[Accepted | Failure]:
        """Make one PutRecords call.

        Args:
            entries: Within the limits of a request.

        Returns:
            A result for each entry, in order. It raises nothing: an unforeseen error is a failure too, by its
            name alone, because its message may quote the documents.
        """
        try:
            response = self._client.put_records(
                Records=[_request_entry(entry) for entry in entries], **self._stream
            )
            return _results(entries, response)
        except Exception as error:  # noqa: BLE001 - a thread that ends would leave its documents without an outcome
            return [failure_of(error)] * len(entries)

    def list_shards(self) -> ShardMap | Failure:
        """Return the open shards, or why they are not known."""
        try:
            pages = self._client.get_paginator("list_shards").paginate(**self._stream)
            shards = ShardMap(
                [_range(shard) for page in pages for shard in page["Shards"] if _is_open(shard)]
            )
        except Exception as error:  # noqa: BLE001 - as for put_records
            return failure_of(error)
        return shards if shards.is_complete else _malformed("the open shards do not cover the hash keys")

    def max_record_bytes(self) -> int | Failure:
        """Return the largest record the stream accepts, or why it is not known.

        Returns:
            Bytes of data and partition key; the default of 1 MiB where an answer that names the stream
            names no limit, as emulators and AWS before 2025 do.
        """
        try:
            response = self._client.describe_stream_summary(**self._stream)
            summary: Mapping[str, Any] = response["StreamDescriptionSummary"]
            if not summary["StreamName"]:
                return _malformed("the description has no name of a stream")
            return max(DEFAULT_RECORD_BYTES, int(summary.get("MaxRecordSizeInKiB") or 0) * 1024)
        except Exception as error:  # noqa: BLE001 - as for put_records
            return failure_of(error)


def _request_entry(entry: Entry) -> PutRecordsRequestEntryTypeDef:
    if entry.explicit_hash_key is None:
        return {"Data": entry.data, "PartitionKey": entry.partition_key}
    return {
        "Data": entry.data,
        "PartitionKey": entry.partition_key,
        "ExplicitHashKey": entry.explicit_hash_key,
    }


def _results(entries: Sequence[Entry], response: Mapping[str, Any]) -> list[Accepted | Failure]:
    """Match entries and results by their index, which is all that PutRecords offers."""
    records = response.get("Records", [])
    if len(records) != len(entries):
        explanation = f"Kinesis returned {len(records)} results for {len(entries)} records"
        return [_malformed(explanation, of_request=True)] * len(entries)
    return [_result(record) for record in records]


def _result(record: Mapping[str, Any]) -> Accepted | Failure:
    code = record.get("ErrorCode")
    if code:
        return Failure(
            str(code),
            "Kinesis did not accept the record",
            retryable=code in RETRYABLE_CODES,
            throttled=code in SHARD_THROTTLING_CODES,
        )
    shard_id, number = record.get("ShardId"), record.get("SequenceNumber")
    if not isinstance(shard_id, str) or not shard_id:
        return _malformed("Kinesis returned no shard")
    if not isinstance(number, str) or not number.isdecimal():
        return _malformed("Kinesis returned no sequence number")
    return Accepted(shard_id, number)


def _malformed(explanation: str, *, of_request: bool = False) -> Failure:
    return Failure(MALFORMED, explanation, retryable=True, of_request=of_request)


def _is_open(shard: Mapping[str, Any]) -> bool:
    """Return whether a shard accepts records; a closed one has an ending sequence number."""
    return "EndingSequenceNumber" not in shard.get("SequenceNumberRange", {})


def _range(shard: Mapping[str, Any]) -> ShardRange:
    keys = shard["HashKeyRange"]
    return ShardRange(shard["ShardId"], int(keys["StartingHashKey"]), int(keys["EndingHashKey"]))
