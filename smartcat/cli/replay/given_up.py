"""Reads an object of a mapping's S3 failure destination: metadata, and the event that was given up. Pure.

The other destinations, SQS and SNS, get the metadata alone: there is nothing in them to put back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from smartcat.cli.replay.held import Held, NotOursError, hold
from smartcat.wire_format.errors import WireFormatError
from smartcat.wire_format.strict_json import parse_object
from smartcat.wire_format.validation_message import validation_message
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


def read_given_up(body: bytes) -> Sequence[Held]:
    """Read what a failure object holds.

    Args:
        body: The object.

    Returns:
        Every user's record of every record in it; the condition is the reason. Some may be stored already:
        a batch is given up whole.

    Raises:
        NotOursError: It is no failure object of a Kinesis mapping, or a damaged one.
    """
    try:
        message = _Message.model_validate(parse_object(body))
        payload = message.payload
        # AWS writes the event as JSON text; an emulator may write the object itself (LocalStack does).
        records = records_of(parse_object(payload.encode()) if isinstance(payload, str) else payload)
    except WireFormatError as error:
        problem = error.detail
    except ValidationError as error:
        problem = validation_message(error)
    except UnicodeEncodeError:
        problem = "payload: expected valid Unicode text"
    except RefuseInvocation as error:
        problem = str(error)
    else:
        reason = message.context.condition
        return [hold(part, reason) for source, text in records for part in take_apart(text, source)]
    raise NotOursError(f"no failure object of a Kinesis mapping: {problem}")  # outside: no chained content
