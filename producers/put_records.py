"""The stream as boto3 sees it: one PutRecords call, the open shards, the size of a record. Decides nothing.

Knows nothing of documents, and repeats no call. No message of Kinesis that could hold page text leaves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.parsers import ResponseParserError

from producers.delivery import Accepted, Failure
from producers.packing import DEFAULT_RECORD_BYTES
from producers.shard_map import ShardMap, ShardRange

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

    from producers.packing import Entry

# For a record, Kinesis documents only the first two. The others refuse a whole request for a moment.
RETRYABLE_CODES: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "InternalFailure",
        "InternalFailureException",
        "InternalServerError",
        "KMSThrottlingException",
        "LimitExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)

_THROTTLED: Final = frozenset({"ProvisionedThroughputExceededException", "LimitExceededException"})

# Asking again would bring the same answer for a long time.
_LASTING: Final = frozenset({"AccessDenied", "AccessDeniedException", "ResourceNotFoundException"})

# Other messages may repeat parts of the request, which holds the documents.
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

    def send(self, entries: Sequence[Entry]) -> list[Accepted | Failure]:
        """Make one PutRecords call.

        Args:
            entries: Within the limits of a request.

        Returns:
            A result for each entry, in its place. It raises nothing: also an error that nobody foresaw is a
            failure, by its name alone, for its message may repeat the documents.
        """
        try:
            answer = self._client.put_records(
                StreamName=self._stream_name,
                Records=[_request_entry(entry) for entry in entries],
            )
            return _results(entries, answer.get("Records", []))
        except ClientError as error:
            failure = _refusal(error.response)
        except (BotocoreConnectionError, HTTPClientError, ResponseParserError) as error:
            explanation = "Kinesis gave no answer that can be read; it may have been accepted"
            failure = Failure(type(error).__name__, explanation, send_again=True)
        except Exception as error:  # noqa: BLE001 - a thread that ends would leave its documents without an answer
            failure = Failure(type(error).__name__, "the request could not be made", send_again=False)
        return [failure] * len(entries)

    def shards(self) -> ShardMap | None:
        """Ask for the open shards.

        Returns:
            An empty map where the caller may not ask or there is no stream, None if there was no answer now.
        """
        try:
            pages = self._client.get_paginator("list_shards").paginate(StreamName=self._stream_name)
            return ShardMap([_range(shard) for page in pages for shard in page["Shards"] if _is_open(shard)])
        except ClientError as error:
            lasting = error.response.get("Error", {}).get("Code") in _LASTING
            return ShardMap() if lasting else None
        except Exception:  # noqa: BLE001 - a thread that ends would leave documents without an answer
            return None

    def record_bytes(self) -> int | None:
        """Ask how large a record may be.

        Returns:
            Bytes of data and partition key; the default of 1 MiB where the caller may not ask or there is no
            stream, None if there was no answer now.
        """
        try:
            answer = self._client.describe_stream_summary(StreamName=self._stream_name)
            summary: Mapping[str, Any] = answer["StreamDescriptionSummary"]
            return max(DEFAULT_RECORD_BYTES, int(summary.get("MaxRecordSizeInKiB") or 0) * 1024)
        except ClientError as error:
            lasting = error.response.get("Error", {}).get("Code") in _LASTING
            return DEFAULT_RECORD_BYTES if lasting else None
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
    """Match entries and results by their position, which is all PutRecords gives to go by."""
    if len(records) != len(entries):
        explanation = f"Kinesis answered {len(records)} results for {len(entries)} records"
        return [Failure("MalformedResponse", explanation, send_again=True)] * len(entries)
    return [_result(record) for record in records]


def _result(record: Mapping[str, Any]) -> Accepted | Failure:
    code = record.get("ErrorCode")
    if code:
        return Failure(
            str(code),
            "Kinesis did not accept the record",
            send_again=code in RETRYABLE_CODES,
            throttled=code in _THROTTLED,
        )
    if not record.get("SequenceNumber"):
        return Failure("MalformedResponse", "Kinesis answered no sequence number", send_again=True)
    return Accepted(record.get("ShardId", ""), record["SequenceNumber"])


def _refusal(response: Mapping[str, Any]) -> Failure:
    """Read an error answer to the whole request."""
    error = response.get("Error", {})
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.get("Code") or "UnknownError"
    transient = code in RETRYABLE_CODES or status == 429 or status >= 500
    explanation = "Kinesis refused the request"
    if code in _CODES_WITH_SAFE_MESSAGES:
        explanation += f": {' '.join(error.get('Message', '').split())[:200]}"
    return Failure(code, explanation, send_again=transient, throttled=code in _THROTTLED)


def _is_open(shard: Mapping[str, Any]) -> bool:
    """Tell whether a shard takes records; a closed one knows its last."""
    return "EndingSequenceNumber" not in shard.get("SequenceNumberRange", {})


def _range(shard: Mapping[str, Any]) -> ShardRange:
    keys = shard["HashKeyRange"]
    return ShardRange(shard["ShardId"], int(keys["StartingHashKey"]), int(keys["EndingHashKey"]))
