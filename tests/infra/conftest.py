"""One plan of each target, for all tests of the infrastructure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.terraform import NEEDED

if TYPE_CHECKING:
    from support.terraform import Terraform


@pytest.fixture(scope="session", params=["aws", "emulator"])
def plan(
    terraform: Terraform, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> dict[str, Any]:
    """Give what is planned for AWS with a large table, and for an emulator."""
    choices: dict[str, dict[str, Any]] = {
        "aws": {
            "table": {"write_capacity": 1500, "max_write_capacity": 2000, "ttl_days": 30},
            "stream": {"shards": 8},
            "features": {"enhanced_fan_out": True},
        },
        "emulator": {"emulator": True},
    }
    return terraform.plan(tmp_path_factory.mktemp("plan"), {**NEEDED, **choices[request.param]})
