"""WSGI middleware in front of moto's DynamoDB: admits writes within the table's capacity, as AWS does.

Not enforced: reads, and writes by an import or by PartiQL, but for batches of INSERT statements.
One account and one region: a table is identified by its name.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from smartcat.local_aws.dynamodb.error_responses import (
    canceled,
    is_billed,
    throttled,
    throttled_statement,
    validation_error,
)
from smartcat.local_aws.dynamodb.table_capacity import BURST_SECONDS, TableCapacity
from smartcat.local_aws.dynamodb.writes import (
    TRANSACTION_FACTOR,
    Write,
    batch_writes,
    consumed_capacity,
    insert_writes,
    single_write,
    table_name,
    transaction_writes,
)
from smartcat.local_aws.server.rejected_requests import RejectedRequestError, UnmeteredError
from smartcat.local_aws.server.wsgi import (
    Response,
    call_application,
    json_object,
    json_response,
    read_body,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from smartcat.local_aws.dynamodb.table_capacity import ThrottlingReason


class DynamoDbQuota:
    """Admission of DynamoDB writes; every other call passes through.

    Calls to the wrapped application are made one at a time: moto's tables are plain dictionaries, which a
    scan in one thread and a write in another would break. Under the GIL this costs no throughput.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        clock: Callable[[], float],
        initial_burst_seconds: float = BURST_SECONDS,
    ) -> None:
        """Wrap an application.

        Args:
            application: moto's WSGI application.
            clock: Monotonic seconds; read once a request.
            initial_burst_seconds: Seconds' worth of unused capacity that a new table starts with, 0 to 300.
        """
        self._application = application
        self._clock = clock
        self._initial_burst_seconds = initial_burst_seconds
        self._tables: dict[str, TableCapacity] = {}
        self._lock = threading.RLock()
        self._handlers = {
            "CreateTable": self._table_call,
            "UpdateTable": self._table_call,
            "DeleteTable": self._table_call,
            "PutItem": self._single,
            "UpdateItem": self._single,
            "DeleteItem": self._single,
            "BatchWriteItem": self._batch,
            "BatchExecuteStatement": self._statements,
            "TransactWriteItems": self._transaction,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one DynamoDB call."""
        operation = str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
        body = read_body(environ)
        with self._lock:
            return self._respond(environ, operation, body).send(start_response)

    def gauges(self) -> dict[str, dict[str, float]]:
        """Return the metrics of every table created or written to through this layer, by name."""
        with self._lock:
            now = self._clock()
            return {name: table.gauges(now) for name, table in sorted(self._tables.items())}

    def _respond(self, environ: WSGIEnvironment, operation: str, body: bytes) -> Response:
        handler = self._handlers.get(operation)
        if handler is None:
            return call_application(self._application, environ, body)
        try:
            return handler(environ, operation, json_object(body), body)
        except RejectedRequestError as rejection:
            return validation_error(str(rejection))
        except UnmeteredError:
            return call_application(self._application, environ, body)

    # ---------------------------------------------------------------------------------------- tables
    def _table_call(
        self, environ: WSGIEnvironment, operation: str, request: Mapping[str, Any], body: bytes
    ) -> Response:
        response = call_application(self._application, environ, body)
        if response.ok:
            description = response.json()["TableDescription"]
            name = description["TableName"]
            if operation == "DeleteTable":
                self._tables.pop(name, None)
            else:
                self._update_table(description, request.get("OnDemandThroughput"))
        return response

    def _update_table(
        self, description: Mapping[str, Any], on_demand: Mapping[str, Any] | None
    ) -> TableCapacity:
        now = self._clock()
        table = self._tables.get(description["TableName"])
        # moto does not keep OnDemandThroughput: a request sets it, -1 removes it, absence keeps it.
        maximum = (on_demand or {}).get("MaxWriteRequestUnits", table.maximum_units if table else None)
        maximum = None if maximum == -1 else maximum
        if table is None:
            table = TableCapacity(
                description, maximum_units=maximum, initial_burst_seconds=self._initial_burst_seconds, now=now
            )
            self._tables[table.name] = table
        else:
            table.update(description, maximum_units=maximum, now=now)
        return table

    def _find(self, environ: WSGIEnvironment) -> Callable[[str], TableCapacity | None]:
        def find(reference: str) -> TableCapacity | None:
            name = table_name(reference)
            if name not in self._tables:
                response = call_application(
                    self._application, environ, {"TableName": name}, operation="DescribeTable"
                )
                if not response.ok:
                    return None
                self._update_table(response.json()["Table"], None)
            return self._tables[name]

        return find

    # ---------------------------------------------------------------------------------------- writes
    def _single(
        self, environ: WSGIEnvironment, operation: str, request: Mapping[str, Any], body: bytes
    ) -> Response:
        now = self._clock()
        write = single_write(operation, request, self._find(environ))
        write.table.write_requests += 1
        reason = write.table.admit(write.charge, write.key, now)
        if reason is not None:
            _count_throttled([write])
            return throttled([reason])
        response = call_application(self._application, environ, body)
        self._finish(environ, [write], response, now)
        detail = request.get("ReturnConsumedCapacity", "NONE")
        if not response.ok or detail == "NONE":
            return response
        return response.with_json(
            {**response.json(), "ConsumedCapacity": consumed_capacity([write], detail)[0]}
        )

    def _batch(
        self, environ: WSGIEnvironment, _operation: str, request: Mapping[str, Any], body: bytes
    ) -> Response:
        now = self._clock()
        entries = batch_writes(request, self._find(environ))
        _count_request([write for _, _, write in entries])
        admitted, throttled_entries = [], []
        reasons: list[ThrottlingReason] = []
        for entry in entries:
            reason = entry[2].table.admit(entry[2].charge, entry[2].key, now)
            if reason is None:
                admitted.append(entry)
            else:
                throttled_entries.append(entry)
                reasons.append(reason)
        _count_throttled([write for _, _, write in throttled_entries])
        if throttled_entries and not admitted:
            return throttled(reasons)
        inner = {**request, "RequestItems": _by_table(admitted)} if throttled_entries else body
        response = call_application(self._application, environ, inner)
        writes = [write for _, _, write in admitted]
        self._finish(environ, writes, response, now)
        return self._batch_response(response, request, writes, throttled_entries) if response.ok else response

    @staticmethod
    def _batch_response(
        response: Response,
        request: Mapping[str, Any],
        writes: Sequence[Write],
        throttled_entries: Sequence[tuple[str, Mapping[str, Any], Write]],
    ) -> Response:
        value = response.json()
        value["UnprocessedItems"] = _by_table(throttled_entries)
        value.pop("ConsumedCapacity", None)
        detail = request.get("ReturnConsumedCapacity", "NONE")
        if detail != "NONE":
            value["ConsumedCapacity"] = consumed_capacity(writes, detail)
        return response.with_json(value)

    def _statements(
        self, environ: WSGIEnvironment, _operation: str, request: Mapping[str, Any], body: bytes
    ) -> Response:
        now = self._clock()
        writes = insert_writes(request, self._find(environ))
        _count_request(writes)
        answers = [self._refusal(write, now) for write in writes]
        _count_throttled([write for write, answer in zip(writes, answers, strict=True) if answer])
        admitted = [
            (place, write)
            for place, (write, answer) in enumerate(zip(writes, answers, strict=True))
            if answer is None
        ]
        statements = [request["Statements"][place] for place, _ in admitted]
        inner = body if len(admitted) == len(writes) else {**request, "Statements": statements}
        response = json_response({"Responses": []})
        if admitted:
            response = call_application(self._application, environ, inner)
            if not response.ok:
                self._finish(environ, [write for _, write in admitted], response, now)
                return response
        billed = []
        for (place, write), answer in zip(admitted, response.json()["Responses"], strict=True):
            answers[place] = answer
            if self._settle_statement(write, answer, now):
                billed.append(write)
        value: dict[str, Any] = {"Responses": answers}
        detail = request.get("ReturnConsumedCapacity", "NONE")
        if detail != "NONE":
            value["ConsumedCapacity"] = consumed_capacity(billed, detail)
        return response.with_json(value)

    @staticmethod
    def _refusal(write: Write, now: float) -> dict[str, Any] | None:
        reason = write.table.admit(write.charge, write.key, now)
        return None if reason is None else throttled_statement(reason, write.table.name)

    @staticmethod
    def _settle_statement(write: Write, answer: Mapping[str, Any], now: float) -> bool:
        """Record what a statement stored; return whether it is billed: also where the item existed."""
        if "Error" not in answer:
            write.table.remember(write.key, write.sizes)
            write.table.written_items += 1
            return True
        if answer["Error"].get("Code") == "DuplicateItem":
            return True
        write.table.adjust(write.charge.times(-1), write.key, now)
        return False

    def _transaction(
        self, environ: WSGIEnvironment, _operation: str, request: Mapping[str, Any], body: bytes
    ) -> Response:
        now = self._clock()
        writes = transaction_writes(request, self._find(environ))
        _count_request(writes)
        for position, write in enumerate(writes):
            reason = write.table.admit(write.charge, write.key, now)
            if reason is not None:
                for earlier in writes[:position]:
                    earlier.table.adjust(earlier.charge.times(-1), earlier.key, now)
                _count_throttled(writes)
                return canceled(len(writes), position, reason)
        response = call_application(self._application, environ, body)
        self._finish(environ, writes, response, now, factor=TRANSACTION_FACTOR)
        detail = request.get("ReturnConsumedCapacity", "NONE")
        if not response.ok or detail == "NONE":
            return response
        return response.with_json({**response.json(), "ConsumedCapacity": consumed_capacity(writes, detail)})

    def _finish(
        self,
        environ: WSGIEnvironment,
        writes: Sequence[Write],
        response: Response,
        now: float,
        *,
        factor: int = 1,
    ) -> None:
        """Record what is stored now; charge updates by their outcome; refund what was not written."""
        if not response.ok:
            if not is_billed(response):
                for write in writes:
                    write.table.adjust(write.charge.times(-1), write.key, now)
            return
        for write in writes:
            if write.is_update:
                self._adjust_update(environ, write, now, factor)
            if write.changes:
                write.table.remember(write.key, write.sizes)
                write.table.written_items += 1

    def _adjust_update(self, environ: WSGIEnvironment, write: Write, now: float, factor: int) -> None:
        request = {"TableName": write.table.name, "Key": write.key_item, "ConsistentRead": True}
        response = call_application(self._application, environ, request, operation="GetItem")
        item = response.json().get("Item") if response.ok else None
        write.sizes = write.table.sizes_of(item) if item else None
        full = write.table.price(write.key, write.sizes).times(factor)
        write.table.adjust(full + write.charge.times(-1), write.key, now)
        write.charge = full


def _by_table(entries: Sequence[tuple[str, Mapping[str, Any], Write]]) -> dict[str, list[Mapping[str, Any]]]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for name, entry, _ in entries:
        grouped.setdefault(name, []).append(entry)
    return grouped


def _count_request(writes: Sequence[Write]) -> None:
    for table in {id(write.table): write.table for write in writes}.values():
        table.write_requests += 1


def _count_throttled(writes: Sequence[Write]) -> None:
    for table in {id(write.table): write.table for write in writes}.values():
        table.throttled_requests += 1
    for write in writes:
        write.table.throttled_items += 1
