"""What a scheduler tells its caller to do, and what it reports back. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from producers.core.outcomes import Receipt
    from producers.core.record_packing import Item
    from producers.core.shard_queue import Request
    from producers.errors import DeliveryError


@dataclass(frozen=True, slots=True)
class ListShards:
    """List the open shards, and pass the answer to ``Scheduler.handle_shards``."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request, and pass its results to ``Scheduler.handle_response``."""

    request: Request


@dataclass(frozen=True, slots=True)
class Settle:
    """Tell whoever put them the outcomes of items that will not be sent: their shard accepts nothing."""

    settled: list[Settled]


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for so many seconds, unless an item is added or an answer arrives earlier."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Settled:
    """The final outcome of an item."""

    item: Item
    outcome: Receipt | DeliveryError
