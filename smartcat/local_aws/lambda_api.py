"""The Lambda API as WSGI middleware in front of moto's.

Invocations and event source mappings are served here. Every other call goes to moto, and the host is told
what moto accepted: code, configuration, concurrency, deletion. moto requires that a function's role exists
(iam:CreateRole first).
"""

from __future__ import annotations

import base64
import io
import json
import re
import threading
import time
import uuid
import zipfile
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from smartcat.local_aws.event_source_mapping.batches import retry_delay
from smartcat.local_aws.lambda_runtime.errors import (
    InvalidParameterError,
    LambdaApiError,
    NotFoundError,
    RequestTooLargeError,
    TooManyRequestsError,
)
from smartcat.local_aws.lambda_runtime.function_code import HOT_RELOAD_BUCKET
from smartcat.local_aws.lambda_runtime.function_configuration import FunctionConfiguration
from smartcat.local_aws.lambda_runtime.runtime_api import MAX_PAYLOAD_BYTES
from smartcat.local_aws.server.api_calls import signed_service
from smartcat.local_aws.server.wsgi import Response, call_application, read_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from smartcat.local_aws.event_source_mapping.mappings import EventSourceMappings
    from smartcat.local_aws.lambda_runtime.host import InvokeResult, LambdaHost

MAX_EVENT_PAYLOAD_BYTES: Final = 1024 * 1024
"""Largest payload of an asynchronous invocation, in bytes."""

_FUNCTIONS: Final = re.compile(
    r"^/\d{4}-\d{2}-\d{2}/functions(?:/(?P<name>[^/]+)(?:/(?P<part>[a-z-]+))?)?/?$"
)
_MAPPINGS: Final = re.compile(r"^/\d{4}-\d{2}-\d{2}/event-source-mappings(?:/(?P<uuid>[^/]+))?/?$")
_ASYNC_ATTEMPTS: Final = 3


