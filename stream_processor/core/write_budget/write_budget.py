"""How fast this environment may write. Pure arithmetic over timestamps, with no clock of its own.

Many environments share one table and cannot see each other. Each holds a share of the table's rate, given by
configuration, and obeys these rules ("a seeded share, and probing that is paid for"):

1. The table's own bucket holds 300 s of its rate, so capacity is lost only while that bucket is full. After a
   throttle every environment dips to half its share for a few seconds, and the bucket fills again.
2. Going above the share is paid for: each unthrottled request earns a fraction of one permitted throttle.
3. The share is cut only on evidence, drifts back to what was configured, and never exceeds it.
4. Idle time banks tokens at the share's rate. All banks together never exceed the table's bucket.

All rates are write capacity units a second, all times seconds on one clock. While it is set back, no time
passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from stream_processor.core.write_budget.capacity_probe import ThrottleCredit, probe_rate, slow_start_rate
from stream_processor.core.write_budget.fair_share import FairShare
from stream_processor.core.write_budget.hot_partition import AcceptedRate, HotPartition
from stream_processor.core.write_budget.steady_time import SteadyTime
from stream_processor.storage_format.dynamodb_limits import MAX_REQUEST_ITEMS

if TYPE_CHECKING:
    from stream_processor.core.ports import Randomness

PARALLEL_REQUESTS: Final = 8
"""Requests sent at the same time. 200 items every fifth of a second are 1,000 units a second."""

DIP_FACTOR: Final = 0.5
DIP_SECONDS: Final = 4.0
DIP_JITTER: Final = 0.25
EPISODE_SECONDS: Final = DIP_SECONDS + 2.0
"""A throttle later than this after the last one begins a new episode; an earlier one belongs to the same."""

ONE_CAUSE_SECONDS: Final = 2.0
"""A throttle that names a hot partition this soon after one without a name explains it."""

PLATEAU_SECONDS: Final = 120.0
"""Probe even without credit after this long without a throttle."""
SUSPICIOUS_PROBE: Final = 1.5
"""A probe that reaches this many shares unthrottled is a reason to ask for the table's capacity."""

BANK_SECONDS: Final = 240.0
"""Seconds of the share that idle time may bank, of the 300 the table stores; the rest covers imprecision."""
FIRST_BANK_UNITS: Final = 4000.0
"""Most units that a cold environment takes to be banked for it: it has seen no idle time itself."""
FRESH_SECONDS: Final = 5.0
"""Records younger than this mean that there is no backlog, so the table has probably been idle."""

REQUEST_SECONDS: Final = 0.2
"""Seconds of the share in one request: small enough to be smooth, large enough to fill requests when fast."""
PACE_SLACK_SECONDS: Final = REQUEST_SECONDS
"""How far the pace may fall behind and be made up: a small part of what a partition takes in a second."""
SPEND_UNITS: Final = 4.0, float(MAX_REQUEST_ITEMS * PARALLEL_REQUESTS)
"""Fewest and most units sent at a time while banked tokens are spent."""
SMALLEST_BUCKET: Final = 4.0

PARTITION_BURST_UNITS: Final = 900.0
"""What all environments together may spend of their banks, a second: below the 1,000 a partition can take."""
ASSUMED_ENVIRONMENTS: Final = 16
MOST_BURST_SHARES: Final = 10.0

READY_SECONDS: Final = 0.001
"""Waits shorter than this are not worth a sleep."""


def default_burst_rate(share: float) -> float:
    """Return the rate at which banked tokens may be spent when configuration names none.

    The number of environments is not known here, so 16 are assumed.
    """
    return max(share, min(MOST_BURST_SHARES * share, PARTITION_BURST_UNITS / ASSUMED_ENVIRONMENTS))


class RequestGroup(NamedTuple):
    """Requests that were sent at the same time.

    Attributes:
        sent: Units planned for them.
        consumed: Units the table says they cost.
        requests: How many they were.
        throttled: How many of them were throttled, wholly or in part.
        seconds: From sending them to the last answer.
    """

    sent: float
    consumed: float
    requests: int = 1
    throttled: int = 0
    seconds: float = 0.0


