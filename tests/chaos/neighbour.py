"""Somebody else who writes to the table, more than it has capacity for; not part of the account."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from support.system import System

NEIGHBOURS_ID: Final = "neighbour"
"""The one item that is written again and again."""

ITEM_UNITS: Final = 4
PAUSE_SECONDS: Final = 0.004


class Neighbour:
    """Writes from `start` to `stop`, and lets the table have no credit meanwhile."""

    def __init__(self, system: System) -> None:
        self._client: Any = system.aws.client("dynamodb", attempts=1)
        self._table = system.deployment.table
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._write, name="neighbour", daemon=True)
        self._units = 0

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> int:
        """End it; gives the write units that it took."""
        self._stopping.set()
        self._thread.join()
        return self._units

    def _write(self) -> None:
        item = {"document_id": {"S": NEIGHBOURS_ID}, "bulk": {"S": "x" * (1024 * ITEM_UNITS - 100)}}
        while not self._stopping.is_set():
            try:
                self._client.put_item(TableName=self._table, Item=item)
            except ClientError:  # throttled, or the table is gone: both may be
                time.sleep(PAUSE_SECONDS)
            else:
                self._units += ITEM_UNITS
