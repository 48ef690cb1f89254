import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.capacity_planning.quotas import Quotas
from smartcat.cli.capacity_planning.sizing import make_plan
from smartcat.cli.capacity_planning.terraform_variables import render, rounded, variables
from smartcat.cli.capacity_planning.workload import Workload
from support.workloads import workloads

DECLARED = Path(__file__).resolve().parents[5] / "infra" / "terraform" / "variables.tf"
QUOTAS = Quotas()


def read(text: str) -> dict[str, object]:
    """Read what is written, and no more of HCL."""
    found: dict[str, object] = {}
    block: dict[str, object] = found
    for line in text.splitlines():
        if line == "}":
            block = found
        elif line and not line.startswith("#"):
            name, value = (part.strip() for part in line.split("=", 1))
            if value == "{":
                found[name] = block = {}
            else:
                block[name] = json.loads(value)
    return found


def declared() -> dict[str, set[str]]:
    """Give the variables of infra/terraform, each with its attributes."""
    blocks = re.findall(
        r'^variable "(\w+)" \{\n(.*?)^\}', DECLARED.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return {
        name: set(re.findall(r"^    (\w+) += (?:optional|string)", text, re.MULTILINE))
        for name, text in blocks
    }


@given(workloads())
def test_what_is_written_is_read_back(workload: Workload) -> None:
    """Numbers, words and their places come through the file unchanged."""
    plan = make_plan(workload, QUOTAS)
    found = variables(plan, QUOTAS, "eu-west-1")
    assert read(render(found, plan)) == found


@pytest.mark.skipif(not DECLARED.exists(), reason="infra/terraform/variables.tf is not in this checkout")
@given(workloads())
def test_every_variable_is_declared(workload: Workload) -> None:
    """Terraform would ignore a misspelled attribute without a word."""
    known = declared()
    for name, value in variables(make_plan(workload, QUOTAS), QUOTAS, "eu-west-1").items():
        assert name in known
        if isinstance(value, dict):
            assert set(value) <= known[name]


@given(workloads())
def test_values_are_in_the_ranges_that_terraform_takes(workload: Workload) -> None:
    """The validations of variables.tf, written out."""
    found = variables(make_plan(workload, QUOTAS), QUOTAS)
    stream, consumer, table, numbers = (found[name] for name in ("stream", "consumer", "table", "load"))
    assert isinstance(stream, dict)
    assert isinstance(consumer, dict)
    assert isinstance(table, dict)
    assert isinstance(numbers, dict)
    assert 1 <= stream["shards"] <= 500
    assert 24 <= stream["retention_hours"] <= 8760
    assert 1 <= consumer["timeout_s"] <= 900
    assert 1 <= consumer["batch_size"] <= 10_000
    assert 1 <= consumer["parallelization_factor"] <= 10
    assert 0 <= consumer["max_retries"] <= 10_000
    assert 60 <= consumer["max_record_age_s"] <= 604_800
    assert 1 <= table["write_capacity"] <= table["max_write_capacity"] <= 40_000
    assert 0 < table["ttl_days"] <= 36_500
    assert all(value > 0 for value in numbers.values())


@given(st.floats(1e-6, 1e12))
def test_numbers_are_never_rounded_up(value: float) -> None:
    """A rate that is a little too high could break a relation that the exact one keeps."""
    assert value * (1 - 1e-5) <= rounded(value) <= value


def test_one_of_several_deployments_says_so() -> None:
    """Whoever applies the file knows that it is not all."""
    plan = make_plan(Workload(documents_per_day=1e10), QUOTAS)
    assert f"# One of {plan.deployments} deployments" in render(variables(plan, QUOTAS), plan)


def test_templates_in_words_are_only_words() -> None:
    """In HCL a dollar and a brace begin a template."""
    plan = make_plan(Workload(documents_per_day=1e3), QUOTAS)
    assert 'region = "$${x}"' in render(variables(plan, QUOTAS, "${x}"), plan)
