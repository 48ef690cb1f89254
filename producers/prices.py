"""What AWS takes for putting records on a stream: the only place that holds prices.

Region us-east-1, in US dollars without taxes, as of November 2025; other regions are up to twice as dear.
Source: https://aws.amazon.com/kinesis/data-streams/pricing/
"""

from __future__ import annotations

from typing import Final

REGION: Final = "us-east-1"
AS_OF: Final = "2025-11"

PAYLOAD_UNIT_BYTES: Final = 25 * 1024
"""Provisioned streams: a record counts as so many units of 25 KiB, rounded up."""

USD_PER_MILLION_PAYLOAD_UNITS: Final = 0.014

USD_PER_SHARD_HOUR: Final = 0.015

ON_DEMAND_RECORD_BYTES: Final = 1024
"""On-demand streams: a record counts as so many KiB, rounded up."""

USD_PER_ON_DEMAND_GB: Final = 0.08

GB: Final = 1024**3
