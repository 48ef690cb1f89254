"""Another client that writes to the table beyond its capacity; its item is not reconciled."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from support.system import System

NEIGHBOR_DOCUMENT_ID: Final = "noisy-neighbor"
"""The id of the one item that it writes repeatedly."""

ITEM_UNITS: Final = 4
PAUSE_SECONDS: Final = 0.004


class NoisyNeighbor:
    """Writes from `start` to `stop`, leaving the table no burst credit."""

    def __init__(self, system: System) -> None:
        self._client: Any = system.aws.client("dynamodb", attempts=1)
        self._table = system.deployment.table
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._write, name="noisy-neighbor", daemon=True)
        self._units = 0

    def start(self) -> None:
        """Start writing."""
        self._thread.start()

    def stop(self) -> int:
        """Stop; return the write units consumed."""
        self._stopping.set()
        self._thread.join()
        return self._units

    def _write(self) -> None:
        item = {"document_id": {"S": NEIGHBOR_DOCUMENT_ID}, "bulk": {"S": "x" * (1024 * ITEM_UNITS - 100)}}
        while not self._stopping.is_set():
            try:
                # An operation that the function does not use: no fault rule of its writes applies.
                request: Any = {self._table: [{"PutRequest": {"Item": item}}]}
                self._client.batch_write_item(RequestItems=request)
            except ClientError:  # throttled, or the table does not exist: both are expected
                time.sleep(PAUSE_SECONDS)
            else:
                self._units += ITEM_UNITS
