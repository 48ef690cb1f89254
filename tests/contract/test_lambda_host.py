"""The Lambda host with real `awslambdaric` processes."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.local_aws.lambda_runtime.function_configuration import FunctionConfiguration
from smartcat.local_aws.lambda_runtime.host import InvokeResult, LambdaHost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:f"

HANDLER = """
import os, subprocess, sys, time

MODULE_STARTED = time.time()

def handler(event, context):
    action = event.get("action")
    if action == "raise":
        raise ValueError("no such label")
    if action == "exit":
        sys.exit(event["code"])
    if action == "sleep":
        child = subprocess.Popen(["sleep", "600"])
        with open(event["file"], "w") as file:
            file.write(f"{os.getpid()} {child.pid}")
        time.sleep(600)
    if action == "big":
        return "x" * event["size"]
    if action == "memory":
        hog = b"x" * (400 * 1024 * 1024)
        time.sleep(600)
    if action == "wait":
        open(event["started"], "w").close()
        deadline = time.time() + 30
        while not os.path.exists(event["until"]) and time.time() < deadline:
            time.sleep(0.005)
    if action == "environment":
        return dict(os.environ)
    return {
        "pid": os.getpid(),
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "name": context.function_name,
        "memory": context.memory_limit_in_mb,
        "remaining": context.get_remaining_time_in_millis(),
    }
"""


def wait_until(condition: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    """Wait for a condition, and fail with its name at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture
def task_root(tmp_path: Path) -> Path:
    """A directory with the handler above."""
    root = tmp_path / "code"
    root.mkdir()
    (root / "app.py").write_text(HANDLER)
    return root


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LambdaHost]:
    """A host without functions."""
    made = LambdaHost({"AWS_ENDPOINT_URL": "http://nowhere.invalid"}, tmp_path / "logs", sys.executable)
    yield made
    made.stop()


def put(host: LambdaHost, task_root: Path | None, **changes: Any) -> None:
    """Create or change the function `f`."""
    settings = {"name": "f", "arn": ARN, "handler": "app.handler", "timeout": 30, "memory_mb": 256, **changes}
    host.put_function(FunctionConfiguration(**settings), task_root)


def call(host: LambdaHost, reference: str = "f", **event: Any) -> InvokeResult:
    """Invoke with an event of these fields."""
    return host.invoke(reference, json.dumps(event).encode())


def content(result: InvokeResult) -> Any:
    """The answer's JSON."""
    return json.loads(result.payload)


def log_text(tmp_path: Path) -> str:
    """All that was logged for `f`."""
    return "".join(path.read_text() for path in (tmp_path / "logs" / "f").glob("*.log"))


def test_an_invocation_reaches_the_handler_with_its_context(host: LambdaHost, task_root: Path) -> None:
    """Request ID, ARN, memory and remaining time are those of the invocation."""
    put(host, task_root)
    result = call(host, ARN + ":live")
    seen = content(result)
    assert (result.status_code, result.function_error, result.cold_start) == (200, None, True)
    assert seen["request_id"] == result.request_id
    assert (seen["arn"], seen["name"], seen["memory"]) == (ARN + ":live", "f", "256")
    assert 20_000 < seen["remaining"] <= 30_000


def test_an_idle_environment_is_used_again(host: LambdaHost, task_root: Path) -> None:
    """The second invocation is warm, in the same process."""
    put(host, task_root)
    first, second = call(host), call(host)
    assert content(first)["pid"] == content(second)["pid"]
    assert not second.cold_start
    gauges = host.gauges()["functions"]["f"]
    assert (gauges["invocations"], gauges["environments"], gauges["concurrency"]) == (2, 1, 0)
    assert len(gauges["cold_starts_ms"]) == 1


