"""Systems to run the end-to-end tests on, with the engine that SMARTCAT_ENGINE names."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from smartcat.cli.deployment import DeploymentOptions, deploy
from smartcat.cli.local_aws_process import LocalAwsProcess
from smartcat.cli.samples.paperwork import generate
from smartcat.training.corpus.labelled_documents import read_labelled
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train
from support.deployed_system import DeployedSystem
from support.system import System
from support.targets import aws_environment, clients_of, deployment_of, read_outputs, skip_for_target

Start = Callable[[Path, DeploymentOptions], System]

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has no sense on the chosen target; a test that does not say is an error."""
    skip_for_target([item for item in items if FOLDER in item.path.parents], config.getoption("--target"))


def _start(running: ExitStack, logs: Path, model: Path, options: DeploymentOptions) -> System:
    aws = running.enter_context(LocalAwsProcess(logs=logs))
    chosen = replace(options, engine=os.environ.get("SMARTCAT_ENGINE", "auto"))
    return System(aws, deploy(aws.client, model, chosen), logs)


@pytest.fixture(scope="module")
def start_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start systems on local AWS that end with the module."""
    with ExitStack() as running:
        yield lambda model, options: _start(running, tmp_path_factory.mktemp("logs"), model, options)


@pytest.fixture(scope="session")
def deployed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedSystem]:
    """Give the one system of the chosen target: started here on local AWS, elsewhere what Terraform made."""
    target = request.config.getoption("--target")
    if target == "local":
        model, logs = request.getfixturevalue("paperwork_model"), tmp_path_factory.mktemp("logs")
        with ExitStack() as running:
            options = DeploymentOptions(name="deployed", shards=1, write_units=200)
            system = _start(running, logs, model, options)
            yield DeployedSystem(
                target,
                system.aws.client,
                system.deployment,
                "quarantine/",
                system.aws.environment,
                5,
                60,
                system,
            )
        return
    outputs = read_outputs(request.config.getoption("--outputs"))
    environment = aws_environment(target)
    prefix = outputs.get("quarantine_prefix") or "quarantine/"
    run, seconds = int(time.time()), 240.0  # a first start on LocalStack takes a minute and more
    deployed = DeployedSystem(
        target, clients_of(environment), deployment_of(outputs), prefix, environment, run, seconds
    )
    yield deployed
    deployed.forget()


@pytest.fixture(scope="session")
def paperwork_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model of generated paperwork, beside its corpus; trained here, with the libraries loaded."""
    folder = tmp_path_factory.mktemp("paperwork")
    corpus, model = folder / "corpus.jsonl", folder / "model"
    rows = (
        {"document_id": each.document_id, "label": each.label, "pages": each.pages}
        for each in generate(150, seed=11)
    )
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    trained = train(read_labelled(corpus), options=TrainingOptions.quick())
    trained.save(model, created_at="2026-01-01T00:00:00+00:00")
    return model
