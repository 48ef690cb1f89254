"""An environment's fair share of a table's rate: cut on evidence, and drifting back. Pure."""

from __future__ import annotations

from typing import Final

from stream_processor.core.write_budget.capacity_probe import REQUESTS_PER_THROTTLE

CUT_NAMED: Final = 0.8
CUT_UNNAMED: Final = 0.85
RAISE_AFTER_PAID_PROBE: Final = 1.05
SOON_FRACTION: Final = 0.5
"""A throttle before this fraction of a credit was earned is evidence that the share is too large."""
DEEP_DRY_SECONDS: Final = 1.5
"""A named throttle this long into the dip shows that even half the share is too much."""
SMALLEST_SHARE: Final = 1 / 64
SAME_SHARE: Final = 1e-6
"""Shares that differ by less than this fraction are the same."""

DRIFT_SECONDS: Final = 600.0
DRIFT_PER_REQUEST: Final = 0.25 / REQUESTS_PER_THROTTLE

PROBING_FLOOR: Final = 1.0
"""A share below one unit a second never probes: a single item is already seconds of it."""


class FairShare:
    """Write capacity units a second, between a 64th of the configured share and all of it.

    Args:
        seed: The configured share, above 0.
        now: The time.

    Attributes:
        value: The share now.
    """

    def __init__(self, seed: float, now: float) -> None:
        self._seed = self.value = seed
        self._drifted_at = now

    @property
    def seed(self) -> float:
        """The configured share."""
        return self._seed

    @property
    def floor(self) -> float:
        """The share never falls below this."""
        return self._seed * SMALLEST_SHARE

    @property
    def may_probe(self) -> bool:
        """True if the share is large enough to go above it."""
        return self._seed >= PROBING_FLOOR

    def resize(self, seed: float) -> bool:
        """Follow the configured share; return whether it changed: what was learned is void then."""
        if abs(seed - self._seed) <= SAME_SHARE * self._seed:
            return False
        self._seed = self.value = seed
        return True

    def drift(self, requests: int, now: float) -> None:
        """Come back towards the configured share, after so many unthrottled requests."""
        floor = DRIFT_PER_REQUEST * requests if self.may_probe else 0.0
        drift = min(1.0, max(floor, (now - self._drifted_at) / DRIFT_SECONDS))
        self.value += (self._seed - self.value) * drift
        self._drifted_at = now

    def correct(self, *, gap: float, new_episode: bool, good_requests: int, named: bool) -> bool:
        """Correct the share by what a throttle shows.

        Args:
            gap: Seconds since the last throttle.
            new_episode: True if the last one's dip is over.
            good_requests: Unthrottled requests since then.
            named: True if the answer named the table's throughput.

        Returns:
            True if the share was cut.
        """
        if new_episode:
            if good_requests < SOON_FRACTION * REQUESTS_PER_THROTTLE:
                return self._cut(CUT_NAMED if named else CUT_UNNAMED)
            if good_requests >= REQUESTS_PER_THROTTLE:
                self.value = min(self.value * RAISE_AFTER_PAID_PROBE, self._seed)
        elif gap > DEEP_DRY_SECONDS and named:
            return self._cut(CUT_NAMED)
        return False

    def _cut(self, factor: float) -> bool:
        self.value = max(self.value * factor, self.floor)
        return True
