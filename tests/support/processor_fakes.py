"""Fakes of the processor's ports. tests/contract/test_processor_ports.py holds them to the real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stream_processor.core.ports import WriteOutcome
from stream_processor.errors import RejectRecord, TryLater
from stream_processor.storage_format.document_version import StoredVersion, standing, stored_version
from stream_processor.storage_format.result_item import ResultItem

if TYPE_CHECKING:
    from smartcat.wire_format.claim_check import Claim
    from stream_processor.core.ports import FetchResult
    from stream_processor.storage_format.quarantine_object import RejectedRecord

ARRIVED = 1_700_000_000.25
"""2023-11-14T22:13:20.250Z."""


class FakeClock:
    """Time moves only when somebody sleeps or ``advance`` is called."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def epoch(self) -> float:
        return ARRIVED + self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.time += seconds

    def advance(self, seconds: float) -> None:
        self.time += seconds


Admit = Callable[[int, Sequence[ResultItem]], Sequence[bool]]


class FakeTable:
    """Keeps the latest item of each key and checks each request as DynamoDB would.

    ``admit`` says for each item of the n-th request (from 0) whether there is capacity; ``faults`` are raised
    at the n-th request, before or after its items are stored.
    """

    def __init__(self, clock: FakeClock) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.requests: list[list[str]] = []
        self.sent_at: list[float] = []
        self.admit: Admit = lambda _, items: [True] * len(items)
        self.invalid_keys: set[str] = set()
        self.faults: dict[int, Exception] = {}
        self.store_before_fault = False
        self.reasons: tuple[str, ...] = ()
        self.units: float | None = None
        self.asked_at: list[float] = []
        self.stored_keys: list[str] = []
        self.questions: list[list[str]] = []
        self.answers_questions = True
        self._clock = clock

    def put(self, items: Sequence[ResultItem], *, seconds: float) -> WriteOutcome:
        keys = [item.document_id for item in items]
        assert 1 <= len(keys) <= 200
        assert len(set(keys)) == len(keys), "DynamoDB rejects a call that holds a key twice"
        assert seconds >= 0
        number = len(self.requests)
        self.requests.append(keys)
        self.sent_at.append(self._clock.now())
        self._clock.advance(0.01)
        fault = self.faults.get(number)
        if fault is not None and not self.store_before_fault:
            raise fault
        alone = len(items) == 1
        invalid = tuple(item for item in items if item.document_id in self.invalid_keys)
        good = [item for item in items if item not in invalid]
        admitted = self.admit(number, good)
        taken = [item for item, room in zip(good, admitted, strict=True) if room]
        found = {item.document_id: standing(item.attributes, self._stored(item)) for item in taken}
        judged = [item for item in taken if item.conditional or alone]
        exists = tuple(item for item in taken if item not in judged and found[item.document_id] != "absent")
        for item in taken:
            if found[item.document_id] == "absent" or (
                item in judged and found[item.document_id] == "earlier"
            ):
                self.items[item.document_id] = item.attributes
                self.stored_keys.append(item.document_id)
        if fault is not None:
            raise fault
        unprocessed = tuple(item for item in good if item not in taken)
        return WriteOutcome(
            unprocessed=unprocessed,
            invalid=invalid,
            superseded=tuple(item for item in judged if found[item.document_id] == "later"),
            kept=tuple(item for item in judged if found[item.document_id] == "same"),
            exists=exists,
            units=float(sum(item.units for item in taken)),
            throttled_requests=int(bool(unprocessed)),
            reasons=self.reasons if unprocessed and alone else (),
        )

    def _stored(self, item: ResultItem) -> StoredVersion | None:
        found = self.items.get(item.document_id)
        return None if found is None else stored_version(found)

    def stored(self, items: Sequence[ResultItem]) -> Mapping[str, StoredVersion | None]:
        self.questions.append([item.document_id for item in items])
        if not self.answers_questions:
            return {}
        return {item.document_id: self._stored(item) for item in items}

    def capacity(self) -> float | None:
        self.asked_at.append(self._clock.now())
        return self.units

    @property
    def writes(self) -> list[str]:
        return [key for keys in self.requests for key in keys]


class FakeQuarantine:
    """Keeps rejected records by identity; ``fails`` names those that cannot be stored."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, int | None], RejectedRecord] = {}
        self.calls = 0
        self.fails: Callable[[RejectedRecord], bool] = lambda _: False

    def store(self, records: Sequence[RejectedRecord], *, seconds: float) -> tuple[RejectedRecord, ...]:
        assert seconds >= 0
        self.calls += 1
        left = tuple(
            rejected for n, rejected in enumerate(records) if self.fails(rejected) or (n and not seconds)
        )
        for rejected in records:
            if rejected not in left:
                position = rejected.position
                self.stored[position.sequence_number, position.sub_sequence_number] = rejected
        return left

    @property
    def reasons(self) -> dict[tuple[str, int | None], str]:
        return {key: rejected.reason for key, rejected in self.stored.items()}


class FakeClaimedObjects:
    """Keeps objects by key; ``fails`` says of which call, from 0, which claims cannot be had now."""

    def __init__(self, clock: FakeClock) -> None:
        self.objects: dict[str, bytes] = {}
        self.calls: list[list[str]] = []
        self.fails: Callable[[int, Claim], bool] = lambda _call, _claim: False
        self.seconds_each = 0.01
        self._clock = clock

    def fetch(self, claims: Sequence[Claim], *, seconds: float) -> Sequence[FetchResult]:
        assert claims
        assert seconds >= 0
        call = len(self.calls)
        self.calls.append([claim.key for claim in claims])
        end = self._clock.now() + seconds
        answers = [
            self._answer(call, claim)
            if number == 0 or self._clock.now() + number * self.seconds_each < end
            else TryLater("no time left")
            for number, claim in enumerate(claims)
        ]
        self._clock.advance(self.seconds_each)
        return answers

    def _answer(self, call: int, claim: Claim) -> FetchResult:
        if self.fails(call, claim):
            return TryLater("GetObject failed with ServiceUnavailable")
        found = self.objects.get(claim.key)
        if found is None:
            return RejectRecord("claim_missing", "claim: its object is not there")
        if len(found) != claim.size:
            return RejectRecord("claim_mismatch", "claim: its object has another size")
        return found
