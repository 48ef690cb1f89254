"""The outcome of a PutRecords entry, and the receipt of a document. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

INTERRUPTED: Final = "Interrupted"
"""Error code of documents that were not sent, or whose outcome is unknown, because sending was stopped."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that the stream has the document.

    Attributes:
        partition_key: The document id, for a document.
        shard_id: The shard that accepted it.
        sequence_number: The sequence number of its Kinesis record, a decimal number.
        sub_sequence_number: Its index inside an aggregate, from 0; None for a record of its own.
    """

    partition_key: str
    shard_id: str
    sequence_number: str
    sub_sequence_number: int | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """Kinesis accepted an entry.

    Attributes:
        shard_id: The shard that accepted it.
        sequence_number: Its sequence number in that shard.
    """

    shard_id: str
    sequence_number: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an entry was not accepted.

    Attributes:
        code: The error code of Kinesis, or the name of the connection error.
        explanation: What happened, in words; no page text.
        retryable: Whether another attempt may succeed.
        throttled: Whether the shard refused it for exceeding its throughput.
        of_request: Whether the request failed as a whole; False where one entry of it did.
        patience_seconds: How long, since the first failure in a row, it is worth trying whatever the number
            of attempts.
    """

    code: str
    explanation: str
    retryable: bool
    throttled: bool = False
    of_request: bool = False
    patience_seconds: float = 0.0
