"""Puts chosen records back on the stream, and deletes an object once the stream has all it held."""

from __future__ import annotations

from collections import defaultdict, deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from producers.errors import DeliveryError, DocumentTooLargeError
from smartcat.cli.delivery import Watch
from smartcat.cli.replay.shards import ShardRanges

if TYPE_CHECKING:
    from concurrent.futures import Future

    from producers.core.outcomes import Receipt
    from producers.producer import Producer
    from smartcat.cli.replay.buckets import Bucket
    from smartcat.cli.replay.find import Found
    from smartcat.cli.replay.held import Held
    from smartcat.cli.replay.shards import Horizon
    from smartcat.cli.replay.tally import Tally

DELETE_AT_ONCE: Final = 100
"""Objects deleted by one request: few enough that an interruption leaves little to be put back twice."""

LARGER_THAN_A_RECORD: Final = "with its first place, larger than a record of this stream may be"
NO_PLACE: Final = "its place or its key is none that Kinesis gives"


class PutBack:
    """Puts records back, in the order given.

    Nothing is deleted before the stream has answered for every record of an object. Putting a record back
    twice is harmless: its result is made from its first place either way.

    Args:
        producer: Sends; is flushed by whoever made it, before ``finish``.
        ranges: Which shard a record came from.
        horizon: Learns what was put on the stream.
        tally: Gets the figures.
        keep: Delete nothing.
    """

    def __init__(
        self, producer: Producer, ranges: ShardRanges, horizon: Horizon, tally: Tally, *, keep: bool = False
    ) -> None:
        self._producer = producer
        self._ranges = ranges
        self._horizon = horizon
        self._tally = tally
        self._keep = keep
        self._watch = Watch()
        self._pending: deque[tuple[Found, list[Future[Receipt]]]] = deque()
        self._deletable: defaultdict[Bucket, list[str]] = defaultdict(list)

    def put(self, found: Found) -> None:
        """Put back what was found in an object.

        Raises:
            DeliveryStopped: The stream takes nothing any more.
        """
        receipts = [receipt for held in found.records if (receipt := self._send(held, found)) is not None]
        self._pending.append((found, receipts))
        self._settle()
        self._watch.check()

    def finish(self) -> None:
        """Settle what the stream has answered, and delete what is deletable."""
        self._settle()
        for bucket in list(self._deletable):
            self._delete(bucket)

    def _send(self, held: Held, found: Found) -> Future[Receipt] | None:
        """Send a record; None if it cannot go, which is counted."""
        key = held.partition_key
        try:
            receipt = self._producer.put_raw(
                held.to_record(), key, explicit_hash_key=self._ranges.hash_key(key, held.first.shard_id)
            )
        except DocumentTooLargeError:
            self._tally.leave(found.stored.name, LARGER_THAN_A_RECORD)
            return None
        except ValueError:
            self._tally.leave(found.stored.name, NO_PLACE)
            return None
        self._watch.follow(receipt)
        # At once and not when the object is settled: what becomes of the record may be listed before.
        receipt.add_done_callback(self._note)
        return receipt

    def _note(self, receipt: Future[Receipt]) -> None:
        if receipt.exception() is None:
            self._horizon.note(receipt.result())

    def _settle(self) -> None:
        while self._pending and all(receipt.done() for receipt in self._pending[0][1]):
            found, receipts = self._pending.popleft()
            accepted = sum(self._book(receipt, found) for receipt in receipts)
            if self._keep:
                continue
            if found.whole and accepted == len(found.records):
                self._deletable[found.stored.bucket].append(found.stored.key)
                if len(self._deletable[found.stored.bucket]) >= DELETE_AT_ONCE:
                    self._delete(found.stored.bucket)
            elif accepted:
                self._tally.kept += 1

    def _book(self, receipt: Future[Receipt], found: Found) -> bool:
        error = receipt.exception()
        if error is None:
            self._tally.accepted += 1
            return True
        code = error.code if isinstance(error, DeliveryError) else type(error).__name__
        self._tally.leave(found.stored.name, f"the stream did not take it: {code}")
        return False

    def _delete(self, bucket: Bucket) -> None:
        keys = self._deletable.pop(bucket)
        failed = bucket.delete(keys)
        self._tally.deleted += len(keys) - len(failed)
        for key, code in failed.items():
            self._tally.leave(
                f"s3://{bucket.name}/{key}", f"put back, but its object cannot be deleted: {code}"
            )


def shard_ranges(kinesis: Any, stream: str) -> ShardRanges:
    """Ask which hash keys lead to which shard; of none, where the caller may not ask."""
    ranges = {}
    with suppress(kinesis.exceptions.AccessDeniedException):
        for page in kinesis.get_paginator("list_shards").paginate(StreamName=stream):
            for shard in page["Shards"]:
                keys = shard["HashKeyRange"]
                ranges[shard["ShardId"]] = (int(keys["StartingHashKey"]), int(keys["EndingHashKey"]))
    return ShardRanges(ranges)
