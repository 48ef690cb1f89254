"""A delivery without threads: a schedule against a scripted Kinesis, on a clock that only this moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producers.delivery import Receipt
from producers.packing import Limits
from producers.parcels import Item
from producers.put_records import KinesisStream
from producers.schedule import Schedule
from producers.shard_map import hash_of
from producers.steps import Look, Rules, Send, Settled

if TYPE_CHECKING:
    from collections.abc import Callable

    from producers.errors import DeliveryError
    from support.scripted_kinesis import ScriptedKinesis


class PlayedDelivery:
    """Requests wait in `outstanding` until they are let through, in any order; outcomes are by ordinal."""

    def __init__(
        self, kinesis: ScriptedKinesis, rules: Rules | None = None, limits: Limits | None = None
    ) -> None:
        self.kinesis = kinesis
        self.now = 0.0
        self.schedule = Schedule(rules or Rules(), limits or Limits())
        self.stream = KinesisStream(kinesis, "stream")  # type: ignore[arg-type]
        self.outstanding: list[Look | Send] = []
        self.outcomes: dict[int, Receipt | DeliveryError] = {}
        self.items: list[Item] = []
        self.chance = 1.0

    def put(self, key: str, data: bytes, **fields: Any) -> Item:
        item = Item(len(self.items), key, data, hash_of(key), self.now, bytes_before=len(data), **fields)
        if item.explicit_hash_key is not None:
            item.hash_key = int(item.explicit_hash_key)
        self.items.append(item)
        self.schedule.add(item)
        return item

    def begin(self) -> float:
        """Begin one step; give the seconds that nothing is to be done for, 0 if something was begun."""
        step = self.schedule.next(self.now)
        if isinstance(step, Look | Send):
            self.outstanding.append(step)
            return 0.0
        return step.seconds

    def let_through(self, place: int = 0) -> None:
        """Carry out an outstanding step and take its answer."""
        step = self.outstanding.pop(place % len(self.outstanding))
        if isinstance(step, Send):
            results = self.stream.send([parcel.entry for parcel in step.request.parcels])
            self.book(self.schedule.answered(step.request, results, self.now, self.chance))
        else:
            self.book(self.schedule.looked(self.stream.shards(), self.now))

    def book(self, settled: list[Settled]) -> None:
        for each in settled:
            assert each.item.ordinal not in self.outcomes, "settled twice"
            self.outcomes[each.item.ordinal] = each.outcome

    def finish(self, *, at_once: int = 3, choose: Callable[[int], int] = lambda _: 0) -> None:
        """Go on until everything has its outcome; `choose` says which of so many requests is let through."""
        self.schedule.hurry(len(self.items))
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
