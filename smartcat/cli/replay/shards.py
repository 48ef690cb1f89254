"""Routes replayed records to their shards, and recognises those replayed by this run. Pure."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producers.core.outcomes import Receipt
    from stream_processor.storage_format.record_position import RecordPosition


class HashKeyRanges:
    """Routes a record to the shard it came from, or to that shard's successor.

    Sequence numbers are comparable along a shard and its successors, but not between shards. A record's own
    key leads to its shard, unless it was part of an aggregate, whose key is not stored.

    Args:
        ranges: First and last hash key of each known shard, open or closed.
    """

    def __init__(self, ranges: Mapping[str, tuple[int, int]]) -> None:
        self._ranges = ranges

    def hash_key(self, partition_key: str, shard_id: str) -> str | None:
        """Return a hash key of a shard; None if the partition key leads there, or the shard is unknown."""
        hash_keys = self._ranges.get(shard_id)
        if hash_keys is None:
            return None
        first, last = hash_keys
        digest = hashlib.md5(partition_key.encode(), usedforsecurity=False).digest()  # as Kinesis does
        return None if first <= int.from_bytes(digest, "big") <= last else str(first)


class ReplayCutoff:
    """Separates records that existed before a replay from those that the replay itself sent.

    A record that is rejected again is back in the quarantine before the listing ends, and would be replayed
    for ever. Sequence numbers decide, because the clocks of two machines could not.
    """

    def __init__(self) -> None:
        self._firsts: dict[str, int] = {}
        self._lock = threading.Lock()

    def note(self, receipt: Receipt) -> None:
        """Note a record that the replay put on the stream; thread-safe."""
        number = int(receipt.sequence_number)
        with self._lock:
            self._firsts[receipt.shard_id] = min(number, self._firsts.get(receipt.shard_id, number))

    def is_after(self, position: RecordPosition) -> bool:
        """Return whether a record came onto its shard after the first replayed one."""
        first = self._firsts.get(position.shard_id)
        return first is not None and int(position.sequence_number) >= first
