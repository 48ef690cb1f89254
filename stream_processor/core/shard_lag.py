"""How far behind a shard is, and when that ends: two figures for operators. Pure arithmetic over timestamps.

A function sees only the records it is handed, so lag is measured in stream time: a shard has got to the
arrival time of its first record that is not done, it moves on by so many seconds of arrivals in a second, and
new arrivals go on at one second a second.

    seconds to drain = seconds behind / (speed - 1)

That takes the records behind to be as dense as those just worked off. After a burst that arrived at once the
forecast is too pessimistic: the burst takes hours to cross, and the quiet after it no time.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

SMOOTHING_SECONDS: Final = 180.0
"""A speed measured this long ago weighs 1/e of one measured now."""

FORGET_SECONDS: Final = 900.0
"""A shard not visited for longer is measured afresh: what was before the gap says nothing of now."""

CAUGHT_UP_SECONDS: Final = 60.0
"""Less than this behind is no backlog: batching windows and the batch itself take some of it."""

MAX_SHARDS: Final = 1024
"""Shards remembered, the most recently visited; some 300 bytes each."""

MEASURED_SECONDS: Final = 10.0
"""A speed seen for less time than this is chance."""

SECONDS_AN_HOUR: Final = 3600.0
_LEAST_WEIGHT: Final = -math.expm1(-MEASURED_SECONDS / SMOOTHING_SECONDS) - 1e-9

LagState = Literal["caught_up", "draining", "falling_behind", "unknown"]
"""How a shard's backlog develops. ``falling_behind`` includes standing still; ``unknown`` is a shard that
this environment has seen for less than ``MEASURED_SECONDS``."""


class LagForecast(NamedTuple):
    """What is to be expected of a shard.

    Attributes:
        state: How its backlog develops.
        seconds_to_drain: Seconds until it is gone: 0 if it is, None if unknown, and at most a record's life,
            which also stands for "never at this rate". An alarm needs a figure in just that case.
        hours_to_expiry: Hours until the oldest record known expires, at least 0; None without a record.
    """

    state: LagState = "unknown"
    seconds_to_drain: float | None = None
    hours_to_expiry: float | None = None


@dataclass(slots=True)
class _Shard:
    """How far a shard had got at the last visit, and how fast it has been moving.

    Attributes:
        reached: Arrival time it had got to, epoch seconds.
        seen_at: When that was, epoch seconds.
        moved: Exponentially weighted mean of its speed, times ``weight``.
        weight: How much of that mean is measured, 0 to 1.
    """

    reached: float
    seen_at: float
    moved: float = 0.0
    weight: float = 0.0

    def advance(self, reached: float, now: float) -> None:
        """Add what happened since the last visit, which must not be later than ``now``."""
        elapsed = now - self.seen_at
        kept = math.exp(-elapsed / SMOOTHING_SECONDS)
        # Dividing by the time elapsed and weighing by it again would be 0/0 for two visits at one moment.
        gain = -math.expm1(-elapsed / SMOOTHING_SECONDS) / elapsed if elapsed else 1 / SMOOTHING_SECONDS
        self.moved = self.moved * kept + (reached - self.reached) * gain
        self.weight = self.weight * kept + elapsed * gain
        self.reached, self.seen_at = reached, now

    @property
    def speed(self) -> float | None:
        """Seconds of arrivals in a second; below 0 if the shard was set back; None if not measured yet."""
        return self.moved / self.weight if self.weight >= _LEAST_WEIGHT else None


class ShardLag:
    """Remembers how far each shard had got, for as long as the environment is warm.

    Other environments take batches of the same shards. That does not disturb the measurement: a shard is
    worked off in order, so each batch shows how far all environments together have got, and the progress
    between two visits is everybody's. With a parallelization factor above 1 a shard has several positions at
    a time, close together; smoothing takes care of the jumps between them.

    Times are wall-clock, as arrival times are, and since an environment's monotonic clock need not go on
    while it is frozen between invocations.

    Args:
        retention_hours: Life of a record: the smaller of the stream's retention and the mapping's maximum
            record age, above 0.
    """

    def __init__(self, retention_hours: float = 24.0) -> None:
        self._retention_hours = retention_hours
        self._shards: OrderedDict[tuple[str, str], _Shard] = OrderedDict()

    def observe(
        self, stream: str, shard_id: str, *, reached: float, oldest_age: float, now: float
    ) -> LagForecast:
        """Take note of a batch and return the forecast of its shard.

        Args:
            stream: Name of the stream.
            shard_id: The shard the batch is of.
            reached: Arrival of its first record that is not done, or of its last if all are; epoch seconds.
            oldest_age: Age of the oldest record this batch knows to be waiting, or to have waited; seconds.
            now: The time, epoch seconds.
        """
        speed = self._speed((stream, shard_id), reached, now)
        state, seconds = self._forecast(now - reached, speed)
        hours = self._retention_hours - max(0.0, oldest_age) / SECONDS_AN_HOUR
        return LagForecast(state=state, seconds_to_drain=seconds, hours_to_expiry=max(0.0, hours))

    def __len__(self) -> int:
        """Return how many shards are remembered."""
        return len(self._shards)

    def _speed(self, key: tuple[str, str], reached: float, now: float) -> float | None:
        shard = self._shards.pop(key, None)
        if shard is None or not 0 <= now - shard.seen_at <= FORGET_SECONDS:  # or the clock was set back
            shard = _Shard(reached, now)
        else:
            shard.advance(reached, now)
        self._shards[key] = shard
        while len(self._shards) > MAX_SHARDS:
            self._shards.popitem(last=False)
        return shard.speed

    def _forecast(self, behind: float, speed: float | None) -> tuple[LagState, float | None]:
        """Return how the backlog develops, and the seconds until it is gone, at most a record's life."""
        if behind <= CAUGHT_UP_SECONDS:
            return "caught_up", 0.0
        if speed is None:
            return "unknown", None
        longest = self._retention_hours * SECONDS_AN_HOUR
        if speed <= 1:
            return "falling_behind", longest
        return "draining", min(longest, behind / (speed - 1))
