"""What happens to a batch after an invocation: retry, split, bisect or discard. Pure; time is an argument.

The rules are AWS's documented ones (services-kinesis-batchfailurereporting, kinesis-on-failure-destination):
a partial response splits the batch at the returned sequence number and resets the count of retries;
bisecting and throttled invocations use no retry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from smartcat.local_aws.event_source_mapping.records import Record
    from smartcat.local_aws.event_source_mapping.settings import MappingSettings

_FIRST_DELAY: Final = 0.1
_LONGEST_DELAY: Final = 2.0

RETRIES_EXHAUSTED: Final = "RetryAttemptsExhausted"
TOO_OLD: Final = "RecordAgeExceeded"


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that go to the function together.

    Attributes:
        records: In the order of the shard; never empty.
        failures: Invocations of exactly these records that failed and counted.
        throttles: Consecutive invocations that were throttled for lack of concurrency.
        not_before: Seconds since the epoch before which it must not be delivered.
    """

    records: tuple[Record, ...]
    failures: int = 0
    throttles: int = 0
    not_before: float = 0.0


@dataclass(frozen=True, slots=True)
class Success:
    """All records are processed."""


@dataclass(frozen=True, slots=True)
class PartialFailure:
    """Records before `position` (an index into the batch) are processed; the others are not."""

    position: int


@dataclass(frozen=True, slots=True)
class Failure:
    """The invocation failed: no record counts as processed."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """The function was not invoked."""


Outcome = Success | PartialFailure | Failure | Throttled


@dataclass(frozen=True, slots=True)
class DiscardedRecords:
    """Records that are discarded, and why.

    Attributes:
        records: In the order of the shard.
        condition: `RetryAttemptsExhausted` or `RecordAgeExceeded`.
        invocations: Invocations of these records that counted.
    """

    records: tuple[Record, ...]
    condition: str
    invocations: int


@dataclass(frozen=True, slots=True)
class Transition:
    """What follows from an outcome; every record of the batch is in exactly one of the three.

    Attributes:
        delivered: Records that are processed.
        discarded: Records to discard, or None.
        retries: Batches to deliver next, in this order, before anything else of their sub-shard.
    """

    delivered: tuple[Record, ...] = ()
    discarded: DiscardedRecords | None = None
    retries: tuple[Batch, ...] = ()


def retry_delay(count: int) -> float:
    """Return the seconds before retry number `count` (1 and up): 0.1, doubled each time, at most 2.

    AWS backs off too and does not document how long; a local run should not wait for it.
    """
    return min(_FIRST_DELAY * 2.0 ** min(count - 1, 10), _LONGEST_DELAY)


def decide(batch: Batch, outcome: Outcome, settings: MappingSettings, now: float) -> Transition:
    """Return what follows from the outcome of delivering a batch.

    Args:
        batch: What was delivered.
        outcome: How the invocation ended.
        settings: Maximum retry attempts, and whether to bisect.
        now: Seconds since the epoch.
    """
    if isinstance(outcome, Success):
        return Transition(delivered=batch.records)
    if isinstance(outcome, Throttled):
        throttles = batch.throttles + 1
        return Transition(
            retries=(replace(batch, throttles=throttles, not_before=now + retry_delay(throttles)),)
        )
    if isinstance(outcome, PartialFailure) and outcome.position > 0:
        done, rest = batch.records[: outcome.position], batch.records[outcome.position :]
        return Transition(delivered=done, retries=(Batch(rest, not_before=now + retry_delay(1)),))
    if isinstance(outcome, Failure) and settings.bisect and len(batch.records) > 1:
        return Transition(retries=_halves(batch, now))
    return _failed(batch, settings, now)


def split_expired(
    batch: Batch, settings: MappingSettings, now: float
) -> tuple[DiscardedRecords | None, Batch | None]:
    """Separate the records beyond the mapping's maximum age from the rest of their batch.

    Args:
        batch: What is about to be delivered.
        settings: The maximum record age.
        now: Seconds since the epoch.

    Returns:
        The records to discard and the batch to deliver; None where there is none.
    """
    limit = settings.maximum_record_age
    if limit < 0 or now - batch.records[0].arrived_at <= limit:
        return None, batch
    expired = tuple(takewhile(lambda record: now - record.arrived_at > limit, batch.records))
    rest = batch.records[len(expired) :]
    return DiscardedRecords(expired, TOO_OLD, batch.failures), replace(batch, records=rest) if rest else None


def _halves(batch: Batch, now: float) -> tuple[Batch, Batch]:
    middle = len(batch.records) // 2
    first, second = batch.records[:middle], batch.records[middle:]
    return (
        Batch(first, failures=batch.failures, not_before=now + retry_delay(1)),
        Batch(second, failures=batch.failures),
    )


def _failed(batch: Batch, settings: MappingSettings, now: float) -> Transition:
    failures = batch.failures + 1
    if 0 <= settings.maximum_retry_attempts < failures:
        return Transition(discarded=DiscardedRecords(batch.records, RETRIES_EXHAUSTED, failures))
    retries = replace(batch, failures=failures, throttles=0, not_before=now + retry_delay(failures))
    return Transition(retries=(retries,))
