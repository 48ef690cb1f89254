"""What an environment remembers between invocations: the parts of an aggregate that are already dealt with.

All of an aggregate shares one sequence number, so an aggregate that did not fit into one invocation is
delivered again whole. Remembering saves paying for its parts twice; forgetting is always safe, since every
effect is idempotent.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream_processor.kinesis_event import Received, Source

MAX_AGGREGATES: Final = 64
"""Unfinished aggregates remembered: at most one a shard and parallel batch this environment has served."""

MAX_PARTS: Final = 100_000
"""Parts remembered of one aggregate; an integer each."""

_Key = tuple[str, str, str]


class UnfinishedAggregates:
    """Remembers, for each aggregate at which a batch had to stop, which of its parts are done.

    Only the record that is returned to Lambda may be remembered: it is the first to be delivered again, so no
    older version of its documents can be written behind its back.
    """

    def __init__(self) -> None:
        self._done: OrderedDict[_Key, frozenset[int]] = OrderedDict()

    def unfinished_part(self, record: Received) -> Received:
        """Leave out of an aggregate what is known to be done; other records stay as they are."""
        done = self._done.get(_key(record.source))
        return record.without(done) if done else record

    def remember(self, source: Source, parts: Iterable[int]) -> None:
        """Add parts, by sub-sequence number, to what is known to be done of an unfinished aggregate."""
        known = self._done.pop(_key(source), frozenset())
        done = known.union(parts)
        if not done or len(done) > MAX_PARTS:
            return
        self._done[_key(source)] = done
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
