"""Where records go back to, and which came back meanwhile: hash ranges and sequence numbers. Pure."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producers.core.outcomes import Receipt
    from stream_processor.storage_format.record_position import RecordPosition


class ShardRanges:
    """Sends a record back to the shard it came from, or to the one that succeeded it.

    Sequence numbers compare along a shard and its successors, and not between neighbours. A record's own key
    leads there, unless it was part of an aggregate: then the aggregate's key, which is not kept, chose.

    Args:
        ranges: First and last hash key of each shard that is known, open or closed.
    """

    def __init__(self, ranges: Mapping[str, tuple[int, int]]) -> None:
        self._ranges = ranges

    def hash_key(self, partition_key: str, shard_id: str) -> str | None:
        """Give the hash key that leads to a shard; None if the partition key does or nobody knows it."""
        found = self._ranges.get(shard_id)
        if found is None:
            return None
        first, last = found
        digest = hashlib.md5(partition_key.encode(), usedforsecurity=False).digest()  # as Kinesis places it
        return None if first <= int.from_bytes(digest, "big") <= last else str(first)


class Horizon:
    """Tells what was put aside before a replay began from what it put on the stream itself.

    A record that is still poison is back in the quarantine before the listing gets there, and would be put
    back for ever. Sequence numbers tell, where two clocks could not.
    """

    def __init__(self) -> None:
        self._firsts: dict[str, int] = {}
        self._lock = threading.Lock()

    def note(self, receipt: Receipt) -> None:
        """Note a record that the replay put on the stream; by any thread."""
        number = int(receipt.sequence_number)
        with self._lock:
            self._firsts[receipt.shard_id] = min(number, self._firsts.get(receipt.shard_id, number))

    def hides(self, carrier: RecordPosition) -> bool:
        """Tell whether a record came onto its shard after the replay's first there."""
        first = self._firsts.get(carrier.shard_id)
        return first is not None and int(carrier.sequence_number) >= first