class LambdaApi:
    """Wraps moto's Lambda API.

    Args:
        inner: The wrapped application, for every call that is not served here.
        host: Runs the functions.
        mappings: The event source mappings.
    """

    def __init__(self, inner: WSGIApplication, host: LambdaHost, mappings: EventSourceMappings) -> None:
        self._inner = inner
        self._host = host
        self._mappings = mappings

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one call, or pass it on and record its effect."""
        handle = self._route(environ)
        if handle is None:
            return self._inner(environ, start_response)
        try:
            response = handle()
        except LambdaApiError as error:
            response = _error_response(error)
        return response.send(start_response)

    def _route(self, environ: WSGIEnvironment) -> Callable[[], Response] | None:
        # A bucket may be named like an API version; the signature tells the service, and S3 without one.
        if signed_service(environ) != "lambda":
            return None
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if mapping := _MAPPINGS.match(path):
            mapping_id = mapping["uuid"]
            return lambda: self._mapping(environ, method, mapping_id)
        match = _FUNCTIONS.match(path)
        if match is None:
            return None
        name, part = match["name"] or "", match["part"]
        routes: dict[tuple[str, str | None], Callable[[], Response]] = {
            ("POST", "invocations"): lambda: self._invoke(environ, name),
            ("PUT", "code"): lambda: self._update_code(environ),
            ("PUT", "configuration"): lambda: self._update_configuration(environ),
            ("PUT", "concurrency"): lambda: self._put_concurrency(environ, name),
            ("DELETE", "concurrency"): lambda: self._put_concurrency(environ, name),
        }
        if name and part is None:
            routes["DELETE", None] = lambda: self._delete_function(environ, name)
        elif not name:
            routes["POST", None] = lambda: self._create_function(environ)
        return routes.get((method, part))

    # ------------------------------------------------------------------------------------------- functions
    def _create_function(self, environ: WSGIEnvironment) -> Response:
        request = _json_body(environ)
        root = self._host.code.task_root(request.get("Code") or {})
        response = call_application(
            self._inner, environ, {**request, "Code": _for_moto(request.get("Code") or {})}
        )
        return self._record(response, root)

    def _update_code(self, environ: WSGIEnvironment) -> Response:
        request = _json_body(environ)
        root = self._host.code.task_root(request)
        response = call_application(self._inner, environ, _for_moto(request))
        return response if request.get("DryRun") else self._record(response, root)

    def _update_configuration(self, environ: WSGIEnvironment) -> Response:
        return self._record(call_application(self._inner, environ, read_body(environ)), None)

    def _record(self, response: Response, task_root: Path | None) -> Response:
        if response.code < HTTPStatus.MULTIPLE_CHOICES:
            self._host.put_function(FunctionConfiguration.from_api(response.json()), task_root)
        return response

    def _put_concurrency(self, environ: WSGIEnvironment, name: str) -> Response:
        body = read_body(environ)
        response = call_application(self._inner, environ, body)
        if response.code < HTTPStatus.MULTIPLE_CHOICES:
            reserved = response.json().get("ReservedConcurrentExecutions")
            self._host.put_concurrency(name, reserved if environ["REQUEST_METHOD"] == "PUT" else None)
        return response

    def _delete_function(self, environ: WSGIEnvironment, name: str) -> Response:
        response = call_application(self._inner, environ, read_body(environ))
        whole = "Qualifier" not in _query(environ) and name.count(":") in (0, 6)
        if response.code < HTTPStatus.MULTIPLE_CHOICES and whole:
            self._host.delete_function(name)
        return response

    # ------------------------------------------------------------------------------------------ invocations
    def _invoke(self, environ: WSGIEnvironment, name: str) -> Response:
        payload = read_body(environ) or b"{}"
        invocation_type = environ.get("HTTP_X_AMZ_INVOCATION_TYPE", "RequestResponse")
        limit = MAX_EVENT_PAYLOAD_BYTES if invocation_type == "Event" else MAX_PAYLOAD_BYTES
        if not self._host.has_function(name):
            raise NotFoundError(f"Function not found: {name}")
        if len(payload) > limit:
            raise RequestTooLargeError(
                f"Request must be smaller than {limit} bytes for the {invocation_type} operation"
            )
        if invocation_type == "DryRun":
            return _response(HTTPStatus.NO_CONTENT, b"")
        if invocation_type == "Event":
            threading.Thread(target=_invoke_async, args=(self._host, name, payload), daemon=True).start()
            return _response(HTTPStatus.ACCEPTED, b"")
        if invocation_type != "RequestResponse":
            raise InvalidParameterError(
                f"InvocationType: expected RequestResponse, Event or DryRun, not {invocation_type}"
            )
        return _invocation_response(self._host.invoke(name, payload))

    # ------------------------------------------------------------------------------- event source mappings
    def _mapping(self, environ: WSGIEnvironment, method: str, mapping_id: str | None) -> Response:
        if mapping_id is None and method == "POST":
            request = _json_body(environ)
            self._require_function(str(request.get("FunctionName") or ""))
            return _json_response(self._mappings.create(request), HTTPStatus.ACCEPTED)
        if mapping_id is None and method == "GET":
            return self._list_mappings(environ)
        if mapping_id and method == "GET":
            return _json_response(self._mappings.get(mapping_id), HTTPStatus.OK)
        if mapping_id and method == "PUT":
            request = _json_body(environ)
            if request.get("FunctionName"):
                self._require_function(str(request["FunctionName"]))
            return _json_response(self._mappings.update(mapping_id, request), HTTPStatus.ACCEPTED)
        if mapping_id and method == "DELETE":
            return _json_response(self._mappings.delete(mapping_id), HTTPStatus.ACCEPTED)
        raise InvalidParameterError(f"{method} is not a method of event source mappings")

    def _require_function(self, reference: str) -> None:
        if not self._host.has_function(reference):
            raise InvalidParameterError(f"Function does not exist: {reference}")

    def _list_mappings(self, environ: WSGIEnvironment) -> Response:
        query = _query(environ)
        found = self._mappings.list(
            source_arn=query.get("EventSourceArn"), function=query.get("FunctionName")
        )
        return _json_response({"EventSourceMappings": found}, HTTPStatus.OK)


def _invoke_async(host: LambdaHost, name: str, payload: bytes) -> None:
    """Invoke up to three times, as Lambda does for events, but without minutes between attempts."""
    failures = throttles = 0
    while failures < _ASYNC_ATTEMPTS:
        result = host.invoke(name, payload)
        if result.status_code == HTTPStatus.NOT_FOUND or (not result.throttled and not result.function_error):
            return
        failures += not result.throttled
        throttles += result.throttled
        time.sleep(retry_delay(failures + throttles))


def _invocation_response(result: InvokeResult) -> Response:
    if result.throttled:
        raise TooManyRequestsError("Rate Exceeded.", "ReservedFunctionConcurrentInvocationLimitExceeded")
    headers = {"X-Amz-Executed-Version": "$LATEST", "x-amzn-RequestId": result.request_id}
    if result.function_error:
        headers["X-Amz-Function-Error"] = result.function_error
    return _response(HTTPStatus(result.status_code), result.payload, headers)


def _for_moto(code: dict[str, Any]) -> dict[str, Any]:
    """Return the code as moto accepts it: an archive instead of a hot-reload directory."""
    if code.get("S3Bucket") != HOT_RELOAD_BUCKET:
        return code
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("hot-reload.txt", code["S3Key"])
    kept = {name: value for name, value in code.items() if not name.startswith("S3")}
    return {**kept, "ZipFile": base64.b64encode(archive.getvalue()).decode("ascii")}


def _json_body(environ: WSGIEnvironment) -> dict[str, Any]:
    try:
        body = json.loads(read_body(environ) or b"{}")
    except ValueError as error:
        raise InvalidParameterError("Could not parse request body into json") from error
    if not isinstance(body, dict):
        raise InvalidParameterError("Could not parse request body into json: expected an object")
    return body


def _query(environ: WSGIEnvironment) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}


def _error_response(error: LambdaApiError) -> Response:
    content = {"Type": "User" if error.status < 500 else "Service", "message": error.message}
    if isinstance(error, TooManyRequestsError):
        content["Reason"] = error.reason
    return _response(HTTPStatus(error.status), json.dumps(content).encode(), {"x-amzn-ErrorType": error.code})


def _json_response(content: dict[str, Any], status: HTTPStatus) -> Response:
    return _response(status, json.dumps(content).encode())


def _response(status: HTTPStatus, body: bytes, headers: dict[str, str] | None = None) -> Response:
    standard = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    return Response(f"{status} {status.phrase}", tuple({**standard, **(headers or {})}.items()), body)
