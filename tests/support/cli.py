"""Running the command line as a person would."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

# What commands import: with it loaded a command takes half the processor time, a small training a third.
# None of our own modules, nor any library that reads the environment when it is imported.
_LIBRARIES = [
    "boto3",
    "botocore.client",
    "botocore.config",
    "pydantic",
    "scipy.optimize",
    "sklearn.svm",
    "sklearn.linear_model",
]
_STREAMS = ("stdin", "stdout", "stderr")


def smartcat(
    *arguments: str,
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
    stdin: str | None = None,
    timeout: float = 240,
) -> subprocess.CompletedProcess[str]:
    """Run ``smartcat`` with nothing of this process's AWS settings, and give what it printed.

    In a process of its own: where that is safe (Linux), forked from one that has libraries loaded, no more.
    """
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "SMARTCAT_", "COVERAGE"))
    }
    clean |= {"COLUMNS": "120", "NO_COLOR": "1", "AWS_EC2_METADATA_DISABLED": "true"}
    clean |= environment or {}
    if sys.platform == "linux":
        return _fork(arguments, cwd or Path.cwd(), clean, stdin, timeout)
    return subprocess.run(
        [sys.executable, "-m", "smartcat", *arguments],
        cwd=cwd,
        env=clean,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def _fork(
    arguments: tuple[str, ...], cwd: Path, environment: dict[str, str], stdin: str | None, timeout: float
) -> subprocess.CompletedProcess[str]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LIBRARIES)
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in _STREAMS]
        streams[0].write_text(stdin or "", "utf-8")
        process = context.Process(target=_command, args=(arguments, cwd, environment, streams))
        process.start()
        process.join(timeout)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["smartcat", *arguments], timeout)
        out, err = (stream.read_text("utf-8") for stream in streams[1:])
        code = process.exitcode
        process.close()
    assert code is not None
    return subprocess.CompletedProcess(["smartcat", *arguments], code, out, err)


def _command(arguments: tuple[str, ...], cwd: Path, environment: dict[str, str], streams: list[Path]) -> None:
    """Be the command: in the forked process."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    for number, (path, flags) in enumerate(
        zip(streams, (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT), strict=True)
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    sys.argv = ["smartcat", *arguments]
    runpy.run_module("smartcat", run_name="__main__", alter_sys=True)
