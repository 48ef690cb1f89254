"""Local AWS as a child process of a command, which ends with the command whatever happens to it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from smartcat.cli.aws import client
from smartcat.local_aws.errors import LocalAwsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

_STOP_SECONDS = 20.0


class LocalAwsProcess:
    """A running local AWS; a context manager that stops it.

    A process of its own, since the emulator and the demo would otherwise share one interpreter lock.

    Args:
        initial_burst_seconds: seconds of unused write capacity that a new table starts with, 0 to 300.
        logs: folder for the function's logs; None for none.
    """

    def __init__(self, *, initial_burst_seconds: float = 300.0, logs: Path | None = None) -> None:
        self._arguments = ["--initial-burst-seconds", f"{initial_burst_seconds:g}"]
        if logs is not None:
            self._arguments += ["--log-dir", str(logs)]
        self._process: subprocess.Popen[str] | None = None
        self.endpoint_url = ""
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._process = _spawn(self._arguments)
        try:
            self._wait_until_ready(self._process)
        except BaseException:
            # A context that was never entered is never left: Ctrl-C may come while it starts.
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs, or before it was started."""
        return self._process.returncode if self._process else None

    def _wait_until_ready(self, process: subprocess.Popen[str]) -> None:
        ready = process.stdout.readline() if process.stdout else ""
        if not ready:
            code = process.wait(_STOP_SECONDS)
            raise LocalAwsError(f"local AWS did not start: it ended with exit code {code}")
        answer = json.loads(ready)
        self.endpoint_url, self.environment = answer["endpoint_url"], answer["environment"]

    def _stop(self) -> None:
        process = self._process
        if process is None:
            return
        # Its standard input is the leash: at end of file it stops, and it is at end of file if we are killed.
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
        """Make a boto3 client for a service of this local AWS.

        Args:
            service: boto3's name of the service.
            attempts: how often a call is made; 1 for a caller that retries itself, as a producer does.
        """
        return client(service, self.environment, attempts=attempts)

    def gauges(self) -> dict[str, Any]:
        """Read the gauges: tables, streams, functions, mappings.

        Raises:
            LocalAwsError: local AWS stopped.
        """
        try:
            with urlopen(f"{self.endpoint_url}/_local/gauges", timeout=30) as answer:  # noqa: S310 - our own http address
                gauges: dict[str, Any] = json.load(answer)
        except OSError as error:
            raise LocalAwsError(f"local AWS does not answer any more: {error}") from error
        return gauges

    def set_faults(self, rules: Sequence[Mapping[str, Any]], *, seed: int = 0) -> None:
        """Replace all faults of this local AWS; an empty list heals everything.

        Args:
            rules: Rules with the fields of `FaultRule` (smartcat/local_aws/server/fault_rules.py); windows
                count from now.
            seed: Of their dice.

        Raises:
            ValueError: A rule is wrong; the old ones stay.
            LocalAwsError: local AWS stopped.
        """
        url, body = f"{self.endpoint_url}/_local/faults?seed={seed}", json.dumps(list(rules)).encode()
        request = Request(url, body, {"Content-Type": "application/json"}, method="PUT")  # noqa: S310 - our own http address
        try:
            urlopen(request, timeout=30).close()  # noqa: S310 - the same
        except HTTPError as error:
            with error:
                raise ValueError(json.load(error)["message"]) from None
        except OSError as error:
            raise LocalAwsError(f"local AWS does not answer any more: {error}") from error


def _spawn(arguments: Sequence[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "smartcat.local_aws", "--die-with-parent", *arguments]
    return subprocess.Popen(  # noqa: S603 - our own module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C reaches the command alone, which then stops its child in order.
        start_new_session=True,
    )
