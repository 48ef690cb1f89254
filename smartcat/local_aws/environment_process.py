"""Starting, watching and killing the process of one execution environment.

Lives here: everything that concerns the operating system's process. Must not know HTTP or invocations.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Runs in the new process, before the runtime: asks Linux to kill it when its parent ends (PR_SET_PDEATHSIG =
# 1). It is not done in a `preexec_fn`, which can deadlock a program that has threads.
_LAUNCH: Final = """
import os, sys
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(1, 9)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
import runpy
sys.argv = ["awslambdaric", sys.argv[2]]
runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
"""


class EnvironmentProcess:
    """A running `awslambdaric`, leader of its own process group."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self._popen = popen
        self.pid: int = popen.pid

    @property
    def running(self) -> bool:
        """Whether the process has not ended; asked without taking its exit code from who waits for it."""
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:
            return False

    def on_exit(self, report: Callable[[int], None]) -> None:
        """Call `report(returncode)` from a thread of its own once the process has ended."""

        def watch() -> None:
            report(self._popen.wait())

        threading.Thread(target=watch, name=f"wait-{self.pid}", daemon=True).start()

    def kill(self) -> None:
        """Kill the whole process group and wait until the process is gone. Idempotent."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()

    def private_memory(self) -> int:
        """Memory that cannot be reclaimed, in bytes; 0 where it cannot be told.

        Lambda's limit is a control group's: pages backed by files (libraries) are dropped there before
        anything is killed, so they do not count.
        """
        try:
            fields = Path(f"/proc/{self.pid}/statm").read_text("ascii").split()
        except OSError:
            return 0
        return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE") if len(fields) > 2 else 0

    def peak_memory(self) -> int:
        """Highest resident memory so far, in bytes; 0 where it cannot be told."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text("ascii", errors="replace")
        except OSError:
            return 0
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        return 0


class Spawner:
    """Starts processes from one permanent thread.

    The kernel's parent-death signal follows the *thread* that made the process: a process started by a
    request's thread would be killed when that request is answered.

    Args:
        python: The interpreter; its site-packages hold `awslambdaric` and what functions import.
    """

    def __init__(self, python: str) -> None:
        self._python = python
        self._orders: queue.SimpleQueue[
            tuple[Callable[[], EnvironmentProcess], Future[EnvironmentProcess]] | None
        ]
        self._orders = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="lambda-spawner", daemon=True)
        self._thread.start()

    def spawn(
        self, *, handler: str, environment: Mapping[str, str], directory: Path, log: Path
    ) -> EnvironmentProcess:
        """Start `python -m awslambdaric handler` and return at once.

        Args:
            handler: Dotted path of the handler.
            environment: The whole environment of the process.
            directory: The task root, which becomes the working directory.
            log: Standard output and error are appended here.

        Raises:
            OSError: The interpreter or the directory does not exist.
        """

        def start() -> EnvironmentProcess:
            with log.open("ab") as output:
                return EnvironmentProcess(
                    subprocess.Popen(  # noqa: S603 - running the function's code is what this is for
                        [self._python, "-c", _LAUNCH, str(os.getpid()), handler],
                        stdin=subprocess.DEVNULL,
                        stdout=output,
                        stderr=subprocess.STDOUT,
                        env=dict(environment),
                        cwd=directory,
                        start_new_session=True,
                    )
                )

        future: Future[EnvironmentProcess] = Future()
        self._orders.put((start, future))
        return future.result()

    def stop(self) -> None:
        """End the thread; what it started and what was not killed yet is killed by the kernel."""
        self._orders.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (order := self._orders.get()) is not None:
            start, future = order
            try:
                future.set_result(start())
            except Exception as error:  # noqa: BLE001 - the caller's thread raises it
                future.set_exception(error)
