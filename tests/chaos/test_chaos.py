"""Whatever fails in the system, every record of the stream has exactly one result: docs/chaos.md."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from chaos.plan_generator import generate_plan
from chaos.reconcile import reconcile
from chaos.records import confidential_texts, document, records_of
from chaos.runner import run_plan
from chaos.seeds import SHORT_SET, selected_seeds
from smartcat.classifier.classifier import load_classifier
from smartcat.cli.deployment import DeploymentOptions, deploy
from smartcat.cli.local_aws_process import LocalAwsProcess
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train
from support.labelled import labelled_documents
from support.system import System

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from chaos.plan import Plan, Version
    from chaos.reconcile import Reconciliation
    from chaos.records import PutRecord
    from chaos.runner import RunResult

# A machine with much else to do needs longer; each wait has a bound of its own.
pytestmark = [pytest.mark.e2e, pytest.mark.chaos, pytest.mark.timeout(480)]

AT_ONCE: Final = 2
"""Scenarios of the short set that run at the same time: most of their time they wait."""


class Outcome(NamedTuple):
    """How a scenario ended."""

    result: RunResult
    reconciliations: Sequence[Reconciliation]


@dataclass
class Scenario:
    """The run of one plan in a local AWS of its own.

    Attributes:
        plan: The plan.
        records: Its records.
        logs: Folder of the function's logs.
        report: What to show if the test fails.
    """

    plan: Plan
    records: Sequence[PutRecord]
    logs: Path
    report: list[str] = field(default_factory=list)

    def run(self, model: Path) -> Outcome:
        """Run it to its end, and compare what was put with the results."""
        plan = self.plan
        self.report += [str(plan), ""]
        with LocalAwsProcess(initial_burst_seconds=plan.burst_seconds, logs=self.logs) as aws:
            system = System(aws, deploy(aws.client, model, options_of(plan)), self.logs)
            try:
                result = run_plan(plan, self.records, system)
                labels = labels_of(plan, model)
                reconciliations = [
                    reconcile(self.records, final_state, labels=labels, may_discard=not plan.max_retries)
                    for final_state in result.final_states
                ]
                self.report += [*map(str, result.effects), *map(str, reconciliations), str(result)]
                self.report.append(batches(self.logs))
            finally:
                self.report.append(json.dumps(aws.gauges(), indent=1))
        return Outcome(result, reconciliations)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train a small model."""
    path = tmp_path_factory.mktemp("model") / "model"
    trained = train(labelled_documents(), options=TrainingOptions.quick(n_features=2**10))
    trained.save(path, created_at=datetime.now(UTC).isoformat(timespec="seconds"))
    return path


@pytest.fixture(scope="module")
def start(
    model: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[int], tuple[Scenario, Future[Outcome]]]]:
    """Return what starts the scenario of a seed, or finds it started.

    The scenarios of the short set are all started at once. Other seeds are shared out among pytest's
    processes, none of which knows which ones it will get.
    """
    started: dict[int, tuple[Scenario, Future[Outcome]]] = {}
    with ThreadPoolExecutor(AT_ONCE, "scenario") as pool:

        def start(seed: int) -> tuple[Scenario, Future[Outcome]]:
            if seed not in started:
                plan = generate_plan(seed)
                scenario = Scenario(plan, records_of(plan), tmp_path_factory.mktemp(f"chaos-{seed}"))
                started[seed] = scenario, pool.submit(scenario.run, model)
            return started[seed]

        if selected_seeds() == SHORT_SET:
            for item in request.session.items:
                if isinstance(item, pytest.Function) and item.function is test_every_record_has_one_result:
                    start(SHORT_SET[item.callspec.indices["seed"]])
        yield start
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("seed", selected_seeds())
def test_every_record_has_one_result(
    seed: int, start: Callable[[int], tuple[Scenario, Future[Outcome]]]
) -> None:
    """Every record of the stream is one item, its document's last version, or one quarantine object."""
    scenario, future = start(seed)
    try:
        result, reconciliations = future.result()
    finally:
        print("\n".join(scenario.report))  # noqa: T201 - pytest shows it where the test fails
    assert [reconciliation.problems for reconciliation in reconciliations] == [
        [] for _ in result.final_states
    ]
    # No fault lasts longer than the producer retries, so every put must have succeeded in the end.
    assert None not in result.final_states[0].receipts
    effective = sum(effect.amount > 0 for effect in result.effects)
    assert effective >= len(scenario.plan.faults) / 2, "most of the faults had no effect"
    logs = "".join(path.read_text("utf-8") for path in scenario.logs.rglob("*.log"))
    assert "REPORT" in logs
    # Not in the assertion itself, which would show the logs.
    leaked = [text for text in confidential_texts(scenario.records) if text in logs]
    assert leaked == []


def batches(logs: Path) -> str:
    """Return how many batches were processed, and how many of them only in part."""
    lines = [line for path in logs.rglob("*.log") for line in path.read_text("utf-8").splitlines()]
    processed = [json.loads(line) for line in lines if '"message":"batch processed"' in line]
    in_part = sum(each["not_done"] > 0 for each in processed)
    return f"{len(processed)} batches, {in_part} of them done in part"


def labels_of(plan: Plan, model: Path) -> dict[Version, str]:
    """Return the classifier's label of each version, outside the system."""
    versions = list(plan.versions())
    decisions = load_classifier(model).classify([document(each).pages for each in versions], reasons=0)
    return {each: decision.label for each, decision in zip(versions, decisions, strict=True)}


def options_of(plan: Plan) -> DeploymentOptions:
    """Return what to build for a plan. The name tells its processes from those of every other run."""
    options = DeploymentOptions(
        name=f"chaos-{plan.seed}-{os.getpid()}",
        shards=plan.shards,
        write_units=plan.write_units,
        parallelization_factor=plan.parallelization_factor,
        batch_size=plan.batch_size,
        timeout_seconds=plan.timeout_seconds,
        max_retries=plan.max_retries,
    )
    units = options.write_units_per_environment * plan.overestimate
    return replace(options, function_environment={"SMARTCAT_WRITE_UNITS_PER_SECOND": f"{units:g}"})
