"""Parses objects of a mapping's S3 failure destination: metadata and the discarded event. Pure.

The other destinations, SQS and SNS, receive metadata alone, so nothing in them can be replayed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from smartcat.cli.replay.replayable_record import ReplayableRecord, UnreadableObjectError, replayable
from smartcat.wire_format.errors import WireFormatError
from smartcat.wire_format.problems import describe
from smartcat.wire_format.strict_json import parse_object
from stream_processor.errors import RefuseInvocation
from stream_processor.record_parts import records_of, take_apart

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Context(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    condition: Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    context: Annotated[_Context, Field(alias="requestContext")]
    payload: dict[str, Any] | StrictStr


def read_failure_object(body: bytes) -> Sequence[ReplayableRecord]:
    """Return the records of a failure object.

    Args:
        body: The content of the object.

    Returns:
        Every user record of every stream record in it; the condition is the reason. Some may have results
        already: a batch is discarded as a whole.

    Raises:
        UnreadableObjectError: It is not a failure object of a Kinesis mapping, or it is damaged.
    """
    try:
        message = _Message.model_validate(parse_object(body))
        payload = message.payload
        # AWS writes the event as JSON text; an emulator may write the object itself (LocalStack does).
        records = records_of(parse_object(payload.encode()) if isinstance(payload, str) else payload)
    except WireFormatError as error:
        problem = error.detail
    except ValidationError as error:
        problem = describe(error)
    except UnicodeEncodeError:
        problem = "payload: expected valid Unicode text"
    except RefuseInvocation as error:
        problem = str(error)
    else:
        reason = message.context.condition
        return [replayable(part, reason) for source, text in records for part in take_apart(text, source)]
    raise UnreadableObjectError(f"not a failure object of a Kinesis mapping: {problem}")  # no chained content
