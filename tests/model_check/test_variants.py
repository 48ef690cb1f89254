from __future__ import annotations

from typing import Final

import pytest

from model_check.check import failing
from model_check.generator import generate_world
from model_check.variants import VARIANTS

WITHIN: Final = 2000
"""Worlds in which each defect must be found: half a minute's; most are found in the first hundred."""


@pytest.mark.parametrize("name", VARIANTS)
def test_the_check_finds_a_defect(name: str) -> None:
    """A world fails with the defect and not without it: the check can fail, and does so soon."""
    defect, shown_by = VARIANTS[name]
    seeds = (
        seed
        for seed in range(WITHIN)
        if not shown_by or shown_by & {fault.kind for fault in generate_world(seed).faults}
    )
    with defect():
        found = next(failing(seeds), None)
    assert found is not None, f"{name}: not found in {WITHIN} worlds"
    assert not list(failing([found])), f"world {found} fails without the defect as well"
