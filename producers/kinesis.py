"""The stream as boto3 sees it: one PutRecords call, the open shards, the size of a record. Decides nothing.

Knows nothing of documents, and retries nothing. No message of Kinesis that could hold page text leaves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.parsers import ResponseParserError

from producers.core.kinesis_limits import DEFAULT_RECORD_BYTES
from producers.core.outcomes import Accepted, Failure
from producers.core.shards import ShardMap, ShardRange
from smartcat.aws_errors import (
    ACCESS_DENIED_CODES,
    RETRYABLE_CODES,
    THROTTLING_CODES,
    error_code,
    is_retryable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

    from producers.core.kinesis_limits import Entry

# Of aws_errors.THROTTLING_CODES, those about the throughput of a shard; the others are about the account.
SHARD_THROTTLING_CODES: Final = THROTTLING_CODES & {
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
}

# The answer will be the same for a long time.
_LASTING_CODES: Final = ACCESS_DENIED_CODES | {"ResourceNotFoundException"}

# Messages of other codes may quote the request, which holds the documents.
_CODES_WITH_SAFE_MESSAGES: Final = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "InvalidSignatureException",
        "ResourceNotFoundException",
        "UnrecognizedClientException",
    }
)


class KinesisStream:
    """One stream.

    Args:
        client: A Kinesis client that does not retry by itself.
        stream_name: The stream.
    """

    def __init__(self, client: KinesisClient, stream_name: str) -> None:
        self._client = client
        self._stream_name = stream_name

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
                StreamName=self._stream_name,
                Records=[_request_entry(entry) for entry in entries],
            )
            return _results(entries, response.get("Records", []))
        except ClientError as error:
            failure = _request_failure(error.response)
        except (BotocoreConnectionError, HTTPClientError, ResponseParserError) as error:
            explanation = "no readable answer from Kinesis; it may have been accepted"
            failure = Failure(type(error).__name__, explanation, retryable=True)
        except Exception as error:  # noqa: BLE001 - a thread that ends would leave its documents without an outcome
            failure = Failure(type(error).__name__, "the request could not be made", retryable=False)
        return [failure] * len(entries)

    def list_shards(self) -> ShardMap | None:
        """Return the open shards.

        Returns:
            An empty map if listing is not permitted or there is no stream, None if there was no answer.
        """
        try:
            pages = self._client.get_paginator("list_shards").paginate(StreamName=self._stream_name)
            return ShardMap([_range(shard) for page in pages for shard in page["Shards"] if _is_open(shard)])
        except ClientError as error:
            return ShardMap() if error_code(error.response) in _LASTING_CODES else None
        except Exception:  # noqa: BLE001 - as for put_records
            return None

    def max_record_bytes(self) -> int | None:
        """Return the largest record the stream accepts.

        Returns:
            Bytes of data and partition key; the default of 1 MiB if asking is not permitted or there is no
            stream, None if there was no answer.
        """
        try:
            response = self._client.describe_stream_summary(StreamName=self._stream_name)
            summary: Mapping[str, Any] = response["StreamDescriptionSummary"]
            return max(DEFAULT_RECORD_BYTES, int(summary.get("MaxRecordSizeInKiB") or 0) * 1024)
        except ClientError as error:
            return DEFAULT_RECORD_BYTES if error_code(error.response) in _LASTING_CODES else None
        except (BotoCoreError, HTTPClientError, ResponseParserError, KeyError, TypeError, ValueError):
            return None


def _request_entry(entry: Entry) -> PutRecordsRequestEntryTypeDef:
    if entry.explicit_hash_key is None:
        return {"Data": entry.data, "PartitionKey": entry.partition_key}
    return {
        "Data": entry.data,
        "PartitionKey": entry.partition_key,
        "ExplicitHashKey": entry.explicit_hash_key,
    }


def _results(entries: Sequence[Entry], records: Sequence[Mapping[str, Any]]) -> list[Accepted | Failure]:
    """Match entries and results by their index, which is all that PutRecords offers."""
    if len(records) != len(entries):
        explanation = f"Kinesis returned {len(records)} results for {len(entries)} records"
        return [Failure("MalformedResponse", explanation, retryable=True)] * len(entries)
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
    if not record.get("SequenceNumber"):
        return Failure("MalformedResponse", "Kinesis returned no sequence number", retryable=True)
    return Accepted(record.get("ShardId", ""), record["SequenceNumber"])


def _request_failure(response: Mapping[str, Any]) -> Failure:
    """Return the failure of every entry of a request that was refused as a whole."""
    error = response.get("Error", {})
    code = error.get("Code") or "UnknownError"
    explanation = "Kinesis refused the request"
    if code in _CODES_WITH_SAFE_MESSAGES:
        explanation += f": {' '.join(error.get('Message', '').split())[:200]}"
    return Failure(
        code, explanation, retryable=is_retryable(response), throttled=code in SHARD_THROTTLING_CODES
    )


def _is_open(shard: Mapping[str, Any]) -> bool:
    """Return whether a shard accepts records; a closed one has an ending sequence number."""
    return "EndingSequenceNumber" not in shard.get("SequenceNumberRange", {})


def _range(shard: Mapping[str, Any]) -> ShardRange:
    keys = shard["HashKeyRange"]
    return ShardRange(shard["ShardId"], int(keys["StartingHashKey"]), int(keys["EndingHashKey"]))
