"""Records that cost far more to read than they weigh, through the real handler, in little memory and time."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.classifier import native_binding
from support.costly_records import MAX_BYTES
from support.models import two_models

if TYPE_CHECKING:
    from pathlib import Path

# As in the zip that serves: a module that is None in sys.modules cannot be imported.
PROGRAM = """
import sys
sys.modules.update(dict.fromkeys(("numpy", "scipy", "sklearn")))
from support.costly_run import run
run(sys.argv[1], int(sys.argv[2]))
"""

ADDRESS_SPACE = 512 * 1024 * 1024
"""Less than Terraform's function has (1,769 MB), code and libraries included."""

MOST_MIB = 384
"""Resident memory; the environment itself takes 70 MiB, and the costliest record 180 more."""

MOST_SECONDS = 15.0
"""For one record and its neighbours on a busy machine; the costliest takes 1 s on an idle one."""


@pytest.mark.skipif(
    not native_binding.AVAILABLE, reason=f"no compiled engine: {native_binding.IMPORT_PROBLEM}"
)
def test_each_is_one_quarantine_object_and_its_neighbours_are_stored(tmp_path: Path) -> None:
    """One invocation each, within memory and time: nothing is retried, and nothing else is held up."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(two_models(tmp_path).first), str(ADDRESS_SPACE)],
        env={
            "PYTHONPATH": ":".join(["tests", ".", *filter(None, sys.path)]),
            "AWS_DEFAULT_REGION": "eu-central-1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    outcomes = [json.loads(line) for line in done.stderr.splitlines()]
    assert len(outcomes) > 30
    assert [each for each in outcomes if not is_well(each)] == []


def is_well(outcome: dict[str, Any]) -> bool:
    """Return whether one record was put aside in one invocation, at a bounded price."""
    return (
        outcome["answer"] == {"batchItemFailures": []}
        and outcome["neighbours"]
        and len(outcome["reasons"]) == 1
        # In base64, with its position.
        and outcome["stored_bytes"] < 2 * MAX_BYTES
        and outcome["peak_mib"] < MOST_MIB
        and outcome["seconds"] < MOST_SECONDS
    )
