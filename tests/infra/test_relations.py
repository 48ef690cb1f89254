"""Each relation of the infrastructure is load-bearing: without it, the run named after it turns red."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from support.terraform import MODULE, copy_of_module

if TYPE_CHECKING:
    from pathlib import Path

    from support.terraform import Terraform

SUITE = MODULE / "tests" / "safety.tftest.hcl"
BLOCK = re.compile(r'^( *)(?:precondition|validation|check "\w+") \{\n.*?^\1\}\n', re.DOTALL | re.MULTILINE)
RUN = re.compile(r'^run "(\w+)" \{\n.*?^\}\n', re.DOTALL | re.MULTILINE)
ID = re.compile(r'error_message = "([A-Z]\d[a-z]?): ')


def blocks() -> dict[str, list[tuple[str, str]]]:
    """Give the blocks of each relation that carries an id: file and text."""
    found: dict[str, list[tuple[str, str]]] = {}
    for file in sorted(MODULE.glob("*.tf")):
        for block in BLOCK.finditer(file.read_text("utf-8")):
            for name in ID.findall(block[0]):
                found.setdefault(name.lower(), []).append((file.name, block[0]))
    return found


def refusals() -> dict[str, str]:
    """Give the runs that expect a failure, by name."""
    runs = RUN.finditer(SUITE.read_text("utf-8"))
    return {run[1]: run[0] for run in runs if "expect_failures" in run[0]}


RELATIONS = blocks()
# All of them take half a minute: make prove-infra. make test proves one, so that the proof itself is tested.
PROVED = sorted(RELATIONS) if os.environ.get("PROVE_INFRA") else ["s3"]


def runs_of(relation: str) -> list[str]:
    """Give the runs that are named after a relation; one name may begin with several ids."""
    return [name for name in refusals() if relation in re.match(r"(?:[a-z]\d[a-z]?_)*", name)[0].split("_")]


def test_every_relation_has_a_run_that_refuses() -> None:
    """None is without a test, and none of the specification's is missing."""
    hard = {"c0", "c0a", "c0b", "s1", "s2", "s2a", "s3", "s4", "s5", "s6", "s7", "v3", "m1"}
    soft = {"s5b", "k1", "k2", "k3", "k4", "k5", "k6", "a1", "a2"}
    assert set(RELATIONS) == hard | soft | {"v1", "v2", "v4"}
    assert [name for name in RELATIONS if not runs_of(name)] == []


def test_nothing_runs_without_the_relations() -> None:
    """Function and mapping wait for them, so a broken one leaves nothing that could read the stream."""
    text = (MODULE / "function.tf").read_text("utf-8")
    for kind in ("aws_lambda_function", "aws_lambda_event_source_mapping"):
        block = text[text.index(f'resource "{kind}"') :].split("\n}\n")[0]
        assert re.search(r"depends_on = \[[^\]]*terraform_data\.safety", block), kind


def test_every_relation_is_in_the_readme() -> None:
    """Whoever meets an error finds its id, and what breaks otherwise."""
    page = (MODULE / "README.md").read_text("utf-8")
    assert [name for name in RELATIONS if f"| {name[0].upper()}{name[1:]} |" not in page] == []


@pytest.mark.parametrize("relation", PROVED)
def test_without_it_its_run_turns_red(terraform: Terraform, tmp_path: Path, relation: str) -> None:
    """The run of a relation refuses because of that relation, and of no other."""
    module = copy_of_module(tmp_path)
    for file, block in RELATIONS[relation]:
        path = module / file
        path.write_text(path.read_text("utf-8").replace(block, ""), "utf-8")
    suite = SUITE.read_text("utf-8")
    head = suite[: suite.index("\nrun ")]
    runs = [refusals()[name] for name in runs_of(relation)]
    (module / "tests" / SUITE.name).write_text("\n".join([head, *runs]), "utf-8")
    done = terraform.run(module, "test", "-no-color", f"-filter=tests/{SUITE.name}")
    assert done.returncode != 0
    assert "Missing expected failure" in done.stdout + done.stderr, done.stdout + done.stderr
    assert f" 0 passed, {len(runs)} failed" in done.stdout