def test_the_environment_is_clean(host: LambdaHost, task_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions see Lambda's variables, the host's and their own, and nothing of the caller's process."""
    monkeypatch.setenv("SECRET_OF_THE_TEST", "1")
    put(host, task_root, variables={"SMARTCAT_TABLE": "t"}, runtime="python3.13")
    seen = content(call(host, action="environment"))
    assert "SECRET_OF_THE_TEST" not in seen
    expected = {
        "AWS_LAMBDA_FUNCTION_NAME": "f",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": "http://nowhere.invalid",
        "LAMBDA_TASK_ROOT": str(task_root),
        "SMARTCAT_TABLE": "t",
        "TZ": ":UTC",
        "_HANDLER": "app.handler",
    }
    assert {name: seen.get(name) for name in expected} == expected


def test_each_environment_has_temporary_space_that_ends_with_the_host(
    host: LambdaHost, task_root: Path
) -> None:
    """What a killed function leaves in its temporary directory does not outlive the host."""
    put(host, task_root)
    first = Path(content(call(host, action="environment"))["TMPDIR"])
    put(host, None, variables={"COLOUR": "blue"})
    second = Path(content(call(host, action="environment"))["TMPDIR"])
    assert first.is_dir()
    assert first != second
    host.stop()
    assert not first.exists()
    assert not second.exists()


def test_an_exception_is_an_unhandled_error_and_the_environment_survives(
    host: LambdaHost, task_root: Path
) -> None:
    """The payload is the runtime's error report."""
    put(host, task_root)
    result = call(host, action="raise")
    assert (result.status_code, result.function_error) == (200, "Unhandled")
    assert (content(result)["errorType"], content(result)["errorMessage"]) == ("ValueError", "no such label")
    assert not call(host).cold_start


@pytest.mark.parametrize(
    ("code", "reason"),
    [(3, "Runtime exited with error: exit status 3"), (0, "Runtime exited without providing a reason")],
)
def test_a_process_that_exits_is_a_runtime_error(
    host: LambdaHost, task_root: Path, code: int, reason: str
) -> None:
    """Lambda's words for an exit; the next invocation is a cold start."""
    put(host, task_root)
    call(host)
    result = call(host, action="exit", code=code)
    assert result.function_error == "Unhandled"
    assert content(result) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {result.request_id} Error: {reason}",
    }
    assert call(host).cold_start


def test_the_timeout_kills_the_process_and_what_it_started(
    host: LambdaHost, task_root: Path, tmp_path: Path
) -> None:
    """At the deadline the whole process group ends; the next invocation is a cold start."""
    put(host, task_root, timeout=1)
    pids = tmp_path / "pids"
    result = call(host, action="sleep", file=str(pids))
    assert content(result) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {result.request_id} Error: Task timed out after 1.00 seconds",
    }
    assert 1.0 <= result.duration < 5.0
    for pid in pids.read_text().split():
        wait_until(lambda pid=pid: gone(int(pid)), "the processes of the function are gone")
    assert call(host).cold_start
    assert host.gauges()["functions"]["f"]["timeouts"] == 1


def test_a_handler_that_cannot_be_imported_is_an_init_error(host: LambdaHost, task_root: Path) -> None:
    """The import error comes back, each invocation tries again, and mending the code mends the function."""
    put(host, task_root, handler="missing.handler")
    for _ in range(2):
        result = call(host)
        assert result.function_error == "Unhandled"
        assert content(result)["errorType"] == "Runtime.ImportModuleError"
    put(host, task_root)
    assert call(host).function_error is None


def test_an_initialisation_over_its_limit_is_killed(tmp_path: Path, task_root: Path) -> None:
    """The limit counts from the start of the process."""
    (task_root / "slow.py").write_text("import time\ntime.sleep(600)\n")
    host = LambdaHost({}, None, sys.executable, init_limit=0.5)
    try:
        put(host, task_root, handler="slow.handler", timeout=1)
        assert content(call(host))["errorType"] == "Sandbox.Timedout"
    finally:
        host.stop()


def test_a_response_over_six_megabytes_is_rejected(host: LambdaHost, task_root: Path) -> None:
    """The limit is on the JSON, and what fits exactly passes."""
    put(host, task_root)
    limit = 6 * 1024 * 1024
    assert len(call(host, action="big", size=limit - 2).payload) == limit
    result = call(host, action="big", size=limit - 1)
    assert (result.function_error, content(result)["errorType"]) == (
        "Unhandled",
        "Function.ResponseSizeTooLarge",
    )
    assert call(host).function_error is None


def test_an_event_over_six_megabytes_is_rejected_before_the_function(
    host: LambdaHost, task_root: Path
) -> None:
    """No environment is started for it."""
    put(host, task_root)
    assert host.invoke("f", b" " * (6 * 1024 * 1024 + 1)).status_code == 413
    assert host.gauges()["functions"]["f"]["environments"] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_over_the_limit_kills_the_process(host: LambdaHost, task_root: Path) -> None:
    """As on Lambda the process is killed, not told."""
    put(host, task_root, memory_mb=128)
    result = call(host, action="memory")
    assert content(result)["errorMessage"].endswith("Runtime exited with error: signal: killed")


