"""The writes in a DynamoDB request, and their ConsumedCapacity. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smartcat.local_aws.dynamodb.partiql_inserts import read_insert
from smartcat.local_aws.dynamodb.table_capacity import Charge
from smartcat.local_aws.server.rejected_requests import RejectedRequestError, UnmeteredError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from smartcat.local_aws.dynamodb.item_size import Item
    from smartcat.local_aws.dynamodb.table_capacity import ItemSizes, TableCapacity

    Tables = Callable[[str], TableCapacity | None]

BATCH_ITEMS = 25
TRANSACTION_FACTOR = 2


@dataclass(slots=True)
class Write:
    """One item's write: its table, its key, its effect and its cost."""

    table: TableCapacity
    key: str
    key_item: Item
    sizes: ItemSizes | None  # after the write; None for a delete, and for an update until it is done
    charge: Charge
    is_update: bool = False
    changes: bool = True  # False for a transaction's condition check, which is billed and writes nothing


def table_name(reference: str) -> str:
    """Return the name in a TableName field, which may hold an ARN."""
    return reference.rpartition("/")[2] if reference.startswith("arn:") else reference


def single_write(operation: str, request: Mapping[str, Any], tables: Tables) -> Write:
    """Return the write of a PutItem, UpdateItem or DeleteItem request, or of one entry of a transaction.

    An update is priced by the old item first; the rest is charged once the new size is known.

    Raises:
        UnmeteredError: It cannot be priced.
    """
    try:
        table = tables(table_name(request["TableName"]))
        if table is None:
            raise UnmeteredError
        if operation in {"PutItem", "Put"}:
            return _put(table, request["Item"])
        key_item = request["Key"]
        key = table.key_of(key_item)
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise UnmeteredError from problem
    changes = operation != "ConditionCheck"
    is_update = operation in {"UpdateItem", "Update"}
    return Write(table, key, key_item, None, table.price(key, None), is_update=is_update, changes=changes)


def _put(table: TableCapacity, item: Item) -> Write:
    key, sizes = table.key_of(item), table.sizes_of(item)
    return Write(table, key, {name: item[name] for name in table.keys}, sizes, table.price(key, sizes))


def batch_writes(request: Mapping[str, Any], tables: Tables) -> list[tuple[str, Mapping[str, Any], Write]]:
    """Return the writes of a BatchWriteItem request, in order: the table as named, the entry, its write.

    Raises:
        RejectedRequestError: More than 25 entries, or two for one key (BatchWriteItem API reference).
        UnmeteredError: It cannot be priced.
    """
    try:
        entries = [(name, entry) for name, listed in request["RequestItems"].items() for entry in listed]
        if len(entries) > BATCH_ITEMS:
            raise RejectedRequestError("Too many items requested for the BatchWriteItem call")
        writes = [(name, entry, _batch_entry(name, entry, tables)) for name, entry in entries]
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise UnmeteredError from problem
    if len({(write.table.name, write.key) for _, _, write in writes}) < len(writes):
        raise RejectedRequestError("Provided list of item keys contains duplicates")
    return writes


def _batch_entry(name: str, entry: Mapping[str, Any], tables: Tables) -> Write:
    ((kind, request),) = entry.items()
    operation = {"PutRequest": "PutItem", "DeleteRequest": "DeleteItem"}[kind]
    return single_write(operation, {"TableName": name, **request}, tables)


def insert_writes(request: Mapping[str, Any], tables: Tables) -> list[Write]:
    """Return the writes of a BatchExecuteStatement request of INSERT statements, in order.

    Raises:
        RejectedRequestError: More than 25 statements, or two for one key.
        UnmeteredError: It cannot be priced, such as a batch that reads.
    """
    try:
        statements = [(each["Statement"], each.get("Parameters", ())) for each in request["Statements"]]
        if len(statements) > BATCH_ITEMS:
            raise RejectedRequestError(
                "1 validation error detected: Value at 'statements' failed to satisfy constraint: "
                f"Member must have length less than or equal to {BATCH_ITEMS}"
            )
        inserts = [read_insert(statement, parameters) for statement, parameters in statements]
    except (AttributeError, KeyError, TypeError) as problem:
        raise UnmeteredError from problem
    writes = []
    for insert in inserts:
        if insert is None:
            raise UnmeteredError
        name, item = insert
        writes.append(single_write("PutItem", {"TableName": name, "Item": item}, tables))
    if len({(write.table.name, write.key) for write in writes}) < len(writes):
        raise RejectedRequestError("Multiple statements in a batch must not affect the same item")
    return writes


def transaction_writes(request: Mapping[str, Any], tables: Tables) -> list[Write]:
    """Return the writes of a TransactWriteItems request, in order, at a transaction's double price.

    Raises:
        UnmeteredError: It cannot be priced.
    """
    try:
        entries = [(kind, inner) for entry in request["TransactItems"] for kind, inner in entry.items()]
    except (AttributeError, KeyError, TypeError) as problem:
        raise UnmeteredError from problem
    writes = [single_write(kind, inner, tables) for kind, inner in entries]
    for write in writes:
        write.charge = write.charge.times(TRANSACTION_FACTOR)
    return writes


def consumed_capacity(writes: Iterable[Write], detail: str) -> list[dict[str, Any]]:
    """Return the ConsumedCapacity of these writes, one entry a table.

    Args:
        writes: The writes that were done.
        detail: ReturnConsumedCapacity: TOTAL or INDEXES.
    """
    sums: dict[str, Charge] = {}
    for write in writes:
        sums[write.table.name] = sums.get(write.table.name, Charge(0)) + write.charge
    return [_consumed(name, charge, detail) for name, charge in sums.items()]


def _consumed(name: str, charge: Charge, detail: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"TableName": name, "CapacityUnits": charge.total}
    if detail == "INDEXES":
        entry["Table"] = {"CapacityUnits": charge.table}
        if charge.indexes:
            entry["GlobalSecondaryIndexes"] = {
                index: {"CapacityUnits": units} for index, units in charge.indexes.items()
            }
    return entry
