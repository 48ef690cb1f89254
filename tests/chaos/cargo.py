"""The bytes of everything that a plan puts, and what must become of each user record in them. Pure."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chaos.draw import ID_PREFIX
from chaos.plan import Poison, Single, Version
from smartcat.cli.samples.rejected_records import rejected_payloads
from smartcat.wire_format.aggregation import UserRecord, pack
from smartcat.wire_format.document import Document, to_bytes
from smartcat.wire_format.errors import Reason
from support.labelled import VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos.plan import Plan, Put
    from smartcat.cli.samples.rejected_records import RejectedPayload

MARKER: Final = "Quittenbrot"
"""Stands on every page and in every bad part, and must stand in no log."""


@dataclass(frozen=True, slots=True)
class Bad:
    """What the quarantine must say of a user record that is no document."""

    data: bytes = field(repr=False)
    reason: str


@dataclass(frozen=True, slots=True)
class Cargo:
    """One record as it is put.

    Attributes:
        partition_key: Its key.
        data: Its bytes.
        contents: What is in it: one entry for a record of its own, one for each part of an aggregate.
        aggregated: Whether the entries have sub-sequence numbers.
    """

    partition_key: str
    data: bytes = field(repr=False)
    contents: tuple[Version | Bad, ...]
    aggregated: bool = False


def cargo_of(plan: Plan) -> list[Cargo]:
    """Make every record of a plan, in the order in which they are put; no two have the same bytes."""
    poison = rejected_payloads(plan.seed)
    return [_cargo(put, poison) for put in plan.puts()]


def document(version: Version) -> Document:
    """Make the document of a version; its metadata say which version it is."""
    words = VOCABULARY[sorted(VOCABULARY)[(len(version.document_id) + version.number) % len(VOCABULARY)]]
    metadata = {"version": str(version.number)} | {f"bulk-{each}": "x" * 240 for each in range(version.bulk)}
    page = f"{MARKER} {words} {version.document_id} version {version.number}"
    return Document(document_id=version.document_id, pages=(page,), metadata=metadata)


def secrets(cargo: Sequence[Cargo]) -> Iterator[str]:
    """Give what may stand in no log: what is on every page and in every id, and every poison in base64."""
    yield MARKER
    yield ID_PREFIX
    for offset in range(3):
        yield _inside_base64(MARKER.encode(), offset)
    for each in cargo:
        if isinstance(each.contents[0], Bad) and not each.aggregated:
            yield base64.b64encode(each.data).decode("ascii")[:40]


def _cargo(put: Put, poison: Sequence[RejectedPayload]) -> Cargo:
    if isinstance(put, Poison):
        payload = poison[put.number]
        return Cargo(payload.partition_key, payload.data, (Bad(payload.data, payload.expected_reason),))
    if isinstance(put, Single):
        version = put.version
        return Cargo(version.document_id, to_bytes(document(version)), (version,))
    records: list[UserRecord] = []
    contents: list[Version | Bad] = []
    for part in put.parts:
        if isinstance(part, Version):
            records.append(UserRecord(part.document_id, to_bytes(document(part))))
            contents.append(part)
        else:
            data = f'{{"v": 1, "document_id": "{part.name}", "pages": "{MARKER}"}}'.encode()
            records.append(UserRecord(part.name, data))
            contents.append(Bad(data, Reason.INVALID_DOCUMENT.value))
    return Cargo(put.key, pack(records), tuple(contents), aggregated=True)


def _inside_base64(data: bytes, offset: int) -> str:
    """Give what base64 makes of the data in the middle of something, at one of its three offsets."""
    encoded = base64.b64encode(b"\0" * offset + data).decode("ascii")
    return encoded[4 if offset else 0 : -4]
