"""Parses objects of the quarantine: the inverse of stream_processor/quarantine_object.py. Pure."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from smartcat.cli.replay.replayable_record import ReplayableRecord, UnreadableObjectError, replayable
from smartcat.wire_format.aggregation import is_aggregate
from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.problems import describe
from smartcat.wire_format.strict_json import parse_object
from stream_processor.kinesis_event import Rejection, Source
from stream_processor.record_parts import parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_BYTES = "its data was not base64: there are no bytes to replay"
POSITION_UNKNOWN = "its replay tags are invalid, so its original position is not known"


class _Position(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    shard_id: StrictStr
    sequence_number: Annotated[StrictStr, Field(pattern=r"^[0-9]{1,129}$")]
    sub_sequence_number: Annotated[StrictInt, Field(ge=0)] | None
    arrived_at: AwareDatetime

    def source(self, stream: str, partition_key: str) -> Source:
        arrived_at = self.arrived_at.astimezone(UTC)
        return Source(
            stream, self.shard_id, self.sequence_number, self.sub_sequence_number, partition_key, arrived_at
        )


class _Body(_Position):
    reason: Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")]
    detail: StrictStr
    stream: StrictStr
    partition_key: Annotated[StrictStr, Field(max_length=256)]
    data: StrictStr | None = None
    data_text: Any = None  # may hold invalid Unicode text
    origin: _Position | None = None


def read_rejection(body: bytes) -> Rejection:
    """Return the rejected record in the body of an object.

    Returns:
        The rejected record.

    Raises:
        UnreadableObjectError: It is not a quarantine object, or it is damaged.
    """
    try:
        parsed = _Body.model_validate(parse_object(body))
        data = None if parsed.data is None else base64.b64decode(parsed.data, validate=True)
    except WireFormatError as error:
        problem = error.detail
    except ValidationError as error:
        problem = describe(error)
    except (binascii.Error, ValueError):
        problem = "data: expected base64"
    else:
        source = parsed.source(parsed.stream, parsed.partition_key)
        origin = parsed.origin.source(parsed.stream, parsed.partition_key) if parsed.origin else None
        text = parsed.data_text if data is None else None
        return Rejection(source, parsed.reason, parsed.detail, data, text, origin)
    raise UnreadableObjectError(f"not a quarantine object: {problem}")  # no chained content


def read_quarantine_object(body: bytes) -> Sequence[ReplayableRecord]:
    """Return the records of an object of the quarantine.

    Args:
        body: The object.

    Returns:
        One record; several for a whole aggregate that can be read by now, since each has its own position.

    Raises:
        UnreadableObjectError: It is not a quarantine object, or it is damaged.
    """
    rejection = read_rejection(body)
    source, data, reason = rejection.source, rejection.data, rejection.reason
    if data is None:
        return [ReplayableRecord(reason, source, source, b"", NO_BYTES)]
    if reason == Reason.BAD_REPLAY_TAGS:
        return [ReplayableRecord(reason, source, source, data, POSITION_UNKNOWN)]
    if source.sub_sequence_number is None and is_aggregate(data):
        return [replayable(part, reason) for part in parts_of(data, source)]
    return [ReplayableRecord(reason, rejection.origin or source, source, data)]
