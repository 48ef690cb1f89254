"""The module itself: formatted, valid, and its own tests pass."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from support.terraform import MODULE

if TYPE_CHECKING:
    from support.terraform import Terraform

# Runs that apply to mocks take twice the time: make infra has them.
SUITES = ["iam", "profile", "safety", *(["options"] if os.environ.get("INFRA_SUITES") == "all" else [])]


def test_formatted(terraform: Terraform) -> None:
    """Every file is as terraform fmt has it."""
    done = terraform.run(MODULE, "fmt", "-check", "-recursive")
    assert (done.returncode, done.stdout) == (0, "")


def test_valid(terraform: Terraform) -> None:
    """Types and references agree with the provider's schema."""
    done = terraform.run(MODULE, "validate", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("suite", SUITES)
def test_every_run_passes(terraform: Terraform, suite: str) -> None:
    """Relations, profiles and rights hold; each run's name is a sentence."""
    done = terraform.run(MODULE, "test", "-no-color", f"-filter=tests/{suite}.tftest.hcl")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 failed" in done.stdout


def test_every_suite_is_run() -> None:
    """A new file of runs is noticed."""
    found = {file.name.removesuffix(".tftest.hcl") for file in (MODULE / "tests").glob("*.tftest.hcl")}
    assert found == {"iam", "options", "profile", "safety"}
