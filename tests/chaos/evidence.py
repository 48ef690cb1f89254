"""What was found when a scenario was over, as data, and what each record of the stream is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from chaos.plan import Version
from smartcat.cli.demo.reconciliation import RecordIdentity
from smartcat.wire_format.aggregation import unpack
from smartcat.wire_format.errors import WireFormatError
from smartcat.wire_format.replay_tags import from_tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chaos.cargo import Bad, Cargo


class Held(NamedTuple):
    """One record that the stream holds.

    Attributes:
        generation: 0 for a shard without parents, else one more than its parents: a key's records are in
            shards of growing generation.
        shard_id: Its shard.
        sequence_number: Its place in the shard.
        data: Its bytes.
    """

    generation: int
    shard_id: str
    sequence_number: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found when everything was over.

    Attributes:
        held: Every record of the stream.
        receipts: Shard and sequence number of each record the producer was told of; None where it was told
            that the record failed. In the order of the cargo.
        items: Every item of the table.
        quarantined: The body of every quarantine object.
        given_up: Every record that was ever in the failure destination.
        left_aside: Those that are there still: a replay could not put them back.
    """

    held: Sequence[Held]
    receipts: Sequence[RecordIdentity | None]
    items: Sequence[Mapping[str, Any]]
    quarantined: Sequence[Mapping[str, Any]]
    given_up: frozenset[RecordIdentity] = frozenset()
    left_aside: frozenset[RecordIdentity] = frozenset()


@dataclass(frozen=True, slots=True)
class Arrival:
    """One user record of the stream: its place, and what is in it."""

    order: tuple[int, int, int]
    record: RecordIdentity
    identity: RecordIdentity
    content: Version | Bad

    @property
    def document(self) -> str | None:
        """The id of its document; None for poison."""
        return self.content.document_id if isinstance(self.content, Version) else None


def read_stream(cargo: Sequence[Cargo], held: Sequence[Held]) -> tuple[list[Arrival], list[str]]:
    """Say what each record of the stream is; what a replay put back is what it first was."""
    by_data = {each.data: each for each in cargo}
    arrivals: list[Arrival] = []
    unknown = []
    for each in held:
        if (known := by_data.get(each.data)) is None:
            unknown.append(each)
        else:
            arrivals += _arrivals(each, known)
    places = {arrival.identity for arrival in arrivals}
    problems = [
        f"nobody put record {each.sequence_number} of {each.shard_id}"
        for each in unknown
        if _first_place(each.data) not in places
    ]
    return arrivals, problems


def identity(shard_id: str, sequence_number: str, part: object) -> RecordIdentity:
    """Name a user record: the parts of an aggregate share its sequence number."""
    return RecordIdentity(shard_id, sequence_number if part is None else f"{sequence_number}-{part}")


def quarantine_identity(body: Mapping[str, Any]) -> RecordIdentity:
    """Name the user record in a quarantine object by the place that it first had."""
    first = body.get("origin", body)
    return identity(first["shard_id"], first["sequence_number"], first["sub_sequence_number"])


def _arrivals(held: Held, cargo: Cargo) -> list[Arrival]:
    number = str(held.sequence_number)
    return [
        Arrival(
            (held.generation, held.sequence_number, sub),
            RecordIdentity(held.shard_id, number),
            identity(held.shard_id, number, sub if cargo.aggregated else None),
            content,
        )
        for sub, content in enumerate(cargo.contents)
    ]


def _first_place(data: bytes) -> RecordIdentity | None:
    """Read where a record first was that a replay put back: its tags say so."""
    try:
        (record,) = unpack(data)
        place = from_tags(record.tags)
    except (WireFormatError, ValueError):
        return None
    return place and identity(place.shard_id, place.sequence_number, place.sub_sequence_number)
