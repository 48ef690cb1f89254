"""Where moto's Kinesis loses, doubles or stalls records: mended while local AWS runs.

Nothing else of moto is touched, and everything is put back afterwards. Seen in moto 5.2.5:

* After a split or a merge, moto keeps writing to the closed parent for ever, and the children stay empty; a
  merge copies the parents' records into the child, where a consumer meets them a second time.
* A record on the very last hash of a shard finds no shard (HTTP 500).
* Numbering a record and starting a read both walk over all records of the shard.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from moto.kinesis.models import Shard, Stream

from local_aws.kinesis_shards import hash_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_RECORDS_READ = 10_000  # API reference of GetRecords

_check_key = Stream.get_shard_for_key


def _open_shard_for_key(stream: Any, partition_key: str, explicit_hash_key: str | None) -> Any:
    # For its errors; its answer may be a closed shard.
    _check_key(stream, partition_key, explicit_hash_key or "")
    place = hash_key(partition_key, explicit_hash_key or None)
    for shard in stream.shards.values():
        if shard.is_open and shard.starting_hash <= place <= shard.ending_hash:
            return shard
    return None


def _keeping_parents_records(reshard: Callable[[Any, str, str], None]) -> Callable[[Any, str, str], None]:
    """A split or merge that leaves the parents' records where a consumer expects them: in the parents."""

    def resharded(stream: Any, shard_id: str, other: str) -> None:
        # `other` is the second parent of a merge, and a hash key, thus no shard, of a split.
        parents = [stream.shards[name] for name in (shard_id, other) if name in stream.shards]
        records = [parent.records for parent in parents]
        for parent in parents:
            parent.records = OrderedDict()
        try:
            reshard(stream, shard_id, other)
        finally:
            for parent, kept in zip(parents, records, strict=True):
                parent.records = kept

    return resharded


def _last_sequence_number(shard: Any) -> int:
    return next(reversed(shard.records), 0)


def _records_after(shard: Any, last_sequence_id: str, limit: int | None) -> tuple[list[Any], int, int]:
    # Sequence numbers of a shard are 1, 2, 3 ... without a gap, so a number is also a position.
    start = int(last_sequence_id)
    records = list(
        islice(shard.records.values(), start, start + min(limit or MAX_RECORDS_READ, MAX_RECORDS_READ))
    )
    if not records:
        return [], start, 0
    newest = shard.records[_last_sequence_number(shard)]
    behind = int((newest.created_at - records[-1].created_at) * 1000)
    return records, records[-1].sequence_number, behind


_REPAIRS: tuple[tuple[Any, str, Any], ...] = (
    (Stream, "get_shard_for_key", _open_shard_for_key),
    (Stream, "split_shard", _keeping_parents_records(Stream.split_shard)),
    (Stream, "merge_shards", _keeping_parents_records(Stream.merge_shards)),
    (Shard, "get_max_sequence_number", _last_sequence_number),
    (Shard, "get_records", _records_after),
)


@contextmanager
def repaired_kinesis() -> Iterator[None]:
    """Mend moto's Kinesis for the length of a ``with`` block."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in _REPAIRS]
    for owner, name, repair in _REPAIRS:
        setattr(owner, name, repair)
    try:
        yield
    finally:
        for owner, name, original in before:
            setattr(owner, name, original)
