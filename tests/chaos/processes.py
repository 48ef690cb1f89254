"""Signals to the processes of a function's execution environments, in the middle of a batch."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from signal import Signals

    from support.system import System

BUSY_SECONDS: Final = 4.0
"""Longest wait for an environment with a batch."""


def signal_processes(system: System, number: Signals, choice: float | None) -> tuple[int, str]:
    """Signal all environments, or the chosen one, once a batch is in progress.

    Returns:
        How many were signalled; 0 if there was no batch, since a signal then affects nothing.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while not (busy := _busy(system)) and time.monotonic() < deadline:
        time.sleep(0.02)
    processes = _processes_of(system.deployment.function)
    if choice is not None and processes:
        processes = [processes[int(choice * len(processes))]]
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)
    return len(processes) if busy else 0, "processes"


def _busy(system: System) -> bool:
    return bool(system.aws.gauges()["functions"][system.deployment.function]["concurrency"])


def _processes_of(function: str) -> list[int]:
    """Return the process ids of a function's environments, ascending."""
    wanted = f"AWS_LAMBDA_FUNCTION_NAME={function}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return sorted(found)