def test_concurrency_is_limited_and_environments_are_made_as_needed(
    host: LambdaHost, task_root: Path, tmp_path: Path
) -> None:
    """With two reserved executions the third concurrent invocation is throttled; 0 throttles everything."""
    put(host, task_root)
    host.put_concurrency("f", 2)
    until = tmp_path / "until"
    with ThreadPoolExecutor(2) as pool:
        starts = [tmp_path / "started-0", tmp_path / "started-1"]
        busy = [pool.submit(call, host, action="wait", started=str(s), until=str(until)) for s in starts]
        wait_until(lambda: all(start.exists() for start in starts), "both invocations run")
        third = call(host)
        assert (third.status_code, third.throttled) == (429, True)
        until.touch()
        pids = {content(each.result())["pid"] for each in busy}
    assert len(pids) == 2
    host.put_concurrency("f", 0)
    assert call(host).throttled
    host.put_concurrency("f", None)
    assert content(call(host))["pid"] in pids
    assert host.gauges()["functions"]["f"]["throttles"] == 2


def test_a_change_of_configuration_starts_new_environments(host: LambdaHost, task_root: Path) -> None:
    """The old process ends, and the new one has the new variables."""
    put(host, task_root)
    old = content(call(host))["pid"]
    put(host, None, variables={"COLOUR": "blue"})
    result = call(host, action="environment")
    assert (result.cold_start, content(result)["COLOUR"]) == (True, "blue")
    wait_until(lambda: gone(old), "the old process has ended")


def test_an_environment_that_died_while_idle_is_replaced(host: LambdaHost, task_root: Path) -> None:
    """The invocation does not fail for it; it is a cold start."""
    put(host, task_root)
    pid = content(call(host))["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: gone(pid), "the process has ended")
    result = call(host)
    assert (result.function_error, result.cold_start) == (None, True)


def test_the_log_has_output_and_a_report(host: LambdaHost, task_root: Path, tmp_path: Path) -> None:
    """Output and REPORT line share the environment's file; only a cold start names its initialisation."""
    (task_root / "app.py").write_text("print('loaded')\ndef handler(event, context):\n    print('called')\n")
    put(host, task_root)
    call(host)
    second = call(host)
    lines = log_text(tmp_path).splitlines()
    assert lines.count("loaded") == 1
    assert lines.count("called") == 2
    reports = [line for line in lines if line.startswith("REPORT RequestId: ")]
    assert ["Init Duration" in line for line in reports] == [True, False]
    assert second.request_id in reports[1]
    assert "Memory Size: 256 MB" in reports[1]


def test_code_comes_from_a_zip_archive_and_is_compiled(host: LambdaHost) -> None:
    """The archive is extracted once, with bytecode that is used without checks."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("pack/__init__.py", "")
        file.writestr("pack/app.py", "def handler(event, context):\n    return __cached__\n")
    code = {"ZipFile": base64.b64encode(archive.getvalue()).decode()}
    root = host.code.task_root(code)
    assert host.code.task_root(code) == root
    put(host, root, handler="pack.app.handler")
    assert Path(content(call(host))).exists()


def test_an_unknown_function_is_not_found(host: LambdaHost, task_root: Path) -> None:
    """Before it is created, and after it is deleted."""
    assert call(host).status_code == 404
    put(host, task_root)
    call(host)
    host.delete_function(ARN)
    assert call(host).status_code == 404


def test_stop_ends_running_invocations_and_leaves_nothing(task_root: Path, tmp_path: Path) -> None:
    """An invocation under way ends at once with an error; its process and its child are gone."""
    threads = threading.active_count()
    host = LambdaHost({}, None, sys.executable)
    put(host, task_root)
    pids = tmp_path / "pids"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(call, host, action="sleep", file=str(pids))
        wait_until(lambda: pids.exists() and pids.read_text(), "the invocation runs")
        host.stop()
        assert running.result(timeout=10).function_error == "Unhandled"
    for pid in pids.read_text().split():
        wait_until(lambda pid=pid: gone(int(pid)), "its processes are gone")
    wait_until(lambda: threading.active_count() == threads, "its threads are gone")


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_functions_do_not_outlive_a_host_that_is_killed(task_root: Path, tmp_path: Path) -> None:
    """Killing the host's process without any chance to clean up kills its functions too."""
    script = f"""
        import sys
        from pathlib import Path
        from smartcat.local_aws.lambda_runtime.function_configuration import FunctionConfiguration
        from smartcat.local_aws.lambda_runtime.host import LambdaHost
        host = LambdaHost({{}}, Path({str(task_root)!r}) / "logs", sys.executable)
        function = FunctionConfiguration("f", {ARN!r}, "app.handler", timeout=30)
        host.put_function(function, Path({str(task_root)!r}))
        print(host.invoke("f", b"{{}}").payload.decode(), flush=True)
        sys.stdin.read()
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Killed, it cannot remove its own directory; pytest removes this one.
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    with parent:
        assert parent.stdout is not None
        pid = json.loads(parent.stdout.readline())["pid"]
        assert not gone(pid)
        parent.kill()
    wait_until(lambda: gone(pid), "the function's process has ended")
