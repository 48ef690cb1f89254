"""Sends selected records to the stream again, and deletes an object once the stream has all its records."""

from __future__ import annotations

from collections import defaultdict, deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from producers.errors import DeliveryError, DocumentTooLargeError
from smartcat.cli.delivery_monitor import DeliveryMonitor
from smartcat.cli.replay.shards import HashKeyRanges
from smartcat.stream_names import parse_stream

if TYPE_CHECKING:
    from concurrent.futures import Future

    from producers.core.outcomes import Receipt
    from producers.producer import Producer
    from smartcat.cli.replay.buckets import Bucket
    from smartcat.cli.replay.replayable_record import ReplayableRecord
    from smartcat.cli.replay.search import SelectedObject
    from smartcat.cli.replay.shards import ReplayCutoff
    from smartcat.cli.replay.statistics import Statistics

DELETE_BATCH: Final = 100
"""Objects deleted per request: few, so that an interruption leaves little to be replayed twice."""

TOO_LARGE: Final = "with its tags it exceeds the record size of this stream"
INVALID_POSITION: Final = "its position or its key is not a valid one of Kinesis"
NOT_AFTER: Final = "the stream numbered it before its original position, so the function rejects it"


_Sent = tuple["ReplayableRecord", "Future[Receipt]"]


class Redrive:
    """Sends records again, in the order given.

    An object is deleted only after the stream has accepted all its records, each of which reads as it was
    stored, with a sequence number that lets the function take it. Sending a record twice is
    harmless: its result has its original position either way.

    Args:
        producer: Sends the records; the caller flushes it before ``finish``.
        ranges: Routes a record to its shard.
        cutoff: Notes what was sent.
        statistics: Counts the results.
        keep: Whether to delete nothing.
    """

    def __init__(
        self,
        producer: Producer,
        ranges: HashKeyRanges,
        cutoff: ReplayCutoff,
        statistics: Statistics,
        *,
        keep: bool = False,
    ) -> None:
        self._producer = producer
        self._ranges = ranges
        self._cutoff = cutoff
        self._statistics = statistics
        self._keep = keep
        self._monitor = DeliveryMonitor()
        self._pending: deque[tuple[SelectedObject, list[_Sent]]] = deque()
        self._deletable: defaultdict[Bucket, list[str]] = defaultdict(list)

    def send(self, selected: SelectedObject) -> None:
        """Send the selected records of an object.

        Raises:
            DeliveryStopped: The stream accepts nothing any more.
        """
        sent = [
            (record, receipt)
            for record in selected.records
            if (receipt := self._send(record, selected)) is not None
        ]
        self._pending.append((selected, sent))
        self._settle()
        self._monitor.check()

    def finish(self) -> None:
        """Count what the stream has answered, and delete what is deletable."""
        self._settle()
        for bucket in list(self._deletable):
            self._delete(bucket)

    def _send(self, record: ReplayableRecord, selected: SelectedObject) -> Future[Receipt] | None:
        """Send a record; count it and return None if it cannot be sent."""
        key = record.partition_key
        try:
            receipt = self._producer.put_raw(
                record.to_record(),
                key,
                explicit_hash_key=self._ranges.hash_key(key, record.original.shard_id),
            )
        except DocumentTooLargeError:
            self._statistics.skip(selected.stored.name, TOO_LARGE)
            return None
        except ValueError:
            self._statistics.skip(selected.stored.name, INVALID_POSITION)
            return None
        self._monitor.follow(receipt)
        # At once, since a rejected record may be listed before its object is settled.
        receipt.add_done_callback(self._note)
        return receipt

    def _note(self, receipt: Future[Receipt]) -> None:
        if receipt.exception() is None:
            self._cutoff.note(receipt.result())

    def _settle(self) -> None:
        while self._pending and all(receipt.done() for _, receipt in self._pending[0][1]):
            selected, sent = self._pending.popleft()
            accepted = sum(self._count(record, receipt, selected) for record, receipt in sent)
            if self._keep:
                continue
            if selected.whole and accepted == len(selected.records):
                self._deletable[selected.stored.bucket].append(selected.stored.key)
                if len(self._deletable[selected.stored.bucket]) >= DELETE_BATCH:
                    self._delete(selected.stored.bucket)
            elif accepted:
                self._statistics.kept += 1

    def _count(self, record: ReplayableRecord, receipt: Future[Receipt], selected: SelectedObject) -> bool:
        """Count the result of a record; return whether the function can read it where it is now."""
        error = receipt.exception()
        if error is None and int(receipt.result().sequence_number) <= int(record.original.sequence_number):
            self._statistics.skip(selected.stored.name, NOT_AFTER)
            return False
        if error is None:
            self._statistics.accepted += 1
            return True
        code = error.code if isinstance(error, DeliveryError) else type(error).__name__
        self._statistics.skip(selected.stored.name, f"the stream did not accept it: {code}")
        return False

    def _delete(self, bucket: Bucket) -> None:
        keys = self._deletable.pop(bucket)
        failed = bucket.delete(keys)
        self._statistics.deleted += len(keys) - len(failed)
        for key, code in failed.items():
            self._statistics.skip(
                f"s3://{bucket.name}/{key}", f"replayed, but its object cannot be deleted: {code}"
            )


def read_hash_key_ranges(kinesis: Any, stream: str) -> HashKeyRanges:
    """Return the hash key ranges of the stream's shards; none if the caller may not list shards.

    Args:
        kinesis: A boto3 client.
        stream: Name or ARN of the stream.
    """
    ranges = {}
    with suppress(kinesis.exceptions.AccessDeniedException):
        for page in kinesis.get_paginator("list_shards").paginate(**parse_stream(stream).request):
            for shard in page["Shards"]:
                keys = shard["HashKeyRange"]
                ranges[shard["ShardId"]] = (int(keys["StartingHashKey"]), int(keys["EndingHashKey"]))
    return HashKeyRanges(ranges)
