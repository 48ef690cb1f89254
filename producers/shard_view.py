"""When to look at the stream's shards again, and when what was seen counts. Pure; takes timestamps."""

from __future__ import annotations

import math
from typing import Final

from producers.shard_map import ShardMap

_EVERY_SECONDS: Final = 600.0
_FIRST_RETRY_SECONDS: Final = 0.5
_LONGEST_RETRY_SECONDS: Final = 30.0

# Looks in vain, before sending goes on with what is known: a producer without any answer would stand still.
_TRIES: Final = 4


class ShardView:
    """The shards as they were last seen, and doubts about them.

    Attributes:
        current: The shards sending goes by; None before the first answer, empty where nobody may ask.
    """

    def __init__(self) -> None:
        self.current: ShardMap | None = None
        self._found: ShardMap | None = None
        self._looking = False
        self._next_look = -math.inf
        self._vain = 0
        self._doubt = False
        self._answered = ""
        self._trusted = True

    @property
    def pauses(self) -> bool:
        """Whether sending waits: for the first answer, for a new one, or for new shards to be taken over."""
        return self.current is None or self._doubt or self._found is not None

    def look_in(self, now: float) -> float:
        """Give the seconds until the next look; infinity while one is under way or not yet taken over."""
        if self._looking or self._found is not None:
            return math.inf
        return self._next_look - now

    def begin_look(self) -> None:
        """Note that somebody looks."""
        self._looking = True

    def surprise(self, shard_id: str, now: float) -> None:
        """Note that Kinesis used another shard than was expected: the stream was resharded."""
        if not self._trusted or self._doubt:
            return
        if self._found is not None and self._found.get(shard_id) is not None:
            return  # known already, and only not yet taken over
        self._doubt = True
        self._answered = shard_id
        self._vain = 0
        self._next_look = min(self._next_look, now)

    def looked(self, found: ShardMap | None, now: float) -> None:
        """Note an answer; None for none."""
        self._looking = False
        if found is None:
            self._look_again(now)
        elif self.current is None or found.shards != self.current.shards:
            self._found = found
            self._trusted = True
            self._settle(now)
        elif not self._doubt:
            self._settle(now)
        elif found.get(self._answered) is not None:
            # The same shards, and Kinesis used another of them: it places records by itself, and what is
            # expected means nothing.
            self._trusted = False
            self._settle(now)
        else:
            self._look_again(now)  # the list lags behind

    def adopt(self) -> bool:
        """Go by what was found; False if nothing new was."""
        if self._found is None:
            return False
        self.current, self._found = self._found, None
        return True

    def _settle(self, now: float) -> None:
        self._vain, self._doubt = 0, False
        self._next_look = now + _EVERY_SECONDS

    def _look_again(self, now: float) -> None:
        self._vain += 1
        if self._vain < _TRIES:
            delay = _FIRST_RETRY_SECONDS * 2.0 ** (self._vain - 1)
            self._next_look = now + delay
            return
        self._next_look = now + _LONGEST_RETRY_SECONDS
        self._doubt = False
        if self.current is None:
            self._found = ShardMap()
