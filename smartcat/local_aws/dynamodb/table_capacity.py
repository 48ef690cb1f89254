"""What a table may write and what a write costs. Pure: HTTP and the clock are elsewhere.

Model: one bucket for the provisioned units, holding up to 300 s of unused ones; one for each partition, of
1,000 units a second without burst; one for each global secondary index with provisioned units.
An on-demand table has the four partitions of a new table (4,000 units a second) and its maximum, if set.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smartcat.local_aws.dynamodb.item_size import item_size, write_units
from smartcat.local_aws.dynamodb.partitions import PARTITION_UNITS, Partitions
from smartcat.local_aws.token_bucket import TokenBucket, take_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.local_aws.dynamodb.item_size import Item

BURST_SECONDS = 300
NEW_ON_DEMAND_UNITS = 4000

_ON_DEMAND_MAXIMUM = "TableWriteMaxOnDemandThroughputExceeded"


@dataclass(frozen=True, slots=True)
class ThrottlingReason:
    """Why a write was throttled, as DynamoDB reports it: a reason and the ARN of the table or index."""

    reason: str
    resource: str

    @property
    def on_demand(self) -> bool:
        """Return whether the table's own on-demand maximum was exceeded, which has its own exception."""
        return self.reason == _ON_DEMAND_MAXIMUM


