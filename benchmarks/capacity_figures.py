"""From what a run counted to the figures that are compared. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MEAN_SECONDS: Final = 20
"""Convergence is judged by means over this long."""
STEADY_SECONDS: Final = 20
"""And must last this long."""
ENOUGH: Final = 0.9
"""Of the new capacity: a dip of seconds after a throttle is part of the steady state and costs nothing."""
MOST_THROTTLED: Final = 0.05


@dataclass(frozen=True, slots=True)
class Second:
    """What happened in one second of a run.

    Attributes:
        provisioned: Write units a second at its end.
        consumed: Write units, repeated writes included.
        first: Write units of documents stored for the first time.
        requests: Write requests.
        throttled: How many of those were throttled.
        errors: Invocations that failed.
        iterator_age: Seconds since the oldest record arrived that is not done, at its end.
    """

    provisioned: float
    consumed: float
    first: float
    requests: int
    throttled: int
    errors: int = 0
    iterator_age: float = 0.0


def utilisation(first_units: float, drawn_down: float, capacity_seconds: float) -> float:
    """Return the part of a table's sustained capacity that stored something new, 0 to 1.

    Args:
        first_units: Write units of documents stored for the first time.
        drawn_down: Units of credit that the table held before and not after; they do not count.
        capacity_seconds: Units that came in.
    """
    return (first_units - max(0.0, drawn_down)) / capacity_seconds


def share(part: float, whole: float) -> float:
    """Return a ratio; 0 of 0 is 0."""
    return part / whole if whole else 0.0


def fairness(amounts: Iterable[float]) -> float:
    """Return Jain's index: 1 if all got the same, 1/n if one of n got everything."""
    listed = list(amounts)
    squares = sum(amount * amount for amount in listed)
    return sum(listed) ** 2 / (len(listed) * squares) if squares else 1.0


def seconds_to_converge(seconds: Sequence[Second], changed_at: int, until: int) -> int | None:
    """Return the seconds from a change until the table is used well, and stays so.

    Used well: for 20 seconds without a break, the mean of the following 20 seconds is at least 90 % of the
    capacity, in documents stored for the first time, and less than 5 % of the requests are throttled.

    Args:
        seconds: The run from its start.
        changed_at: Second of the change.
        until: Second before which it must have happened.

    Returns:
        None if it did not.
    """
    good = [
        _is_good(seconds[start : start + MEAN_SECONDS]) for start in range(changed_at, until - MEAN_SECONDS)
    ]
    for place in range(len(good) - STEADY_SECONDS):
        if all(good[place : place + STEADY_SECONDS]):
            return place
    return None


def _is_good(seconds: Sequence[Second]) -> bool:
    first = sum(second.first for second in seconds)
    capacity = sum(second.provisioned for second in seconds)
    requests = sum(second.requests for second in seconds)
    throttled = sum(second.throttled for second in seconds)
    return first >= ENOUGH * capacity and share(throttled, requests) < MOST_THROTTLED
