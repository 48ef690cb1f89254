"""The bytes of everything that a plan puts, and the expected result of each user record. Pure."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chaos.plan import Single, UnreadableRecord, Version
from chaos.plan_generator import ID_PREFIX
from smartcat.cli.samples.rejected_records import rejected_payloads
from smartcat.wire_format.document import Document, to_bytes
from smartcat.wire_format.errors import Reason
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from support.labelled import VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos.plan import Plan, Put
    from smartcat.cli.samples.rejected_records import RejectedPayload

MARKER: Final = "Quittenbrot"
"""On every page and in every invalid part; it must not appear in any log."""


@dataclass(frozen=True, slots=True)
class ExpectedRejection:
    """What the quarantine must hold of a user record that is not a document."""

    data: bytes = field(repr=False)
    reason: str


@dataclass(frozen=True, slots=True)
class PutRecord:
    """One record to put.

    Attributes:
        partition_key: Its key.
        data: Its bytes.
        contents: Its user records: one, or one for each part of an aggregate.
        aggregated: Whether they have sub-sequence numbers.
    """

    partition_key: str
    data: bytes = field(repr=False)
    contents: tuple[Version | ExpectedRejection, ...]
    aggregated: bool = False


def records_of(plan: Plan) -> list[PutRecord]:
    """Return every record of a plan, in the order in which they are put; no two have the same bytes."""
    payloads = rejected_payloads(plan.seed)
    return [_record(put, payloads) for put in plan.puts()]


def document(version: Version) -> Document:
    """Return the document of a version, with the version in its metadata."""
    words = VOCABULARY[sorted(VOCABULARY)[(len(version.document_id) + version.number) % len(VOCABULARY)]]
    metadata = {"version": str(version.number)} | {f"bulk-{each}": "x" * 240 for each in range(version.bulk)}
    page = f"{MARKER} {words} {version.document_id} version {version.number}"
    return Document(document_id=version.document_id, pages=(page,), metadata=metadata)


def confidential_texts(records: Sequence[PutRecord]) -> Iterator[str]:
    """Yield what must not appear in any log: page marker, id prefix, rejected payloads in base64."""
    yield MARKER
    yield ID_PREFIX
    for offset in range(3):
        yield _inside_base64(MARKER.encode(), offset)
    for each in records:
        if isinstance(each.contents[0], ExpectedRejection) and not each.aggregated:
            yield base64.b64encode(each.data).decode("ascii")[:40]


def _record(put: Put, rejected_payloads: Sequence[RejectedPayload]) -> PutRecord:
    if isinstance(put, UnreadableRecord):
        payload = rejected_payloads[put.number]
        return PutRecord(
            payload.partition_key, payload.data, (ExpectedRejection(payload.data, payload.expected_reason),)
        )
    if isinstance(put, Single):
        version = put.version
        return PutRecord(version.document_id, to_bytes(document(version)), (version,))
    user_records: list[UserRecord] = []
    contents: list[Version | ExpectedRejection] = []
    for part in put.parts:
        if isinstance(part, Version):
            user_records.append(UserRecord(part.document_id, to_bytes(document(part))))
            contents.append(part)
        else:
            data = f'{{"v": 1, "document_id": "{part.name}", "pages": "{MARKER}"}}'.encode()
            user_records.append(UserRecord(part.name, data))
            contents.append(ExpectedRejection(data, Reason.INVALID_DOCUMENT.value))
    return PutRecord(put.key, pack(user_records), tuple(contents), aggregated=True)


def _inside_base64(data: bytes, offset: int) -> str:
    """Return the base64 text of data inside longer data, at one of the three possible offsets."""
    encoded = base64.b64encode(b"\0" * offset + data).decode("ascii")
    return encoded[4 if offset else 0 : -4]
