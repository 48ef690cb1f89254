"""Reads an object of the quarantine: the other direction of stream_processor/quarantine_object.py. Pure."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from smartcat.cli.replay.held import Held, NotOursError, hold
from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.kpl_aggregate import is_aggregate
from smartcat.wire_format.strict_json import parse_object
from smartcat.wire_format.validation_message import validation_message
from stream_processor.kinesis_event import Rejection, Source
from stream_processor.record_parts import parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

NEVER_BYTES = "its data was not base64: there are no bytes to put back"
PLACE_UNKNOWN = "it claimed a place it cannot have had, so its own first place is not known"


class _Place(BaseModel):
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


class _Body(_Place):
    reason: Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")]
    detail: StrictStr
    stream: StrictStr
    partition_key: Annotated[StrictStr, Field(max_length=256)]
    data: StrictStr | None = None
    data_text: Any = None  # may hold what is no Unicode text
    origin: _Place | None = None


def read_rejection(body: bytes) -> Rejection:
    """Read the body of an object.

    Returns:
        The rejection that was stored.

    Raises:
        NotOursError: It is no quarantine object, or a damaged one.
    """
    try:
        found = _Body.model_validate(parse_object(body))
        data = None if found.data is None else base64.b64decode(found.data, validate=True)
    except WireFormatError as error:
        problem = error.detail
    except ValidationError as error:
        problem = validation_message(error)
    except (binascii.Error, ValueError):
        problem = "data: expected base64"
    else:
        source = found.source(found.stream, found.partition_key)
        origin = found.origin.source(found.stream, found.partition_key) if found.origin else None
        text = found.data_text if data is None else None
        return Rejection(source, found.reason, found.detail, data, text, origin)
    raise NotOursError(f"no quarantine object: {problem}")  # outside: no chained error with content


def read_quarantined(body: bytes) -> Sequence[Held]:
    """Read what an object of the quarantine holds.

    Args:
        body: The object.

    Returns:
        One record; several where a whole aggregate was put aside that can be read today, since each of them
        has its own place.

    Raises:
        NotOursError: It is no quarantine object, or a damaged one.
    """
    rejection = read_rejection(body)
    source, data, reason = rejection.source, rejection.data, rejection.reason
    if data is None:
        return [Held(reason, source, source, b"", NEVER_BYTES)]
    if reason == Reason.BAD_REPLAY_TAGS:
        return [Held(reason, source, source, data, PLACE_UNKNOWN)]
    if source.sub_sequence_number is None and is_aggregate(data):
        return [hold(part, reason) for part in parts_of(data, source)]
    return [Held(reason, rejection.origin or source, source, data)]
