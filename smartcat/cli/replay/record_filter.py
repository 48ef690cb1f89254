"""Filters records by reason, arrival time and id. Pure; the current time is an argument."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from smartcat.cli.replay.replayable_record import ReplayableRecord

_AGO: Final = re.compile(r"([0-9]{1,6})([smhdw])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """The records to replay; an empty or None attribute matches everything.

    Attributes:
        reasons: Reasons of the quarantine, or conditions of the failure destination.
        ids: Partition keys, which for our producers are document ids.
        since: Earliest original arrival, inclusive.
        until: Latest original arrival, exclusive.
    """

    reasons: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def matches(self, record: ReplayableRecord) -> bool:
        """Return whether a record is selected."""
        arrived_at = record.original.arrived_at
        return (
            (not self.reasons or record.reason in self.reasons)
            and (not self.ids or record.original.partition_key in self.ids)
            and (self.since is None or arrived_at >= self.since)
            and (self.until is None or arrived_at < self.until)
        )


def parse_time(text: str, now: datetime) -> datetime:
    """Parse a point in time.

    Args:
        text: ISO 8601, where a date alone means its start, in UTC unless it names a zone; or a time ago, as
            in ``90s``, ``30m``, ``2h``, ``3d``, ``1w``.
        now: The current time.

    Returns:
        The time in UTC.

    Raises:
        ValueError: It is neither; the message says what was expected.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            return (now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})).astimezone(UTC)
        time = datetime.fromisoformat(text.strip())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            "expected a time such as 2026-01-31, 2026-01-31T12:00:00Z, or 2h, 3d, 1w ago"
        ) from None
