"""`make test-localstack-host`: the producers' contract tests on LocalStack's Kinesis and S3, without Docker.

LocalStack runs as a process here, out of a virtual environment that is made for it and deleted with it. Its
DynamoDB and Lambda need downloads beside PyPI and npm, so they are left to `make localstack`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
# localstack-core names no upper bounds: newer ones of these break it.
PACKAGES = (
    "localstack-core[runtime]==4.14.0",
    "cbor2==5.8.0",
    "cryptography==46.0.7",
    "moto-ext==5.1.24",
    "pyopenssl==25.3.0",
    "service-identity==24.2.0",
)
TESTS = ("tests/contract/test_producer_on_kinesis.py", "tests/contract/test_claimed_objects.py")
INSTALL_SECONDS, START_SECONDS, TEST_SECONDS, STOP_SECONDS = 600, 90, 300, 20


class Failed(RuntimeError):  # noqa: N818 - a step, not a bug
    """A step did not succeed; the message is one line for people."""


def python_3_13() -> str:
    """Find a Python 3.13, which this version of LocalStack runs on.

    Raises:
        Failed: There is none on the path or with pyenv.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = [shutil.which("python3.13"), *map(str, sorted(pyenv.glob("3.13*/bin/python")))]
    for each in filter(None, found):
        # pyenv's shim is there for versions that are not switched on, too; then it only complains.
        asked = subprocess.run([each, "--version"], capture_output=True, text=True, timeout=30, check=False)
        if asked.returncode == 0 and asked.stdout.startswith("Python 3.13"):
            return each
    raise Failed("no Python 3.13, on the path or with pyenv: LocalStack 4.14.0 runs on it")


def run(name: str, command: Sequence[str], *, seconds: float) -> None:
    """Run a step, quietly unless it fails.

    Raises:
        Failed: It ended with another code than 0, or took too long; with the last line it wrote.
    """
    print(f"-- {name}", flush=True)  # noqa: T201 - what it is for
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"{name}: not done within {seconds:g} s") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no explanation"]
        raise Failed(f"{name}: {lines[-1]}")


def environment(folder: Path, port: int) -> dict[str, str]:
    """Give LocalStack's environment: this port alone, files in the folder, nothing sent anywhere."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return clean | {
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "SERVICES": "kinesis,s3",
        "FILESYSTEM_ROOT": str(folder / "files"),
        "OVERRIDE_IN_DOCKER": "0",  # it would take a container that this runs in for its own
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        "KINESIS_LATENCY": "0",
    }


@contextmanager
def running(python: Path, folder: Path) -> Iterator[str]:
    """Run LocalStack on a free port, and give its address; at the end it and its children are gone.

    Raises:
        Failed: It ended, or was not ready in time.
    """
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    print(f"-- LocalStack on port {port}", flush=True)  # noqa: T201 - what it is for
    log = folder / "localstack.log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            [python, "-m", "localstack.runtime.main"],
            env=environment(folder, port),
            stdout=output,
            stderr=output,
            cwd=folder,
            start_new_session=True,
        ) as process,
    ):
        try:
            _wait_until_ready(process, f"http://127.0.0.1:{port}", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            last = (log.read_text("utf-8", "replace").strip().splitlines() or ["no explanation"])[-1]
            raise Failed(f"LocalStack ended with exit code {process.returncode}: {last}")
        try:
            with urlopen(f"{url}/_localstack/health", timeout=2):  # noqa: S310 - our own http address
                return
        except OSError:
            time.sleep(0.2)
    raise Failed(f"LocalStack was not ready within {START_SECONDS} s")


def test(url: str) -> None:
    """Run the contract tests on it.

    Raises:
        Failed: Some of them failed.
    """
    variables = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "SMARTCAT_CONTRACT_AWS": "1",
    }
    command = [sys.executable, "-m", "pytest", *TESTS, "-n", "0", "--target", "localstack"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(command, cwd=ROOT, env=clean | variables, timeout=TEST_SECONDS, check=False)
    if done.returncode:
        raise Failed(f"tests ended with exit code {done.returncode}")


def main() -> int:
    """Run the command; 0 is done, 1 is not done, with one line that says why, 130 is Ctrl-C."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    try:
        for tool in ("node", "npm"):
            if shutil.which(tool) is None:
                raise Failed(f"{tool} is not on the path: LocalStack's Kinesis is a package of npm")  # noqa: TRY301
        with TemporaryDirectory(prefix="localstack-host-") as temporary:
            folder = Path(temporary)
            python = folder / "venv" / "bin" / "python"
            run("virtual environment", [python_3_13(), "-m", "venv", str(folder / "venv")], seconds=120)
            quiet = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
            run("LocalStack from PyPI", [str(python), *quiet, *PACKAGES], seconds=INSTALL_SECONDS)
            with running(python, folder) as url:
                test(url)
    except (Failed, subprocess.TimeoutExpired) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - what it is for
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
