"""Errors of capacity planning."""

from __future__ import annotations


class PlanningError(ValueError):
    """The workload cannot be planned; the message is one line for people."""
