"""The execution environments of one function: concurrency, reuse, and counts.

What happens inside an environment is in `execution_environment.py`.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from smartcat.local_aws.lambda_runtime.execution_environment import (
    Completed,
    EnvironmentLostError,
    ExecutionEnvironment,
)
from smartcat.local_aws.lambda_runtime.function_configuration import ACCOUNT_CONCURRENCY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smartcat.local_aws.lambda_runtime.function_configuration import FunctionConfiguration

_COLD_STARTS_KEPT: Final = 1000


class EnvironmentPool:
    """The environments of one function.

    Args:
        function: The configuration of new environments.
        task_root: The code of new environments.
        start: Starts an environment and returns without waiting for its initialisation.
    """

    def __init__(
        self,
        function: FunctionConfiguration,
        task_root: Path,
        start: Callable[[FunctionConfiguration, Path], ExecutionEnvironment],
    ) -> None:
        self.function = function
        self.task_root = task_root
        self.reserved: int | None = None
        self._start = start
        self._lock = threading.Lock()
        self._idle: list[ExecutionEnvironment] = []
        self._busy: set[ExecutionEnvironment] = set()
        self._starting = 0
        self._closed = False
        self._counts = dict.fromkeys(("invocations", "errors", "throttles", "timeouts"), 0)
        self._cold_starts: deque[float] = deque(maxlen=_COLD_STARTS_KEPT)

    def invoke(self, payload: bytes, request_id: str, reference: str) -> Completed | None:
        """Run one invocation in an idle or a new environment; return None if it is throttled."""
        arn = reference if reference.startswith("arn:") else self.function.arn
        while (environment := self._acquire()) is not None:
            try:
                completed = environment.invoke(payload, request_id=request_id, invoked_arn=arn)
            except EnvironmentLostError:
                self._release(environment, None)
                continue
            self._release(environment, completed)
            return completed
        return None

    def change(self, function: FunctionConfiguration, task_root: Path) -> None:
        """Change configuration and code; idle environments end now, busy ones after their invocation."""
        with self._lock:
            self.function, self.task_root = function, task_root
            outdated, self._idle = self._idle, []
        for environment in outdated:
            environment.close()

    def close(self) -> None:
        """End every environment, running invocations included, and throttle further invocations."""
        with self._lock:
            self._closed = True
            environments = [*self._idle, *self._busy]
            self._idle = []
        for environment in environments:
            environment.close()

    def gauges(self) -> dict[str, Any]:
        """Return the number of environments, and counts since the function was created."""
        with self._lock:
            return {
                "environments": len(self._idle) + len(self._busy) + self._starting,
                "concurrency": len(self._busy) + self._starting,
                **self._counts,
                "cold_starts_ms": [round(1000 * seconds, 1) for seconds in self._cold_starts],
            }

    def _acquire(self) -> ExecutionEnvironment | None:
        limit = ACCOUNT_CONCURRENCY if self.reserved is None else min(self.reserved, ACCOUNT_CONCURRENCY)
        with self._lock:
            if self._closed or len(self._busy) + self._starting >= limit:
                self._counts["throttles"] += 1
                return None
            while self._idle:
                # The most recently used one, as Lambda prefers, so that the others can expire.
                environment = self._idle.pop()
                if environment.alive:
                    self._busy.add(environment)
                    return environment
                environment.close()
            self._starting += 1
            function, task_root = self.function, self.task_root
        return self._started(function, task_root)

    def _started(self, function: FunctionConfiguration, task_root: Path) -> ExecutionEnvironment:
        try:
            environment = self._start(function, task_root)
        except BaseException:
            with self._lock:
                self._starting -= 1
            raise
        with self._lock:
            self._starting -= 1
            self._busy.add(environment)
            closed = self._closed
        if closed:
            environment.close()
        return environment

    def _release(self, environment: ExecutionEnvironment, completed: Completed | None) -> None:
        with self._lock:
            self._busy.discard(environment)
            current = environment.function is self.function and not self._closed
            if completed is not None:
                self._count(completed)
                if completed.usable and current:
                    self._idle.append(environment)
                    return
        environment.close()

    def _count(self, completed: Completed) -> None:
        self._counts["invocations"] += 1
        self._counts["errors"] += completed.function_error is not None
        self._counts["timeouts"] += b'"Sandbox.Timedout"' in completed.payload[:100]
        if completed.cold_start:
            self._cold_starts.append(completed.init_duration)
