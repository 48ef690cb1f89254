"""The claims of one invocation: which may be fetched, what is fetched together, how long it may take.

Decides, and reads what came; the fetching is behind ``ports.ClaimedObjects``. Knows neither S3 nor the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smartcat.wire_format.claim_check import (
    check_location,
    check_not_expired,
    from_bytes,
    is_claim,
    read_claimed_document,
)
from smartcat.wire_format.errors import Reason, WireFormatError
from stream_processor.arrivals import Arrival, Rejection
from stream_processor.errors import RejectRecord, TryLater
from stream_processor.record_parts import read_or_reject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.wire_format.claim_check import Claim
    from stream_processor.delivery import Surroundings
    from stream_processor.ports import Answer, ClaimedObjects
    from stream_processor.record_parts import Part
    from stream_processor.waiting import Waiting

FETCH_SHARE: Final = 0.5
"""Share of the spare time in which claims are fetched, those of the first record excepted: the rest is for
classifying and writing what was fetched."""


@dataclass(frozen=True, slots=True)
class ClaimBucket:
    """The one place from which claimed objects are read.

    Attributes:
        name: Name of the bucket.
        prefix: What their keys begin with, ends with a slash.
        objects: Reads them.
    """

    name: str
    prefix: str
    objects: ClaimedObjects


@dataclass(frozen=True, slots=True)
class Claimed:
    """A part of a record whose document is elsewhere.

    Attributes:
        part: The claim's own bytes.
        claim: What they say.
    """

    part: Part
    claim: Claim


class Claims:
    """Judges and fetches the claims of one invocation.

    Args:
        place: Where claims may lead.
        surroundings: Clock, and whom to tell of trouble.
        waiting: The invocation's waits.
    """

    def __init__(self, place: ClaimBucket, surroundings: Surroundings, waiting: Waiting) -> None:
        self._place = place
        self._metrics = surroundings.metrics
        self._waiting = waiting
        self._now = surroundings.clock.epoch()
        self._spare_in_the_end = (1 - FETCH_SHARE) * waiting.spare_seconds()
        self._complaints: set[str] = set()

    def judge(self, part: Part, max_bytes: int) -> Claimed | Rejection:
        """Read a claim and decide whether its object may be fetched at all."""
        try:
            claim = read_or_reject(from_bytes, part.data)
            read_or_reject(lambda claim: self._check(claim, max_bytes), claim)
        except RejectRecord as error:
            return reject(part, error)
        return Claimed(part, claim)

    def _check(self, claim: Claim, max_bytes: int) -> None:
        check_location(claim, self._place.name, self._place.prefix)
        check_not_expired(claim, self._now)
        if claim.size > max_bytes:
            raise WireFormatError(
                Reason.TOO_LARGE, f"claim: {claim.size} bytes, at most {max_bytes} are accepted"
            )

    def fetch(self, claims: Sequence[Claim], *, needed: int) -> list[Answer]:
        """Fetch the objects of claims at the same time.

        Args:
            claims: Claims that were judged good.
            needed: How many of them, from the first on, the invocation cannot make progress without: they are
                held and tried again until the deadline.

        Returns:
            For each claim its object's bytes, or why it can never be had, or why not now.
        """
        tries = 0
        while True:
            answers = self._fetch_once(claims, in_any_case=needed > 0)
            if not any(isinstance(answer, TryLater) for answer in answers[:needed]):
                return answers
            tries += 1
            if not self._waiting.hold(tries):
                return answers

    def _fetch_once(self, claims: Sequence[Claim], *, in_any_case: bool) -> list[Answer]:
        spare = self._waiting.spare_seconds()
        seconds = spare if in_any_case else max(0.0, spare - self._spare_in_the_end)
        if not (in_any_case or seconds):
            return [TryLater("no time left to fetch claims")] * len(claims)
        answers = self._place.objects.fetch(claims, seconds=seconds)
        for problem in sorted({str(answer) for answer in answers if isinstance(answer, TryLater)}):
            if problem not in self._complaints:
                self._complaints.add(problem)
                self._metrics.trouble(problem)
        return list(answers)


def judge(part: Part, claims: Claims | None, max_bytes: int) -> Part | Claimed | Rejection:
    """Tell a claim from other parts, which stay as they are; see ``Claims.judge``.

    Args:
        part: What a user put on the stream.
        claims: The invocation's; None if the function is not configured for any, and then each is rejected.
        max_bytes: The most bytes that a claim's object may have.
    """
    if not is_claim(part.data):
        return part
    if claims is None:
        detail = "a claim, and this function is configured with no bucket for them"
        return reject(part, RejectRecord(str(Reason.CLAIMS_NOT_CONFIGURED), detail))
    return claims.judge(part, max_bytes)


def read_answer(claimed: Claimed, answer: bytes | RejectRecord, max_bytes: int) -> Arrival | Rejection:
    """Read the document in what was fetched.

    Args:
        claimed: The claim.
        answer: Its object's bytes, or why there are none.
        max_bytes: The most bytes of the document after decompression.

    Returns:
        The document, or a rejection; both hold the claim's own bytes, which can be put on the stream again.
    """
    part = claimed.part
    if isinstance(answer, RejectRecord):
        return reject(part, answer)
    try:
        document = read_or_reject(
            lambda payload: read_claimed_document(claimed.claim, payload, max_bytes=max_bytes), answer
        )
    except RejectRecord as error:
        return reject(part, error)
    return Arrival(part.source, part.data, document, part.origin)


def reject(part: Part, error: RejectRecord) -> Rejection:
    """Make a rejection that holds a part's bytes."""
    return Rejection(part.source, error.reason, error.detail, data=part.data, origin=part.origin)
