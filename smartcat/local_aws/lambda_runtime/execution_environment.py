"""One execution environment: a process with its Runtime API, initialised once and invoked many times.

Init, deadline, memory limit and REPORT line of an invocation; how many environments there are is in
`environment_pool.py`.
"""

from __future__ import annotations

import contextlib
import json
import math
import queue
import threading
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smartcat.local_aws.lambda_runtime.runtime_api import (
    Event,
    Exited,
    InitFailed,
    Invocation,
    InvocationResponse,
    Ready,
    RuntimeApi,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from smartcat.local_aws.lambda_runtime.environment_process import Spawner
    from smartcat.local_aws.lambda_runtime.function_configuration import FunctionConfiguration

INIT_LIMIT_SECONDS: Final = 10.0
"""Longest initialisation. AWS allows 10 s, then a second attempt within the function's timeout; here one
attempt has the longer of the two."""

_MEMORY_CHECK_SECONDS: Final = 0.05


class EnvironmentLostError(RuntimeError):
    """The environment ended before it received the invocation, which another environment can run."""


@dataclass(frozen=True, slots=True)
class Completed:
    """How one invocation ended.

    Attributes:
        payload: The response, or Lambda's error object, as JSON bytes.
        function_error: `Unhandled`, or None for success.
        usable: The environment can take another invocation.
        cold_start: This invocation initialised the environment.
        duration: Seconds between the delivery of the event and the response.
        init_duration: Seconds of initialisation, if this was a cold start.
    """

    payload: bytes
    function_error: str | None
    usable: bool
    cold_start: bool
    duration: float
    init_duration: float


class _Stopped(Exception):  # noqa: N818 - control flow inside this module, not an error
    """The environment cannot continue; carries Lambda's error object."""

    def __init__(self, payload: bytes) -> None:
        super().__init__()
        self.payload = payload


class ExecutionEnvironment:
    """Starts its process at once; takes one invocation at a time.

    Args:
        function: The function as it was when the environment was made.
        task_root: Directory of its code.
        host_variables: Environment variables that the host adds.
        log: File for the process's output and the host's START, END and REPORT lines.
        spawner: Starts the process.
        init_limit: Seconds the initialisation may take; the function's timeout, if that is longer.
    """

    def __init__(
        self,
        function: FunctionConfiguration,
        *,
        task_root: Path,
        host_variables: Mapping[str, str],
        log: Path,
        spawner: Spawner,
        init_limit: float = INIT_LIMIT_SECONDS,
    ) -> None:
        self.function = function
        self._log = log
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._exited = threading.Event()
        self._initialised = False
        self._peak = 0  # kept, since it cannot be read after the process has ended
        self._started = time.monotonic()
        self._init_limit = max(init_limit, float(function.timeout))
        self._api = RuntimeApi(self._events)
        variables = function.process_variables(
            host_variables=host_variables,
            task_root=task_root,
            runtime_api=self._api.address,
            log_stream=log.stem,
        )
        try:
            self._process = spawner.spawn(
                handler=function.handler, variables=variables, directory=task_root, log=log
            )
        except OSError:
            self._api.close()
            raise
        self._process.on_exit(self._report_exit)

    @property
    def alive(self) -> bool:
        """Return whether the process still runs."""
        # Ask the operating system, too: the watching thread may not know of the exit yet.
        return not self._exited.is_set() and self._process.running

    def close(self) -> None:
        """Kill the process and what it started, and close its Runtime API. Idempotent."""
        self._process.kill()
        self._api.close()

    def invoke(self, payload: bytes, *, request_id: str, invoked_arn: str) -> Completed:
        """Run one invocation to its end, after the initialisation if it is the first.

        Args:
            payload: The event as JSON bytes.
            request_id: Identifies the invocation.
            invoked_arn: The ARN under which the function was invoked.

        Returns:
            The outcome. If it is not `usable`, the environment is closed.

        Raises:
            EnvironmentLostError: The process had ended since its last invocation.
        """
        cold, init_duration = not self._initialised, 0.0
        delivered = time.monotonic()
        try:
            self._await_ready(request_id)
            if cold:
                init_duration = time.monotonic() - self._started
                self._initialised = True
            delivered = time.monotonic()
            response = self._run(payload, request_id, invoked_arn)
            error, body, usable = ("Unhandled" if response.failed else None), response.payload, True
        except _Stopped as stop:
            error, body, usable = "Unhandled", stop.payload, False
        duration = time.monotonic() - delivered
        self._write_report(request_id, duration, init_duration)
        if not usable:
            self.close()
        return Completed(body, error, usable, cold, duration, init_duration)

    def _await_ready(self, request_id: str) -> None:
        deadline = time.monotonic() + self._init_limit
        if not self._initialised:
            deadline = self._started + self._init_limit
        failure: bytes | None = None
        while True:
            event = self._next_event(deadline, request_id)
            if isinstance(event, Ready):
                return
            if self._initialised:
                self.close()
                raise EnvironmentLostError
            if event is None:
                raise _Stopped(_timed_out(request_id, self._init_limit))
            if isinstance(event, InitFailed):
                failure = event.payload  # the runtime exits after this report
            if isinstance(event, Exited):
                raise _Stopped(failure or _exited(request_id, event.returncode))

    def _run(self, payload: bytes, request_id: str, invoked_arn: str) -> InvocationResponse:
        timeout = self.function.timeout
        headers = {
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + timeout) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invoked_arn,
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
        }
        self._write_log(f"START RequestId: {request_id} Version: $LATEST")
        deadline = time.monotonic() + timeout
        self._api.submit(Invocation(request_id, payload, headers))
        while True:
            event = self._next_event(deadline, request_id)
            if event is None:
                raise _Stopped(_timed_out(request_id, timeout))
            if isinstance(event, Exited):
                raise _Stopped(_exited(request_id, event.returncode))
            if isinstance(event, InvocationResponse) and event.request_id == request_id:
                return event

    def _next_event(self, deadline: float, request_id: str) -> Event | None:
        """Return the process's next event, None at the deadline; check its memory while waiting."""
        while (left := deadline - time.monotonic()) > 0:
            try:
                return self._events.get(timeout=min(left, _MEMORY_CHECK_SECONDS))
            except queue.Empty:
                self._peak = max(self._peak, self._process.peak_memory())
                if self._process.private_memory() > self.function.memory_mb * 1024 * 1024:
                    raise _Stopped(_exited(request_id, -9)) from None
        return None

    def _report_exit(self, returncode: int) -> None:
        self._exited.set()
        self._events.put(Exited(returncode))

    def _write_report(self, request_id: str, duration: float, init_duration: float) -> None:
        self._peak = max(self._peak, self._process.peak_memory())
        peak = math.ceil(self._peak / 1024 / 1024)
        # Initialisation is billed since August 2025.
        billed = math.ceil((duration + init_duration) * 1000)
        line = (
            f"REPORT RequestId: {request_id}\tDuration: {duration * 1000:.2f} ms\t"
            f"Billed Duration: {billed} ms\tMemory Size: {self.function.memory_mb} MB\t"
            f"Max Memory Used: {peak} MB"
        )
        if init_duration:
            line += f"\tInit Duration: {init_duration * 1000:.2f} ms"
        self._write_log(f"END RequestId: {request_id}", line)

    def _write_log(self, *lines: str) -> None:
        # The folder is removed when the host stops, which must not change the result of an invocation.
        with contextlib.suppress(FileNotFoundError), self._log.open("ab") as log:
            log.write("".join(f"{line}\n" for line in lines).encode())


def _error(error_type: str, message: str) -> bytes:
    content: dict[str, Any] = {"errorType": error_type, "errorMessage": message}
    return json.dumps(content).encode()


def _timed_out(request_id: str, seconds: float) -> bytes:
    return _error(
        "Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    )


def _exited(request_id: str, returncode: int) -> bytes:
    if returncode == 0:
        reason = "Runtime exited without providing a reason"
    elif returncode < 0:
        reason = f"Runtime exited with error: signal: {_SIGNALS.get(-returncode, -returncode)}"
    else:
        reason = f"Runtime exited with error: exit status {returncode}"
    return _error("Runtime.ExitError", f"RequestId: {request_id} Error: {reason}")


_SIGNALS: Final = {6: "aborted", 9: "killed", 11: "segmentation fault", 15: "terminated"}
