"""Local AWS as a child process that ends with the command, whatever happens to the command."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from smartcat.cli.aws_clients import client
from smartcat.local_aws.errors import LocalAwsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

_STOP_SECONDS = 20.0


class LocalAwsProcess:
    """A running local AWS; a context manager that stops it.

    A process of its own, because the emulator and the demo would otherwise share one interpreter lock.

    Args:
        initial_burst_seconds: Seconds of burst capacity that a new table starts with, 0 to 300.
        logs: Folder for the function's logs; None for none.
    """

    def __init__(self, *, initial_burst_seconds: float = 300.0, logs: Path | None = None) -> None:
        self._arguments = ["--initial-burst-seconds", f"{initial_burst_seconds:g}"]
        if logs is not None:
            self._arguments += ["--log-dir", str(logs)]
        self._process: subprocess.Popen[str] | None = None
        self._clients: dict[tuple[str, int], Any] = {}
        self.endpoint_url = ""
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._process = _spawn(self._arguments)
        try:
            self._wait_until_ready(self._process)
        except BaseException:
            # __exit__ is not called if __enter__ fails, for example by Ctrl-C while it starts.
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def exit_code(self) -> int | None:
        """Its exit code; None while it runs and before it was started."""
        return self._process.returncode if self._process else None

    def _wait_until_ready(self, process: subprocess.Popen[str]) -> None:
        ready = process.stdout.readline() if process.stdout else ""
        if not ready:
            code = process.wait(_STOP_SECONDS)
            raise LocalAwsError(f"local AWS did not start: exit code {code}")
        answer = json.loads(ready)
        self.endpoint_url, self.environment = answer["endpoint_url"], answer["environment"]

    def _stop(self) -> None:
        process = self._process
        if process is None:
            return
        # It stops at the end of its standard input, which the kernel closes if this process is killed.
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()

    def client(self, service: str, *, attempts: int = 5) -> Any:
        """Return a boto3 client for a service of this local AWS, the same one each time.

        Making one takes a quarter of a second of processor time, as much as a few hundred calls.

        Args:
            service: boto3's name of the service.
            attempts: How often a call is made; 1 for a caller that retries itself, as a producer does.
        """
        key = service, attempts
        if key not in self._clients:
            self._clients[key] = client(service, self.environment, attempts=attempts)
        return self._clients[key]

    def gauges(self) -> dict[str, Any]:
        """Return the gauges of tables, streams, functions and mappings.

        Raises:
            LocalAwsError: Local AWS stopped.
        """
        try:
            with urlopen(f"{self.endpoint_url}/_local/gauges", timeout=30) as answer:  # noqa: S310 - our own http address
                gauges: dict[str, Any] = json.load(answer)
        except OSError as error:
            raise LocalAwsError(f"local AWS does not respond any more: {error}") from error
        return gauges

    def set_faults(self, rules: Sequence[Mapping[str, Any]], *, seed: int = 0) -> None:
        """Replace all injected faults; an empty list removes them.

        Args:
            rules: Rules with the fields of `smartcat.local_aws.faults.FaultRule`; windows count from now.
            seed: Seed of their random decisions.

        Raises:
            ValueError: A rule is invalid; the old rules stay.
            LocalAwsError: Local AWS stopped.
        """
        url, body = f"{self.endpoint_url}/_local/faults?seed={seed}", json.dumps(list(rules)).encode()
        request = Request(url, body, {"Content-Type": "application/json"}, method="PUT")  # noqa: S310 - our own http address
        try:
            urlopen(request, timeout=30).close()  # noqa: S310 - the same
        except HTTPError as error:
            with error:
                raise ValueError(json.load(error)["message"]) from None
        except OSError as error:
            raise LocalAwsError(f"local AWS does not respond any more: {error}") from error


def _spawn(arguments: Sequence[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "smartcat.local_aws", "--die-with-parent", *arguments]
    return subprocess.Popen(  # noqa: S603 - our own module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C reaches the command alone, which then stops its child cleanly.
        start_new_session=True,
    )
