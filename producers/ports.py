"""What the producer needs from outside, as protocols. Holds no code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producers.core.kinesis_limits import Entry
    from producers.core.outcomes import Accepted, Failure
    from producers.core.shards import ShardMap


class ClaimStore(Protocol):
    """Stores documents that are too large for the stream, and writes the claims that stand for them.

    Called from ``Producer.put``, by any thread.
    """

    def store(self, document_id: str, payload: bytes, expires_at: int | None) -> bytes:
        """Store a document's bytes.

        Args:
            document_id: The document's id.
            payload: Its canonical bytes, compressed if that makes them fewer.
            expires_at: When the result may be erased, epoch seconds; None if the document does not say.

        Returns:
            The bytes of the record that goes onto the stream instead.

        Raises:
            ProducersError: It cannot be stored. ``put`` passes it on, and nothing goes onto the stream.
        """
        ...


class StreamPort(Protocol):
    """One stream. Every method may be called by several threads at once."""

    def put_records(self, entries: Sequence[Entry]) -> list[Accepted | Failure]:
        """Make one PutRecords call and return a result for each entry, in order. Raise nothing."""
        ...

    def list_shards(self) -> ShardMap | Failure:
        """Return the open shards, or why they are not known."""
        ...

    def max_record_bytes(self) -> int | Failure:
        """Return the largest record size, or why it is not known."""
        ...
