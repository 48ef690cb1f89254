"""The class that applications use to put documents on the stream. Wires the parts; decides nothing."""

from __future__ import annotations

import logging
import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from producers.clients import kinesis_client
from producers.core.backoff import Backoff
from producers.core.kinesis_limits import DEFAULT_RECORD_BYTES, Entry, Limits
from producers.core.options import Bounds, SchedulerOptions
from producers.core.outcomes import Failure
from producers.core.rate_limits import RateLimiter
from producers.core.record_packing import Aggregation, Item
from producers.core.scheduler import Scheduler
from producers.core.shards import hash_key_of
from producers.core.statistics import DeliveryReport
from producers.errors import (
    ConfigurationError,
    DocumentTooLargeError,
    ProducerClosedError,
    RecordLimitUnknownError,
)
from producers.kinesis import KinesisStream
from producers.record_limit import RecordLimit
from producers.sender_threads import SenderThreads
from smartcat.stream_names import parse_stream
from smartcat.wire_format.compression import compress_if_smaller
from smartcat.wire_format.document import DEFAULT_GZIP_ABOVE, to_bytes

if TYPE_CHECKING:
    from concurrent.futures import Future
    from types import TracebackType

    from mypy_boto3_kinesis import KinesisClient

    from producers.core.outcomes import Receipt
    from producers.ports import ClaimStore
    from smartcat.wire_format.document import Document

__all__ = ["DeliveryReport", "Options", "Producer"]

_logger = logging.getLogger(__name__)

_LIMIT_UNKNOWN: Final = "the stream did not say how large a record may be (DescribeStreamSummary)"

_HASH_KEYS: Final = 1 << 128
_HASH_KEY: Final = re.compile("0|[1-9][0-9]{0,38}")
"""The form that Kinesis accepts (API reference, PutRecordsRequestEntry)."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options that seldom need another value.

    Attributes:
        aggregation: How documents are packed together.
        linger_seconds: Seconds a document may wait for others to fill a batch, 0 to 3600.
        bounds: How much may be held before ``put`` waits, and how many requests may be in flight.
        backoff: Waits after failures, and the number of attempts.
        limits: What requests and records may hold; None to ask the stream when a document needs to know.
    """

    aggregation: Aggregation = field(default_factory=Aggregation)
    linger_seconds: float = 0.2
    bounds: Bounds = field(default_factory=Bounds)
    backoff: Backoff = field(default_factory=Backoff)
    limits: Limits | None = None


