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
    read_claimed_document,
)
from smartcat.wire_format.errors import Reason, WireFormatError
from stream_processor.core.records import DecodedDocument
from stream_processor.errors import RejectRecord, TryLater
from stream_processor.storage_format.kinesis_records import read_or_reject

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smartcat.wire_format.claim_check import Claim
    from smartcat.wire_format.document import Document
    from stream_processor.core.dependencies import Dependencies
    from stream_processor.core.ports import ClaimedObjects, FetchResult
    from stream_processor.core.wait_policy import WaitPolicy
    from stream_processor.storage_format.kinesis_records import EncodedDocument
    from stream_processor.storage_format.quarantine_object import RejectedRecord

_Object = tuple[str, int]

FETCH_SHARE: Final = 0.5
"""Share of the spare time in which claims are fetched, those of the first record excepted: the rest is for
classifying and writing what was fetched."""


@dataclass(frozen=True, slots=True)
class ClaimBucket:
    """The only bucket from which claimed objects are read.

    Attributes:
        name: Name of the bucket.
        prefix: What their keys begin with, ends with a slash.
        objects: Reads them.
    """

    name: str
    prefix: str
    objects: ClaimedObjects


@dataclass(frozen=True, slots=True)
class ClaimedDocument:
    """A document that is not on the stream: a claim stands for it.

    Attributes:
        encoded: The claim's own bytes.
        claim: What they hold.
    """

    encoded: EncodedDocument
    claim: Claim


class ClaimFetcher:
    """Checks and fetches the claims of one invocation.

    Args:
        bucket: Where claims may lead.
        dependencies: Of these the clock, and the metrics that problems are reported to.
        waits: The invocation's waits.
    """

    def __init__(self, bucket: ClaimBucket, dependencies: Dependencies, waits: WaitPolicy) -> None:
        self._bucket = bucket
        self._metrics = dependencies.metrics
        self._waits = waits
        self._now = dependencies.clock.epoch()
        self._spare_in_the_end = (1 - FETCH_SHARE) * waits.spare_seconds()
        self._reported: set[str] = set()

    def check(self, encoded: EncodedDocument, max_bytes: int) -> ClaimedDocument | RejectedRecord:
        """Read a claim and decide whether its object may be fetched at all."""
        try:
            claim = read_or_reject(from_bytes, encoded.data)
            read_or_reject(lambda claim: self._check(claim, max_bytes), claim)
        except RejectRecord as error:
            return encoded.rejected(error)
        return ClaimedDocument(encoded, claim)

    def _check(self, claim: Claim, max_bytes: int) -> None:
        check_location(claim, self._bucket.name, self._bucket.prefix)
        check_not_expired(claim, self._now)
        if claim.size > max_bytes:
            raise WireFormatError(
                Reason.TOO_LARGE, f"claim: {claim.size} bytes, at most {max_bytes} are accepted"
            )

    def fetch(self, claims: Sequence[Claim], *, needed: int) -> list[FetchResult]:
        """Fetch the objects of claims at the same time.

        Args:
            claims: Claims that passed the check.
            needed: How many of them, from the first on, the invocation cannot make progress without: they are
                held and tried again until the deadline.

        Returns:
            For each claim its object's bytes, or why it can never be had, or why not now.
        """
        missing = {
            _object(claim): claim for claim in claims
        }  # each object once, however many claims lead to it
        needed_objects = {_object(claim) for claim in claims[:needed]}
        results: dict[_Object, FetchResult] = {}
        attempts = 0
        while True:
            fetched = self._fetch_once(list(missing.values()), in_any_case=needed > 0)
            results.update(zip(missing, fetched, strict=True))
            missing = {place: missing[place] for place in missing if isinstance(results[place], TryLater)}
            attempts += 1
            if needed_objects.isdisjoint(missing) or not self._waits.wait_for_dependency(attempts):
                return [results[_object(claim)] for claim in claims]

    def _fetch_once(self, claims: Sequence[Claim], *, in_any_case: bool) -> list[FetchResult]:
        spare = self._waits.spare_seconds()
        seconds = spare if in_any_case else max(0.0, spare - self._spare_in_the_end)
        if not (in_any_case or seconds):
            return [TryLater("no time left to fetch claims")] * len(claims)
        results = self._bucket.objects.fetch(claims, seconds=seconds)
        for problem in sorted({str(result) for result in results if isinstance(result, TryLater)}):
            if problem not in self._reported:
                self._reported.add(problem)
                self._metrics.report_problem(problem)
        return list(results)


def _object(claim: Claim) -> _Object:
    """Return what is fetched for a claim; the size decides whether the object is the claimed one."""
    return claim.key, claim.size


def check_claim(
    encoded: EncodedDocument, claims: ClaimFetcher | None, max_bytes: int
) -> ClaimedDocument | RejectedRecord:
    """Check a claim, see ``ClaimFetcher.check``.

    Args:
        encoded: The claim's bytes, valid or not.
        claims: The invocation's; None if the function is not configured for any, and then each is rejected.
        max_bytes: The most bytes that a claim's object may have.
    """
    if claims is None:
        detail = "a claim, and this function is configured with no bucket for them"
        return encoded.rejected(RejectRecord(str(Reason.CLAIMS_NOT_CONFIGURED), detail))
    return claims.check(encoded, max_bytes)


def decode_claimed(
    claimed: ClaimedDocument, result: bytes | RejectRecord, read: Callable[[bytes], Document]
) -> DecodedDocument | RejectedRecord:
    """Decode the document in what was fetched.

    Args:
        claimed: The claim.
        result: Its object's bytes, or why there are none.
        read: Reads the document in verified bytes.

    Returns:
        The document, or a rejected record; both hold the claim's own bytes, which can be put on the stream
        again.
    """
    encoded = claimed.encoded
    if isinstance(result, RejectRecord):
        return encoded.rejected(result)
    try:
        document = read_or_reject(
            lambda payload: read_claimed_document(claimed.claim, payload, read=read), result
        )
    except RejectRecord as error:
        return encoded.rejected(error)
    return DecodedDocument(encoded.position, encoded.data, document, encoded.origin)
