"""What an environment remembers between invocations: the parts of an aggregate that are already dealt with.

All of an aggregate shares one sequence number, so an aggregate that did not fit into one invocation is
delivered again whole. Remembering saves paying for its parts twice; forgetting is always safe, since every
effect is idempotent.

What is remembered holds only while nothing older is delivered: an older version would be written over a part
that is then left out, or the part may be gone with a table that was restored. So it is used where only the
retry of a batch can have brought the record: at the head of a batch, with nothing older seen since. What
other environments see is not known, so among several it counts for a short time only.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stream_processor.core.records import DecodedRecord
    from stream_processor.storage_format.record_position import RecordPosition

MAX_AGGREGATES: Final = 64
"""Unfinished aggregates remembered: at most one a shard and parallel batch this environment has served."""

MAX_PARTS: Final = 100_000
"""Parts remembered of one aggregate; an integer each."""

RECALL_SECONDS: Final = 15.0
"""Longest time to the retry of a batch, among several environments. A mapping that is made anew, or takes
over elsewhere and begins at an older position, needs longer."""

LONE_RECALL_SECONDS: Final = 3600.0
"""The same for one environment that does all the work: its shards take turns of up to a time-out each."""

_Key = tuple[str, str, str]


class _Progress(NamedTuple):
    """The parts of an aggregate that are done, when that was last certain, and its own position."""

    parts: frozenset[int]
    at: float
    position: RecordPosition


class AggregateProgress:
    """Remembers, for each aggregate at which a batch had to stop, which of its parts are done.

    Only the record that is returned to Lambda may be remembered: it is the first to be delivered again, so no
    older version of its documents can be written unnoticed.

    Args:
        alone: True if no other environment works on the stream at the same time.
    """

    def __init__(self, *, alone: bool = False) -> None:
        self._recall_seconds = LONE_RECALL_SECONDS if alone else RECALL_SECONDS
        self._done: OrderedDict[_Key, _Progress] = OrderedDict()

    def without_parts_done(self, records: Sequence[DecodedRecord], now: float) -> list[DecodedRecord]:
        """Return the records of a batch, the first without the parts that are known to be done.

        Forgets what is known of the other records, and of any that comes after one of the batch's in the
        order of their partition key: the stream is delivered anew from an older position.

        Args:
            records: The batch.
            now: Monotonic seconds.
        """
        self.forget(record.position for record in records[1:])
        for record in records if self._done else ():
            self._forget_later_than(record.position)
        return [self._unfinished_part(record, now) for record in records[:1]] + [*records[1:]]

    def _unfinished_part(self, record: DecodedRecord, now: float) -> DecodedRecord:
        known = self._done.get(_key(record.position))
        if known is None:
            return record
        if now - known.at > self._recall_seconds:
            self.forget([record.position])
            return record
        return record.without(known.parts)

    def remember(self, position: RecordPosition, parts: Iterable[int], now: float) -> None:
        """Add parts, by sub-sequence number, to what is known to be done of an unfinished aggregate."""
        known = self._done.pop(_key(position), None)
        done = frozenset(parts) | (known.parts if known else frozenset())
        if not done or len(done) > MAX_PARTS:
            return
        self._done[_key(position)] = _Progress(done, now, position)
        while len(self._done) > MAX_AGGREGATES:
            self._done.popitem(last=False)

    def forget(self, positions: Iterable[RecordPosition]) -> None:
        """Drop what is known of records that are finished."""
        for position in positions:
            self._done.pop(_key(position), None)

    def _forget_later_than(self, position: RecordPosition) -> None:
        number, same = int(position.sequence_number), (position.stream, position.partition_key)
        self.forget(
            [
                known.position
                for known in self._done.values()
                if (known.position.stream, known.position.partition_key) == same
                and int(known.position.sequence_number) > number
            ]
        )

    def __len__(self) -> int:
        """Return how many aggregates are remembered."""
        return len(self._done)


def _key(position: RecordPosition) -> _Key:
    return position.stream, position.shard_id, position.sequence_number
