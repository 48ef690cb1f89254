"""`make localstack`: LocalStack up, the artifact, Terraform, the end-to-end tests, and everything down again.

Works on a copy of infra/terraform in build/localstack: no state, backend or tfvars of yours is met.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ("docker", "compose", "--file", str(ROOT / "docker-compose.localstack.yml"))
RUNTIME_IMAGE = "public.ecr.aws/lambda/python:3.13"
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
WHILE_IT_STOPS = 60.0
PYTHON = sys.executable


class Failed(RuntimeError):  # noqa: N818 - a step, not a bug
    """A step did not succeed; the message is one line for people."""


def environment() -> dict[str, str]:
    """Give this environment without its AWS account and Terraform settings, and with LocalStack instead."""
    mine = ("AWS_", "TF_", "SMARTCAT_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(mine)}
    port = os.environ.get("LOCALSTACK_PORT") or "4566"
    return clean | {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
    }


def step(name: str, command: Sequence[str], *, out: Path | None = None) -> None:
    """Run a command and wait for it; Ctrl-C asks it to stop in order, and waits for that.

    Raises:
        Failed: It ended with another code than 0.
    """
    print(f"-- {name}: {' '.join(command)}", flush=True)  # noqa: T201 - what it is for
    with (
        ExitStack() as files,
        # A session of its own: Ctrl-C comes here alone, and a killed Terraform would leave a lock.
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(),
            stdout=files.enter_context(out.open("w")) if out else None,
            start_new_session=True,
        ) as process,
    ):
        try:
            code = process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(WHILE_IT_STOPS)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    if code:
        raise Failed(f"{name} ended with exit code {code}")


def require() -> None:
    """Look for what this needs.

    Raises:
        Failed: Docker, its Compose, its engine or Terraform is not there.
    """
    for tool, why in {"docker": "LocalStack runs in it", "terraform": "it builds the system"}.items():
        if shutil.which(tool) is None:
            raise Failed(f"{tool} is not on the path: {why} (make demo and make test need neither)")
    for question, what in {
        ("docker", "compose", "version"): "Docker has no Compose: install its compose plugin",
        ("docker", "info"): "Docker's engine does not answer: start it, or look at your rights to its socket",
    }.items():
        if subprocess.run(question, capture_output=True, timeout=60, check=False).returncode:
            raise Failed(what)
    if not list((ROOT / "infra" / "terraform").glob("*.tf")):
        raise Failed("infra/terraform holds no module")


def copy_module(folder: Path, variables: dict[str, object]) -> Path:
    """Copy the module without anybody's backend, with the variables beside it; an old run's state goes."""
    module = folder / "terraform"
    shutil.rmtree(module, ignore_errors=True)
    module.mkdir(parents=True)
    for source in (ROOT / "infra" / "terraform").glob("*.tf"):
        if source.name != "backend.tf" and not source.name.endswith("override.tf"):
            shutil.copy(source, module)
    (module / "terraform.tfvars.json").write_text(json.dumps(variables, indent=1))
    return module


def run(folder: Path, *, keep: bool, tests: Sequence[str]) -> None:
    """Do all of it; whatever happens after LocalStack was asked to start, it goes down again.

    Raises:
        Failed: A step did not succeed.
    """
    require()
    folder.mkdir(parents=True, exist_ok=True)
    arch = ARCHITECTURES[platform.machine().lower()]
    smartcat = (PYTHON, "-m", "smartcat")
    corpus, model, zip_file = folder / "corpus.jsonl", folder / "model", folder / "function.zip"
    step("documents", [*smartcat, "samples", "--count", "300", "--seed", "1"], out=corpus)
    step("model", [*smartcat, "train", str(corpus), "--out", str(model), "--quick"])
    step("package", [*smartcat, "package", "--arch", arch, "--python", "3.13", "--out", str(zip_file)])
    module = copy_module(
        folder,
        {
            "emulator": True,
            "environment": "e2e",
            "package": {"zip_path": str(zip_file)},
            "model": {"path": str(model)},
            "consumer": {"architecture": arch, "runtime": "python3.13", "batching_window_s": 1},
        },
    )
    with ExitStack() as undo:
        try:
            _deploy_and_test(folder, module, undo, keep=keep, tests=tests)
        finally:
            # From here on things are undone, and a second Ctrl-C must not stop that half way.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _deploy_and_test(
    folder: Path, module: Path, undo: ExitStack, *, keep: bool, tests: Sequence[str]
) -> None:
    terraform, outputs = ("terraform", f"-chdir={module}"), folder / "outputs.json"
    if not keep:
        undo.callback(step, "LocalStack down", [*COMPOSE, "down", "--volumes", "--timeout", "30"])
    undo.callback(step, "LocalStack's log", [*COMPOSE, "logs", "--no-color"], out=folder / "localstack.log")
    step("image of the function", ["docker", "pull", "--quiet", RUNTIME_IMAGE])
    step("LocalStack up", [*COMPOSE, "up", "--detach", "--wait", "--wait-timeout", "180"])
    step("terraform init", [*terraform, "init", "-no-color"])
    if not keep:
        undo.callback(step, "terraform destroy", [*terraform, "destroy", "-auto-approve", "-no-color"])
    step("terraform apply", [*terraform, "apply", "-auto-approve", "-no-color"])
    step("outputs", [*terraform, "output", "-json"], out=outputs)
    pytest = [PYTHON, "-m", "pytest", "tests/e2e", "-n", "0", "--timeout", "600"]
    step("tests", [*pytest, "--target", "localstack", "--outputs", str(outputs), *tests])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 is done, 1 is not done, with one line that says why, 130 is Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "localstack", help="where files go")
    parser.add_argument("--keep", action="store_true", help="leave LocalStack and the system in it running")
    parser.add_argument("tests", nargs="*", help="more arguments for pytest, after --")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        run(chosen.folder.resolve(), keep=chosen.keep, tests=chosen.tests)
    except Failed as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - what it is for
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; what was started is down again", file=sys.stderr)  # noqa: T201 - the same
        return 130
    return 0


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
