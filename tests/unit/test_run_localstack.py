"""`make localstack` with a docker, a terraform and a Python that only note what they were asked."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = (
    "import sys; sys.path.insert(0, 'tests/e2e'); import run_localstack as r; from pathlib import Path; "
    "r.PYTHON, r.ROOT = sys.argv[1], Path(sys.argv[2]); sys.exit(r.main(sys.argv[3:]))"
)
FAKE = """#!/bin/sh
echo "$(basename "$0") $*" >> "$NOTES"
case "$(basename "$0") $*" in
  *"$FAIL_AT"*) [ -n "$FAIL_AT" ] && exit 3 ;;
esac
case "$(basename "$0") $*" in
  *"$STOP_AT"*) [ -n "$STOP_AT" ] && kill -"$STOP_WITH" $PPID && exec sleep 5 ;;
esac
echo "{}"
"""


class Play:
    """A folder with the fakes, a module of Terraform, and what the fakes were asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin, self.notes = folder, folder / "bin", folder / "notes"
        self.bin.mkdir()
        for name in ("docker", "terraform", "fake-python"):
            (self.bin / name).write_text(FAKE)
            (self.bin / name).chmod(0o755)
        module = folder / "infra" / "terraform"
        module.mkdir(parents=True)
        for name in ("main.tf", "backend.tf", "provider_override.tf", "terraform.tfvars"):
            (module / name).write_text("# of a person\n")

    def run(self, *arguments: str, path: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        clean = {"NOTES": str(self.notes), "FAIL_AT": "", "STOP_AT": "", "STOP_WITH": "INT"}
        mine = {"AWS_PROFILE": "production", "TF_VAR_environment": "production"}
        return subprocess.run(
            [sys.executable, "-c", SCRIPT, str(self.bin / "fake-python"), str(self.folder), *arguments],
            cwd=ROOT,
            env=os.environ | mine | clean | {"PATH": path or f"{self.bin}:/usr/bin:/bin"} | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def asked(self) -> list[str]:
        """The steps that count, in a word each, in order."""
        words = {
            "compose --file": "",
            " up ": "up",
            " down ": "down",
            " init ": "init",
            " apply ": "apply",
            " destroy ": "destroy",
            "-m pytest": "tests",
            "-m smartcat package": "package",
        }
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        found = [next((word for part, word in words.items() if part in line and word), "") for line in lines]
        return [word for word in found if word]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Give the fakes."""
    return Play(tmp_path)


def test_everything_is_built_tested_and_taken_down(play: Play) -> None:
    """In this order; the tests are told where Terraform's outputs are, and what was asked of them besides."""
    done = play.run("--folder", str(play.folder / "out"), "--", "-k", "poison")
    assert done.returncode == 0, done.stderr
    assert play.asked() == ["package", "up", "init", "apply", "tests", "destroy", "down"]
    (tests,) = [line for line in play.notes.read_text().splitlines() if "-m pytest" in line]
    assert f"--target localstack --outputs {play.folder}/out/outputs.json -k poison" in tests
    assert (play.folder / "out" / "outputs.json").read_text() == "{}\n"


def test_no_state_backend_or_account_of_a_person_is_met(play: Play) -> None:
    """Terraform runs in a copy without backend, overrides and tfvars, and sees no AWS but LocalStack."""
    (play.bin / "terraform").write_text('#!/bin/sh\nenv >> "$NOTES"\necho {}\n')
    assert play.run("--folder", str(play.folder / "out")).returncode == 0
    module = play.folder / "out" / "terraform"
    assert sorted(path.name for path in module.iterdir()) == ["main.tf", "terraform.tfvars.json"]
    variables = json.loads((module / "terraform.tfvars.json").read_text())
    assert variables["emulator"] is True
    assert variables["package"]["zip_path"] == f"{play.folder}/out/function.zip"
    seen = play.notes.read_text()
    assert "AWS_ENDPOINT_URL=http://127.0.0.1:4566" in seen
    assert "production" not in seen


@pytest.mark.parametrize(
    ("fail_at", "name", "asked"),
    [
        ("-m pytest", "tests", ["package", "up", "init", "apply", "tests", "destroy", "down"]),
        (" apply ", "terraform apply", ["package", "up", "init", "apply", "destroy", "down"]),
        (" up ", "LocalStack up", ["package", "up", "down"]),
        (" destroy ", "terraform destroy", ["package", "up", "init", "apply", "tests", "destroy", "down"]),
        ("smartcat package", "package", ["package"]),
    ],
)
def test_a_failure_takes_everything_down(play: Play, fail_at: str, name: str, asked: list[str]) -> None:
    """Wherever it happens: one line names the step, the code is 1, and nothing that was started is left."""
    done = play.run("--folder", str(play.folder / "out"), FAIL_AT=fail_at)
    assert done.returncode == 1
    assert done.stderr == f"error: {name} ended with exit code 3\n"
    assert play.asked() == asked


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_takes_everything_down(play: Play, kind: signal.Signals) -> None:
    """In mid apply: Terraform is asked to stop, then all is destroyed and LocalStack goes."""
    stop = {"STOP_AT": " apply ", "STOP_WITH": kind.name.removeprefix("SIG")}
    done = play.run("--folder", str(play.folder / "out"), **stop)
    assert done.returncode == 130
    assert done.stderr == "error: interrupted; what was started is down again\n"
    assert play.asked() == ["package", "up", "init", "apply", "destroy", "down"]


def test_keep_leaves_it_running(play: Play) -> None:
    """For a look at what the tests left."""
    assert play.run("--folder", str(play.folder / "out"), "--keep").returncode == 0
    assert play.asked() == ["package", "up", "init", "apply", "tests"]


@pytest.mark.parametrize("missing", ["docker", "terraform"])
def test_what_is_not_installed_is_one_line(play: Play, missing: str) -> None:
    """Said before anything is built or started."""
    (play.bin / missing).unlink()
    done = play.run("--folder", str(play.folder / "out"), path=str(play.bin))
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {missing} is not on the path: ")
    assert done.stderr.count("\n") == 1
    assert play.asked() == []


@pytest.mark.parametrize(("question", "said"), [("compose version", "no Compose"), ("docker info", "engine")])
def test_a_docker_that_cannot_serve_is_one_line(play: Play, question: str, said: str) -> None:
    """No Compose, and no engine behind it."""
    done = play.run("--folder", str(play.folder / "out"), FAIL_AT=question)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert play.asked() == []
