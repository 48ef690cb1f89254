"""The way from a client to AWS and back: latency, and whatever may happen to a request or its answer."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from model_check.dynamodb import ServiceError
from model_check.world import FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from model_check.timeline import Timeline
    from model_check.world import Fault

READ_TIMEOUTS: Final = {"table": 2.0, "objects": 5.0}
"""As stream_processor/adapters/aws_clients.py has them."""

_ENDPOINT: Final = "https://aws.invalid"


class Damaged(Exception):  # noqa: N818 - an answer, and no error of ours
    """The answer arrives with status 200 and not as it was sent; how it does is up to the client."""

    def __init__(self, answer: Mapping[str, Any] | None) -> None:
        super().__init__("damaged")
        self.answer = answer


class ActiveFault:
    """A fault with a chance of its own, so that leaving out another changes nothing of it."""

    def __init__(self, fault: Fault, seed: str) -> None:
        self.fault = fault
        self._random = random.Random(seed)  # noqa: S311 - the chance of a test

    def meets(self, now: float) -> bool:
        """Return whether it befalls what happens now."""
        fault = self.fault
        return fault.at <= now < fault.at + fault.lasts and self._random.random() < fault.share

    def chance(self, choices: Sequence[Any]) -> Any:
        """Choose."""
        return self._random.choice(choices)

    def some(self, entries: Sequence[Any]) -> list[Any]:
        """Choose some entries, at least one."""
        return self._random.sample(list(entries), self._random.randint(1, len(entries)))


class Network:
    """Makes requests of one world.

    Args:
        timeline: Its time.
        latency: Most seconds from a request to its arrival.
        faults: What may befall requests.
        seed: Decides how long requests take.
        trace: Called with what befell a request.
    """

    def __init__(
        self,
        timeline: Timeline,
        latency: float,
        faults: Sequence[ActiveFault],
        seed: int,
        trace: Callable[[str], None],
    ) -> None:
        self._timeline = timeline
        self._latency = latency
        self._by_kind: dict[FaultKind, list[ActiveFault]] = {}
        for each in faults:
            self._by_kind.setdefault(each.fault.kind, []).append(each)
        self._random = random.Random(f"latency {seed}")  # noqa: S311 - the chance of a test
        self._trace = trace

    def met(self, *kinds: FaultKind) -> ActiveFault | None:
        """Return the first fault of these kinds that befalls what happens now."""
        if self._by_kind:
            for kind in kinds:
                for fault in self._by_kind.get(kind, ()):
                    if fault.meets(self._timeline.now):
                        return fault
        return None

    def table(
        self,
        operation: str,
        request: Mapping[str, Any],
        serve: Callable[[str, Mapping[str, Any]], dict[str, Any]],
    ) -> dict[str, Any]:
        """Make a request of the table.

        Raises:
            ServiceError: The answer is an error.
            Damaged: The answer is damaged.
            HTTPClientError: There is no answer.
        """
        fault = self.met(
            FaultKind.TABLE_REFUSES,
            FaultKind.TABLE_LATE_WRITE,
            FaultKind.TABLE_LOST_ANSWER,
            FaultKind.TABLE_DAMAGED,
            FaultKind.TABLE_FAILS,
            FaultKind.TABLE_THROTTLES,
        )
        if fault is None:
            return self._exchange(lambda: serve(operation, request))
        kind, writes = fault.fault.kind, not operation.startswith(("Get", "BatchGet", "Describe"))
        self._trace(f"{operation}: {kind}")
        if kind is FaultKind.TABLE_LATE_WRITE:
            if writes:
                self._timeline.at(
                    self._timeline.now + fault.fault.delay, lambda: _quietly(serve, operation, request)
                )
            self._time_out("table")
        if kind is FaultKind.TABLE_LOST_ANSWER:
            self._exchange(lambda: _quietly(serve, operation, request))
            if fault.chance((True, False)):
                raise ConnectionClosedError(endpoint_url=_ENDPOINT)
            self._time_out("table")
        if kind is FaultKind.TABLE_DAMAGED:
            raise Damaged(self._exchange(lambda: _served_in_part(serve, operation, request, fault)))
        return self._exchange(lambda: _refuse(kind, writes, lambda: serve(operation, request)))

    def objects(self, operation: str, serve: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Make a request of S3; see ``table``."""
        kinds = [FaultKind.OBJECTS_FAIL, FaultKind.OBJECTS_DAMAGED]
        if operation == "PutObject":
            kinds.insert(0, FaultKind.QUARANTINE_DOWN)
        fault = self.met(*kinds)
        if fault is None:
            return self._exchange(serve)
        self._trace(f"{operation}: {fault.fault.kind}")
        if fault.fault.kind is FaultKind.OBJECTS_DAMAGED:
            arrives = operation == "GetObject" or fault.chance((True, False))
            raise Damaged(self._exchange(serve if arrives else dict))
        how = fault.chance(("503", "403" if operation == "PutObject" else "503", "no answer", "closed"))
        if how == "no answer":
            self._time_out("objects")
        if how == "closed":
            raise ConnectionClosedError(endpoint_url=_ENDPOINT)

        def fail() -> dict[str, Any]:
            if how == "403":
                raise ServiceError("AccessDenied", "Access Denied", 403)
            raise ServiceError("SlowDown", "Please reduce your request rate.", 503)

        return self._exchange(fail)

    def _exchange(self, serve: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        way = self._latency * self._random.uniform(0.2, 1.0)
        self._timeline.sleep(way)
        try:
            return serve()
        finally:
            self._timeline.sleep(way / 2)

    def _time_out(self, service: str) -> None:
        self._timeline.sleep(READ_TIMEOUTS[service])
        raise ReadTimeoutError(endpoint_url=_ENDPOINT)


def _refuse(kind: FaultKind, writes: bool, serve: Callable[[], dict[str, Any]]) -> dict[str, Any]:  # noqa: FBT001
    if kind is FaultKind.TABLE_REFUSES and writes:
        raise ServiceError("ValidationException", "The table does not take this now, for a reason of its own")
    if kind is FaultKind.TABLE_THROTTLES and writes:
        raise ServiceError("ThrottlingException", "Rate of requests exceeds the allowed throughput.")
    if kind is FaultKind.TABLE_FAILS:
        raise ServiceError("InternalServerError", "Internal server error", 500)
    return serve()


def _quietly(
    serve: Callable[[str, Mapping[str, Any]], dict[str, Any]], operation: str, request: Mapping[str, Any]
) -> dict[str, Any]:
    """Carry out a request whose answer nobody gets."""
    try:
        return serve(operation, request)
    except ServiceError:
        return {}


def _served_in_part(
    serve: Callable[[str, Mapping[str, Any]], dict[str, Any]],
    operation: str,
    request: Mapping[str, Any],
    fault: ActiveFault,
) -> dict[str, Any]:
    """Carry out all of a request, some of it or nothing; return the answer as it was before the damage."""
    how = fault.chance(("all", "some", "nothing"))
    if how == "nothing" and operation != "GetItem":
        return {}
    if how == "some" and operation == "BatchExecuteStatement":
        kept = fault.some(request["Statements"])
        return _quietly(serve, operation, {**request, "Statements": kept})
    if how == "some" and operation == "BatchWriteItem":
        ((table, entries),) = request["RequestItems"].items()
        kept = fault.some(entries)
        answer = _quietly(serve, operation, {**request, "RequestItems": {table: kept}})
        left = [*answer.get("UnprocessedItems", {}).get(table, []), *(e for e in entries if e not in kept)]
        return {**answer, "UnprocessedItems": {table: left} if left else {}}
    return _quietly(serve, operation, request)
