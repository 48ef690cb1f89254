"""One batch to Kinesis: send it, re-send what failed and only that, until all is accepted or given up.

Knows nothing of documents. Delivery is at least once: a request that timed out may have been accepted, and
its records are then on the stream twice.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, Final

import tenacity
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.parsers import ResponseParserError

from producers.delivery import Backoff, Delivery, Failure, Receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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


class RecordSender:
    """Sends batches to one stream.

    Args:
        client: A Kinesis client that does not retry by itself.
        stream_name: The stream.
        backoff: How long to wait between attempts, and when to give up.
        sleep: Waits for so many seconds.
        chance: Gives random numbers from 0 to 1.
    """

    def __init__(
        self,
        client: KinesisClient,
        stream_name: str,
        *,
        backoff: Backoff | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._stream_name = stream_name
        self._backoff = backoff or Backoff()
        self._sleep = sleep
        self._chance = chance

    def send(self, delivery: Delivery) -> None:
        """Send the entries until each is accepted, refused for good, or given up.

        The caller reads the results from ``delivery``, also when this raises: what was accepted until then is
        noted there.

        Args:
            delivery: The entries, within the limits of a request.
        """
        backoff = self._backoff
        tenacity.Retrying(
            retry=tenacity.retry_if_result(bool),
            stop=lambda _: delivery.fruitless >= backoff.attempts,
            wait=lambda _: backoff.seconds(delivery.fruitless, self._chance()),
            sleep=self._sleep,
            retry_error_callback=lambda _: None,
        )(self._attempt, delivery)

    def _attempt(self, delivery: Delivery) -> list[int]:
        """Make one call; what is still pending afterwards is to be sent again."""
        if delivery.pending:
            entries = delivery.begin_request()
            delivery.end_request(self._call(entries))
        return delivery.pending

    def _call(self, entries: Sequence[Entry]) -> list[Receipt | Failure]:
        try:
            answer = self._client.put_records(
                StreamName=self._stream_name,
                Records=[_request_entry(entry) for entry in entries],
            )
        except ClientError as error:
            failure = _refusal(error.response)
        except (BotocoreConnectionError, HTTPClientError, ResponseParserError) as error:
            explanation = "Kinesis gave no answer that can be read; it may have been accepted"
            failure = Failure(type(error).__name__, explanation, send_again=True)
        except BotoCoreError as error:
            failure = Failure(type(error).__name__, "the request could not be made", send_again=False)
        else:
            return _results(entries, answer.get("Records", []))
        return [failure] * len(entries)


def _request_entry(entry: Entry) -> PutRecordsRequestEntryTypeDef:
    if entry.explicit_hash_key is None:
        return {"Data": entry.data, "PartitionKey": entry.partition_key}
    return {
        "Data": entry.data,
        "PartitionKey": entry.partition_key,
        "ExplicitHashKey": entry.explicit_hash_key,
    }


def _results(entries: Sequence[Entry], records: Sequence[Mapping[str, Any]]) -> list[Receipt | Failure]:
    """Match entries and results by their position, which is all PutRecords gives to go by."""
    if len(records) != len(entries):
        explanation = f"Kinesis answered {len(records)} results for {len(entries)} records"
        return [Failure("MalformedResponse", explanation, send_again=True)] * len(entries)
    return [_result(entry, record) for entry, record in zip(entries, records, strict=True)]


def _result(entry: Entry, record: Mapping[str, Any]) -> Receipt | Failure:
    code = record.get("ErrorCode")
    if code:
        return Failure(code, "Kinesis did not accept the record", send_again=code in RETRYABLE_CODES)
    if not record.get("SequenceNumber"):
        return Failure("MalformedResponse", "Kinesis answered no sequence number", send_again=True)
    return Receipt(entry.partition_key, record.get("ShardId", ""), record["SequenceNumber"])


def _refusal(response: Mapping[str, Any]) -> Failure:
    """Read an error answer to the whole request."""
    error = response.get("Error", {})
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.get("Code") or "UnknownError"
    transient = code in RETRYABLE_CODES or status == 429 or status >= 500
    explanation = "Kinesis refused the request"
    if code in _CODES_WITH_SAFE_MESSAGES:
        explanation += f": {' '.join(error.get('Message', '').split())[:200]}"
    return Failure(code, explanation, send_again=transient)
