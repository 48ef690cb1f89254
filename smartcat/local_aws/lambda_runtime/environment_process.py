"""The process of one execution environment: starting, watching and killing it.

Operating-system processes only: no HTTP, no invocations.
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
# 1). Not in a `preexec_fn`, which can deadlock a program that has threads.
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
        """Return whether the process runs, without reaping it: another thread waits for its exit code."""
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
        """Return the memory that cannot be reclaimed, in bytes; 0 where /proc does not tell.

        Lambda's limit is a control group's: pages backed by files (libraries) are dropped there before
        anything is killed, so they do not count.
        """
        try:
            fields = Path(f"/proc/{self.pid}/statm").read_text("ascii").split()
        except OSError:
            return 0
        return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE") if len(fields) > 2 else 0

    def peak_memory(self) -> int:
        """Return the highest resident memory so far, in bytes; 0 where /proc does not tell."""
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
        self._requests: queue.SimpleQueue[
            tuple[Callable[[], EnvironmentProcess], Future[EnvironmentProcess]] | None
        ]
        self._requests = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="lambda-spawner", daemon=True)
        self._thread.start()

    def spawn(
        self, *, handler: str, variables: Mapping[str, str], directory: Path, log: Path
    ) -> EnvironmentProcess:
        """Start `python -m awslambdaric handler` and return at once.

        Args:
            handler: Dotted path of the handler.
            variables: All environment variables of the process.
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
                        env=dict(variables),
                        cwd=directory,
                        start_new_session=True,
                    )
                )

        future: Future[EnvironmentProcess] = Future()
        self._requests.put((start, future))
        return future.result()

    def stop(self) -> None:
        """End the thread; the kernel kills the processes that are left."""
        self._requests.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (request := self._requests.get()) is not None:
            start, future = request
            try:
                future.set_result(start())
            except Exception as error:  # noqa: BLE001 - raised in the caller's thread
                future.set_exception(error)
