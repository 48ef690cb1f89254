"""The class people use to put documents on the stream. Puts the pieces together; decides nothing itself."""

from __future__ import annotations

import logging
import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from producers.client import kinesis_client
from producers.delivery import Backoff
from producers.engine import Engine
from producers.errors import ConfigurationError, ProducerClosedError
from producers.pacing import RateGate
from producers.packing import DEFAULT_RECORD_BYTES, Entry, Limits, checked
from producers.parcels import Aggregation, Item
from producers.put_records import KinesisStream
from producers.schedule import Schedule
from producers.shard_map import hash_of
from producers.steps import Bounds, Rules
from producers.tally import DeliveryReport
from smartcat.wire_format.compression import compress_if_smaller
from smartcat.wire_format.document import DEFAULT_GZIP_ABOVE, to_bytes

if TYPE_CHECKING:
    from concurrent.futures import Future
    from types import TracebackType

    from mypy_boto3_kinesis import KinesisClient

    from producers.delivery import Receipt
    from producers.ports import ClaimStore
    from smartcat.wire_format.document import Document

__all__ = ["DeliveryReport", "Options", "Producer"]

_logger = logging.getLogger(__name__)

_HASH_KEYS: Final = 1 << 128
_HASH_KEY: Final = re.compile("0|[1-9][0-9]{0,38}")
"""As Kinesis takes it (API reference, PutRecordsRequestEntry)."""


@dataclass(frozen=True, slots=True)
class Options:
    """What seldom needs another value.

    Attributes:
        aggregation: How documents are packed together.
        linger_seconds: Seconds a document may wait for company, 0 to 3600.
        bounds: How much may wait before ``put`` waits; how many requests are under way at once.
        backoff: How long to wait after failures, and when to give up.
        limits: What requests and records may hold; None to ask the stream when a document needs to know.
    """

    aggregation: Aggregation = field(default_factory=Aggregation)
    linger_seconds: float = 0.2
    bounds: Bounds = field(default_factory=Bounds)
    backoff: Backoff = field(default_factory=Backoff)
    limits: Limits | None = None


