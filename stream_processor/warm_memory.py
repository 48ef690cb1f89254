"""What an environment remembers between invocations: the parts of an aggregate that are already dealt with.

All of an aggregate shares one sequence number, so an aggregate that did not fit into one invocation is
delivered again whole. Remembering saves paying for its parts twice; forgetting is always safe, since every
effect is idempotent.

What is remembered is true only while nothing older is delivered: an older version would be written over a
part that is then left out, or the part may be gone with a table that was restored. So it is used where only
the retry of a batch can have brought the record: at the head of a batch, and soon.
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
"""Longest time to the retry of a batch. A mapping that is made anew, or takes over elsewhere and begins at an
older place, needs longer."""

_Key = tuple[str, str, str]


class _Memory(NamedTuple):
    """The parts of an aggregate that are done, and when that was last certain, in seconds."""

    parts: frozenset[int]
    at: float


class UnfinishedAggregates:
    """Remembers, for each aggregate at which a batch had to stop, which of its parts are done.

    Only the record that is returned to Lambda may be remembered: it is the first to be delivered again, so no
    older version of its documents can be written behind its back.
    """

    def __init__(self) -> None:
        self._done: OrderedDict[_Key, _Memory] = OrderedDict()

    def unfinished_parts(self, records: Sequence[Received], now: float) -> list[Received]:
        """Leave out of a batch's first record what is known to be done; forget what is known of the others.

        Args:
            records: The batch.
            now: Monotonic seconds.
        """
        self.forget(record.source for record in records[1:])
        return [self._unfinished_part(record, now) for record in records[:1]] + [*records[1:]]

    def _unfinished_part(self, record: Received, now: float) -> Received:
        known = self._done.get(_key(record.source))
        if known is None:
            return record
        if now - known.at > RECALL_SECONDS:
            self.forget([record.source])
            return record
        return record.without(known.parts)

    def remember(self, source: Source, parts: Iterable[int], now: float) -> None:
        """Add parts, by sub-sequence number, to what is known to be done of an unfinished aggregate."""
        known = self._done.pop(_key(source), None)
        done = frozenset(parts) | (known.parts if known else frozenset())
        if not done or len(done) > MAX_PARTS:
            return
        self._done[_key(source)] = _Memory(done, now)
        while len(self._done) > MAX_AGGREGATES:
            self._done.popitem(last=False)

    def forget(self, sources: Iterable[Source]) -> None:
        """Drop what is known of records that are finished."""
        for source in sources:
            self._done.pop(_key(source), None)

    def __len__(self) -> int:
        """Count the aggregates remembered."""
        return len(self._done)


def _key(source: Source) -> _Key:
    return source.stream, source.shard_id, source.sequence_number
