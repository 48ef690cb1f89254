"""One DynamoDB table in memory: what requests do to it, and what it has room for. Knows no faults, no waits.

Follows the API reference: PutItem, BatchWriteItem, BatchExecuteStatement (INSERT), GetItem, BatchGetItem and
DescribeTable. ``tests/model_check/test_dynamodb.py`` holds it to moto's.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from model_check.conditions import holds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Item = dict[str, Any]

MAX_WRITES: Final = 25
MAX_READS: Final = 100
REFUSED_LABEL: Final = "refused"
"""A result with this label is one that the table never takes."""

_INSERT = re.compile(
    r"""INSERT\s+INTO\s+"?([A-Za-z0-9_.-]+)"?\s+VALUE\s*\{(.*)\}\s*""", re.IGNORECASE | re.DOTALL
)
_FIELD = re.compile(r"""\s*'([^']+)'\s*:\s*(\?)\s*""")
_TABLE_DRY: Final = "TableWriteProvisionedThroughputExceeded"


class ServiceError(Exception):
    """An error answer."""

    def __init__(self, code: str, message: str = "", status: int = 400, **fields: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.fields = code, message, status, fields


def size_of(item: Item) -> int:
    """Return roughly the bytes of an item; what counts here is how many kilobytes are begun."""
    return sum(len(name) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "M":
        return 3 + sum(len(name) + 1 + _value_size(inner) for name, inner in content.items())
    if kind == "L":
        return 3 + sum(1 + _value_size(inner) for inner in content)
    return len(content) // 2 + 2 if kind == "N" else len(str(content).encode())


class Table:
    """The table.

    Args:
        name: Its name.
        units: Write capacity units a second.
        burst: Units saved up at the start; never more than 300 seconds of them.
        now: Tells the time.
        on_write: Called with the item there was, if any, and the one that is there now.

    Attributes:
        items: By document id.
        throttles: While set, nothing has room.
    """

    def __init__(
        self,
        name: str,
        *,
        units: float,
        burst: float,
        now: Callable[[], float],
        on_write: Callable[[Item | None, Item], None],
    ) -> None:
        self.name = name
        self.items: dict[str, Item] = {}
        self.units = units
        self.throttles = False
        self._tokens = burst
        self._filled_at = now()
        self._now = now
        self._on_write = on_write

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out a request, and return its answer as botocore would hand it on.

        Raises:
            ServiceError: The answer is an error.
        """
        operations: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "BatchWriteItem": self._batch_write_item,
            "PutItem": self._put_item,
            "BatchExecuteStatement": self._batch_execute_statement,
            "GetItem": self._get_item,
            "BatchGetItem": self._batch_get_item,
            "DescribeTable": self._describe_table,
        }
        return operations[operation](request)

    def _batch_write_item(self, request: Mapping[str, Any]) -> dict[str, Any]:
        ((name, entries),) = request["RequestItems"].items()
        self._require_table(name)
        items = [entry["PutRequest"]["Item"] for entry in entries]
        self._require_batch([item["document_id"]["S"] for item in items], MAX_WRITES)
        if any(_is_refused(item) for item in items):
            raise ServiceError("ValidationException", "One or more parameter values were invalid")
        left = [entry for entry, item in zip(entries, items, strict=True) if not self._put_with_room(item)]
        if len(left) == len(entries):
            raise self._dry()
        taken = [entry["PutRequest"]["Item"] for entry in entries if entry not in left]
        return {
            "UnprocessedItems": {self.name: left} if left else {},
            **self._consumed(request, sum(map(_units, taken)), listed=True),
        }

    def _put_item(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._require_table(request["TableName"])
        item = request["Item"]
        if _is_refused(item):
            raise ServiceError("ValidationException", "One or more parameter values were invalid")
        if not self._take(_units(item)):
            raise self._dry()
        old = self.items.get(item["document_id"]["S"])
        condition = request.get("ConditionExpression")
        values = request.get("ExpressionAttributeValues", {})
        names = request.get("ExpressionAttributeNames")
        if condition is not None and not holds(condition, old or {}, values, names):
            wants_old = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
            fields = {"Item": dict(old)} if wants_old and old is not None else {}
            raise ServiceError("ConditionalCheckFailedException", "The conditional request failed", **fields)
        self._put(item)
        return self._consumed(request, _units(item), listed=False)

    def _batch_execute_statement(self, request: Mapping[str, Any]) -> dict[str, Any]:
        statements = request["Statements"]
        items = [_inserted(self.name, each) for each in statements]
        self._require_batch([item["document_id"]["S"] for item in items], MAX_WRITES)
        answers, units = [], 0.0
        for item in items:
            answer: dict[str, Any] = {"TableName": self.name}
            code, message = self._insert(item)
            if code is None:
                units += _units(item)
            else:
                answer["Error"] = {"Code": code, "Message": message}
                if code == "DuplicateItem":
                    units += _units(item)  # a refused write is billed like one
            answers.append(answer)
        return {"Responses": answers, **self._consumed(request, units, listed=True)}

    def _insert(self, item: Item) -> tuple[str | None, str]:
        if _is_refused(item):
            return "ValidationError", "One or more parameter values were invalid"
        if not self._take(_units(item)):
            return "ProvisionedThroughputExceeded", "The level of configured provisioned throughput ..."
        if item["document_id"]["S"] in self.items:
            return "DuplicateItem", "Duplicate primary key exists in table"
        self._put(item)
        return None, ""

    def _get_item(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._require_table(request["TableName"])
        found = self.items.get(request["Key"]["document_id"]["S"])
        return {"Item": _projected(found, request)} if found is not None else {}

    def _batch_get_item(self, request: Mapping[str, Any]) -> dict[str, Any]:
        ((name, wanted),) = request["RequestItems"].items()
        self._require_table(name)
        keys = [key["document_id"]["S"] for key in wanted["Keys"]]
        self._require_batch(keys, MAX_READS)
        found = [_projected(self.items[key], wanted) for key in keys if key in self.items]
        return {"Responses": {self.name: found}, "UnprocessedKeys": {}}

    def _describe_table(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._require_table(request["TableName"])
        return {
            "Table": {
                "TableName": self.name,
                "TableStatus": "ACTIVE",
                "ProvisionedThroughput": {"WriteCapacityUnits": self.units},
            }
        }

    def _require_table(self, name: str) -> None:
        if name != self.name:
            raise ServiceError("ResourceNotFoundException", "Requested resource not found")

    @staticmethod
    def _require_batch(keys: Sequence[str], most: int) -> None:
        if not 1 <= len(keys) <= most:
            raise ServiceError("ValidationException", f"expected 1 to {most} entries")
        if len(set(keys)) < len(keys):
            raise ServiceError("ValidationException", "Provided list of item keys contains duplicates")

    def _put_with_room(self, item: Item) -> bool:
        if not self._take(_units(item)):
            return False
        self._put(item)
        return True

    def _put(self, item: Item) -> None:
        key = item["document_id"]["S"]
        old = self.items.get(key)
        self.items[key] = dict(item)
        self._on_write(old, item)

    def _take(self, units: float) -> bool:
        """Take units, if there are any: DynamoDB lets one write overdraw what is left."""
        now = self._now()
        self._tokens = min(300 * self.units, self._tokens + (now - self._filled_at) * self.units)
        self._filled_at = now
        if self.throttles or self._tokens < 1:
            return False
        self._tokens -= units
        return True

    @staticmethod
    def _consumed(request: Mapping[str, Any], units: float, *, listed: bool) -> dict[str, Any]:
        wanted = request.get("ReturnConsumedCapacity", "NONE")
        if wanted == "NONE":
            return {}
        consumed: dict[str, Any] = {"TableName": "results", "CapacityUnits": float(units)}
        if wanted == "INDEXES":
            consumed["Table"] = {"CapacityUnits": float(units)}
        return {"ConsumedCapacity": [consumed] if listed else consumed}

    def _dry(self) -> ServiceError:
        return ServiceError(
            "ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded",
            ThrottlingReasons=[{"reason": _TABLE_DRY, "resource": f"table/{self.name}"}],
        )


def _units(item: Item) -> int:
    return math.ceil(size_of(item) / 1024)


def _is_refused(item: Item) -> bool:
    return bool(item.get("label", {}).get("S") == REFUSED_LABEL)


def _projected(item: Item, request: Mapping[str, Any]) -> Item:
    """Return the attributes that are asked for."""
    wanted = request.get("ProjectionExpression")
    if not wanted:
        return dict(item)
    names = request.get("ExpressionAttributeNames", {})
    paths = [names.get(path.strip(), path.strip()) for path in wanted.split(",")]
    return {path: item[path] for path in paths if path in item}


def _inserted(table: str, statement: Mapping[str, Any]) -> Item:
    names = _inserted_names(table, statement["Statement"])
    parameters = statement.get("Parameters", [])
    if len(names) != len(parameters):
        raise ServiceError("ValidationException", "Number of parameters does not match")
    return dict(zip(names, parameters, strict=True))


@lru_cache(maxsize=256)
def _inserted_names(table: str, statement: str) -> tuple[str, ...]:
    found = _INSERT.fullmatch(statement.strip())
    if found is None or found[1] != table:
        raise ServiceError("ValidationException", f"no INSERT into {table}: {statement[:60]}")
    fields = found[2].split(",")
    matches = [_FIELD.fullmatch(field) for field in fields]
    if not all(matches):
        raise ServiceError("ValidationException", "expected 'name': ? in an INSERT")
    return tuple(match[1] for match in matches if match)
