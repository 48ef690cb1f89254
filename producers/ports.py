"""What the producer needs of the world, as contracts. Holds no code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producers.delivery import Accepted, Failure
    from producers.packing import Entry
    from producers.shard_map import ShardMap


class ClaimStore(Protocol):
    """Keeps documents that are too large for the stream, and writes the small record that names them.

    Called from ``Producer.put``, by any thread.
    """

    def store(self, document_id: str, payload: bytes, expires_at: int | None) -> bytes:
        """Keep a payload until nobody needs it.

        Args:
            document_id: The document's id.
            payload: Its canonical bytes, compressed if that makes them fewer.
            expires_at: When the result may be erased, epoch seconds; None if the document does not say.

        Returns:
            The bytes of the record that goes onto the stream instead.

        Raises:
            ProducersError: It cannot be kept; ``put`` raises it on, and nothing goes onto the stream.
        """
        ...


class StreamPort(Protocol):
    """One stream. Every method may be called by several threads at once."""

    def send(self, entries: Sequence[Entry]) -> list[Accepted | Failure]:
        """Make one PutRecords call, and give a result for each entry in its place. Raises nothing."""
        ...

    def shards(self) -> ShardMap | None:
        """Ask for the open shards; an empty map if that is not allowed, None if there was no answer now."""
        ...

    def record_bytes(self) -> int | None:
        """Ask how large a record may be; the default if that is not allowed, None if there was no answer."""
        ...
