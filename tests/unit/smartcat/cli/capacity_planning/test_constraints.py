import re
from pathlib import Path

import pytest

from smartcat.cli.capacity_planning.constraints import Constraint, binding, constraints
from smartcat.cli.capacity_planning.quotas import Quotas
from smartcat.cli.capacity_planning.sizing import make_plan
from smartcat.cli.capacity_planning.workload import Workload

SAFETY = Path(__file__).resolve().parents[5] / "infra" / "terraform" / "safety.tf"


@pytest.mark.skipif(not SAFETY.exists(), reason="infra/terraform/safety.tf is not in this checkout")
def test_relations_are_hard_and_soft_as_terraform_has_them() -> None:
    """What is said to refuse a plan refuses it; P1 is of the plan alone, and C0 has two sides there."""
    hard, soft = SAFETY.read_text("utf-8").split('\ncheck "', 1)
    named = {
        kind: set(re.findall(r'"([A-Z]\d[a-z]?):', text)) for kind, text in (("hard", hard), ("soft", soft))
    }
    for each in constraints(make_plan(Workload(documents_per_day=1e6), Quotas()), Quotas()):
        assert each.name == "P1" or each.name in named[each.kind]
        assert each.words
        assert each.advice


def test_what_binds_is_what_has_the_least_room_left() -> None:
    """However the two count; what may have nothing and has something is the tightest."""
    wide, tight = (Constraint(name, "w", "hard", has, 10, "s", "a") for name, has in (("S1", 1), ("S2", 9)))
    none = Constraint("S6", "w", "hard", 1, 0, "h", "a")
    assert binding((wide, tight)) is tight
    assert binding((wide, tight, none)) is none
    assert not none.holds
