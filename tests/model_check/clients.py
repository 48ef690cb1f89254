"""What stands for botocore's clients: the same methods, answers and exceptions, on the network of a world."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from model_check.dynamodb import ServiceError
from model_check.network import Damaged

if TYPE_CHECKING:
    from collections.abc import Callable

    from model_check.dynamodb import Table
    from model_check.network import Network

_GARBLED = b"<html><body>Service temporarily unavailable</body></html>"
_METADATA = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}


class Objects:
    """S3's objects, by bucket and key: what claims stand for, and what the quarantine holds."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    def put(self, name: str, body: bytes) -> dict[str, Any]:
        """Store an object."""
        self.stored[name] = body
        return {"ETag": '"etag"'}

    def get(self, name: str) -> bytes:
        """Return an object.

        Raises:
            ServiceError: It is not there.
        """
        if name not in self.stored:
            raise ServiceError("NoSuchKey", "The specified key does not exist.", 404)
        return self.stored[name]


def _raised(error: ServiceError, operation: str) -> ClientError:
    response: Any = {
        "Error": {"Code": error.code, "Message": error.message},
        "ResponseMetadata": {**_METADATA, "HTTPStatusCode": error.status},
        **error.fields,
    }
    return ClientError(response, operation)


class TableClient:
    """A DynamoDB client."""

    def __init__(self, network: Network, table: Table) -> None:
        self._network = network
        self._table = table

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        operation = name.title().replace("_", "")

        def call(**request: Any) -> dict[str, Any]:
            try:
                answer = self._network.table(operation, request, self._table.call)
            except ServiceError as error:
                raise _raised(error, operation) from None
            except Damaged:
                # What botocore makes of a body that is cut, empty, HTML or {}; see test_clients.py.
                answer = {}
            return {**answer, "ResponseMetadata": dict(_METADATA)}

        self.__dict__[name] = call
        return call


class ObjectClient:
    """An S3 client."""

    def __init__(self, network: Network, objects: Objects) -> None:
        self._network = network
        self._objects = objects

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Store an object."""
        name = f"{Bucket}/{Key}"
        try:
            answer = self._network.objects("PutObject", lambda: self._objects.put(name, Body))
        except ServiceError as error:
            raise _raised(error, "PutObject") from None
        except Damaged:
            answer = {}
        return {**answer, "ResponseMetadata": dict(_METADATA)}

    def get_object(self, *, Bucket: str, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Return an object."""

        def serve() -> dict[str, Any]:
            body = self._objects.get(f"{Bucket}/{Key}")
            return {"Body": io.BytesIO(body), "ContentLength": len(body), "ETag": '"etag"'}

        try:
            answer = self._network.objects("GetObject", serve)
        except ServiceError as error:
            raise _raised(error, "GetObject") from None
        except Damaged:
            answer = {"Body": io.BytesIO(_GARBLED), "ContentLength": len(_GARBLED)}
        return {**answer, "ResponseMetadata": dict(_METADATA)}
