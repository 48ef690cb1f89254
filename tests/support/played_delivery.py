"""A delivery without threads: a scheduler against a scripted Kinesis, on a clock that only this moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producers.core.actions import ListShards, Send, Settle, Settled
from producers.core.kinesis_limits import Limits
from producers.core.options import SchedulerOptions
from producers.core.outcomes import Receipt
from producers.core.record_packing import Item
from producers.core.scheduler import Scheduler
from producers.core.shards import hash_key_of
from producers.kinesis import KinesisStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from producers.errors import DeliveryError
    from support.scripted_kinesis import ScriptedKinesis


class PlayedDelivery:
    """Requests wait in `outstanding` until they are let through, in any order; outcomes are by ordinal."""

    def __init__(
        self, kinesis: ScriptedKinesis, options: SchedulerOptions | None = None, limits: Limits | None = None
    ) -> None:
        self.kinesis = kinesis
        self.now = 0.0
        self.scheduler = Scheduler(options or SchedulerOptions(), limits or Limits())
        self.stream = KinesisStream(kinesis, "stream")  # type: ignore[arg-type]
        self.outstanding: list[ListShards | Send] = []
        self.outcomes: dict[int, Receipt | DeliveryError] = {}
        self.items: list[Item] = []
        self.jitter = 1.0

    def put(self, key: str, data: bytes, **fields: Any) -> Item:
        item = Item(len(self.items), key, data, hash_key_of(key), self.now, bytes_before=len(data), **fields)
        if item.explicit_hash_key is not None:
            item.hash_key = int(item.explicit_hash_key)
        else:
            self.kinesis.ids[str(item.hash_key)] = key
        self.items.append(item)
        self.scheduler.add(item)
        return item

    def begin(self) -> float:
        """Begin the next action; return the seconds until there is one, 0 if one was begun."""
        action = self.scheduler.next_action(self.now)
        if isinstance(action, ListShards | Send):
            self.outstanding.append(action)
            return 0.0
        if isinstance(action, Settle):
            self.book(action.settled)
            return 0.0
        return action.seconds

    def let_through(self, index: int = 0) -> None:
        """Carry out an outstanding action and hand in its answer."""
        action = self.outstanding.pop(index % len(self.outstanding))
        if isinstance(action, Send):
            results = self.stream.put_records([record.entry for record in action.request.records])
            self.book(self.scheduler.handle_response(action.request, results, self.now, self.jitter))
        else:
            self.book(self.scheduler.handle_shards(self.stream.list_shards(), self.now))

    def book(self, settled: list[Settled]) -> None:
        for each in settled:
            assert each.item.ordinal not in self.outcomes, "settled twice"
            self.outcomes[each.item.ordinal] = each.outcome

    def finish(self, *, at_once: int = 3, choose: Callable[[int], int] = lambda _: 0) -> None:
        """Continue until everything has its outcome; `choose` picks which of so many requests is next."""
        self.scheduler.flush(len(self.items))
        for _ in range(100_000):
            if len(self.outcomes) == len(self.items):
                return
            wait = self.begin() if len(self.outstanding) < at_once else 1.0
            if wait > 0 and self.outstanding:
                self.let_through(choose(len(self.outstanding)))
            elif wait > 0:
                assert wait < 1e6, "nothing will ever happen again"
                self.now += wait + 1e-9
        raise AssertionError("it never ends")

    def receipts(self) -> list[Receipt]:
        """All receipts in the order of the puts; fails if there is an error among them."""
        outcomes = [self.outcomes[item.ordinal] for item in self.items]
        assert all(isinstance(outcome, Receipt) for outcome in outcomes), outcomes
        return [outcome for outcome in outcomes if isinstance(outcome, Receipt)]
