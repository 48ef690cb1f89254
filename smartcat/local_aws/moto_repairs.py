"""Where moto loses, doubles or stalls records, or lets two writers win: mended while local AWS runs.

Nothing else of moto is touched, and everything is put back afterwards. Seen in moto 5.2.5:

* After a split or a merge, moto keeps writing to the closed parent for ever, and the children stay empty; a
  merge copies the parents' records into the child, where a consumer meets them a second time.
* The shards that a split or a merge makes number their records from 1 again, so that a key's later record
  has a lower number than its earlier one.
* A record on the very last hash of a shard finds no shard (HTTP 500).
* Numbering a record and starting a read both walk over all records of the shard.
* S3 compares an object with the condition of a PutObject, and then writes it, in two steps: of two requests
  at a time that were made for the same object, both may be told that they won.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from moto.kinesis.models import Record, Shard, Stream
from moto.s3.responses import S3Response

from smartcat.local_aws.kinesis_shards import hash_key

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
    """A split or merge that leaves the parents' records in the parents, where a consumer expects them."""

    def resharded(stream: Any, shard_id: str, other: str) -> None:
        # `other` is the second parent of a merge, and a hash key, thus no shard, of a split.
        parents = [stream.shards[name] for name in (shard_id, other) if name in stream.shards]
        records = [parent.records for parent in parents]
        before, known = max(map(_last_sequence_number, parents), default=0), set(stream.shards)
        for parent in parents:
            parent.records = OrderedDict()
        try:
            reshard(stream, shard_id, other)
        finally:
            for parent, kept in zip(parents, records, strict=True):
                parent.records = kept
        for child in (shard for name, shard in stream.shards.items() if name not in known):
            child.numbered_before = before

    return resharded


def _numbered_before(shard: Any) -> int:
    """The highest number of a shard's parents; 0 without parents."""
    return int(getattr(shard, "numbered_before", 0))


def _last_sequence_number(shard: Any) -> int:
    return next(reversed(shard.records), _numbered_before(shard))


def _put_record(shard: Any, partition_key: str, data: str, explicit_hash_key: str) -> str:
    number = _last_sequence_number(shard) + 1
    shard.records[number] = Record(partition_key, data, number, explicit_hash_key)
    return str(number)


def _records_after(shard: Any, last_sequence_id: str, limit: int | None) -> tuple[list[Any], int, int]:
    # Sequence numbers of a shard grow by one without a gap, so a number is also a position.
    start = max(0, int(last_sequence_id) - _numbered_before(shard))
    records = list(
        islice(shard.records.values(), start, start + min(limit or MAX_RECORDS_READ, MAX_RECORDS_READ))
    )
    if not records:
        return [], int(last_sequence_id), 0
    newest = shard.records[_last_sequence_number(shard)]
    behind = int((newest.created_at - records[-1].created_at) * 1000)
    return records, records[-1].sequence_number, behind


def _one_at_a_time(method: Callable[[Any], Any]) -> Callable[[Any], Any]:
    lock = threading.Lock()

    def locked(responder: Any) -> Any:
        with lock:
            return method(responder)

    return locked


_REPAIRS: tuple[tuple[Any, str, Any], ...] = (
    (Stream, "get_shard_for_key", _open_shard_for_key),
    (Stream, "split_shard", _keeping_parents_records(Stream.split_shard)),
    (Stream, "merge_shards", _keeping_parents_records(Stream.merge_shards)),
    (Shard, "put_record", _put_record),
    (Shard, "get_max_sequence_number", _last_sequence_number),
    (Shard, "get_records", _records_after),
    (S3Response, "put_object", _one_at_a_time(S3Response.put_object)),
)


@contextmanager
def repaired_moto() -> Iterator[None]:
    """Mend moto for the length of a ``with`` block."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in _REPAIRS]
    for owner, name, repair in _REPAIRS:
        setattr(owner, name, repair)
    try:
        yield
    finally:
        for owner, name, original in before:
            setattr(owner, name, original)
