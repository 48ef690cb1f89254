"""Whatever happens, each document's newest version is stored, and no newer one ever gives way to an older."""

from __future__ import annotations

import os

import pytest

from model_check.check import failing, report

WORLDS = int(os.environ.get("MODEL_CHECK_WORLDS", "300"))
"""Some five seconds' worth; ``make worlds`` runs 100,000."""


@pytest.mark.timeout(600)
def test_every_promise_is_kept_in_random_worlds() -> None:
    """Every record ends as its document's newest version or in the quarantine, in every world."""
    broken = list(failing(range(WORLDS)))
    assert not broken, f"seeds {broken[:20]}; the first of them:\n{report(broken[0])}"
