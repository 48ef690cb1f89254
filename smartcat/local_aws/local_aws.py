"""The composition of local AWS: one object that starts everything on one port, and stops it."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from smartcat.local_aws.account import ACCOUNT_ID, REGION
from smartcat.local_aws.dynamodb.table_capacity import BURST_SECONDS
from smartcat.local_aws.errors import LocalAwsError
from smartcat.local_aws.event_source_mapping.mappings import EventSourceMappings
from smartcat.local_aws.invocation_faults import with_faults
from smartcat.local_aws.lambda_api import LambdaApi
from smartcat.local_aws.lambda_runtime.host import LambdaHost
from smartcat.local_aws.moto_setup import prepared_moto
from smartcat.local_aws.quota_admission import QuotaAdmission
from smartcat.local_aws.server.fault_injection import FaultInjection
from smartcat.local_aws.server.fault_rules import validate_rules
from smartcat.local_aws.server.http_server import HttpServer
from smartcat.local_aws.server.metrics_endpoint import MetricsEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from smartcat.local_aws.server.fault_rules import FaultRule

# moto keeps its resources in module globals: two instances in one process would share and reset them.
_instance_lock = threading.Lock()


class LocalAws:
    """AWS on one port of this machine: moto, with capacity, event source mappings and a Lambda host added.

    One at a time in a process; run ``python -m smartcat.local_aws`` for another. Each start begins empty.
    Not for an open network: no signature and no permission is checked.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        initial_burst_seconds: float = BURST_SECONDS,
        log_dir: Path | None = None,
        python: str = sys.executable,
        clock: Callable[[], float] = time.monotonic,
        faults: Sequence[Mapping[str, Any] | FaultRule] = (),
    ) -> None:
        """Configure it; nothing runs before `start`.

        Args:
            host: Address to bind.
            port: Port to bind; 0 takes a free one.
            initial_burst_seconds: Seconds of unused write capacity that a new table starts with, 0 to 300.
            log_dir: Folder of the functions' logs, with a folder per function and a file per environment;
                None for one that is removed at the stop.
            python: The interpreter that runs functions.
            clock: Monotonic seconds, for the token buckets and the time windows of faults.
            faults: Faults in force from the start, as `set_faults` takes them.

        Raises:
            ValueError: `initial_burst_seconds` is out of range, or a fault is invalid.
        """
        if not 0 <= initial_burst_seconds <= BURST_SECONDS:
            raise ValueError(
                f"initial_burst_seconds is {initial_burst_seconds}: expected 0 to {BURST_SECONDS} seconds"
            )
        self._address = (host, port)
        self._initial_burst_seconds = initial_burst_seconds
        self._log_dir = log_dir
        self._python = python
        self._clock = clock
        self._initial_faults = validate_rules([*faults])
        self._faults: FaultInjection | None = None
        self._running: ExitStack | None = None
        self._server: HttpServer | None = None
        self._gauges: MetricsEndpoint | None = None

    def start(self) -> None:
        """Start serving, and return when the port is open.

        Raises:
            LocalAwsError: One is already running in this process, or the port is in use.
        """
        if not _instance_lock.acquire(blocking=False):
            raise LocalAwsError(
                "local AWS is already running in this process: "
                "stop it first, or start another with python -m smartcat.local_aws"
            )
        with ExitStack() as stack:
            stack.callback(_instance_lock.release)
            stack.enter_context(prepared_moto())
            server = self._bind()
            stack.callback(server.stop)
            self._gauges = self._compose(server.url, stack)
            server.start(self._gauges)
            self._server = server
            self._running = stack.pop_all()

    def _bind(self) -> HttpServer:
        host, port = self._address
        try:
            return HttpServer(host, port)
        except OSError as problem:
            reason = problem.strerror or type(problem).__name__
            raise LocalAwsError(f"local AWS cannot listen on {host}:{port}: {reason}") from problem

    def _compose(self, url: str, stack: ExitStack) -> MetricsEndpoint:
        moto = DomainDispatcherApplication(create_backend_app)
        quota = QuotaAdmission(moto, clock=self._clock, initial_burst_seconds=self._initial_burst_seconds)
        host = LambdaHost(variables=_environment_variables(url), log_dir=self._log_dir, python=self._python)
        mappings = EventSourceMappings(url, invoke=with_faults(host.invoke, lambda: self._faults))
        faults = self._faults = FaultInjection(LambdaApi(quota, host, mappings), clock=self._clock)
        faults.set_rules(self._initial_faults)
        # Stopped in reverse order: faults release the calls they hold, so that the mappings can end, and the
        # host ends the invocations that the mappings wait for.
        stack.callback(mappings.stop)
        stack.callback(host.stop)
        stack.callback(faults.clear)
        return MetricsEndpoint(faults, [quota, host, mappings, faults])

    def stop(self) -> None:
        """Stop everything and drop all resources. Safe to call twice."""
        running, self._running = self._running, None
        if running is not None:
            running.close()
            self._server = self._gauges = self._faults = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint_url(self) -> str:
        """Return the URL of every service.

        Raises:
            LocalAwsError: It is not running.
        """
        if self._server is None:
            raise LocalAwsError("local AWS is not running: start it first")
        return self._server.url

    def environment_variables(self) -> dict[str, str]:
        """Return the environment variables that point boto3, the command line and functions here.

        Raises:
            LocalAwsError: It is not running.
        """
        return _environment_variables(self.endpoint_url)

    def gauges(self) -> dict[str, Any]:
        """Return what ``GET /_local/gauges`` does: sections tables, streams, functions, mappings and faults.

        Raises:
            LocalAwsError: It is not running.
        """
        if self._gauges is None:
            raise LocalAwsError("local AWS is not running: start it first")
        return self._gauges.collect()

    def set_faults(self, rules: Sequence[Mapping[str, Any] | FaultRule], *, seed: int = 0) -> None:
        """Replace all faults by these, as ``PUT /_local/faults`` does; an empty list removes them all.

        Args:
            rules: Rules with the fields of `FaultRule` (smartcat/local_aws/server/fault_rules.py); windows
                count from now.
            seed: Seed of their random decisions.

        Raises:
            LocalAwsError: It is not running.
            ValueError: A rule is invalid; the old ones stay in force.
        """
        if self._faults is None:
            raise LocalAwsError("local AWS is not running: start it first")
        self._faults.set_rules([*rules], seed=seed)


def _environment_variables(url: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test",
        "AWS_ACCOUNT_ID": ACCOUNT_ID,
        # Never look for a role on the network.
        "AWS_EC2_METADATA_DISABLED": "true",
    }
