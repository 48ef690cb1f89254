"""Which service, operation and resources an HTTP request is for.

Reads requests only; decides nothing. The shapes of operations come from botocore's service models.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import botocore.session
from botocore.exceptions import UnknownServiceError

from smartcat.local_aws.server.wsgi import read_body
from smartcat.stream_names import parse_stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from wsgiref.types import WSGIEnvironment

    from botocore.model import OperationModel, ServiceModel

_CREDENTIAL: Final = re.compile(r"Credential=([^,\s]+)")
_PARAMETER: Final = re.compile(r"\\\{(\w+)(\\\+)?\\\}")
_NAME_MEMBERS: Final = frozenset(
    {"Bucket", "ConsumerARN", "EventSourceArn", "FunctionName", "QueueName", "QueueUrl"}
    | {"StreamARN", "StreamName", "TableName", "TopicArn"}
)
"""Request members that name a resource, by name, ARN or URL."""
_INTO: Final = re.compile(r'^\s*INSERT\s+INTO\s+"([^"]+)"', re.IGNORECASE)
"""The table in the one PartiQL statement that is metered here."""


@dataclass(frozen=True, slots=True)
class _Route:
    """The shape of one operation's requests in a REST service."""

    operation: str
    method: str
    path: re.Pattern[str]
    query: frozenset[tuple[str, str]]  # name and value; "" for any value
    headers: frozenset[str]

    def match(self, call: ApiCall) -> re.Match[str] | None:
        """Return the match of the path if the request is for this operation, else None."""
        if call.method != self.method or not self.headers <= call.environ.keys():
            return None
        if any(name not in call.query or (value and call.query[name] != value) for name, value in self.query):
            return None
        return self.path.match(call.path)

    @property
    def precision(self) -> tuple[int, int]:
        """Return a sort key, greater for more specific routes: CopyObject is tried before PutObject."""
        return len(self.query) + len(self.headers), -self.path.groups


class ApiCall:
    """One request, parsed lazily: service, then operation, then resources."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        """Wrap a request; its body stays readable."""
        self.environ = environ
        self.method: str = environ.get("REQUEST_METHOD", "")
        self.path: str = environ.get("PATH_INFO", "")
        self._target = str(environ.get("HTTP_X_AMZ_TARGET", ""))

    @cached_property
    def query(self) -> Mapping[str, str]:
        """Return the query string's parameters."""
        return dict(parse_qsl(self.environ.get("QUERY_STRING", ""), keep_blank_values=True))

    @cached_property
    def service(self) -> str:
        """Return the service in lower case, as the signature names it: ``dynamodb``, ``s3``.

        An unsigned request is for the service of its target header, else for S3, as in moto.
        """
        signed = signed_service(self.environ) or _scoped_service(self.query.get("X-Amz-Credential", ""))
        return signed or self._target.partition("_")[0].lower() or "s3"

    @property
    def protocol(self) -> str:
        """Return the service's protocol: ``json``, ``query``, ``rest-json`` or ``rest-xml``."""
        model = service_model(self.service)
        return "json" if self._target or model is None else str(model.protocol)

    @cached_property
    def operation(self) -> str:
        """Return the operation's name in the API reference; empty if it is unknown."""
        if self._target:
            return self._target.rpartition(".")[2]
        if self.protocol == "query":
            return self._form.get("Action", "")
        route, _ = self._route
        return route.operation if route else ""

    @cached_property
    def resources(self) -> frozenset[str]:
        """Return the names of the tables, streams, buckets, queues, topics and functions in the request.

        A GetRecords request with only a shard iterator names no stream.
        """
        if self._target:
            try:
                return frozenset(_names(json.loads(read_body(self.environ) or b"{}")))
            except ValueError:
                return frozenset()
        if self.protocol == "query":
            return frozenset(_names(dict(self._form)))
        _, match = self._route
        return frozenset(_names(match.groupdict())) if match else frozenset()

    @cached_property
    def _form(self) -> Mapping[str, str]:
        return {**self.query, **dict(parse_qsl(read_body(self.environ).decode("utf-8", "replace")))}

    @cached_property
    def _route(self) -> tuple[_Route | None, re.Match[str] | None]:
        for route in _routes(self.service):
            if match := route.match(self):
                return route, match
        return None, None


def signed_service(environ: WSGIEnvironment) -> str:
    """Return the service, in lower case, of a request's Authorization header; empty without one."""
    found = _CREDENTIAL.search(str(environ.get("HTTP_AUTHORIZATION", "")))
    return _scoped_service(found[1]) if found else ""


def _scoped_service(credential: str) -> str:
    scope = credential.split("/")
    return scope[-2].lower() if len(scope) > 2 else ""


@cache
def service_model(service: str) -> ServiceModel | None:
    """Return botocore's model of a service; None if botocore does not know the name."""
    try:
        return botocore.session.get_session().get_service_model(service)
    except UnknownServiceError:
        return None


def is_operation(service: str, operation: str) -> bool:
    """Return whether a service has an operation of this name; True for services unknown to botocore."""
    model = service_model(service)
    return model is None or operation in model.operation_names


@cache
def _routes(service: str) -> tuple[_Route, ...]:
    model = service_model(service)
    if model is None or not str(model.protocol).startswith("rest"):
        return ()
    operations = (model.operation_model(name) for name in model.operation_names)
    routes = (_route(operation) for operation in operations if not operation.deprecated)
    return tuple(sorted(routes, key=lambda route: route.precision, reverse=True))


def _route(operation: OperationModel) -> _Route:
    path, _, query = operation.http["requestUri"].partition("?")
    conditions = dict(parse_qsl(query, keep_blank_values=True))
    headers = set()
    shape = operation.input_shape
    required = [shape.members[name] for name in shape.required_members] if shape else []
    for member in required:
        location: dict[str, Any] = member.serialization
        if location.get("location") == "querystring":
            conditions.setdefault(location["name"], "")
        elif location.get("location") == "header":
            headers.add("HTTP_" + location["name"].upper().replace("-", "_"))
    pattern = _PARAMETER.sub(
        lambda found: f"(?P<{found[1]}>{'.+' if found[2] else '[^/]+'})", re.escape(path.rstrip("/"))
    )
    return _Route(
        operation.name,
        operation.http["method"],
        re.compile(f"^{pattern}/?$", re.DOTALL),
        frozenset(conditions.items()),
        frozenset(headers),
    )


def _name(reference: str) -> str:
    """Return the name in an ARN or a URL; of a consumer's ARN, that of its stream."""
    try:
        return parse_stream(reference).name
    except ValueError:
        return re.split("[/:]", reference)[-1]


def _names(value: Any) -> Iterator[str]:
    """Yield the resource names in a request's members at any depth: a transaction has a table an entry."""
    if isinstance(value, list):
        for each in value:
            yield from _names(each)
    elif isinstance(value, dict):
        for member, inner in value.items():
            if member in _NAME_MEMBERS and isinstance(inner, str):
                yield _name(inner)
            elif member == "Statement" and isinstance(inner, str):
                yield from _INTO.findall(inner)
            elif member == "RequestItems" and isinstance(inner, dict):
                yield from (re.split("[/:]", name)[-1] for name in inner)
            else:
                yield from _names(inner)