class Producer:
    """Puts documents on a stream; use it as a context manager.

    Delivery is at least once: every document that is put gets its receipt or its error in the end; if a
    connection breaks, a document may be on the stream twice. Documents of one id arrive in the order they
    were put. Safe to use from several threads. It sends on threads of its own; callbacks of futures run on
    them and must not wait for other documents.

    Args:
        stream_name: Name of the Kinesis stream, or its ARN, which a stream of another account needs.
        client: A boto3 Kinesis client without retries of its own; None for ``kinesis_client()``.
        aggregate: Whether documents are packed into KPL aggregates; False for a Kinesis record each.
        claims: Stores documents that are too large for the stream; None to reject them.
        rate: The most documents a second; None for as many as the stream accepts.
        options: Options that seldom need another value.

    Raises:
        ConfigurationError: It is no name of a stream, the rate is not above 0, or boto3 cannot make a client.
    """

    def __init__(
        self,
        stream_name: str,
        *,
        client: KinesisClient | None = None,
        aggregate: bool = True,
        claims: ClaimStore | None = None,
        rate: float | None = None,
        options: Options | None = None,
    ) -> None:
        try:
            reference = parse_stream(stream_name)
        except ValueError as error:
            raise ConfigurationError(f"stream name: {error}") from None
        if rate is not None and not rate > 0:
            raise ConfigurationError(f"rate: expected more than 0 documents a second, found {rate}")
        chosen = options or Options()
        aggregation = chosen.aggregation if aggregate else None
        self._compresses_aggregates = aggregation is not None and aggregation.together
        self._stream_name = stream_name
        stream = KinesisStream(client or kinesis_client(region=reference.region or None), stream_name)
        scheduler = Scheduler(
            SchedulerOptions(aggregation, chosen.linger_seconds, chosen.backoff), chosen.limits or Limits()
        )
        self._senders = SenderThreads(scheduler, stream, chosen.bounds)
        self._record_limit = RecordLimit(stream, chosen.limits, self._senders.raise_record_limit)
        self._claims = claims
        self._rate_limiter = RateLimiter(rate) if rate else None
        self._lock = threading.Lock()

    def put(self, document: Document) -> Future[Receipt]:
        """Accept a document for delivery under its id; wait while the producer holds all it may.

        Args:
            document: The document.

        Returns:
            A future of the receipt, or of a ``DeliveryError``. Asking it for its result flushes the document.

        Raises:
            DocumentTooLargeError: It is too large for the stream, and there is no store for claims; nothing
                else is affected.
            ProducerClosedError: The producer is closed.
            ProducersError: What the store for claims raises.
        """
        plain = to_bytes(document, gzip_above=None)
        document_id = document.document_id
        # What is compressed with its neighbours must not be compressed before.
        alone = not self._compresses_aggregates or len(plain) > DEFAULT_RECORD_BYTES // 4
        data = compress_if_smaller(plain, above=DEFAULT_GZIP_ABOVE) if alone else plain
        item = Item(0, document_id, data, hash_key_of(document_id), 0.0, bytes_before=len(plain))
        # Where the limit is not known now, a claim is right whatever it is.
        if self._claims is not None and self._record_limit.fits(item.record_size, wait=False) is not True:
            self._raise_if_closed()
            item.data = self._claims.store(document_id, data, document.expires_at)
            item.is_claim = True
        return self._put(item)

    def put_raw(
        self, data: bytes, partition_key: str, *, explicit_hash_key: str | None = None
    ) -> Future[Receipt]:
        """Accept any bytes for delivery as one Kinesis record, never part of an aggregate.

        Args:
            data: The data of the record; the SDK does the base64.
            partition_key: 1 to 256 characters.
            explicit_hash_key: Decimal number below 2**128 that selects the shard instead of the partition
                key; None to use the key.

        Returns:
            A future of the receipt, or of a ``DeliveryError``. Asking it for its result flushes the record.

        Raises:
            DocumentTooLargeError: The record is too large for the stream; nothing else is affected.
            ConfigurationError: Kinesis would refuse a key.
            ProducerClosedError: The producer is closed.
        """
        hash_key = _effective_hash_key(partition_key, explicit_hash_key)
        item = Item(0, partition_key, data, hash_key, 0.0, raw=True, bytes_before=len(data))
        item.explicit_hash_key = explicit_hash_key
        return self._put(item)

    def flush(self) -> DeliveryReport:
        """Send what waits, and return once every document put so far is accepted or failed."""
        self._senders.flush()
        return self.report

    def close(self) -> DeliveryReport:
        """Flush, and accept no more documents. Closing again only returns the report."""
        self._senders.close()
        return self.report

    def abandon(self) -> DeliveryReport:
        """Send nothing more: requests in flight are answered, what waits fails as ``Interrupted``."""
        self._senders.abandon()
        return self.report

    @property
    def report(self) -> DeliveryReport:
        """What was delivered so far; neither sends nor waits."""
        return self._senders.report()

    def __enter__(self) -> Self:
        """Return the producer."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Deliver what was accepted, even after an error; after an interrupt, only what is in flight."""
        end = self.close if kind is None or issubclass(kind, Exception) else self.abandon
        try:
            end()
        except BaseException:
            # Ctrl-C while it waited for the last outcomes.
            self.abandon()
            raise
        finally:
            self._warn_of_failures()

    def _put(self, item: Item) -> Future[Receipt]:
        entry = Entry(item.record_key, item.data, item.explicit_hash_key)
        fits = self._record_limit.fits(entry.size, wait=True)
        if isinstance(fits, Failure):
            why = f"{_LIMIT_UNKNOWN}: {fits.explanation}"
            return self._senders.refuse(item, RecordLimitUnknownError(item.partition_key, fits.code, why))
        if not fits:
            limit = self._record_limit.limits.record_bytes
            raise DocumentTooLargeError(item.partition_key, entry.size, limit)
        self._wait_for_rate()
        return self._senders.put(item)

    def _raise_if_closed(self) -> None:
        if self._senders.closed:
            raise ProducerClosedError

    def _wait_for_rate(self) -> None:
        if self._rate_limiter is not None:
            with self._lock:
                seconds = self._rate_limiter.reserve(time.monotonic())
            if seconds > 0:
                time.sleep(seconds)

    def _warn_of_failures(self) -> None:
        report = self.report
        if report.failed:
            _logger.warning(
                "%d of %d documents were not delivered to stream %s; the first error code was %s",
                len(report.failed),
                len(report.failed) + report.accepted,
                self._stream_name,
                report.failed[0][1],
            )


def _effective_hash_key(partition_key: str, explicit_hash_key: str | None) -> int:
    """Return the hash key that selects the shard of a record.

    Raises:
        ConfigurationError: A key for which Kinesis would refuse a whole request.
    """
    try:
        hash_key = hash_key_of(partition_key)
    except UnicodeEncodeError:
        hash_key = _HASH_KEYS
    if explicit_hash_key is not None and hash_key < _HASH_KEYS:
        # int() accepts more than Kinesis: signs, spaces, leading zeros, digits of other scripts.
        hash_key = int(explicit_hash_key) if _HASH_KEY.fullmatch(explicit_hash_key) else _HASH_KEYS
    if hash_key >= _HASH_KEYS:
        raise ConfigurationError(
            "keys: expected Unicode text, and a decimal number below 2**128 for the explicit hash key"
        )
    return hash_key
