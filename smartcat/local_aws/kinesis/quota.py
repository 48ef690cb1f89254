"""WSGI middleware in front of moto's Kinesis: admits records within their shard's limits, as AWS does.

Not enforced: the limits on reads and on control-plane calls.
One account and one region: a stream is identified by its name.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from smartcat.local_aws.kinesis.records import (
    MOTO_RECORD_BYTES,
    THROTTLED,
    Record,
    checked_limit,
    error_response,
    moto_parts,
    read_record,
    read_records,
    stream_name,
    throttled_entry,
    throttled_text,
)
from smartcat.local_aws.kinesis.shards import DEFAULT_MAX_RECORD_KIB, StreamCapacity
from smartcat.local_aws.server.rejected_requests import RejectedRequestError, UnmeteredError
from smartcat.local_aws.server.wsgi import Response, call_application, json_object, json_response, read_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_RESHARDING = ("SplitShard", "MergeShards", "UpdateShardCount", "UpdateStreamMode")


class KinesisQuota:
    """Admission of PutRecord and PutRecords; every other call passes through.

    Calls to the wrapped application are made one at a time: moto numbers the records of a shard without a
    lock, so that concurrent writers would overwrite each other's records.
    """

    def __init__(self, application: WSGIApplication, *, clock: Callable[[], float]) -> None:
        """Wrap moto's WSGI application; `clock` returns monotonic seconds."""
        self._application = application
        self._clock = clock
        self._streams: dict[str, StreamCapacity] = {}
        self._lock = threading.RLock()
        self._handlers = {
            "PutRecord": self._put_record,
            "PutRecords": self._put_records,
            "CreateStream": self._create,
            "DeleteStream": self._delete,
            "DescribeStreamSummary": self._describe_summary,
            "UpdateMaxRecordSize": self._update_max_record_size,
            **dict.fromkeys(_RESHARDING, self._reshard),
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one Kinesis call."""
        operation = str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
        body = read_body(environ)
        with self._lock:
            return self._respond(environ, operation, body).send(start_response)

    def gauges(self) -> dict[str, dict[str, int]]:
        """Return the metrics of every stream created or written to through this layer, by name."""
        with self._lock:
            return {name: stream.gauges() for name, stream in sorted(self._streams.items())}

    def _respond(self, environ: WSGIEnvironment, operation: str, body: bytes) -> Response:
        handler = self._handlers.get(operation)
        if handler is None:
            return call_application(self._application, environ, body)
        try:
            return handler(environ, json_object(body), body)
        except RejectedRequestError as rejection:
            return error_response(rejection.error, str(rejection))
        except UnmeteredError:
            return call_application(self._application, environ, body)

    # ---------------------------------------------------------------------------------------- streams
    def _create(self, environ: WSGIEnvironment, request: Mapping[str, Any], body: bytes) -> Response:
        limit = checked_limit(request.get("MaxRecordSizeInKiB", DEFAULT_MAX_RECORD_KIB))
        name = stream_name(request)
        response = call_application(self._application, environ, body)
        if response.ok:
            self._streams[name] = StreamCapacity(name, max_record_kib=limit)
        return response

    def _delete(self, environ: WSGIEnvironment, request: Mapping[str, Any], body: bytes) -> Response:
        name = stream_name(request)
        response = call_application(self._application, environ, body)
        if response.ok:
            self._streams.pop(name, None)
        return response

    def _reshard(self, environ: WSGIEnvironment, request: Mapping[str, Any], body: bytes) -> Response:
        name = stream_name(request)
        response = call_application(self._application, environ, body)
        if name in self._streams:
            self._streams[name].shards_known = False
        return response

    def _describe_summary(
        self, environ: WSGIEnvironment, request: Mapping[str, Any], body: bytes
    ) -> Response:
        response = call_application(self._application, environ, body)
        stream = self._streams.get(stream_name(request))
        if not response.ok or stream is None:
            return response
        # moto does not know the limit, which producers read.
        value = response.json()
        value["StreamDescriptionSummary"]["MaxRecordSizeInKiB"] = stream.max_record_kib
        return json_response(value, version="1.1")

    def _update_max_record_size(
        self, environ: WSGIEnvironment, request: Mapping[str, Any], _body: bytes
    ) -> Response:
        # moto does not know this operation, so it is implemented here.
        limit, name = checked_limit(request.get("MaxRecordSizeInKiB")), stream_name(request)
        try:
            self._stream(environ, name).max_record_kib = limit
        except UnmeteredError:
            return error_response("ResourceNotFoundException", f"Stream {name} not found.")
        return json_response({}, version="1.1")

    def _stream(self, environ: WSGIEnvironment, name: str) -> StreamCapacity:
        stream = self._streams.get(name) or StreamCapacity(name)
        if not stream.shards_known:
            response = call_application(
                self._application, environ, {"StreamName": name}, operation="ListShards"
            )
            if not response.ok:
                raise UnmeteredError
            stream.set_shards(response.json()["Shards"], self._clock())
            self._streams[name] = stream
        return stream

    # ---------------------------------------------------------------------------------------- records
    def _put_record(self, environ: WSGIEnvironment, request: Mapping[str, Any], body: bytes) -> Response:
        stream = self._stream(environ, stream_name(request))
        record = read_record(stream, request)
        if not record.shard.admit(record.size, self._clock()):
            stream.count([record], [])
            return error_response(THROTTLED, throttled_text(stream, record))
        response = call_application(self._application, environ, body)
        if response.ok:
            stream.count([record], [record])
        return response

    def _put_records(self, environ: WSGIEnvironment, request: Mapping[str, Any], body: bytes) -> Response:
        stream = self._stream(environ, stream_name(request))
        records = read_records(stream, request.get("Records"))
        now = self._clock()
        admitted = [record for record in records if record.shard.admit(record.size, now)]
        all_admitted = len(admitted) == len(records)
        responses = []
        parts = list(moto_parts(admitted))
        for part in parts:
            original_body = body if all_admitted and len(parts) == 1 else None
            response = self._forward(environ, request, part, original_body)
            if not response.ok:
                return response
            responses.append(response)
        stream.count(records, admitted)
        if all_admitted and len(responses) == 1 and admitted[0].size <= MOTO_RECORD_BYTES:
            return responses[0]
        return _merged(stream, records, admitted, responses)

    def _forward(
        self,
        environ: WSGIEnvironment,
        request: Mapping[str, Any],
        part: Sequence[Record],
        original_body: bytes | None,
    ) -> Response:
        if part[0].size > MOTO_RECORD_BYTES:
            # Only moto's PutRecord takes a record above 1 MiB.
            single = {name: value for name, value in request.items() if name != "Records"}
            return call_application(
                self._application, environ, {**single, **part[0].entry}, operation="PutRecord"
            )
        inner = {**request, "Records": [record.entry for record in part]}
        return call_application(self._application, environ, original_body or inner)


def _merged(
    stream: StreamCapacity,
    records: Sequence[Record],
    admitted: Sequence[Record],
    responses: Sequence[Response],
) -> Response:
    results = [throttled_entry(stream, record) for record in records]
    accepted = iter(admitted)
    for response in responses:
        value = response.json()
        for result in value.get("Records", [value]):
            results[next(accepted).position] = result
    failed = len(records) - len(admitted)
    return json_response({"FailedRecordCount": failed, "Records": results}, version="1.1")
