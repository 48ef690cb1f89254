"""What to do next: look at the shards, send this, or wait. Pure; takes timestamps and chance, knows no AWS.

The whole state of a delivery is here, so that tests can play any failure against it without a thread.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from producers.delivery import INTERRUPTED, Accepted, Failure, Receipt
from producers.errors import DeliveryError
from producers.outbox import Outbox, Request
from producers.pacing import ShardPace
from producers.parcels import Packer
from producers.shard_view import ShardView
from producers.steps import Look, Send, Settled, Wait
from producers.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producers.packing import Limits
    from producers.parcels import Item, Parcel
    from producers.shard_map import ShardMap
    from producers.steps import Rules

_UNSENT: Final = "sending was broken off before its turn"
_REFUSED: Final = "sending was broken off after Kinesis had not accepted it"


class Schedule:
    """Decides what a producer sends and when.

    Args:
        rules: How it behaves.
        limits: What requests and records may hold; may be replaced by larger ones later.
    """

    def __init__(self, rules: Rules, limits: Limits) -> None:
        self.limits = limits
        self.tally = Tally()
        self.in_flight = 0
        self.stopped = False
        self._rules = rules
        self._view = ShardView()
        self._outboxes: dict[str, Outbox] = {}
        self._unplaced: list[Item] = []
        self._strays: list[tuple[Parcel, Accepted]] = []
        self._hurry_below = 0
        self._turn = 0

    def add(self, item: Item) -> bool:
        """Take an item; True if that changes when something is to be done."""
        if self._view.current is None:
            self._unplaced.append(item)
            return len(self._unplaced) == 1
        outbox = self._outbox(item)
        idle, had_enough = outbox.empty, outbox.enough
        outbox.add(item, self.limits.record_bytes)
        return idle or (outbox.enough and not had_enough)

    def lingers(self, now: float) -> bool:
        """Tell whether whatever there is waits for company only."""
        linger, hurry = self._rules.linger_seconds, self._hurry_below
        return all(outbox.lingers(now, linger, hurry) for outbox in self._outboxes.values())

    def hurry(self, ordinal_below: int) -> None:
        """Let the items below an ordinal wait for no company."""
        self._hurry_below = max(self._hurry_below, ordinal_below)

    def next(self, now: float) -> Look | Send | Wait:
        """Say what to do; whoever is told to look or send must report back, whatever happens."""
        if self.stopped:
            return Wait(math.inf)
        look_in = self._view.look_in(now)
        if look_in <= 0:
            self._view.begin_look()
            return Look()
        if self._view.pauses:
            return Wait(look_in)
        due = self._due(now)
        ready = [outbox for at, outbox in due if at <= now]
        request = self._compose(ready, now) if ready else None
        if request is None:
            return Wait(min((at for at, _ in due), default=math.inf) - now)
        self.in_flight += 1
        self.tally.sent(request.parcels)
        return Send(request)

    def answered(
        self, request: Request, results: Sequence[Accepted | Failure], now: float, chance: float
    ) -> list[Settled]:
        """Take the results of a request, one for each parcel in its place.

        Returns:
            The items that are done; those that failed and may succeed are sent again.
        """
        self.in_flight -= 1
        settled: list[Settled] = []
        answers: dict[Outbox, list[tuple[Parcel, Accepted | Failure]]] = {}
        for outbox, parcel, result in zip(request.outboxes, request.parcels, results, strict=True):
            parcel.sent += 1
            self.tally.answered(parcel, result, accepted=isinstance(result, Accepted))
            answers.setdefault(outbox, []).append((parcel, result))
        for outbox, of_shard in answers.items():
            settled += self._answered_by_shard(outbox, of_shard, now, chance)
        return settled + self._adopt(now)

    def looked(self, found: ShardMap | None, now: float) -> list[Settled]:
        """Take the answer to ``Look``; None if there was none. Returns items that are done by it."""
        self._view.looked(found, now)
        return self._adopt(now)

    def stop(self) -> list[Settled]:
        """Send nothing more; what is under way is still to be answered. Returns what will never be sent."""
        self.stopped = True
        items = [item for outbox in self._outboxes.values() for item in outbox.take_all()]
        items += self._unplaced
        self._unplaced = []
        strays = self._accept_strays()
        return strays + [self._failed(item, INTERRUPTED, _UNSENT) for item in sorted(items, key=_ordinal)]

    # ------------------------------------------------------------------------------------------ requests
    def _due(self, now: float) -> list[tuple[float, Outbox]]:
        linger, hurry = self._rules.linger_seconds, self._hurry_below
        return [(outbox.due(now, linger, hurry), outbox) for outbox in self._outboxes.values()]

    def _compose(self, ready: list[Outbox], now: float) -> Request | None:
        """Fill a request, a parcel of each shard in turn; the shard that begins changes with each request."""
        request = Request(self.limits)
        self._turn = (self._turn + 1) % len(ready)
        giving = ready[self._turn :] + ready[: self._turn]
        while giving:
            giving = [outbox for outbox in giving if outbox.give(request, now)]
        for outbox in set(request.outboxes):
            outbox.busy = True
        return request if request.parcels else None

    # ------------------------------------------------------------------------------------------ answers
    def _answered_by_shard(
        self, outbox: Outbox, answers: list[tuple[Parcel, Accepted | Failure]], now: float, chance: float
    ) -> list[Settled]:
        outbox.busy = False
        settled, again, accepted = [], [], False
        for parcel, result in answers:
            if isinstance(result, Accepted):
                accepted = True
                settled += self._accepted(outbox, parcel, result, now)
            elif result.send_again:
                again.append((parcel, result))
            else:
                settled += [self._failed(item, result.code, result.explanation) for item in parcel.items]
        outbox.fruitless = 0 if accepted else outbox.fruitless + 1
        if any(isinstance(result, Failure) and result.throttled for _, result in answers) and outbox.pace:
            outbox.pace.refused(now)
        return settled + self._again(outbox, again, now, chance)

    def _again(
        self, outbox: Outbox, failures: list[tuple[Parcel, Failure]], now: float, chance: float
    ) -> list[Settled]:
        if self.stopped:
            return [self._failed(i, INTERRUPTED, _REFUSED) for parcel, _ in failures for i in parcel.items]
        if outbox.fruitless >= self._rules.backoff.attempts:
            outbox.fruitless = 0
            return [
                self._failed(item, failure.code, failure.explanation)
                for parcel, failure in failures
                for item in parcel.items
            ]
        if failures:
            outbox.take_back([parcel for parcel, _ in failures])
            outbox.back_off(self._rules.backoff, now, chance)
        return []

    def _accepted(self, outbox: Outbox, parcel: Parcel, result: Accepted, now: float) -> list[Settled]:
        if outbox.shard is not None and result.shard_id not in ("", outbox.shard.shard_id):
            self._view.surprise(result.shard_id, now)
            if parcel.aggregated and self._view.pauses and not self.stopped:
                self._strays.append((parcel, result))
                return []
        return [self._delivered(item, parcel, place, result) for place, item in enumerate(parcel.items)]

    def _delivered(self, item: Item, parcel: Parcel, place: int, result: Accepted) -> Settled:
        self.tally.accepted += 1
        self.tally.bytes_before += item.bytes_before
        sub = place if parcel.aggregated else None
        return Settled(item, Receipt(item.partition_key, result.shard_id, result.sequence_number, sub))

    def _failed(self, item: Item, code: str, explanation: str) -> Settled:
        self.tally.failed.append((item.partition_key, code))
        return Settled(item, DeliveryError(item.partition_key, code, explanation))

    # ------------------------------------------------------------------------------------------ shards
    def _adopt(self, now: float) -> list[Settled]:
        """Take over new shards once nothing is under way: nothing can then overtake, or be overtaken."""
        if self.in_flight or self.stopped:
            return self._accept_strays() if self.stopped else []
        if self._view.adopt():
            return self._rearrange(now)
        return [] if self._view.pauses else self._accept_strays()

    def _rearrange(self, now: float) -> list[Settled]:
        """Pack and queue everything again, by the shards there are now and in the order it was put."""
        settled: list[Settled] = []
        items = [item for outbox in self._outboxes.values() for item in outbox.take_all()] + self._unplaced
        for parcel, result in self._strays:
            for place, item in enumerate(parcel.items):
                if self._is_lost(item, result):
                    item.moved += 1
                    items.append(item)
                else:
                    settled.append(self._delivered(item, parcel, place, result))
        before, self._outboxes, self._unplaced, self._strays = self._outboxes, {}, [], []
        for item in sorted(items, key=_ordinal):
            self._outbox(item, before, now).add(item, self.limits.record_bytes)
        return settled

    def _is_lost(self, item: Item, result: Accepted) -> bool:
        """Tell whether a reader that follows the KPL's rules drops the item, for it is not its shard's."""
        shard = self._view.current.get(result.shard_id) if self._view.current else None
        return shard is not None and not shard.holds(item.hash_key) and not item.moved

    def _accept_strays(self) -> list[Settled]:
        strays, self._strays = self._strays, []
        return [
            self._delivered(item, parcel, place, result)
            for parcel, result in strays
            for place, item in enumerate(parcel.items)
        ]

    def _outbox(self, item: Item, before: dict[str, Outbox] | None = None, now: float = 0.0) -> Outbox:
        """Give the queue of the item's shard, made if it is the first of its shard."""
        shard = self._view.current.locate(item.hash_key) if self._view.current else None
        name = shard.shard_id if shard else ""
        outbox = self._outboxes.get(name)
        if outbox is None:
            known = (before or {}).get(name)
            pace = known.pace if known else ShardPace(now) if shard else None
            packer = Packer(self._rules.aggregation, placed=shard is not None)
            outbox = self._outboxes[name] = Outbox(shard, packer, pace)
        return outbox


def _ordinal(item: Item) -> int:
    return item.ordinal
