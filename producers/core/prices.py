"""What AWS charges for putting records on a stream, and in which units it counts. The only file with prices.

Region us-east-1, in US dollars without taxes, as of November 2025; other regions cost up to twice as much.
Source: https://aws.amazon.com/kinesis/data-streams/pricing/
"""

from __future__ import annotations

from typing import Final

REGION: Final = "us-east-1"
AS_OF: Final = "2025-11"

PAYLOAD_UNIT_BYTES: Final = 25 * 1024
"""Provisioned streams: bytes of a record that are billed as one PUT payload unit."""

USD_PER_MILLION_PAYLOAD_UNITS: Final = 0.014

USD_PER_SHARD_HOUR: Final = 0.015

ON_DEMAND_RECORD_BYTES: Final = 1024
"""On-demand streams: the size of a record is rounded up to a multiple of this."""

USD_PER_ON_DEMAND_GB: Final = 0.08

GB: Final = 1024**3


def payload_units(size: int) -> int:
    """Return the PUT payload units a record is billed as: one for each 25 KiB, rounded up.

    Args:
        size: Bytes of data and partition key, at least 1.
    """
    return -(-size // PAYLOAD_UNIT_BYTES)


def on_demand_bytes(size: int) -> int:
    """Return the bytes an on-demand stream bills for a record of ``size`` bytes: whole KiB, rounded up."""
    return -(-size // ON_DEMAND_RECORD_BYTES) * ON_DEMAND_RECORD_BYTES
