"""Which records are meant: by reason, arrival or id. Pure; the present is an argument."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from smartcat.cli.replay.held import Held

_AGO: Final = re.compile(r"([0-9]{1,6})([smhdw])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for; whatever is empty or None asks for everything.

    Attributes:
        reasons: Reasons of the quarantine, or conditions of the failure destination.
        ids: Partition keys, which for a document of ours are its id.
        since: First moment of arrival that counts; of the first arrival, for what came again already.
        until: First moment that counts no more.
    """

    reasons: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, held: Held) -> bool:
        """Tell whether a record is meant."""
        arrived_at = held.first.arrived_at
        return (
            (not self.reasons or held.reason in self.reasons)
            and (not self.ids or held.first.partition_key in self.ids)
            and (self.since is None or arrived_at >= self.since)
            and (self.until is None or arrived_at < self.until)
        )


def parse_moment(text: str, now: datetime) -> datetime:
    """Read a moment as people write it.

    Args:
        text: ISO 8601, a date alone being its first moment, in UTC unless it names a zone; or so long ago, as
            in ``90s``, ``30m``, ``2h``, ``3d``, ``1w``.
        now: What "ago" counts from.

    Returns:
        The moment, in UTC.

    Raises:
        ValueError: It is neither; one line that says what was expected.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            return (now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})).astimezone(UTC)
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            "expected a moment such as 2026-01-31, 2026-01-31T12:00:00Z, or 2h, 3d, 1w ago"
        ) from None
