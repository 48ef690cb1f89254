"""A rejected record, and the S3 object in which the quarantine keeps it, written and read. Pure.

Key and body depend on nothing but the record: one that is stored again overwrites itself.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import UTC
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from smartcat.wire_format.errors import WireFormatError
from smartcat.wire_format.strict_json import parse_object
from smartcat.wire_format.validation_message import validation_message
from stream_processor.storage_format.errors import UnreadableObjectError
from stream_processor.storage_format.record_position import RecordPosition, iso_utc

WHOLE_RECORD: Final = "whole"
"""Stands in the key for the sub-sequence number of a record that is not part of an aggregate."""


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record, or one user's record of an aggregate, that can never become a result.

    Attributes:
        position: The record that brought it.
        reason: A stable code.
        detail: One line, without page text.
        data: The exact bytes; None if the record was not even base64.
        data_text: The original string, only if it was not base64.
        origin: Its original position, if it was put on the stream again.
    """

    position: RecordPosition
    reason: str
    detail: str
    data: bytes | None = field(default=None, repr=False)
    data_text: str | None = field(default=None, repr=False)
    origin: RecordPosition | None = None

    @property
    def size(self) -> int:
        """Bytes, or characters of what was not base64, that are kept of it."""
        return len(self.data or self.data_text or b"")


def object_key(prefix: str, rejected: RejectedRecord) -> str:
    """Return the key: ``<prefix><YYYY>/<MM>/<DD>/<shard id>/<sequence number>-<sub>.json``.

    The day is that of arrival, in UTC; ``<sub>`` is ``whole`` for a record that is not part of an aggregate.
    """
    position = rejected.position
    sub = WHOLE_RECORD if position.sub_sequence_number is None else str(position.sub_sequence_number)
    return f"{prefix}{position.arrived_at:%Y/%m/%d}/{position.shard_id}/{position.sequence_number}-{sub}.json"


def object_body(rejected: RejectedRecord) -> bytes:
    """Return the body: JSON with reason, position and the exact bytes.

    The bytes are in ``data`` (base64); a record that was not base64 has its original string in ``data_text``.
    A record that was put on the stream again has its original position in ``origin``, so that it can be put
    back once more.
    """
    position, origin = rejected.position, rejected.origin
    body: dict[str, str | int | dict[str, str | int | None] | None] = {
        "reason": rejected.reason,
        "detail": rejected.detail,
        "stream": position.stream,
        "partition_key": position.partition_key,
        **_position_fields(position),
    }
    if origin is not None:
        body["origin"] = _position_fields(origin)
    if rejected.data is not None:
        body["data"] = base64.b64encode(rejected.data).decode("ascii")
    if rejected.data_text is not None:
        body["data_text"] = rejected.data_text
    # ASCII only: a string that was not base64 may hold anything, lone surrogates too.
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def read_object(body: bytes) -> RejectedRecord:
    """Return the rejected record that ``object_body`` was given.

    Raises:
        UnreadableObjectError: It is not a quarantine object, or a damaged one.
    """
    try:
        stored = _Body.model_validate(parse_object(body))
        data = None if stored.data is None else base64.b64decode(stored.data, validate=True)
    except WireFormatError as error:
        problem = error.detail
    except ValidationError as error:
        problem = validation_message(error)
    except (binascii.Error, ValueError):
        problem = "data: expected base64"
    else:
        stream, key = stored.stream, stored.partition_key
        origin = stored.origin.to_position(stream, key) if stored.origin else None
        text = stored.data_text if data is None else None
        return RejectedRecord(
            stored.to_position(stream, key), stored.reason, stored.detail, data, text, origin
        )
    raise UnreadableObjectError(
        f"not a quarantine object: {problem}"
    )  # outside: no chained error with content


def _position_fields(position: RecordPosition) -> dict[str, str | int | None]:
    return {
        "shard_id": position.shard_id,
        "sequence_number": position.sequence_number,
        "sub_sequence_number": position.sub_sequence_number,
        "arrived_at": iso_utc(position.arrived_at),
    }


class _Position(BaseModel):
    # Deferred: the function writes these objects and never reads one, so its cold starts build no validator.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, defer_build=True)

    shard_id: StrictStr
    sequence_number: Annotated[StrictStr, Field(pattern=r"^[0-9]{1,129}$")]
    sub_sequence_number: Annotated[StrictInt, Field(ge=0)] | None
    arrived_at: AwareDatetime

    def to_position(self, stream: str, partition_key: str) -> RecordPosition:
        arrived_at = self.arrived_at.astimezone(UTC)
        return RecordPosition(
            stream, self.shard_id, self.sequence_number, self.sub_sequence_number, partition_key, arrived_at
        )


class _Body(_Position):
    reason: Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")]
    detail: StrictStr
    stream: StrictStr
    partition_key: Annotated[StrictStr, Field(max_length=256)]
    data: StrictStr | None = None
    data_text: Any = None  # may hold what is no Unicode text
    origin: _Position | None = None
