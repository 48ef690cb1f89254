"""What ``smartcat plan`` writes is taken by Terraform, without a word against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smartcat.cli.capacity_planning.plan_result import plan_capacity
from support.terraform import NEEDED

if TYPE_CHECKING:
    from pathlib import Path

    from support.terraform import Terraform


@pytest.mark.parametrize("documents_per_day", [1e3, 1e9])
def test_a_plan_breaks_no_relation_of_the_module(
    documents_per_day: float, terraform: Terraform, tmp_path: Path
) -> None:
    """Hard ones would refuse it; soft ones are checks, which all pass or are not known before an apply."""
    found = plan_capacity({"documents_per_day": documents_per_day}, "us-east-1", {}, {})
    shown = terraform.plan(tmp_path, {**found.variables, **NEEDED})
    checks = {
        each["address"]["name"]: each["status"] for each in shown["checks"] if "name" in each["address"]
    }
    assert len(checks) > 5
    assert "fail" not in checks.values()
