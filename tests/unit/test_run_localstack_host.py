"""`make test-localstack-host` where something it needs is missing; the real thing is the command itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(folder: Path, tools: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the script with these tools alone on its path, each a shell script."""
    (folder / "bin").mkdir()
    for name, body in tools.items():
        (folder / "bin" / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / "bin" / name).chmod(0o755)
    (folder / "tmp").mkdir()
    variables = {"PATH": str(folder / "bin"), "PYENV_ROOT": str(folder), "TMPDIR": str(folder / "tmp")}
    return subprocess.run(
        [sys.executable, "tests/contract/run_localstack_host.py"],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


FAILS = 'echo first >&2; echo "the last line" >&2; exit 1'
PYTHON = f'case "$1" in --version) echo Python 3.13.1 ;; *) {FAILS} ;; esac'


@pytest.mark.parametrize(
    ("tools", "said"),
    [
        ({}, "node is not on the path"),
        ({"node": ""}, "npm is not on the path"),
        ({"node": "", "npm": ""}, "no Python 3.13"),
        ({"node": "", "npm": "", "python3.13": "echo not switched on >&2; exit 127"}, "no Python 3.13"),
        ({"node": "", "npm": "", "python3.13": PYTHON}, "virtual environment: the last line"),
    ],
)
def test_what_is_missing_is_one_line_and_nothing_is_left(
    tmp_path: Path, tools: dict[str, str], said: str
) -> None:
    """No Node, no Python, and a step that fails: named with its last line, and the folder is gone."""
    done = run(tmp_path, tools)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {said}")
    assert done.stderr.count("\n") == 1
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_localstack_that_cannot_start_is_one_line(tmp_path: Path) -> None:
    """Its exit code and the last line of its log; its folder goes, too."""
    shell = shutil.which("sh")
    inner = f"#!{shell}\n[ \"$2\" = pip ] && exit 0\necho started; echo 'ModuleNotFoundError: x'; exit 4\n"
    make = f'mkdir -p "$3/bin"; cat > "$3/bin/python" <<\'END\'\n{inner}END\nchmod 755 "$3/bin/python"'
    python = f'PATH=/usr/bin:/bin; case "$1" in --version) echo Python 3.13.1 ;; *) {make} ;; esac'
    done = run(tmp_path, {"node": "", "npm": "", "python3.13": python.replace(" ;; esac", "\n;; esac")})
    assert done.returncode == 1
    assert done.stderr == "error: LocalStack ended with exit code 4: ModuleNotFoundError: x\n"
    assert list((tmp_path / "tmp").iterdir()) == []
