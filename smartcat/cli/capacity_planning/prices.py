"""AWS's prices with their sources, and the user's own prices in their place. Reads no network."""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from producers.core import prices as stream_prices
from smartcat.cli.capacity_planning.errors import PlanningError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REGION: Final = "us-east-1"
"""The region of every price built in."""

LOOKED_UP: Final = "2026-11"
"""When they were looked up; docs/plan.md names the sources."""

_KINESIS = "https://aws.amazon.com/kinesis/data-streams/pricing/"
_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_TABLE = "https://aws.amazon.com/dynamodb/pricing/provisioned/"
_ON_DEMAND = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
_S3 = "https://aws.amazon.com/s3/pricing/"
_WATCH = "https://aws.amazon.com/cloudwatch/pricing/"


@dataclass(frozen=True, slots=True)
class Price:
    """One price.

    Attributes:
        name: What ``--price`` calls it.
        usd: US dollars, without taxes and without any free tier.
        unit: What the price is for.
        region: Where it holds; the plan's region for the user's own price.
        source: AWS's page, or where the user gave it.
        read: Year and month in which it was looked up; empty for the user's own.
    """

    name: str
    usd: float
    unit: str
    region: str
    source: str
    read: str


def _built_in(name: str, usd: float, unit: str, source: str, read: str = LOOKED_UP) -> tuple[str, Price]:
    return name, Price(name, usd, unit, REGION, source, read)


_STREAM = stream_prices.AS_OF
BUILT_IN: Final[Mapping[str, Price]] = dict(
    (
        _built_in("shard_hour", stream_prices.USD_PER_SHARD_HOUR, "shard and hour", _KINESIS, _STREAM),
        _built_in("retention_shard_hour", 0.02, "shard and hour kept above 24 h", _KINESIS),
        _built_in(
            "put_million_units",
            stream_prices.USD_PER_MILLION_PAYLOAD_UNITS,
            "million units",
            _KINESIS,
            _STREAM,
        ),
        _built_in("lambda_million_requests", 0.20, "million invocations", _LAMBDA),
        _built_in("lambda_gb_second", 0.0000166667, "GB-second, x86_64", _LAMBDA),
        _built_in("write_unit_hour", 0.00065, "write unit and hour", _TABLE),
        _built_in("read_unit_hour", 0.00013, "read unit and hour", _TABLE),
        _built_in("table_gb_month", 0.25, "GB and month", _TABLE),
        _built_in("backup_gb_month", 0.20, "GB and month, point-in-time recovery", _TABLE),
        _built_in("on_demand_million_writes", 0.625, "million write units, on demand", _ON_DEMAND),
        _built_in("s3_thousand_puts", 0.005, "thousand PUT requests", _S3),
        _built_in("s3_thousand_gets", 0.0004, "thousand GET requests", _S3),
        _built_in("s3_gb_month", 0.023, "GB and month, Standard", _S3),
        _built_in("logs_gb", 0.50, "GB written to logs", _WATCH),
        _built_in("metric_month", 0.30, "metric of our own and month", _WATCH),
        _built_in("alarm_metric_month", 0.10, "metric that an alarm watches, and month", _WATCH),
        _built_in("composite_alarm_month", 0.50, "composite alarm and month", _WATCH),
        _built_in("dashboard_month", 3.0, "dashboard and month", _WATCH),
    )
)


@dataclass(frozen=True, slots=True)
class Prices:
    """A full set of prices.

    Attributes:
        region: The region the plan is for.
        by_name: All of :data:`BUILT_IN`, each perhaps replaced.
    """

    region: str
    by_name: Mapping[str, Price]

    def __getitem__(self, name: str) -> float:
        """Return a price in dollars."""
        return self.by_name[name].usd

    @property
    def elsewhere(self) -> int:
        """How many prices are those of another region."""
        return sum(price.region != self.region for price in self.by_name.values())


def make_prices(region: str, own: Mapping[str, tuple[float, str]]) -> Prices:
    """Return the built-in prices, with the user's own in their place.

    Args:
        region: The region of the plan; the user's own prices are taken to be its prices.
        own: Dollars and their source, by name.

    Raises:
        PlanningError: There is no such price, or its value is out of range.
    """
    found = dict(BUILT_IN)
    for name, (usd, source) in own.items():
        if name not in found:
            raise PlanningError(f"price {name}: expected one of {', '.join(BUILT_IN)}")
        if not (math.isfinite(usd) and 0 <= usd <= 1e6):
            raise PlanningError(f"price {name}: expected 0 to 1000000 dollars")
        found[name] = replace(found[name], usd=usd, source=source, region=region, read="")
    return Prices(region, found)


def read_price_file(text: str, name: str) -> dict[str, float]:
    """Return prices in dollars by name, read from TOML, or from JSON where the file's name ends in ``.json``.

    Raises:
        PlanningError: It is neither, or a value is not a number; names file and key.
    """
    try:
        found: Any = json.loads(text) if name.lower().endswith(".json") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise PlanningError(f"{name}: expected TOML, or JSON in a file *.json: {reason}") from None
    if not isinstance(found, dict):
        raise PlanningError(f"{name}: expected names and prices")
    for key, value in found.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PlanningError(f"{name}: {key}: expected a number of dollars")
        if isinstance(value, int) and abs(value) > 10**6:
            raise PlanningError(f"{name}: {key}: expected 0 to 1000000 dollars")
    return {key: float(value) for key, value in found.items()}


def read_pairs(given: Iterable[str], what: str) -> dict[str, float]:
    """Return the numbers of ``NAME=NUMBER`` options by name; the last of a name counts.

    Raises:
        PlanningError: One has another form; names its position.
    """
    pairs = {}
    for position, each in enumerate(given, start=1):
        name, equals, value = each.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not equals or not name or not math.isfinite(number):
            raise PlanningError(f"--{what} number {position}: expected NAME=NUMBER, found {each[:60]!r}")
        pairs[name] = number
    return pairs
