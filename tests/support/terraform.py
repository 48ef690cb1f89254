"""Terraform for the tests: where it is, and runs of it on the module or on a changed copy of it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "infra" / "terraform"
OFFLINE = ROOT.parent / "shared" / "terraform-offline" / "terraform"
"""Validates, plans and tests without the registry, where it lies beside the clone."""

NEEDED: Mapping[str, Any] = {
    "package": {"zip_path": "tests/fixtures/package.zip"},
    "model": {"path": "tests/fixtures/model", "shadow_version": "ba9876543210"},
}
"""The variables without a default, as the module's own fixtures have them."""


@dataclass(frozen=True, slots=True)
class Terraform:
    """A Terraform that has a provider.

    Attributes:
        command: The program.
        offline: Whether its provider only knows the schema, and so plans without an account.
        variables: What it needs of the environment.
    """

    command: str
    offline: bool
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, module: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it in a module; output of both kinds is in ``stdout``."""
        return subprocess.run(
            [self.command, f"-chdir={module}", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
            # Plugins decode a large schema at each run: fewer collections take a fifth less time.
            env=os.environ | {"GOGC": "400", "TF_DATA_DIR": str(MODULE / ".terraform")} | self.variables,
        )

    def plan(self, folder: Path, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Plan a copy of the module in a folder, with the example's variables and then these; gives JSON.

        Skips where its provider would ask an account.
        """
        if not self.offline:
            pytest.skip(
                "a plan needs an account, or the provider beside this clone that only knows the schema"
            )
        module = copy_of_module(folder)
        (module / "test.tfvars.json").write_text(json.dumps(variables), "utf-8")
        done = self.run(
            module,
            "plan",
            "-input=false",
            "-no-color",
            "-var-file=terraform.tfvars.example",
            "-var-file=test.tfvars.json",
            "-out=plan.bin",
        )
        assert done.returncode == 0, done.stdout + done.stderr
        shown: dict[str, Any] = json.loads(self.run(module, "show", "-json", "plan.bin").stdout)
        return shown


def copy_of_module(folder: Path) -> Path:
    """Copy the module, without what Terraform or people left in it."""
    ignored = shutil.ignore_patterns(".terraform", "*.tfstate*", "terraform.tfvars", "backend.tf")
    return Path(shutil.copytree(MODULE, folder / "module", ignore=ignored))


@contextmanager
def find_terraform(scratch: Path) -> Iterator[Terraform]:
    """Find one that works without asking the registry, and run its provider; skips where there is none.

    Args:
        scratch: A folder of this process alone.
    """
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    if OFFLINE.exists():
        cache = _own_cache(scratch)
        with _running_provider(cache / "terraform-offline" / "venv" / "bin" / "python") as reattach:
            variables = {"XDG_CACHE_HOME": str(cache), "TF_REATTACH_PROVIDERS": json.dumps(reattach)}
            yield Terraform(str(OFFLINE), offline=True, variables=variables)
    elif (MODULE / ".terraform" / "providers").is_dir():
        yield Terraform("terraform", offline=False)
    else:
        pytest.skip("no provider for terraform: run terraform -chdir=infra/terraform init -backend=false")


@contextmanager
def _running_provider(python: Path) -> Iterator[dict[str, Any]]:
    """Serve the offline provider, and give where, as Terraform wants to be told."""
    # Not pytest's folder: the path of a socket has a hundred bytes at most.
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/provider.sock"
        program = OFFLINE.with_name("terraform-provider-aws.py")
        command = [str(python), str(Path(__file__).with_name("terraform_provider.py")), str(program), socket]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            yield {
                "registry.terraform.io/hashicorp/aws": {
                    "Protocol": "grpc",
                    "ProtocolVersion": 6,
                    "Pid": server.pid,
                    "Test": True,
                    "Addr": {"Network": "unix", "String": socket},
                }
            }
            server.communicate()  # the end of its standard input is its end


def _own_cache(scratch: Path) -> Path:
    """Give a cache of one's own: each start writes the provider there, which must not be running just then.

    What takes time to make, the provider's virtual environment, is shared.
    """
    shared = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "terraform-offline"
    shared.mkdir(parents=True, exist_ok=True)
    with (shared / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "venv" / "bin" / "python").exists():
            made = subprocess.run([str(OFFLINE), "version"], capture_output=True, check=False, timeout=240)
            if made.returncode:
                pytest.skip("the provider that only knows the schema cannot be installed here")
    own = scratch / "terraform-offline"
    own.mkdir()
    (own / "venv").symlink_to(shared / "venv")
    return scratch
