"""What an environment remembers between invocations: the parts of an aggregate that are already dealt with.

All of an aggregate shares one sequence number, so an aggregate that did not fit into one invocation is
delivered again whole. Remembering saves paying for its parts twice; forgetting is always safe, since every
effect is idempotent.

What is remembered is true only while nothing older is delivered: an older version would be written over a
part that is then left out, or the part may be gone with a table that was restored. So it is used where only
the retry of a batch can have brought the record: at the head of a batch, with nothing older seen since. What
other environments see is not known, so among several it counts for a short time only.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stream_processor.kinesis_event import Received, Source

MAX_AGGREGATES: Final = 64
"""Unfinished aggregates remembered: at most one a shard and parallel batch this environment has served."""

MAX_PARTS: Final = 100_000
"""Parts remembered of one aggregate; an integer each."""

RECALL_SECONDS: Final = 15.0
"""Longest time to the retry of a batch, among several environments. A mapping that is made anew, or takes
over elsewhere and begins at an older place, needs longer."""

LONE_RECALL_SECONDS: Final = 3600.0
"""The same for one environment that does all the work: its shards take turns of up to a time-out each."""

_Key = tuple[str, str, str]


class _Memory(NamedTuple):
    """The parts of an aggregate that are done, when that was last certain, and the aggregate's own place."""

    parts: frozenset[int]
    at: float
    source: Source


class UnfinishedAggregates:
    """Remembers, for each aggregate at which a batch had to stop, which of its parts are done.

    Only the record that is returned to Lambda may be remembered: it is the first to be delivered again, so no
    older version of its documents can be written behind its back.

    Args:
        alone: True if no other environment works on the stream at the same time.
    """

    def __init__(self, *, alone: bool = False) -> None:
        self._recall_seconds = LONE_RECALL_SECONDS if alone else RECALL_SECONDS
        self._done: OrderedDict[_Key, _Memory] = OrderedDict()

    def unfinished_parts(self, records: Sequence[Received], now: float) -> list[Received]:
        """Leave out of a batch's first record what is known to be done.

        Forgets what is known of the other records, and of any that comes after one of the batch's in the
        order of their partition key: the stream is delivered anew from an older place.

        Args:
            records: The batch.
            now: Monotonic seconds.
        """
        self.forget(record.source for record in records[1:])
        for record in records if self._done else ():
            self._forget_later_than(record.source)
        return [self._unfinished_part(record, now) for record in records[:1]] + [*records[1:]]

    def _unfinished_part(self, record: Received, now: float) -> Received:
        known = self._done.get(_key(record.source))
        if known is None:
            return record
        if now - known.at > self._recall_seconds:
            self.forget([record.source])
            return record
        return record.without(known.parts)

    def remember(self, source: Source, parts: Iterable[int], now: float) -> None:
        """Add parts, by sub-sequence number, to what is known to be done of an unfinished aggregate."""
        known = self._done.pop(_key(source), None)
        done = frozenset(parts) | (known.parts if known else frozenset())
        if not done or len(done) > MAX_PARTS:
            return
        self._done[_key(source)] = _Memory(done, now, source)
        while len(self._done) > MAX_AGGREGATES:
            self._done.popitem(last=False)

    def forget(self, sources: Iterable[Source]) -> None:
        """Drop what is known of records that are finished."""
        for source in sources:
            self._done.pop(_key(source), None)

    def _forget_later_than(self, source: Source) -> None:
        number = int(source.sequence_number)
        self.forget(
            [
                known.source
                for known in self._done.values()
                if (known.source.stream, known.source.partition_key) == (source.stream, source.partition_key)
                and int(known.source.sequence_number) > number
            ]
        )

    def __len__(self) -> int:
        """Count the aggregates remembered."""
        return len(self._done)


def _key(source: Source) -> _Key:
    return source.stream, source.shard_id, source.sequence_number
