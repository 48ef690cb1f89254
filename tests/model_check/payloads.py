"""The bytes of a world's records, and what must become of them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from model_check.world import REJECTED, PartKind
from smartcat.wire_format.claim_check import make_claim
from smartcat.wire_format.claim_check import to_bytes as claim_to_bytes
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from smartcat.wire_format.replay_tags import OriginalPosition, to_tags

if TYPE_CHECKING:
    from model_check.world import Part, Put, World

ARRIVED: Final = 1_700_000_000.25
"""When the world begins: 2023-11-14T22:13:20.250Z."""

CLAIMS_BUCKET: Final = "claims-bucket"
QUARANTINE_BUCKET: Final = "quarantine-bucket"
STREAM_ARN: Final = "arn:aws:kinesis:eu-central-1:000000000000:stream/documents"

Place = tuple[str, int | None]
"""Sequence number and sub-sequence number: what tells user records apart."""


def sequence_number(number: int) -> str:
    """Return the sequence number of the record; the fourth has a digit more than the third."""
    return str(9_999_970 + 10 * number)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document, or what must be rejected.

    Attributes:
        key: The document's id.
        place: Its position on the stream; of a replayed one the first.
        rank: Orders the versions of a document.
        rejected: Whether it belongs in the quarantine.
        data: The bytes that it then has there.
        may_take_others: Whether it may take other versions of its document along: what the table refuses is
            refused with those that it was written with.
    """

    key: str
    place: Place
    rank: tuple[Any, ...]
    rejected: bool
    data: bytes
    may_take_others: bool

    @property
    def name(self) -> str:
        """Where it is on the stream, as traces say it."""
        return f"{self.rank[-2]}.{self.rank[-1]}"


def _version_rank(version: int | str | None) -> tuple[Any, ...]:
    """Order what producers say: nothing before a number, a number before a time."""
    if version is None:
        return 0, 0
    return (1, version) if isinstance(version, int) else (2, version)


class Stream:
    """The records of a world.

    Attributes:
        objects: What claims stand for, by key.
        versions: What was put, without replays, by place.
        data: The data of each record, as Lambda delivers it, by its number.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._payloads: dict[tuple[int, int], bytes] = {}
        self.objects: dict[str, bytes] = {}
        self.versions: dict[Place, Version] = {}
        self.data: dict[int, str] = {}
        for put in world.puts:
            self._add(put)

    def _add(self, put: Put) -> None:
        number = sequence_number(put.number)
        parts = [self._user_record(put, place, part) for place, part in enumerate(put.parts)]
        data = pack(parts) if put.aggregate else parts[0].data
        self.data[put.number] = base64.b64encode(data).decode()
        for place, (part, user) in enumerate(zip(put.parts, parts, strict=True)):
            if part.replay_of is None:
                where = (number, place if put.aggregate else None)
                self.versions[where] = Version(
                    key=f"d{part.document}",
                    place=where,
                    rank=(*_version_rank(part.version), put.number, place),
                    rejected=part.kind in REJECTED,
                    data=user.data,
                    may_take_others=part.kind is PartKind.REFUSED,
                )

    def _user_record(self, put: Put, place: int, part: Part) -> UserRecord:
        key = f"lane{put.lane}"
        if part.replay_of is not None:
            first, index = part.replay_of
            original = next(each for each in self._world.puts if each.number == first)
            position = OriginalPosition(
                "shardId-000000000000",
                sequence_number(first),
                index if original.aggregate else None,
                datetime.fromtimestamp(ARRIVED + original.at, UTC),
            )
            return UserRecord(key, self._payloads[part.replay_of], tags=to_tags(position))
        self._payloads[put.number, place] = payload = self._payload(put, place, part)
        return UserRecord(key, payload)

    def _payload(self, put: Put, place: int, part: Part) -> bytes:
        if part.kind is PartKind.JUNK:
            return b"no document %d.%d" % (put.number, place)
        word = {PartKind.DEFECT: "defect", PartKind.REFUSED: "refused"}.get(
            part.kind, f"v{put.number}.{place}"
        )
        name = f"d{part.document}"
        fields: dict[str, Any] = {"document_id": name, "text": word}
        if part.bulk:
            fields["metadata"] = {f"m{n}": "x" * 240 for n in range(4 * part.bulk)}
        if part.version is not None:
            fields["version"] = part.version
        document = json.dumps(fields).encode()
        if part.kind not in {PartKind.CLAIM, PartKind.MISSING_CLAIM}:
            return document
        claim = make_claim(document, document_id=name, bucket=CLAIMS_BUCKET)
        if part.kind is PartKind.CLAIM:
            self.objects[f"{CLAIMS_BUCKET}/{claim.key}"] = document
        return claim_to_bytes(claim)

    def entry(self, put: Put, shard: str) -> dict[str, Any]:
        """Return a record as Lambda delivers it."""
        number = sequence_number(put.number)
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": f"lane{put.lane}",
                "sequenceNumber": number,
                "data": self.data[put.number],
                "approximateArrivalTimestamp": ARRIVED + put.at,
            },
            "eventSource": "aws:kinesis",
            "eventID": f"{shard}:{number}",
            "eventSourceARN": STREAM_ARN,
        }
