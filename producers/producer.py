"""The class people use to put documents on the stream: collect, send in batches, answer for each."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from producers.client import kinesis_client
from producers.delivery import Delivery, Receipt
from producers.errors import ConfigurationError, DeliveryError, ProducerClosedError
from producers.packing import Batch, Entry, Limits, checked
from producers.put_records import RecordSender
from wire_format.document import to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from mypy_boto3_kinesis import KinesisClient

    from producers.delivery import Backoff
    from wire_format.document import Document

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a producer has delivered since it was made.

    Attributes:
        accepted: Records Kinesis accepted.
        failed: Partition key and error code of each record it did not.
        retried_records: Records sent again, counted each time.
        requests: PutRecords calls.
        bytes: Data and partition keys of the accepted records.
    """

    accepted: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    retried_records: int = 0
    requests: int = 0
    bytes: int = 0


class _PendingReceipt(Future[Receipt]):
    """A future that sends what it waits for: nothing else would, as the producer has no thread of its own."""

    def __init__(self, flush: Callable[[], object]) -> None:
        super().__init__()
        self._flush = flush
        # A record may be on the stream before anybody could cancel it.
        self.set_running_or_notify_cancel()

    def result(self, timeout: float | None = None) -> Receipt:
        if not self.done():
            self._flush()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        if not self.done():
            self._flush()
        return super().exception(timeout)


class Producer:
    """Puts documents on a stream; use it as a context manager.

    Documents are collected and sent when a request is full, when the same id comes again, on ``flush``, and
    on leaving the context. Every future is resolved in the end, with a ``Receipt`` or a ``DeliveryError``.
    Documents of one id arrive in the order they were put. Delivery is at least once: where a connection
    breaks, a document may be on the stream twice.

    Safe to use from several threads; while one sends, the others wait. Callbacks of futures run while the
    producer is locked, so they must not wait for other threads.

    Args:
        stream_name: The Kinesis stream.
        client: A boto3 Kinesis client without retries of its own; None for ``kinesis_client()``.
        limits: What requests and records may hold; None for the defaults of ``Limits``.
        backoff: How long to wait before sending again, and when to give up; None for the defaults of
            ``Backoff``.
        sender: Sends the batches; None for one made of ``client``, ``stream_name`` and ``backoff``.

    Raises:
        ConfigurationError: The stream has no name, or boto3 cannot make a client.
    """

    def __init__(
        self,
        stream_name: str,
        *,
        client: KinesisClient | None = None,
        limits: Limits | None = None,
        backoff: Backoff | None = None,
        sender: RecordSender | None = None,
    ) -> None:
        if not stream_name:
            raise ConfigurationError("stream name: expected a name, found nothing")
        self._limits = limits or Limits()
        self._sender = sender or RecordSender(client or kinesis_client(), stream_name, backoff=backoff)
        self._stream_name = stream_name
        # Reentrant, because a callback of a future may put the next document.
        self._lock = threading.RLock()
        self._batch = Batch(self._limits)
        self._futures: list[_PendingReceipt] = []
        self._report = DeliveryReport()
        self._closed = False

    def put(self, document: Document) -> Future[Receipt]:
        """Accept a document for delivery under its id.

        Args:
            document: The document.

        Returns:
            A future of the receipt. Asking it for its result sends what is waiting.

        Raises:
            DocumentTooLargeError: The stream does not take a record of this size; nothing else is affected.
            ProducerClosedError: The producer is closed.
        """
        return self.put_raw(to_bytes(document), document.document_id)

    def put_raw(
        self, data: bytes, partition_key: str, *, explicit_hash_key: str | None = None
    ) -> Future[Receipt]:
        """Accept bytes for delivery, whatever they are.

        Args:
            data: The data of the record; the SDK does the base64.
            partition_key: 1 to 256 characters.
            explicit_hash_key: Decimal number below 2**128 that chooses the shard in place of the partition
                key; None leaves it to the key.

        Returns:
            A future of the receipt. Asking it for its result sends what is waiting.

        Raises:
            DocumentTooLargeError: The stream does not take a record of this size; nothing else is affected.
            ConfigurationError: The partition key is empty or too long.
            ProducerClosedError: The producer is closed.
        """
        entry = checked(Entry(partition_key, data, explicit_hash_key), self._limits)
        with self._lock:
            if self._closed:
                raise ProducerClosedError
            # A callback run by sending may have filled the next batch in turn.
            while not self._batch.fits(entry):
                self._send()
            future = _PendingReceipt(self.flush)
            self._batch.add(entry)
            self._futures.append(future)
            if self._batch.full:
                self._send()
        return future

    def flush(self) -> DeliveryReport:
        """Send what is waiting, and return once every document put so far is accepted or failed."""
        with self._lock:
            while len(self._batch):
                self._send()
            return self._report

    def close(self) -> DeliveryReport:
        """Flush, and take no more documents. Closing again does nothing but report."""
        with self._lock:
            self._closed = True
            return self.flush()

    @property
    def report(self) -> DeliveryReport:
        """What was delivered so far, without sending anything or waiting for who sends."""
        return self._report

    def __enter__(self) -> Self:
        """Give the producer."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Deliver what was accepted, also after an error; after an interrupt, fail what was not sent."""
        end = self.close if kind is None or issubclass(kind, Exception) else self._abandon
        try:
            end()
        finally:
            self._warn_of_failures()

    def _send(self) -> None:
        """Send the batch; whatever happens, resolve its futures."""
        delivery, futures = self._take()
        try:
            self._sender.send(delivery)
        finally:
            self._settle(delivery, futures)

    def _abandon(self) -> DeliveryReport:
        with self._lock:
            self._closed = True
            self._settle(*self._take())
            return self._report

    def _take(self) -> tuple[Delivery, list[_PendingReceipt]]:
        delivery, futures = Delivery(list(self._batch)), self._futures
        self._batch, self._futures = Batch(self._limits), []
        return delivery, futures

    def _settle(self, delivery: Delivery, futures: list[_PendingReceipt]) -> None:
        results = [delivery.result(position) for position in range(len(delivery.entries))]
        errors = [result for result in results if isinstance(result, DeliveryError)]
        sizes = [
            entry.size
            for entry, result in zip(delivery.entries, results, strict=True)
            if isinstance(result, Receipt)
        ]
        before = self._report
        # Count all before any callback runs: a callback may ask for the report.
        self._report = DeliveryReport(
            accepted=before.accepted + len(sizes),
            failed=before.failed + tuple((error.partition_key, error.code) for error in errors),
            retried_records=before.retried_records + delivery.retried_records,
            requests=before.requests + delivery.requests,
            bytes=before.bytes + sum(sizes),
        )
        # A put that was interrupted between its two notes has left an entry without a future.
        for future, result in zip(futures, results, strict=False):
            if isinstance(result, DeliveryError):
                future.set_exception(result)
            else:
                future.set_result(result)

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
