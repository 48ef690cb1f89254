"""The Lambda host: the set of functions, and their invocation.

HTTP is in `lambda_api.py`; which environment takes an invocation is decided in `environment_pool.py`.
"""

from __future__ import annotations

import json
import os
import re
import threading
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smartcat.local_aws.lambda_runtime.environment_pool import EnvironmentPool
from smartcat.local_aws.lambda_runtime.environment_process import Spawner
from smartcat.local_aws.lambda_runtime.execution_environment import INIT_LIMIT_SECONDS, ExecutionEnvironment
from smartcat.local_aws.lambda_runtime.function_code import CodeStore
from smartcat.local_aws.lambda_runtime.runtime_api import MAX_PAYLOAD_BYTES
from smartcat.local_aws.temp_directory import TempDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from smartcat.local_aws.lambda_runtime.function_configuration import FunctionConfiguration

_REFERENCE: Final = re.compile(
    r"^(?:arn:[^:]+:lambda:[^:]+:)?(?:\d{12}:)?(?:function:)?(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>[^:]+))?$"
)


def function_name(reference: str) -> str:
    """Return the bare name in a function name, a partial ARN or an ARN, with or without a qualifier.

    Versions and aliases are ignored: every qualifier runs the code of `$LATEST`.
    """
    match = _REFERENCE.match(reference)
    return match["name"] if match else reference


@dataclass(frozen=True, slots=True)
class InvokeResult:
    """How an invocation ended.

    Attributes:
        status_code: 200 if the function ran, even if it failed; 404 no such function; 413 event over 6 MB;
            429 throttled; 502 the interpreter or the code's directory does not exist.
        payload: The response or Lambda's error object, as JSON bytes.
        function_error: `Unhandled` if the function failed, else None.
        throttled: All the concurrency was in use.
        cold_start: An environment was initialised for this invocation.
        duration: Seconds of the invocation without initialisation.
        request_id: Identifies the invocation in the logs.
    """

    status_code: int
    payload: bytes
    function_error: str | None = None
    throttled: bool = False
    cold_start: bool = False
    duration: float = 0.0
    request_id: str = ""


