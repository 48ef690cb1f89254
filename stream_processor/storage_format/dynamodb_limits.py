"""DynamoDB's own constants: what a write unit, an item, a request and a partition hold. No choice of ours.

Sources, in the DynamoDB developer guide: "DynamoDB item sizes and formats", "Service, account, and table
quotas" and "Burst and adaptive capacity".
"""

from __future__ import annotations

from typing import Final

WRITE_UNIT_BYTES: Final = 1024
"""One write capacity unit writes an item of up to this many bytes."""

MAX_ITEM_BYTES: Final = 400 * 1024
"""The largest item, names and values together."""

MAX_REQUEST_ITEMS: Final = 25
"""Statements in one BatchExecuteStatement."""

MAX_REQUEST_KEYS: Final = 100
"""Keys in one BatchGetItem."""

PARTITION_WRITE_UNITS: Final = 1000
"""Write units a second that one partition takes, whatever capacity the table has."""
