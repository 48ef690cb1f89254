"""WSGI in front of moto's DynamoDB: writes are admitted within the table's capacity, as AWS would.

Not enforced: reads, and writes by PartiQL or import.
One account and one region: tables are told apart by name.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from smartcat.local_aws.dynamodb_answers import canceled, is_billed, refused_request, throttled
from smartcat.local_aws.dynamodb_tables import BURST_SECONDS, TableCapacity
from smartcat.local_aws.dynamodb_writes import (
    TRANSACTION_FACTOR,
    Write,
    batch_writes,
    consumed_capacity,
    single_write,
    table_name,
    transaction_writes,
)
from smartcat.local_aws.refusals import RefusedRequestError, UnmeteredError
from smartcat.local_aws.wsgi import Answer, ask, json_object, read_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from smartcat.local_aws.dynamodb_tables import Refusal


class DynamoDbQuota:
    """Admission of DynamoDB writes; every other call passes through.

    Calls to the application behind are made one at a time: moto's tables are plain dictionaries, which a scan
    in one thread and a write in another would break. Under the interpreter's lock this costs no throughput.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        clock: Callable[[], float],
        initial_burst_seconds: float = BURST_SECONDS,
    ) -> None:
        """Stand in front of an application.

        Args:
            application: moto's WSGI application.
            clock: Seconds, steady; read once a request.
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
            "TransactWriteItems": self._transaction,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one DynamoDB call."""
        operation = str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
        body = read_body(environ)
        with self._lock:
            return self._answer(environ, operation, body).send(start_response)

    def gauges(self) -> dict[str, dict[str, float]]:
        """The gauges of every table that was created, or written to, through here."""
        with self._lock:
            now = self._clock()
            return {name: table.gauges(now) for name, table in sorted(self._tables.items())}

    def _answer(self, environ: WSGIEnvironment, operation: str, body: bytes) -> Answer:
        handler = self._handlers.get(operation)
        if handler is None:
            return ask(self._application, environ, body)
        try:
            return handler(environ, operation, json_object(body), body)
        except RefusedRequestError as refusal:
            return refused_request(str(refusal))
        except UnmeteredError:
            return ask(self._application, environ, body)

    # ---------------------------------------------------------------------------------------- tables
    def _table_call(
        self, environ: WSGIEnvironment, operation: str, request: Mapping[str, Any], body: bytes
    ) -> Answer:
        answer = ask(self._application, environ, body)
        if answer.ok:
            description = answer.json()["TableDescription"]
            name = description["TableName"]
            if operation == "DeleteTable":
                self._tables.pop(name, None)
            else:
                self._follow(description, request.get("OnDemandThroughput"))
        return answer

    def _follow(self, description: Mapping[str, Any], on_demand: Mapping[str, Any] | None) -> TableCapacity:
        now = self._clock()
        table = self._tables.get(description["TableName"])
        # moto keeps no OnDemandThroughput: the request says it, -1 removes it, silence keeps it.
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
                answer = ask(self._application, environ, {"TableName": name}, operation="DescribeTable")
                if not answer.ok:
                    return None
                self._follow(answer.json()["Table"], None)
            return self._tables[name]

        return find

    # ---------------------------------------------------------------------------------------- writes
    def _single(
        self, environ: WSGIEnvironment, operation: str, request: Mapping[str, Any], body: bytes
    ) -> Answer:
        now = self._clock()
        write = single_write(operation, request, self._find(environ))
        write.table.write_requests += 1
        refusal = write.table.admit(write.charge, write.key, now)
        if refusal is not None:
            _count_throttled([write])
            return throttled([refusal])
        answer = ask(self._application, environ, body)
        self._finish(environ, [write], answer, now)
        detail = request.get("ReturnConsumedCapacity", "NONE")
        if not answer.ok or detail == "NONE":
            return answer
        return answer.with_json({**answer.json(), "ConsumedCapacity": consumed_capacity([write], detail)[0]})

    def _batch(
        self, environ: WSGIEnvironment, _operation: str, request: Mapping[str, Any], body: bytes
    ) -> Answer:
        now = self._clock()
        entries = batch_writes(request, self._find(environ))
        _count_request([write for _, _, write in entries])
        admitted, refused = [], []
        refusals: list[Refusal] = []
        for entry in entries:
            refusal = entry[2].table.admit(entry[2].charge, entry[2].key, now)
            if refusal is None:
                admitted.append(entry)
            else:
                refused.append(entry)
                refusals.append(refusal)
        _count_throttled([write for _, _, write in refused])
        if refused and not admitted:
            return throttled(refusals)
        inner = {**request, "RequestItems": _by_table(admitted)} if refused else body
        answer = ask(self._application, environ, inner)
        writes = [write for _, _, write in admitted]
        self._finish(environ, writes, answer, now)
        return self._batch_answer(answer, request, writes, refused) if answer.ok else answer

    @staticmethod
    def _batch_answer(
        answer: Answer,
        request: Mapping[str, Any],
        writes: Sequence[Write],
        refused: Sequence[tuple[str, Mapping[str, Any], Write]],
    ) -> Answer:
        value = answer.json()
        value["UnprocessedItems"] = _by_table(refused)
        value.pop("ConsumedCapacity", None)
        detail = request.get("ReturnConsumedCapacity", "NONE")
        if detail != "NONE":
            value["ConsumedCapacity"] = consumed_capacity(writes, detail)
        return answer.with_json(value)

    def _transaction(
        self, environ: WSGIEnvironment, _operation: str, request: Mapping[str, Any], body: bytes
    ) -> Answer:
        now = self._clock()
        writes = transaction_writes(request, self._find(environ))
        _count_request(writes)
        for position, write in enumerate(writes):
            refusal = write.table.admit(write.charge, write.key, now)
            if refusal is not None:
                for earlier in writes[:position]:
                    earlier.table.settle(earlier.charge.times(-1), earlier.key, now)
                _count_throttled(writes)
                return canceled(len(writes), position, refusal)
        answer = ask(self._application, environ, body)
        self._finish(environ, writes, answer, now, factor=TRANSACTION_FACTOR)
        detail = request.get("ReturnConsumedCapacity", "NONE")
        if not answer.ok or detail == "NONE":
            return answer
        return answer.with_json({**answer.json(), "ConsumedCapacity": consumed_capacity(writes, detail)})

    def _finish(
        self,
        environ: WSGIEnvironment,
        writes: Sequence[Write],
        answer: Answer,
        now: float,
        *,
        factor: int = 1,
    ) -> None:
        """Remember what is stored now; settle updates by their outcome; give back what was never written."""
        if not answer.ok:
            if not is_billed(answer):
                for write in writes:
                    write.table.settle(write.charge.times(-1), write.key, now)
            return
        for write in writes:
            if write.is_update:
                self._settle_update(environ, write, now, factor)
            if write.changes:
                write.table.remember(write.key, write.image)
                write.table.written_items += 1

    def _settle_update(self, environ: WSGIEnvironment, write: Write, now: float, factor: int) -> None:
        request = {"TableName": write.table.name, "Key": write.key_item, "ConsistentRead": True}
        answer = ask(self._application, environ, request, operation="GetItem")
        item = answer.json().get("Item") if answer.ok else None
        write.image = write.table.image_of(item) if item else None
        full = write.table.price(write.key, write.image).times(factor)
        write.table.settle(full + write.charge.times(-1), write.key, now)
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