class WriteBudget:
    """One environment's share of one table. Ask before each group of requests, report after it.

    Args:
        share: This environment's configured rate, above 0.
        burst_rate: Rate at which banked tokens may be spent; None for ``default_burst_rate``.
        now: The time of construction.
    """

    def __init__(self, share: float, *, now: float, burst_rate: float | None = None) -> None:
        self._time = SteadyTime(now)
        self._fair_share = FairShare(share, now)
        self._burst_rate = default_burst_rate(share) if burst_rate is None else burst_rate
        self._started = False
        self._filled_at = now
        self._not_before = now
        self._tokens = 0.0
        # Until the first batch says otherwise, assume a dry table: a backlog is what makes capacity scarce.
        self._last_throttle: float | None = now
        self._dip_until = now
        self._credit = ThrottleCredit()
        self._probe_seconds = 0.0
        self._accepted = AcceptedRate(now)
        self._hot: dict[str, HotPartition] = {}
        self._shard = ""
        self.suspicious = False
        """Set when there is reason to doubt the configured share; cleared by whoever asks the table."""

    @property
    def share(self) -> float:
        """The fair share now: between a 64th of the configured one and all of it."""
        return self._fair_share.value

    @property
    def tokens(self) -> float:
        """Units that may be written at once; negative after a request that cost more than planned."""
        return self._tokens

    def resize(self, share: float, burst_rate: float) -> None:
        """Follow the table's capacity; if it changed, what was learned of the share is void.

        Args:
            share: This environment's share now, above 0.
            burst_rate: Rate at which banked tokens may be spent.
        """
        self._burst_rate = burst_rate
        if self._fair_share.resize(share):
            self._tokens = min(self._tokens, BANK_SECONDS * share)
            self._probe_seconds = 0.0

    def begin(self, now: float, *, record_age: float, shard: str = "") -> None:
        """Start an invocation: bank the idle time since the last one.

        Args:
            now: The time.
            record_age: Age of the batch's first record; shows a cold environment whether there is a backlog.
            shard: Where the batch comes from: a hot partition is a matter of one shard's keys.
        """
        now = self._time.advance(now)
        if not self._started and record_age < FRESH_SECONDS:
            self._tokens = min(BANK_SECONDS * self._fair_share.seed, FIRST_BANK_UNITS)
            self._last_throttle = None
        self._started = True
        self._shard = shard
        self._fill(now, self.share, BANK_SECONDS * self.share)

    def rate(self, now: float) -> float:
        """Return the rate at which tokens come in now, in units a second, above 0."""
        return self._rate(self._time.read(now))

    def _rate(self, now: float) -> float:
        rate = self._table_rate(now)
        hot = self._hot.get(self._shard)
        return rate if hot is None else min(rate, hot.ceiling)

    def _table_rate(self, now: float) -> float:
        if now < self._dip_until:
            return DIP_FACTOR * self.share
        if not self._fair_share.may_probe:
            return self.share
        if self._last_throttle is None:
            return slow_start_rate(self.share, self._probe_seconds)
        if not self._may_probe(now):
            return self.share
        return probe_rate(self.share, self._fair_share.seed, self._probe_seconds)

    def request_units(self, now: float) -> float:
        """Return the units to send next, in as many requests as they need; one larger item may exceed it."""
        rate = self._rate(self._time.read(now))
        rich = self._tokens > max(MAX_REQUEST_ITEMS, 3 * rate * REQUEST_SECONDS)
        if rich and self._shard not in self._hot:  # there is a bank to spend
            least, most = SPEND_UNITS
            return min(most, max(least, self._burst_rate * REQUEST_SECONDS))
        return max(min(self.share, rate) * REQUEST_SECONDS, rate / 40)

    def wait_for(self, units: float, now: float) -> float:
        """Return the seconds until requests of that many units may go; 0 for now.

        Ask again after at most a second of waiting: the rate may have changed.
        """
        now = self._time.advance(now)
        rate = self._rate(now)
        self._fill(now, rate, max(2 * rate * REQUEST_SECONDS, SMALLEST_BUCKET, units))
        wait = max(self._not_before - now, (units - self._tokens) / rate)
        return wait if wait > READY_SECONDS else 0.0

    def waited(self, seconds: float, now: float) -> None:
        """Take note of time spent waiting: a probe advances only while tokens are what is short."""
        now = self._time.advance(now)
        if self._last_throttle is None or (now > self._dip_until and self._may_probe(now)):
            self._probe_seconds += seconds
            if (
                self._fair_share.may_probe
                and self._table_rate(now) > SUSPICIOUS_PROBE * self._fair_share.seed
            ):
                self.suspicious = True

    def accepted(self, group: RequestGroup, now: float) -> None:
        """Take note of requests of which everything was stored, at the time of the answer."""
        now = self._time.advance(now)
        self._spend(group, now)
        self._credit.earn(group.requests)
        self._fair_share.drift(group.requests, now)
        hot = self._hot.get(self._shard)
        if hot is not None:
            hot.accepted(now)
            if hot.is_over(now):
                del self._hot[self._shard]

    def throttled(self, group: RequestGroup, now: float, *, named: bool, random: Randomness) -> None:
        """Take note of requests the table throttled, wholly or in part: the table's bucket is dry.

        Args:
            group: The requests.
            now: The time of the answer.
            named: True if an answer named the table's throughput; a partial answer names nothing, and is
                weaker evidence.
            random: Spreads the dips of the environments.
        """
        now = self._time.advance(now)
        self._spend(group, now)
        if self._last_throttle is not None:  # the end of the slow start says nothing about the share
            gap = now - self._last_throttle
            self.suspicious |= self._fair_share.correct(
                gap=gap,
                new_episode=gap > EPISODE_SECONDS,
                good_requests=self._credit.good_requests,
                named=named,
            )
        self._last_throttle = now
        self._probe_seconds = 0.0
        self._credit.earn(group.requests - group.throttled)
        self._credit.spend(group.throttled)
        self._dip_until = now + DIP_SECONDS * random.uniform(1 - DIP_JITTER, 1 + DIP_JITTER)
        self._tokens = min(self._tokens, 0.0)
        self._filled_at = now

    def met_hot_partition(self, group: RequestGroup, now: float) -> None:
        """Take note of requests that one partition throttled; the table has capacity all the same."""
        now = self._time.advance(now)
        self._spend(group, now)
        self._credit.earn(group.requests - group.throttled)
        if self._last_throttle is None:
            self._last_throttle = now  # the slow start has found a limit, if another one
        elif now - self._last_throttle < ONE_CAUSE_SECONDS:
            self._dip_until = now  # the throttle without a name just before was this one, too
        hot = self._hot.get(self._shard)
        if hot is None:
            rate = min(self._rate(now), max(self._accepted.mean, self._fair_share.seed))
            self._hot[self._shard] = HotPartition(rate, floor=self._fair_share.floor, now=now)
        else:
            hot.throttled(now)

    @property
    def is_hot(self) -> bool:
        """True while this shard's keys are known to meet a hot partition."""
        return self._shard in self._hot

    def _may_probe(self, now: float) -> bool:
        quiet = self._last_throttle is None or now - self._last_throttle > PLATEAU_SECONDS
        return quiet or self._credit.covers_one

    def _spend(self, group: RequestGroup, now: float) -> None:
        self._tokens -= group.consumed
        self._accepted.accepted(group.consumed, now)
        # Paced from the moment of sending, so that an answer is not waited for twice; and a short gap is made
        # up, or an environment with gaps between its batches could not keep the pace.
        due = max(self._not_before, now - group.seconds - PACE_SLACK_SECONDS)
        self._not_before = due + group.sent / max(self._burst_rate, self._rate(now))

    def _fill(self, now: float, rate: float, cap: float) -> None:
        """Add what came in since the last time; tokens above the cap stay, but gain nothing."""
        elapsed = now - self._filled_at
        if elapsed <= 0:
            return
        if self._tokens < cap:
            self._tokens = min(cap, self._tokens + rate * elapsed)
        self._filled_at = now
