"""A function is given one model after the other while documents come in, and corrections outlast all."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from producers.producer import Producer
from smartcat.cli.deployment import DeploymentOptions
from smartcat.cli.models.errors import FunctionError
from smartcat.cli.models.location import parse_location
from smartcat.cli.models.serving_function import ServingFunction
from smartcat.cli.results_table import get_result
from smartcat.training.corpus.labelled_documents import read_labelled
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train
from smartcat.wire_format.document import Document
from support.cli import smartcat
from support.system import System

if TYPE_CHECKING:
    from stream_processor.storage_format.result_item import StoredResult

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.local_only("moves the function from model to model, which Terraform owns elsewhere"),
]

Start = Callable[[Path, DeploymentOptions], System]


@pytest.fixture(scope="module")
def system(paperwork_model: Path, start_system: Start) -> System:
    """One shard, and a function that serves a model of paperwork."""
    return start_system(paperwork_model, DeploymentOptions(name="ship", shards=1, write_units=200))


def run(system: System, *arguments: str) -> str:
    """Run a command that must succeed, with the variables that `smartcat local` prints; give its output."""
    done = smartcat(*arguments, environment=system.environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def classified(system: System, model_version: str) -> StoredResult:
    """Put the document on the stream and wait until this model has classified it."""
    with Producer(system.deployment.stream, client=system.aws.client("kinesis", attempts=1)) as producer:
        producer.put(Document(document_id="letter-1", text="Gehaltsabrechnung Brutto Netto " * 9))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        result = get_result(system.aws.client("dynamodb"), system.deployment.table, "letter-1")
        if result and result.model_version == model_version:
            return result
        time.sleep(0.1)
    pytest.fail(f"letter-1 was not classified by {model_version}")


def stricter(paperwork_model: Path, folder: Path) -> str:
    """Train a model that sends nearly everything to a person."""
    options = replace(TrainingOptions.quick(n_features=2**14), review_below=0.99)
    trained = train(read_labelled(paperwork_model.parent / "corpus.jsonl"), options=options)
    trained.save(folder / "stricter", created_at="2026-01-01T00:00:00+00:00")
    return trained.model.model_version


def test_models_come_and_go_and_a_correction_stays(
    system: System, paperwork_model: Path, tmp_path: Path
) -> None:
    """Each classification names the version that was promoted; what a person said is beside all of them."""
    serving = ("--function", system.deployment.function)
    first = json.loads((paperwork_model / "manifest.json").read_text())["model_version"]
    machine = classified(system, first)
    run(system, "feedback", "letter-1", "payslip_of_another_kind")

    second = stricter(paperwork_model, tmp_path)
    publishing = ("model", "publish", str(tmp_path / "stricter"), "--promote", *serving)
    published = smartcat(*publishing, environment=system.environment)
    assert published.returncode == 0, published.stderr
    assert "now serves it" in published.stderr
    assert "its start was not verified" not in published.stderr
    again = classified(system, second)
    assert again.decision == "review"

    run(system, "model", "rollback", "--from", second, *serving)
    classified(system, first)
    said = json.loads(run(system, "results", "get", "letter-1", "--json"))
    assert (said["label"], said["model_version"]) == (machine.label, first)
    assert said["correction"]["label"] == "payslip_of_another_kind"
    assert (said["correction"]["label_before"], said["correction"]["model_version"]) == (machine.label, first)


def test_a_function_does_not_start_with_another_version_than_it_pins(system: System) -> None:
    """Files that were copied into the folder of another version are refused, and the refusal is passed on."""
    s3, place = system.aws.client("s3"), parse_location(system.deployment.models)
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=place.bucket)["Contents"]]
    version, _ = next(filter(None, map(place.parts, keys)))
    for key in keys:
        parts = place.parts(key)
        if parts and parts[0] == version:
            target = place.key("0" * 12, parts[1])
            s3.copy_object(Bucket=place.bucket, Key=target, CopySource={"Bucket": place.bucket, "Key": key})
    serving = ServingFunction(system.aws.client("lambda"), system.deployment.function)
    with pytest.raises(FunctionError, match=rf"RefuseToStart: .* is version {version}, not 000000000000"):
        serving.serve(place.url("0" * 12), lambda: True)