@dataclass(frozen=True, slots=True)
class Charge:
    """Write units of one item: in the table, and in each global secondary index that the item is part of."""

    table: float
    indexes: Mapping[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """Return the units in the table and in all indexes."""
        return self.table + sum(self.indexes.values())

    def __add__(self, other: Charge) -> Charge:
        names = {**self.indexes, **other.indexes}
        indexes = {name: self.indexes.get(name, 0) + other.indexes.get(name, 0) for name in names}
        return Charge(self.table + other.table, indexes)

    def times(self, factor: float) -> Charge:
        """Return the charge times a factor: -1 for a refund, 2 for a transaction."""
        return Charge(self.table * factor, {name: units * factor for name, units in self.indexes.items()})


@dataclass(frozen=True, slots=True)
class ItemSizes:
    """Bytes of a stored item, in the table and in each index that holds it."""

    size: int
    indexes: Mapping[str, int] = field(default_factory=dict)


_NO_ITEM = ItemSizes(0)


@dataclass(slots=True)
class _Index:
    """A global secondary index: what it stores of an item, and its bucket if its units are provisioned."""

    arn: str
    keys: tuple[str, ...]
    projected: frozenset[str] | None  # None: all attributes
    bucket: TokenBucket | None

    def size(self, item: Item) -> int | None:
        """Return the bytes of the item in this index; None if the item lacks one of the index's keys."""
        if any(key not in item for key in self.keys):
            return None
        if self.projected is None:
            return item_size(item)
        return item_size({name: value for name, value in item.items() if name in self.projected})


class TableCapacity:
    """Write capacity of one table. Not thread-safe: callers must serialize.

    It keeps the size of each item written through it, since a write is billed by the larger of the old and
    the new item. Items written by other means (PartiQL, an import) count as absent.
    """

    def __init__(
        self,
        description: Mapping[str, Any],
        *,
        maximum_units: float | None = None,
        initial_burst_seconds: float = BURST_SECONDS,
        now: float,
    ) -> None:
        """Read the capacity of a new table.

        Args:
            description: A TableDescription as DynamoDB returns it.
            maximum_units: OnDemandThroughput.MaxWriteRequestUnits, None for no maximum.
            initial_burst_seconds: Seconds' worth of units that the table starts with, 0 to 300.
            now: Seconds on the clock of all later calls.
        """
        self.name: str = description["TableName"]
        self.consumed = 0.0
        self.throttled_requests = 0
        self.throttled_items = 0
        self.write_requests = 0
        self.written_items = 0
        self._initial_burst_seconds = initial_burst_seconds
        self._sizes: dict[str, ItemSizes] = {}
        self._own: TokenBucket | None = None
        self._partitions = Partitions(now)
        self._indexes: dict[str, _Index] = {}
        self.update(description, maximum_units=maximum_units, now=now)

    def update(self, description: Mapping[str, Any], *, maximum_units: float | None, now: float) -> None:
        """Apply a changed description; saved units are kept up to the new depth."""
        self.arn: str = description["TableArn"]
        self.keys: tuple[str, ...] = tuple(key["AttributeName"] for key in description["KeySchema"])
        mode = description.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
        self._on_demand = mode == "PAY_PER_REQUEST"
        self.maximum_units = maximum_units
        if self._on_demand:
            self.provisioned_units = maximum_units or NEW_ON_DEMAND_UNITS
            self._own = self._resized(self._own, maximum_units, 1, now) if maximum_units else None
        else:
            self.provisioned_units = description["ProvisionedThroughput"]["WriteCapacityUnits"]
            self._own = self._resized(self._own, self.provisioned_units, BURST_SECONDS, now)
        units = max(self.provisioned_units, NEW_ON_DEMAND_UNITS if self._on_demand else 0)
        self._partitions.grow(-(-int(units) // PARTITION_UNITS), now)
        reason = _ON_DEMAND_MAXIMUM if self._on_demand else "TableWriteProvisionedThroughputExceeded"
        self._own_reason = ThrottlingReason(reason, self.arn)
        self._partition_reason = ThrottlingReason("TableWriteKeyRangeThroughputExceeded", self.arn)
        listed = description.get("GlobalSecondaryIndexes") or []
        self._indexes = {entry["IndexName"]: self._index(entry, now) for entry in listed}

    def _resized(self, bucket: TokenBucket | None, units: float, seconds: float, now: float) -> TokenBucket:
        depth = max(1.0, units * seconds)
        if bucket is None:
            level = units * min(self._initial_burst_seconds, seconds)
            return TokenBucket(rate=units, depth=depth, level=level, now=now)
        bucket.resize(rate=units, depth=depth, now=now)
        return bucket

    def _index(self, entry: Mapping[str, Any], now: float) -> _Index:
        name = entry["IndexName"]
        keys = tuple(key["AttributeName"] for key in entry["KeySchema"])
        projection = entry.get("Projection", {})
        projected = None
        if projection.get("ProjectionType", "ALL") != "ALL":
            projected = frozenset((*self.keys, *keys, *projection.get("NonKeyAttributes", [])))
        bucket = None
        if not self._on_demand:
            before = self._indexes.get(name)
            units = entry["ProvisionedThroughput"]["WriteCapacityUnits"]
            bucket = self._resized(before.bucket if before else None, units, BURST_SECONDS, now)
        return _Index(entry.get("IndexArn") or f"{self.arn}/index/{name}", keys, projected, bucket)

    def key_of(self, item: Item) -> str:
        """Return the item's primary key as text: a line for each attribute, the partition key first.

        Raises:
            ValueError: The item lacks a key attribute.
        """
        missing = [name for name in self.keys if name not in item]
        if missing:
            raise ValueError(f"expected the key attribute {missing[0]}")
        # JSON escapes line breaks in strings, so each line is one attribute.
        return "\n".join(json.dumps(item[name], sort_keys=True) for name in self.keys)

    def sizes_of(self, item: Item) -> ItemSizes:
        """Return the item's sizes in the table and its indexes.

        Raises:
            ValueError: The item holds something that is not an attribute value.
        """
        sizes = {name: index.size(item) for name, index in self._indexes.items()}
        return ItemSizes(item_size(item), {name: size for name, size in sizes.items() if size is not None})

    def price(self, key: str, new: ItemSizes | None) -> Charge:
        """Return the units of replacing the item at `key` by `new`, or of deleting it if `new` is None.

        The larger of the old and the new item counts. An index that holds either costs one write of the
        larger; that AWS writes twice where an index key changes, and skips an index whose attributes did
        not change, is left out.
        """
        old, new = self._sizes.get(key, _NO_ITEM), new or _NO_ITEM
        names = {**old.indexes, **new.indexes}
        indexes = {
            name: float(write_units(max(old.indexes.get(name, 0), new.indexes.get(name, 0))))
            for name in names
        }
        return Charge(float(write_units(max(old.size, new.size))), indexes)

    def sizes(self, key: str) -> ItemSizes | None:
        """Return the sizes of the item stored at `key`; None if there is none."""
        return self._sizes.get(key)

    def remember(self, key: str, sizes: ItemSizes | None) -> None:
        """Record what is now stored at `key`; None for nothing."""
        if sizes is None:
            self._sizes.pop(key, None)
        else:
            self._sizes[key] = sizes

    def admit(self, charge: Charge, key: str, now: float) -> ThrottlingReason | None:
        """Take the units of a write from every bucket it touches, or from none.

        Args:
            charge: What the write costs.
            key: The item's key as `key_of` returns it; it selects the partition.
            now: Seconds.

        Returns:
            None if the write is admitted, else why it is throttled.
        """
        demands = self._demands(charge, key)
        throttled_entries = take_all([(bucket, units) for bucket, units, _ in demands], now)
        if throttled_entries is not None:
            return demands[throttled_entries][2]
        self.consumed += charge.total
        return None

    def adjust(self, charge: Charge, key: str, now: float) -> None:
        """Charge units whatever the level (a cost known afterwards); a negative charge is a refund."""
        for bucket, units, _ in self._demands(charge, key):
            bucket.charge(units, now)
        self.consumed += charge.total

    def _demands(self, charge: Charge, key: str) -> list[tuple[TokenBucket, float, ThrottlingReason]]:
        demands = []
        if self._own is not None:
            demands.append((self._own, charge.table, self._own_reason))
        partition = self._partitions.bucket(key.partition("\n")[0])
        demands.append((partition, charge.table, self._partition_reason))
        for name, units in charge.indexes.items():
            index = self._indexes.get(name)
            if index is not None and index.bucket is not None:
                reason = ThrottlingReason("IndexWriteProvisionedThroughputExceeded", index.arn)
                demands.append((index.bucket, units, reason))
        return demands

    def gauges(self, now: float) -> dict[str, float]:
        """Return cumulative counters, the burst credit in write units, and the number of partitions."""
        bucket = self._own or self._partitions
        return {
            "provisioned_write_units": self.provisioned_units,
            "consumed_write_units": self.consumed,
            "throttled_requests": self.throttled_requests,
            "throttled_items": self.throttled_items,
            "write_requests": self.write_requests,
            "written_items": self.written_items,
            "burst_credit": bucket.level(now),
            "partitions": len(self._partitions),
        }
