"""How fast this environment may write. Pure arithmetic over timestamps: no clock, no AWS, no dice of its own.

Many environments share one table and cannot see each other. Each holds a share of the table's rate, given by
configuration, and obeys these rules ("a seeded share, and probing that is paid for"):

1. The table's own bucket holds 300 s of its rate, so capacity is lost only while that bucket is full. After a
   throttle everybody dips to half the share for a few seconds, and the cushion returns.
2. Going above the share is paid for: each unthrottled request earns a fraction of one permitted throttle.
3. The share is cut only on evidence, drifts back to what was configured, and never exceeds it.
4. Idle time banks tokens at the share's rate. All banks together never exceed the table's bucket.

All rates are write capacity units a second, all times seconds on one monotonic clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stream_processor.ports import Randomness

MAX_REQUEST_ITEMS: Final = 25
"""Items in one BatchWriteItem (service limit)."""

REQUESTS_PER_THROTTLE: Final = 250
"""Unthrottled requests that pay for one throttle: keeps the throttled ratio near 0.4 % with any lanes."""

DIP_FACTOR: Final = 0.5
DIP_SECONDS: Final = 4.0
DIP_JITTER: Final = 0.25
EPISODE_SECONDS: Final = DIP_SECONDS + 2.0
"""A throttle later than this after the last one is news; an earlier one belongs to the same dry spell."""
DEEP_DRY_SECONDS: Final = 1.5
"""A named throttle this long into the dip says that even half the share is too much."""

CUT_NAMED: Final = 0.8
CUT_UNNAMED: Final = 0.85
RAISE_AFTER_PAID_PROBE: Final = 1.05
SOON_FRACTION: Final = 0.5
"""A throttle before this fraction of a credit was earned is evidence that the share is too large."""
SMALLEST_SHARE: Final = 1 / 64

DRIFT_SECONDS: Final = 600.0
DRIFT_PER_REQUEST: Final = 0.25 / REQUESTS_PER_THROTTLE

PLATEAU_SECONDS: Final = 120.0
"""Probe even without credit after this long without a throttle."""
GENTLE_SECONDS: Final = 25.0
"""First part of a probe: half a share more, over this much time spent waiting for tokens."""
GENTLE_GAIN: Final = 0.5
DOUBLE_SECONDS: Final = 5.0
MAX_DOUBLINGS: Final = 10
SLOW_START_SECONDS: Final = 2.0
MAX_SLOW_START_DOUBLINGS: Final = 12

BANK_SECONDS: Final = 240.0
"""Seconds of the share that idle time may bank, of the 300 the table stores; the rest covers imprecision."""
FIRST_BANK_UNITS: Final = 4000.0
"""Most units a cold environment assumes to be banked for it: it has seen no idle time itself."""
FRESH_SECONDS: Final = 5.0
"""Records younger than this mean that there is no backlog, so the table has probably been idle."""

REQUEST_SECONDS: Final = 0.2
"""Seconds of the share in one request: small enough to be smooth, large enough to fill requests when fast."""
SPEND_UNITS: Final = 4.0, 100.0
"""Fewest and most units in one request while banked tokens are spent."""
SMALLEST_BUCKET: Final = 4.0

PROBING_FLOOR: Final = 1.0
"""A share below one unit a second never probes: a single item is already seconds of it."""

PARTITION_UNITS: Final = 900.0
"""What all environments together may spend of their banks, a second: below the 1,000 a partition can take."""
ASSUMED_ENVIRONMENTS: Final = 16
MOST_BURST_SHARES: Final = 10.0

RETRY_SECONDS: Final = 0.2, 0.6
RETRY_DOUBLINGS: Final = 3

READY_SECONDS: Final = 0.001
"""Waits shorter than this are not worth a sleep."""


def default_burst_rate(share: float) -> float:
    """Give the rate at which banked tokens may be spent when configuration names none.

    The number of environments is not known here, so a middling one is assumed.
    """
    return max(share, min(MOST_BURST_SHARES * share, PARTITION_UNITS / ASSUMED_ENVIRONMENTS))


def retry_delay(tries: int, random: Randomness) -> float:
    """Give the seconds to leave items alone that the table rejected for the ``tries``-th time (from 1)."""
    return random.uniform(*RETRY_SECONDS) * float(2 ** min(tries, RETRY_DOUBLINGS))


class WriteBudget:
    """One environment's share of one table. Ask before each request, tell after it.

    Args:
        share: This environment's configured rate, above 0.
        burst_rate: Rate at which banked tokens may be spent; None for ``default_burst_rate``.
        now: The time of construction.
    """

    def __init__(self, share: float, *, now: float, burst_rate: float | None = None) -> None:
        self._seed = self._share = share
        self._burst_rate = default_burst_rate(share) if burst_rate is None else burst_rate
        self._may_ever_probe = share >= PROBING_FLOOR
        self._started = False
        self._filled_at = now
        self._not_before = now
        self._tokens = 0.0
        # Until the first batch says otherwise, assume a dry table: a backlog is what makes capacity scarce.
        self._last_throttle: float | None = now
        self._dip_until = now
        self._credit = 0.0
        self._good_requests = 0
        self._good_at = now
        self._probe_seconds = 0.0

    @property
    def share(self) -> float:
        """The share believed in now: between a 64th of the configured one and all of it."""
        return self._share

    @property
    def tokens(self) -> float:
        """Units that may be written at once; negative after a request that cost more than planned."""
        return self._tokens

    def begin(self, now: float, *, record_age: float) -> None:
        """Start an invocation: bank the idle time since the last one.

        Args:
            now: The time.
            record_age: Age of the batch's first record; tells a cold environment whether there is a
                backlog.
        """
        if not self._started and record_age < FRESH_SECONDS:
            self._tokens = min(BANK_SECONDS * self._seed, FIRST_BANK_UNITS)
            self._last_throttle = None
        self._started = True
        self._fill(now, self._share, BANK_SECONDS * self._share)

    def rate(self, now: float) -> float:
        """Give the rate at which tokens come in now, in units a second, above 0."""
        if now < self._dip_until:
            return DIP_FACTOR * self._share
        if not self._may_ever_probe:
            return self._share
        if self._last_throttle is None:
            doublings = min(self._probe_seconds / SLOW_START_SECONDS, MAX_SLOW_START_DOUBLINGS)
            return self._share * float(2**doublings)
        if not self._may_probe(now):
            return self._share
        if self._probe_seconds < GENTLE_SECONDS:  # gently, so that the other environments come along
            return self._share + GENTLE_GAIN * self._seed * self._probe_seconds / GENTLE_SECONDS
        doublings = min((self._probe_seconds - GENTLE_SECONDS) / DOUBLE_SECONDS, MAX_DOUBLINGS)
        return (self._share + GENTLE_GAIN * self._seed) * float(2**doublings)

    def request_units(self, now: float) -> float:
        """Give the units the next request should carry; a single larger item may exceed it."""
        rate = self.rate(now)
        if self._tokens > max(MAX_REQUEST_ITEMS, 3 * rate * REQUEST_SECONDS):  # there is a bank to spend
            least, most = SPEND_UNITS
            return min(most, max(least, self._burst_rate * REQUEST_SECONDS))
        return max(min(self._share, rate) * REQUEST_SECONDS, rate / 40)

    def wait_for(self, units: float, now: float) -> float:
        """Give the seconds until a request of that many units may go; 0 for now.

        Ask again after at most a second of waiting: the rate may have changed.
        """
        rate = self.rate(now)
        self._fill(now, rate, max(2 * rate * REQUEST_SECONDS, SMALLEST_BUCKET, units))
        wait = max(self._not_before - now, (units - self._tokens) / rate)
        return wait if wait > READY_SECONDS else 0.0

    def waited(self, seconds: float, now: float) -> None:
        """Take note of time spent waiting: a probe advances only while tokens are what is short."""
        if self._last_throttle is None or (now > self._dip_until and self._may_probe(now)):
            self._probe_seconds += seconds

    def accepted(self, *, sent: float, consumed: float, now: float) -> None:
        """Take note of a request of which everything was stored.

        Args:
            sent: Units planned for it.
            consumed: Units the table says it cost.
            now: The time of the answer.
        """
        self._spend(sent, consumed, now)
        self._good_requests += 1
        self._credit = min(1.0, self._credit + 1 / REQUESTS_PER_THROTTLE)
        floor = DRIFT_PER_REQUEST if self._may_ever_probe else 0.0
        drift = min(1.0, max(floor, (now - self._good_at) / DRIFT_SECONDS))
        self._share += (self._seed - self._share) * drift
        self._good_at = now

    def throttled(self, *, sent: float, consumed: float, named: bool, now: float, random: Randomness) -> None:
        """Take note of a request the table throttled, wholly or in part: the table's bucket is dry.

        Args:
            sent: Units planned for it.
            consumed: Units that were stored all the same.
            named: True if the answer named the table's throughput; a partial answer names nothing, and is
                weaker evidence.
            now: The time of the answer.
            random: Spreads the dips of the environments.
        """
        self._spend(sent, consumed, now)
        self._correct_share(now, named=named)
        self._last_throttle = now
        self._probe_seconds = 0.0
        self._good_requests = 0
        self._credit = max(0.0, self._credit - 1.0)
        self._dip_until = now + DIP_SECONDS * random.uniform(1 - DIP_JITTER, 1 + DIP_JITTER)
        self._tokens = min(self._tokens, 0.0)
        self._filled_at = now

    def _correct_share(self, now: float, *, named: bool) -> None:
        if self._last_throttle is None:  # the end of the slow start says nothing about the share
            return
        gap = now - self._last_throttle
        if gap > EPISODE_SECONDS:
            if self._good_requests < SOON_FRACTION * REQUESTS_PER_THROTTLE:
                self._share *= CUT_NAMED if named else CUT_UNNAMED
            elif self._good_requests >= REQUESTS_PER_THROTTLE:
                self._share *= RAISE_AFTER_PAID_PROBE
        elif gap > DEEP_DRY_SECONDS and named:
            self._share *= CUT_NAMED
        self._share = min(max(self._share, self._seed * SMALLEST_SHARE), self._seed)

    def _may_probe(self, now: float) -> bool:
        quiet = self._last_throttle is None or now - self._last_throttle > PLATEAU_SECONDS
        return quiet or self._credit >= 1.0

    def _spend(self, sent: float, consumed: float, now: float) -> None:
        self._tokens -= consumed
        self._not_before = now + sent / max(self._burst_rate, self.rate(now))

    def _fill(self, now: float, rate: float, cap: float) -> None:
        """Add what came in since the last time; tokens above the cap stay, but gain nothing."""
        elapsed = now - self._filled_at
        if elapsed <= 0:
            return
        if self._tokens < cap:
            self._tokens = min(cap, self._tokens + rate * elapsed)
        self._filled_at = now
