"""Whatever is done to the system, every record that the stream took ends in one place: docs/chaos.md."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from chaos.audit import audit
from chaos.cargo import cargo_of, document, secrets
from chaos.conductor import play
from chaos.draw import draw
from chaos.seeds import chosen_seeds
from smartcat.classifier.engine import load_classifier
from smartcat.cli.deployment import DeploymentOptions, deploy
from smartcat.cli.local_aws_process import LocalAwsProcess
from smartcat.training.fit import TrainOptions, train
from support.labelled import labelled_documents
from support.system import System

if TYPE_CHECKING:
    from pathlib import Path

    from chaos.plan import Plan, Version

# A machine with much else to do needs longer; each wait has a bound of its own.
pytestmark = [pytest.mark.e2e, pytest.mark.chaos, pytest.mark.timeout(480)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model."""
    path = tmp_path_factory.mktemp("model") / "model"
    trained = train(labelled_documents(), options=replace(TrainOptions.quick(), n_features=2**10))
    trained.save(path, created_at=datetime.now(UTC).isoformat(timespec="seconds"))
    return path


@pytest.mark.parametrize("seed", chosen_seeds())
def test_the_account_closes_after_every_harm(seed: int, model: Path, tmp_path: Path) -> None:
    """Every record that the stream took is one item, its document's last, or one quarantine object."""
    plan = draw(seed)
    cargo = cargo_of(plan)
    said = [str(plan), ""]
    with LocalAwsProcess(initial_burst_seconds=plan.burst_seconds, logs=tmp_path) as aws:
        system = System(aws, deploy(aws.client, model, options_of(plan)), tmp_path)
        try:
            performance = play(plan, cargo, system)
            labels = labels_of(plan, model)
            verdicts = [
                audit(cargo, evidence, labels=labels, may_give_up=not plan.max_retries)
                for evidence in performance.evidence
            ]
            said += [*map(str, performance.met), *map(str, verdicts), str(performance)]
            said.append(batches(tmp_path))
        finally:
            said.append(json.dumps(aws.gauges(), indent=1))
            print("\n".join(said))  # noqa: T201 - pytest shows it where the test fails
    assert [verdict.problems for verdict in verdicts] == [[] for _ in performance.evidence]
    # No harm lasts longer than the producer's patience: it may be told nothing else in the end.
    assert None not in performance.evidence[0].receipts
    assert sum(met.amount > 0 for met in performance.met) >= len(plan.harms) / 2, (
        "most of the harm met nothing"
    )
    logs = "".join(path.read_text("utf-8") for path in tmp_path.rglob("*.log"))
    assert "REPORT" in logs
    # Not in the assertion itself, which would show the logs.
    leaked = [secret for secret in secrets(cargo) if secret in logs]
    assert leaked == []


def batches(logs: Path) -> str:
    """Say how many batches were processed, and how many of them came to their end in part only."""
    lines = [line for path in logs.rglob("*.log") for line in path.read_text("utf-8").splitlines()]
    told = [json.loads(line) for line in lines if '"message":"batch processed"' in line]
    in_part = sum(each["not_done"] > 0 for each in told)
    return f"{len(told)} batches, {in_part} of them done in part"


def labels_of(plan: Plan, model: Path) -> dict[Version, str]:
    """Ask the classifier, far from the stream, what each version is."""
    versions = list(plan.versions())
    decisions = load_classifier(model).classify([document(each).pages for each in versions], reasons=0)
    return {each: decision.label for each, decision in zip(versions, decisions, strict=True)}


def options_of(plan: Plan) -> DeploymentOptions:
    """Say what to build for a plan. The name tells its processes from those of every other run."""
    options = DeploymentOptions(
        name=f"chaos-{plan.seed}-{os.getpid()}",
        shards=plan.shards,
        write_units=plan.write_units,
        parallelization_factor=plan.parallelization_factor,
        batch_size=plan.batch_size,
        timeout_seconds=plan.timeout_seconds,
        max_retries=plan.max_retries,
    )
    told = options.write_units_per_environment * plan.overestimate
    return replace(options, function_environment={"SMARTCAT_WRITE_UNITS_PER_SECOND": f"{told:g}"})
