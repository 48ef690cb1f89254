"""WSGI in front of moto's Kinesis: records are admitted within their shard's limits, as AWS would.

Not enforced: the limits on reads and on control calls.
One account and one region: streams are told apart by name.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from smartcat.local_aws.kinesis_records import (
    MOTO_RECORD_BYTES,
    THROTTLED,
    Record,
    checked_limit,
    error_answer,
    moto_parts,
    read_record,
    read_records,
    stream_name,
    throttled_entry,
    throttled_text,
)
from smartcat.local_aws.kinesis_shards import DEFAULT_MAX_RECORD_KIB, StreamCapacity
from smartcat.local_aws.refusals import RefusedRequestError, UnmeteredError
from smartcat.local_aws.wsgi import Answer, ask, json_answer, json_object, read_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_RESHARDING = ("SplitShard", "MergeShards", "UpdateShardCount", "UpdateStreamMode")


class KinesisQuota:
    """Admission of PutRecord and PutRecords; every other call passes through.

    Calls to the application behind are made one at a time: moto numbers the records of a shard without a
    lock, so that two writers at once would overwrite each other's records.
    """

    def __init__(self, application: WSGIApplication, *, clock: Callable[[], float]) -> None:
        """Stand in front of moto's WSGI application; the clock gives seconds, steady."""
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
        """Answer one Kinesis call."""
        operation = str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
        body = read_body(environ)
        with self._lock:
            return self._answer(environ, operation, body).send(start_response)

    def gauges(self) -> dict[str, dict[str, int]]:
        """The gauges of every stream that was created, or written to, through here."""
        with self._lock:
            return {name: stream.gauges() for name, stream in sorted(self._streams.items())}

    def _answer(self, environ: WSGIEnvironment, operation: str, body: bytes) -> Answer:
        handler = self._handlers.get(operation)
        if handler is None:
            return ask(self._application, environ, body)
        try:
            return handler(environ, json_object(body), body)
        except RefusedRequestError as refusal:
            return error_answer(refusal.error, str(refusal))
        except UnmeteredError:
            return ask(self._application, environ, body)

    # ---------------------------------------------------------------------------------------- streams
    def _create(self, environ: WSGIEnvironment, request: Mapping[str, Any], body: bytes) -> Answer:
        limit = checked_limit(request.get("MaxRecordSizeInKiB", DEFAULT_MAX_RECORD_KIB))
        name = stream_name(request)
        answer = ask(self._application, environ, body)
        if answer.ok:
            self._streams[name] = StreamCapacity(name, max_record_kib=limit)
        return answer

    def _delete(self, environ: WSGIEnvironment, request: Mapping[str, Any], body: bytes) -> Answer:
        name = stream_name(request)
        answer = ask(self._application, environ, body)
        if answer.ok:
            self._streams.pop(name, None)
        return answer

    def _reshard(self, environ: WSGIEnvironment, request: Mapping[str, Any], body: bytes) -> Answer:
        name = stream_name(request)
        answer = ask(self._application, environ, body)
        if name in self._streams:
            self._streams[name].fresh = False
        return answer

    def _describe_summary(self, environ: WSGIEnvironment, request: Mapping[str, Any], body: bytes) -> Answer:
        answer = ask(self._application, environ, body)
        stream = self._streams.get(stream_name(request))
        if not answer.ok or stream is None:
            return answer
        # moto does not know the limit, and a producer asks for it.
        value = answer.json()
        value["StreamDescriptionSummary"]["MaxRecordSizeInKiB"] = stream.max_record_kib
        return json_answer(value, version="1.1")

    def _update_max_record_size(
        self, environ: WSGIEnvironment, request: Mapping[str, Any], _body: bytes
    ) -> Answer:
        # moto does not know this call, so the whole of it happens here.
        limit, name = checked_limit(request.get("MaxRecordSizeInKiB")), stream_name(request)
        try:
            self._stream(environ, name).max_record_kib = limit
        except UnmeteredError:
            return error_answer("ResourceNotFoundException", f"Stream {name} not found.")
        return json_answer({}, version="1.1")

    def _stream(self, environ: WSGIEnvironment, name: str) -> StreamCapacity:
        stream = self._streams.get(name) or StreamCapacity(name)
        if not stream.fresh:
            answer = ask(self._application, environ, {"StreamName": name}, operation="ListShards")
            if not answer.ok:
                raise UnmeteredError
            stream.set_shards(answer.json()["Shards"], self._clock())
            self._streams[name] = stream
        return stream

    # ---------------------------------------------------------------------------------------- records
    def _put_record(self, environ: WSGIEnvironment, request: Mapping[str, Any], body: bytes) -> Answer:
        stream = self._stream(environ, stream_name(request))
        record = read_record(stream, request)
        if not record.shard.admit(record.size, self._clock()):
            stream.count([record], [])
            return error_answer(THROTTLED, throttled_text(stream, record))
        answer = ask(self._application, environ, body)
        if answer.ok:
            stream.count([record], [record])
        return answer

    def _put_records(self, environ: WSGIEnvironment, request: Mapping[str, Any], body: bytes) -> Answer:
        stream = self._stream(environ, stream_name(request))
        records = read_records(stream, request.get("Records"))
        now = self._clock()
        admitted = [record for record in records if record.shard.admit(record.size, now)]
        whole = len(admitted) == len(records)
        answers = []
        parts = list(moto_parts(admitted))
        for part in parts:
            untouched = body if whole and len(parts) == 1 else None
            answer = self._forward(environ, request, part, untouched)
            if not answer.ok:
                return answer
            answers.append(answer)
        stream.count(records, admitted)
        if whole and len(answers) == 1 and admitted[0].size <= MOTO_RECORD_BYTES:
            return answers[0]
        return _merged(stream, records, admitted, answers)

    def _forward(
        self,
        environ: WSGIEnvironment,
        request: Mapping[str, Any],
        part: Sequence[Record],
        untouched: bytes | None,
    ) -> Answer:
        if part[0].size > MOTO_RECORD_BYTES:
            # Only moto's PutRecord takes a record above 1 MiB.
            single = {name: value for name, value in request.items() if name != "Records"}
            return ask(self._application, environ, {**single, **part[0].entry}, operation="PutRecord")
        inner = {**request, "Records": [record.entry for record in part]}
        return ask(self._application, environ, untouched or inner)


def _merged(
    stream: StreamCapacity, records: Sequence[Record], admitted: Sequence[Record], answers: Sequence[Answer]
) -> Answer:
    results = [throttled_entry(stream, record) for record in records]
    accepted = iter(admitted)
    for answer in answers:
        value = answer.json()
        for result in value.get("Records", [value]):
            results[next(accepted).position] = result
    failed = len(records) - len(admitted)
    return json_answer({"FailedRecordCount": failed, "Records": results}, version="1.1")
