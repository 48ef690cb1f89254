"""What a quarantined record looks like in S3: key and body. Pure and deterministic.

A rejection that is stored again overwrites itself: key and body depend on nothing but the rejection.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final

from stream_processor.result_item import iso_utc

if TYPE_CHECKING:
    from stream_processor.kinesis_event import Rejection, Source

WHOLE_RECORD: Final = "whole"
"""Stands in the key for the sub-sequence number of a record that is not part of an aggregate."""


def object_key(prefix: str, rejection: Rejection) -> str:
    """Give the key: ``<prefix><YYYY>/<MM>/<DD>/<shard id>/<sequence number>-<sub>.json``.

    The day is that of arrival, in UTC; ``<sub>`` is ``whole`` for a record that is not part of an aggregate.
    """
    source = rejection.source
    part = WHOLE_RECORD if source.sub_sequence_number is None else str(source.sub_sequence_number)
    return f"{prefix}{source.arrived_at:%Y/%m/%d}/{source.shard_id}/{source.sequence_number}-{part}.json"


def object_body(rejection: Rejection) -> bytes:
    """Give the body: JSON with reason, place and the exact bytes.

    The bytes are in ``data`` (base64); a record that was not base64 has its original string in ``data_text``.
    A record that came again says in ``origin`` where it first was, so that it can come a third time.
    """
    source, origin = rejection.source, rejection.origin
    body: dict[str, str | int | dict[str, str | int | None] | None] = {
        "reason": rejection.reason,
        "detail": rejection.detail,
        "stream": source.stream,
        "partition_key": source.partition_key,
        **_place(source),
    }
    if origin is not None:
        body["origin"] = _place(origin)
    if rejection.data is not None:
        body["data"] = base64.b64encode(rejection.data).decode("ascii")
    if rejection.data_text is not None:
        body["data_text"] = rejection.data_text
    # ASCII only: a string that was not base64 may hold anything, lone surrogates too.
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def _place(source: Source) -> dict[str, str | int | None]:
    return {
        "shard_id": source.shard_id,
        "sequence_number": source.sequence_number,
        "sub_sequence_number": source.sub_sequence_number,
        "arrived_at": iso_utc(source.arrived_at),
    }
