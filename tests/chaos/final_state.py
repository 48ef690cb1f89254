"""The state of the system after a scenario, as data, and the meaning of each stream record. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from chaos.plan import Version
from smartcat.cli.demo.reconciliation import RecordIdentity
from smartcat.wire_format.errors import WireFormatError
from smartcat.wire_format.kpl_aggregate import unpack
from smartcat.wire_format.replay_tags import from_tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chaos.records import ExpectedRejection, PutRecord


class StreamRecord(NamedTuple):
    """One record of the stream.

    Attributes:
        generation: 0 for a shard without parents, else one more than its parents': a key's records are in
            shards of ascending generation.
        shard_id: Its shard.
        sequence_number: Its position in the shard.
        data: Its bytes.
    """

    generation: int
    shard_id: str
    sequence_number: int
    data: bytes


@dataclass(frozen=True, slots=True)
class FinalState:
    """What the system holds after a scenario.

    Attributes:
        stream_records: Every record of the stream.
        receipts: The producer's receipt of each put record, in order; None where the put failed.
        items: Every item of the table.
        quarantined: The body of every quarantine object.
        discarded: Every record that was ever in the failure destination.
        left_in_destination: Those that are still there: a replay could not put them back.
    """

    stream_records: Sequence[StreamRecord]
    receipts: Sequence[RecordIdentity | None]
    items: Sequence[Mapping[str, Any]]
    quarantined: Sequence[Mapping[str, Any]]
    discarded: frozenset[RecordIdentity] = frozenset()
    left_in_destination: frozenset[RecordIdentity] = frozenset()


@dataclass(frozen=True, slots=True)
class StreamUserRecord:
    """One user record of the stream: its position and its content."""

    order: tuple[int, int, int]
    record: RecordIdentity
    identity: RecordIdentity
    content: Version | ExpectedRejection

    @property
    def document(self) -> str | None:
        """Return the id of its document; None for a rejected record."""
        return self.content.document_id if isinstance(self.content, Version) else None


def read_stream(
    records: Sequence[PutRecord], stream_records: Sequence[StreamRecord]
) -> tuple[list[StreamUserRecord], list[str]]:
    """Return the user records of the stream, and a problem for each unknown record.

    A replayed record stands for the record it first was.
    """
    by_data = {each.data: each for each in records}
    user_records: list[StreamUserRecord] = []
    unknown = []
    for each in stream_records:
        if (known := by_data.get(each.data)) is None:
            unknown.append(each)
        else:
            user_records += _user_records(each, known)
    positions = {user_record.identity for user_record in user_records}
    problems = [
        f"record {each.sequence_number} of {each.shard_id} was never put"
        for each in unknown
        if _first_position(each.data) not in positions
    ]
    return user_records, problems


def identity(shard_id: str, sequence_number: str, part: object) -> RecordIdentity:
    """Return the identity of a user record: the parts of an aggregate share its sequence number."""
    return RecordIdentity(shard_id, sequence_number if part is None else f"{sequence_number}-{part}")


def quarantine_identity(body: Mapping[str, Any]) -> RecordIdentity:
    """Return the identity of the user record in a quarantine object, by its first position."""
    first = body.get("origin", body)
    return identity(first["shard_id"], first["sequence_number"], first["sub_sequence_number"])


def _user_records(record: StreamRecord, put: PutRecord) -> list[StreamUserRecord]:
    number = str(record.sequence_number)
    return [
        StreamUserRecord(
            (record.generation, record.sequence_number, sub),
            RecordIdentity(record.shard_id, number),
            identity(record.shard_id, number, sub if put.aggregated else None),
            content,
        )
        for sub, content in enumerate(put.contents)
    ]


def _first_position(data: bytes) -> RecordIdentity | None:
    """Return the first position of a replayed record, from its tags; None for any other record."""
    try:
        (record,) = unpack(data)
        first = from_tags(record.tags)
    except (WireFormatError, ValueError):
        return None
    return (
        None if first is None else identity(first.shard_id, first.sequence_number, first.sub_sequence_number)
    )