class Producer:
    """Puts documents on a stream; use it as a context manager.

    Delivery is at least once: every document put has its receipt, or its error, in the end; where a
    connection breaks, a document may be on the stream twice. Documents of one id arrive in the order they
    were put. Safe to use from several threads. Threads of its own send; callbacks of futures run on them and
    must not wait for other documents.

    Args:
        stream_name: The Kinesis stream.
        client: A boto3 Kinesis client without retries of its own; None for ``kinesis_client()``.
        aggregate: Whether documents are packed into KPL aggregates; False for a Kinesis record each.
        claims: Takes documents that are too large for the stream; None to refuse them.
        rate: The most documents a second; None for as many as the stream takes.
        options: What seldom needs another value.

    Raises:
        ConfigurationError: The stream has no name, the rate is not above 0, or boto3 cannot make a client.
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
        if not stream_name:
            raise ConfigurationError("stream name: expected a name, found nothing")
        if rate is not None and not rate > 0:
            raise ConfigurationError(f"rate: expected more than 0 documents a second, found {rate}")
        chosen = options or Options()
        aggregation = chosen.aggregation if aggregate else None
        self._limits = chosen.limits or Limits()
        self._asks_for_limit = chosen.limits is None
        self._together = aggregation is not None and aggregation.together
        self._stream_name = stream_name
        self._stream = KinesisStream(client or kinesis_client(), stream_name)
        rules = Rules(aggregation, chosen.linger_seconds, chosen.backoff)
        self._engine = Engine(Schedule(rules, self._limits), self._stream, chosen.bounds)
        self._claims = claims
        self._gate = RateGate(rate) if rate else None
        self._lock = threading.Lock()

    def put(self, document: Document) -> Future[Receipt]:
        """Accept a document for delivery under its id; waits where the producer holds all it may.

        Args:
            document: The document.

        Returns:
            A future of the receipt, or of a ``DeliveryError``. Asking it for its result sends what waits.

        Raises:
            DocumentTooLargeError: The stream does not take it, and there is no store for claims; nothing
                else is affected.
            ProducerClosedError: The producer is closed.
            ProducersError: What the store for claims raises.
        """
        plain = to_bytes(document, gzip_above=None)
        name = document.document_id
        # What is compressed with its neighbours must not be compressed before.
        alone = not self._together or len(plain) > DEFAULT_RECORD_BYTES // 4
        data = compress_if_smaller(plain, above=DEFAULT_GZIP_ABOVE) if alone else plain
        item = Item(0, name, data, hash_of(name), 0.0, bytes_before=len(plain))
        if self._claims is not None and not self._fits(len(data) + len(name.encode())):
            self._refuse_when_closed()
            item.data, item.is_claim = self._claims.store(name, data, document.expires_at), True
        return self._put(item)

    def put_raw(
        self, data: bytes, partition_key: str, *, explicit_hash_key: str | None = None
    ) -> Future[Receipt]:
        """Accept bytes for delivery as one Kinesis record, whatever they are; never part of an aggregate.

        Args:
            data: The data of the record; the SDK does the base64.
            partition_key: 1 to 256 characters.
            explicit_hash_key: Decimal number below 2**128 that chooses the shard in place of the partition
                key; None leaves it to the key.

        Returns:
            A future of the receipt, or of a ``DeliveryError``. Asking it for its result sends what waits.

        Raises:
            DocumentTooLargeError: The stream does not take a record of this size; nothing else is affected.
            ConfigurationError: A key is none that Kinesis takes.
            ProducerClosedError: The producer is closed.
        """
        hash_key = _placing(partition_key, explicit_hash_key)
        item = Item(0, partition_key, data, hash_key, 0.0, exact=True, bytes_before=len(data))
        item.explicit_hash_key = explicit_hash_key
        return self._put(item)

    def flush(self) -> DeliveryReport:
        """Send what waits, and return once every document put so far is accepted or failed."""
        self._engine.flush()
        return self.report

    def close(self) -> DeliveryReport:
        """Flush, and take no more documents. Closing again does nothing but report."""
        self._engine.close()
        return self.report

    def abandon(self) -> DeliveryReport:
        """Send nothing more: what is under way is answered, what waits fails as ``Interrupted``."""
        self._engine.abandon()
        return self.report

    @property
    def report(self) -> DeliveryReport:
        """What was delivered so far, without sending anything or waiting for who sends."""
        return self._engine.report()

    def __enter__(self) -> Self:
        """Give the producer."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Deliver what was accepted, also after an error; after an interrupt, only what is under way."""
        end = self.close if kind is None or issubclass(kind, Exception) else self.abandon
        try:
            end()
        except BaseException:
            # Ctrl-C while it waited for the last answers.
            self.abandon()
            raise
        finally:
            self._warn_of_failures()

    def _put(self, item: Item) -> Future[Receipt]:
        entry = Entry(item.partition_key, item.data, item.explicit_hash_key)
        self._fits(entry.size)
        checked(entry, self._limits)
        self._pass_gate()
        return self._engine.put(item)

    def _fits(self, size: int) -> bool:
        """Tell whether a record may be so large; the stream is asked once, when it matters."""
        if size <= self._limits.record_bytes or not self._asks_for_limit:
            return size <= self._limits.record_bytes
        with self._lock:
            record_bytes = self._stream.record_bytes()
            if record_bytes is not None:
                self._asks_for_limit = False
                self._limits = self._limits.with_records_of(record_bytes)
                self._engine.raise_limits(record_bytes)
        return size <= self._limits.record_bytes

    def _refuse_when_closed(self) -> None:
        if self._engine.closed:
            raise ProducerClosedError

    def _pass_gate(self) -> None:
        if self._gate is not None:
            with self._lock:
                seconds = self._gate.reserve(time.monotonic())
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


def _placing(partition_key: str, explicit_hash_key: str | None) -> int:
    """Give the hash key that places a record; refuse keys for which Kinesis would refuse a whole request."""
    try:
        placed = hash_of(partition_key)
    except UnicodeEncodeError:
        placed = _HASH_KEYS
    if explicit_hash_key is not None and placed < _HASH_KEYS:
        # int() takes more than Kinesis: signs, spaces, leading zeros, other digits than ours.
        placed = int(explicit_hash_key) if _HASH_KEY.fullmatch(explicit_hash_key) else _HASH_KEYS
    if placed >= _HASH_KEYS:
        raise ConfigurationError(
            "keys: expected Unicode text, and a decimal number below 2**128 for the explicit hash key"
        )
    return placed
