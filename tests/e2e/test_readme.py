"""Everything in the README is run."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.tables import WAIT_FOR_RESULTS

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.local_only("runs the README, which starts local AWS"),
]

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
MAKE = re.findall(r"^\$ (make .*?)(?:\s+#.*)?$", README, re.MULTILINE)


def run(command: list[str], cwd: Path, environment: dict[str, str]) -> str:
    """Run a command that must succeed, and give what it printed."""
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """Give a shell with the virtual environment first on its path, and a free port for local AWS."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SMARTCAT_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}"
    return clean | {"PATH": path, "SMARTCAT_LOCAL_PORT": "0", "NO_COLOR": "1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """Run the README's first commands in an empty folder."""
    folder = tmp_path_factory.mktemp("readme")
    run(["bash", "-euo", "pipefail", "-c", SHELL[0]], folder, environment)
    return folder


@pytest.fixture(scope="module")
def exported(folder: Path, environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """Leave the README's `smartcat local` running and export what it prints."""
    command = SHELL[1].partition("#")[0].split()
    with subprocess.Popen(
        [*command, "--json"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as local:
        assert local.stdout is not None
        ready = local.stdout.readline()
        try:
            yield environment | json.loads(ready)["environment"]
        finally:
            local.terminate()
    assert local.returncode == 0


def test_the_readme_has_the_commands_this_file_runs() -> None:
    """Three shell blocks, one of Python, three make commands."""
    assert (len(SHELL), len(PYTHON), len(MAKE)) == (3, 1, 3)


def test_training_and_classifying_as_the_readme_says(folder: Path) -> None:
    """Two hundred unseen documents have a label each."""
    lines = (folder / "labels.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 200
    assert all(json.loads(line)["label"] for line in lines)


def test_pushing_and_reading_as_the_readme_says(folder: Path, exported: dict[str, str]) -> None:
    """What was pushed has its result, and the lists that are shown are not empty."""
    push, *read = [line for line in SHELL[2].splitlines() if line]
    assert "200 documents accepted" in run(["bash", "-c", push], folder, exported)
    run([sys.executable, "-c", WAIT_FOR_RESULTS, "200"], folder, exported)
    shown = [run(["bash", "-c", line], folder, exported) for line in read]
    assert "sample-2-000000" in shown[0]
    assert json.loads(shown[1].splitlines()[0])["decision"] == "review"


def test_the_library_as_the_readme_says(folder: Path, exported: dict[str, str]) -> None:
    """The lines of Python print a shard and a sequence number."""
    assert "shardId-" in run([sys.executable, "-c", PYTHON[0]], folder, exported)


@pytest.mark.parametrize("command", MAKE)
def test_make_targets_of_the_readme_exist(command: str) -> None:
    """What they run is tested on its own: the demo in test_demo.py, the tests by themselves."""
    words = command.split()
    done = subprocess.run(
        [words[0], "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    expected = "pytest" if words[1] == "test" else "smartcat demo"
    assert expected in done.stdout
    if "DOCUMENTS" in command:
        assert '--documents "$DOCUMENTS"' in done.stdout
