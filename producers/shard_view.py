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

    def surprise(self, now: float) -> None:
        """Note that Kinesis used another shard than was expected: the stream was resharded."""
        # Streams that distribute records by themselves surprise always, and looking again does not help.
        if self._trusted and not self._doubt:
            self._doubt = True
            self._vain = 0
            self._next_look = min(self._next_look, now)

    def looked(self, found: ShardMap | None, now: float) -> None:
        """Note an answer; None for none."""
        self._looking = False
        changed = found is not None and (self.current is None or found.shards != self.current.shards)
        if changed:
            self._found = found
            self._vain, self._doubt, self._trusted = 0, False, True
            self._next_look = now + _EVERY_SECONDS
            return
        if found is not None and not self._doubt:
            self._next_look = now + _EVERY_SECONDS
            return
        self._look_again(found, now)

    def adopt(self) -> bool:
        """Go by what was found; False if nothing new was."""
        if self._found is None:
            return False
        self.current, self._found = self._found, None
        return True

    def _look_again(self, found: ShardMap | None, now: float) -> None:
        self._vain += 1
        delay = min(_LONGEST_RETRY_SECONDS, _FIRST_RETRY_SECONDS * 2.0 ** (self._vain - 1))
        self._next_look = now + delay
        if self._vain < _TRIES:
            return
        self._next_look = now + _LONGEST_RETRY_SECONDS
        if self._doubt:
            self._doubt = False
            # The same shards, and Kinesis still answers others: expectations mean nothing here.
            self._trusted = found is None
        if self.current is None:
            self._found = ShardMap()
