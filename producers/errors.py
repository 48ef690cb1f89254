"""The errors of this package; none of them holds page text.

ProducersError
├── ConfigurationError      change the arguments; nothing was sent
├── DocumentTooLargeError   this document cannot go onto the stream; all others can
├── ProducerClosedError     make a new producer
├── DeliveryError           send the document again: not delivered, or its outcome is unknown
│   └── RecordLimitUnknownError  the same; the stream did not say whether it takes a record of this size
└── ClaimStoreError         the body could not be stored in S3; nothing is on the stream
"""

from __future__ import annotations


class ProducersError(Exception):
    """Base of the errors of this package; ``str`` gives one complete line."""


class ConfigurationError(ProducersError, ValueError):
    """A limit, a name or the AWS configuration is invalid; nothing was sent."""


class DocumentTooLargeError(ProducersError, ValueError):
    """A record is larger than the stream allows; it was not accepted, and nothing else is affected.

    Attributes:
        partition_key: The document id.
        size: Bytes of data and partition key.
        limit: Bytes a record may have.
    """

    def __init__(self, partition_key: str, size: int, limit: int) -> None:
        super().__init__(partition_key, size, limit)
        self.partition_key = partition_key
        self.size = size
        self.limit = limit

    def __str__(self) -> str:
        """Return the document id and both sizes in a sentence."""
        return (
            f"document {self.partition_key!r} takes {self.size} bytes on the stream (compressed, with its"
            f" id), and a record may have {self.limit}"
        )


class ProducerClosedError(ProducersError, RuntimeError):
    """A document was put into a closed producer; it was not accepted."""

    def __init__(self) -> None:
        super().__init__("the producer is closed and accepts no more documents")


class DeliveryError(ProducersError, RuntimeError):
    """A record was not delivered, or its outcome is unknown.

    Attributes:
        partition_key: The document id.
        code: The error code of Kinesis, the name of the connection error, or ``Interrupted``.
        explanation: What happened, in words.
        shard_id: The one shard that refuses, while others accept; "" where it is not known to be one alone.
    """

    def __init__(self, partition_key: str, code: str, explanation: str, shard_id: str = "") -> None:
        super().__init__(partition_key, code, explanation, shard_id)
        self.partition_key = partition_key
        self.code = code
        self.explanation = explanation
        self.shard_id = shard_id

    def __str__(self) -> str:
        """Return the document id, the code and what happened in a sentence."""
        where = f" ({self.shard_id})" if self.shard_id else ""
        return f"document {self.partition_key!r} was not delivered: {self.code}: {self.explanation}{where}"


class RecordLimitUnknownError(DeliveryError):
    """A document may be too large for the stream, which did not say so; smaller ones are not affected."""


class ClaimStoreError(ProducersError, RuntimeError):
    """A document too large for the stream could not be stored in S3; nothing of it is on the stream.

    Attributes:
        partition_key: The document id.
        bucket: Where it was to be stored.
        code: The error code of S3, or the name of the connection error.
        explanation: What happened, in words; "" for what the code says.
        transient: True if the same may work later; False if somebody must change something first.
    """

    def __init__(
        self, partition_key: str, bucket: str, code: str, explanation: str = "", *, transient: bool
    ) -> None:
        super().__init__(partition_key, bucket, code, explanation)
        self.partition_key = partition_key
        self.bucket = bucket
        self.code = code
        self.explanation = explanation
        self.transient = transient

    def __str__(self) -> str:
        """Return the document id, the bucket, the code and what happened in a sentence."""
        why = f": {self.explanation}" if self.explanation else ""
        return (
            f"document {self.partition_key!r} could not be stored in bucket {self.bucket}: {self.code}{why}"
        )
