"""The module itself: formatted, valid, and its own tests pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.terraform import MODULE

if TYPE_CHECKING:
    from support.terraform import Terraform


def test_formatted(terraform: Terraform) -> None:
    """Every file is as terraform fmt has it."""
    done = terraform.run(MODULE, "fmt", "-check", "-recursive")
    assert (done.returncode, done.stdout) == (0, "")


def test_valid(terraform: Terraform) -> None:
    """Types and references agree with the provider's schema."""
    done = terraform.run(MODULE, "validate", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_run_passes(terraform: Terraform) -> None:
    """Relations, profiles and rights hold; each is a sentence in infra/terraform/tests."""
    done = terraform.run(MODULE, "test", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 failed" in done.stdout
