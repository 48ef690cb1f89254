"""The object that a mapping's S3 failure destination gets: metadata, and the event that was discarded. Pure.

AWS writes it; the event in it is the one that the function was given. The other destinations, SQS and SNS,
get the metadata alone: there is nothing in them to put back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from smartcat.wire_format.errors import WireFormatError
from smartcat.wire_format.strict_json import parse_object
from smartcat.wire_format.validation_message import validation_message
from stream_processor.errors import RefuseInvocation
from stream_processor.storage_format.errors import UnreadableObjectError
from stream_processor.storage_format.kinesis_records import event_records, split_record

if TYPE_CHECKING:
    from stream_processor.storage_format.kinesis_records import EncodedDocument
    from stream_processor.storage_format.quarantine_object import RejectedRecord


class _Context(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    condition: Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    context: Annotated[_Context, Field(alias="requestContext")]
    payload: dict[str, Any] | StrictStr


@dataclass(frozen=True, slots=True)
class DiscardedBatch:
    """A batch that Lambda discarded whole: some of it may have been stored before.

    Attributes:
        condition: Why, in AWS's words, such as ``RetryAttemptsExhausted``.
        records: Every user's record of every record in it, in their order.
    """

    condition: str
    records: tuple[EncodedDocument | RejectedRecord, ...]


def read_object(body: bytes) -> DiscardedBatch:
    """Return the batch in the body of an object.

    Raises:
        UnreadableObjectError: It is not a failure object of a Kinesis mapping, or a damaged one.
    """
    try:
        message = _Message.model_validate(parse_object(body))
        payload = message.payload
        # AWS writes the event as JSON text; an emulator may write the object itself (LocalStack does).
        records = event_records(parse_object(payload.encode()) if isinstance(payload, str) else payload)
    except WireFormatError as error:
        problem = error.detail
    except ValidationError as error:
        problem = validation_message(error)
    except UnicodeEncodeError:
        problem = "payload: expected valid Unicode text"
    except RefuseInvocation as error:
        problem = str(error)
    else:
        split = tuple(each for position, text in records for each in split_record(text, position))
        return DiscardedBatch(message.context.condition, split)
    # Outside the handlers: no chained error with content.
    raise UnreadableObjectError(f"not a failure object of a Kinesis mapping: {problem}")
