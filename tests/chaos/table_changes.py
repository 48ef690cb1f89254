"""Changes to the table while it is written to: its capacity, deletion and restore."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from chaos.fault_rules import FaultRules
    from chaos.plan import Fault
    from support.system import System

QUIET_SECONDS: Final = 0.5
"""After writes are refused, none is in flight any more if nothing was stored for this long."""

FLIGHT_SECONDS: Final = 2.0
"""Longest wait for that: another client may keep writing to the table."""

_REFUSE_WRITES: Final = [
    {"service": "dynamodb", "operation": operation, "kind": "error", "status": 503}
    for operation in ("BatchExecuteStatement", "PutItem")
]
"""How the function writes; what is put back is not refused."""

MOST_DELETES: Final = 25


class TableChanges:
    """Changes the capacity of the table, and deletes and restores it."""

    def __init__(self, system: System, rules: FaultRules, *, write_units: int) -> None:
        self._system = system
        self._table = system.deployment.table
        self._rules = rules
        self._dynamodb = system.aws.client("dynamodb")
        self._write_units = write_units

    def change_capacity(self, fault: Fault) -> tuple[int, str]:
        """Change its write units."""
        self._write_units = int(fault.number)
        self._provision()
        return self._write_units, "units/s"

    def delete_and_restore(self, fault: Fault) -> tuple[int, str]:
        """Delete the table and restore its items, as a restore to the moment before does.

        Writes are refused from before the copy until the table is deleted, and again until it is restored:
        otherwise a write could be stored and lost with the old table, which is not the system's fault.
        """
        self._rules.add("copying", _REFUSE_WRITES)
        self._wait_until_quiet()
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True)
        items = [item for page in pages for item in page["Items"]]
        self._dynamodb.delete_table(TableName=self._table)
        self._rules.remove("copying")
        time.sleep(fault.number)
        self._rules.add("restoring", _REFUSE_WRITES)
        self._dynamodb.create_table(
            TableName=self._table,
            AttributeDefinitions=[{"AttributeName": "document_id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "document_id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",  # a restore does not consume the table's capacity
        )
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self._put_back, items))
        self._provision()
        self._rules.remove("restoring")
        return len(items), "items"

    def empty(self) -> int:
        """Delete every item; return how many there were."""
        table = self._table
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        keys = [item["document_id"] for page in pages for item in page["Items"]]
        self._dynamodb.update_table(TableName=table, BillingMode="PAY_PER_REQUEST")  # deletes take capacity
        for start in range(0, len(keys), MOST_DELETES):
            left = {
                table: [
                    {"DeleteRequest": {"Key": {"document_id": key}}}
                    for key in keys[start : start + MOST_DELETES]
                ]
            }
            while left:
                left = self._dynamodb.batch_write_item(RequestItems=left)["UnprocessedItems"]
        self._provision()
        return len(keys)

    def _wait_until_quiet(self) -> None:
        """Wait for the requests that were admitted before writes were refused."""
        written, since = self._written(), time.monotonic()
        deadline = since + FLIGHT_SECONDS
        while time.monotonic() < min(deadline, since + QUIET_SECONDS):
            time.sleep(0.05)
            if (now := self._written()) != written:
                written, since = now, time.monotonic()

    def _written(self) -> int:
        return int(self._system.aws.gauges()["tables"][self._table]["written_items"])

    def _provision(self) -> None:
        self._dynamodb.update_table(
            TableName=self._table,
            BillingMode="PROVISIONED",
            ProvisionedThroughput={"ReadCapacityUnits": 50, "WriteCapacityUnits": self._write_units},
        )

    def _put_back(self, item: dict[str, Any]) -> None:
        """Put an item back, unless a request in flight has stored a newer one meanwhile."""
        condition = "attribute_not_exists(document_id)"
        with suppress(self._dynamodb.exceptions.TransactionCanceledException):
            self._dynamodb.transact_write_items(
                TransactItems=[
                    {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": condition}}
                ]
            )
