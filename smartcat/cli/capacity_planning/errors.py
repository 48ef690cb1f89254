"""What can go wrong while a plan is made."""

from __future__ import annotations


class PlanningError(ValueError):
    """What was asked for cannot be planned; the message is one line for people."""