class LambdaHost:
    """Runs functions as Lambda does: `awslambdaric` against a Runtime API, one process per environment.

    Packages that are not in a function's code come from the interpreter's site-packages; layers are not read.

    Args:
        variables: Environment variables for every function, for example AWS_ENDPOINT_URL, credentials and
            region; read when an execution environment starts, so they may be set after the host is made.
        log_dir: Logs go to `<log_dir>/<function>/<environment>.log`; None for a directory that `stop`
            removes.
        python: Interpreter that runs the functions; needs `awslambdaric`.
        init_limit: Seconds an initialisation may take.
        read_object: Reads an archive from S3; None for boto3 with the endpoint and credentials of
            `variables`.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        log_dir: Path | None,
        python: str,
        *,
        init_limit: float = INIT_LIMIT_SECONDS,
        read_object: Callable[[str, str], bytes] | None = None,
    ) -> None:
        self._variables = variables
        self._init_limit = init_limit
        self._temp_directory = TempDirectory("local-lambda-")
        self._directory = self._temp_directory.path
        self._log_dir = (log_dir or self._directory / "logs").absolute()
        self.code = CodeStore(self._directory / "code", read_object or self._read_object)
        self._spawner = Spawner(python)
        self._pools: dict[str, EnvironmentPool] = {}
        self._lock = threading.Lock()

    def put_function(self, function: FunctionConfiguration, task_root: Path | None = None) -> None:
        """Create a function, or change it.

        Idle environments of the old version end now, busy ones after their invocation.

        Args:
            function: The configuration.
            task_root: Directory of its code; None keeps the current code.

        Raises:
            KeyError: `task_root` is None for a new function.
        """
        with self._lock:
            pool = self._pools.get(function.name)
            if pool is None:
                if task_root is None:
                    raise KeyError(function.name)
                self._pools[function.name] = EnvironmentPool(function, task_root, self._start_environment)
                return
        pool.change(function, task_root or pool.task_root)

    def put_concurrency(self, reference: str, reserved: int | None) -> None:
        """Set the function's reserved concurrency, 0 or more; None removes it."""
        if pool := self._pool(reference):
            pool.reserved = reserved

    def delete_function(self, reference: str) -> None:
        """Remove the function and end its environments, running invocations included. Idempotent."""
        with self._lock:
            pool = self._pools.pop(function_name(reference), None)
        if pool:
            pool.close()

    def has_function(self, reference: str) -> bool:
        """Return whether a function of this name or ARN exists."""
        return self._pool(reference) is not None

    def invoke(self, reference: str, payload: bytes) -> InvokeResult:
        """Run a function and wait for its end.

        Args:
            reference: Name or ARN of the function, with or without a qualifier.
            payload: The event as JSON bytes, at most 6 MB.

        Returns:
            The outcome; failures of the function and rejected invocations are results, not exceptions.
        """
        pool = self._pool(reference)
        if pool is None:
            return InvokeResult(404, b'{"Message":"Function not found"}')
        if len(payload) > MAX_PAYLOAD_BYTES:
            return InvokeResult(
                413, b'{"Message":"Request must be smaller than %d bytes"}' % MAX_PAYLOAD_BYTES
            )
        request_id = str(uuid.uuid4())
        try:
            completed = pool.invoke(payload, request_id, reference)
        except OSError as error:
            message = json.dumps({"Message": f"Cannot start an environment: {error.strerror}"})
            return InvokeResult(502, message.encode(), request_id=request_id)
        if completed is None:
            return InvokeResult(429, b'{"Message":"Rate Exceeded."}', throttled=True, request_id=request_id)
        return InvokeResult(
            200,
            completed.payload,
            completed.function_error,
            cold_start=completed.cold_start,
            duration=completed.duration,
            request_id=request_id,
        )

    def gauges(self) -> dict[str, dict[str, Any]]:
        """Return the section `functions`: for each, its environments and its counts since it was created."""
        with self._lock:
            pools = dict(self._pools)
        return {"functions": {name: pool.gauges() for name, pool in pools.items()}}

    def stop(self) -> None:
        """End every process and remove what the host wrote, except logs in the given directory."""
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            pool.close()
        self._spawner.stop()
        self._temp_directory.remove()

    def _pool(self, reference: str) -> EnvironmentPool | None:
        with self._lock:
            return self._pools.get(function_name(reference))

    def _start_environment(self, function: FunctionConfiguration, task_root: Path) -> ExecutionEnvironment:
        log_dir = self._log_dir / function.name
        log_dir.mkdir(parents=True, exist_ok=True)
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        # Each environment has temporary space of its own, since one that is killed leaves files behind.
        temporary = self._directory / "tmp" / uuid.uuid4().hex
        temporary.mkdir(parents=True)
        return ExecutionEnvironment(
            function,
            task_root=task_root,
            host_variables={**inherited, "TMPDIR": str(temporary), **self._variables},
            log=log_dir / f"{uuid.uuid4().hex}.log",
            spawner=self._spawner,
            init_limit=self._init_limit,
        )

    def _read_object(self, bucket: str, key: str) -> bytes:
        import boto3  # noqa: PLC0415 - a quarter of a second that only functions in S3 need

        variables = self._variables
        client = boto3.client(
            "s3",
            endpoint_url=variables.get("AWS_ENDPOINT_URL_S3") or variables.get("AWS_ENDPOINT_URL"),
            region_name=variables.get("AWS_REGION", "us-east-1"),
            aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID", "local"),
            aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY", "local"),
        )
        try:
            return client.get_object(Bucket=bucket, Key=key)["Body"].read()
        finally:
            client.close()
