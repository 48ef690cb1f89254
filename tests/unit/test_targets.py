"""How end-to-end tests find where they run; the tests themselves are in tests/e2e."""

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from support.deployed_system import DeployedSystem
from support.targets import aws_environment, clients_of, deployment_of, read_outputs, skip_for_target

OUTPUTS = {
    "stream_name": "s",
    "table_name": "t",
    "artifacts_bucket": "a",
    "quarantine_bucket": "q",
    "failures_bucket": "f",
    "claims_bucket": "c",
    "function_name": "fn",
    "mapping_uuid": "m",
}


class Item:
    """A collected test, as far as it is looked at."""

    nodeid = "tests/e2e/test_x.py::test_y"

    def __init__(self, *, marker: tuple[object, ...] | None = None, fixtures: tuple[str, ...] = ()) -> None:
        self.fixturenames = fixtures
        self.added: list[pytest.MarkDecorator] = []
        self._marker = None if marker is None else SimpleNamespace(args=marker)

    def get_closest_marker(self, name: str) -> Any:
        return self._marker if name == "local_only" else None

    def add_marker(self, marker: pytest.MarkDecorator) -> None:
        self.added.append(marker)


def written(folder: Path, outputs: dict[str, Any]) -> Path:
    """Write outputs as ``terraform output -json`` does."""
    file = folder / "outputs.json"
    file.write_text(json.dumps({name: {"value": value, "type": "string"} for name, value in outputs.items()}))
    return file


@pytest.mark.parametrize(("target", "skipped"), [("local", 0), ("localstack", 1), ("aws", 1)])
def test_what_is_local_only_is_skipped_elsewhere_with_its_reason(target: str, skipped: int) -> None:
    """Its reason is in the skip; a test that takes `deployed` runs everywhere."""
    local, everywhere = Item(marker=("harms S3",)), Item(fixtures=("deployed",))
    skip_for_target([local, everywhere], target)  # type: ignore[list-item]
    assert [mark.kwargs["reason"] for mark in local.added] == ["local AWS only: harms S3"] * skipped
    assert everywhere.added == []


@pytest.mark.parametrize("item", [Item(), Item(marker=())])
def test_a_test_that_does_not_say_where_it_runs_is_an_error(item: Item) -> None:
    """Neither `deployed` nor a reason: refused on every target, so that nobody forgets it."""
    with pytest.raises(pytest.UsageError, match=r"test_y: .*local_only"):
        skip_for_target([item], "local")  # type: ignore[list-item]


def test_outputs_become_the_names_that_tests_know(tmp_path: Path) -> None:
    """Each bucket has its own: the quarantine's is not that of the failure destination."""
    deployment = deployment_of(read_outputs(written(tmp_path, OUTPUTS)))
    assert (deployment.stream, deployment.table, deployment.claims_bucket, deployment.mapping_id) == (
        "s",
        "t",
        "c",
        "m",
    )
    assert (deployment.quarantine_bucket, deployment.failures_bucket) == ("q", "f")


@pytest.mark.parametrize("name", ["stream_name", "claims_bucket"])
def test_a_missing_output_is_named(tmp_path: Path, name: str) -> None:
    """One line says which, and where it was looked for."""
    with pytest.raises(pytest.UsageError, match=rf"outputs\.json: without {name}"):
        read_outputs(written(tmp_path, {**OUTPUTS, name: ""}))


@pytest.mark.parametrize("content", ["", "[]", '{"stream_name": "s"}', "{}"])
def test_a_file_that_holds_no_outputs_is_named(tmp_path: Path, content: str) -> None:
    """Nothing, other JSON, and the outputs of a module that was not applied."""
    (tmp_path / "o.json").write_text(content)
    with pytest.raises(pytest.UsageError, match=r"o\.json"):
        read_outputs(tmp_path / "o.json")


def test_without_a_file_terraform_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """In infra/terraform; that there is no terraform is one line, too."""
    asked = []

    def answer(command: list[str], **_: object) -> Any:
        asked.append(command)
        return SimpleNamespace(stdout=json.dumps({name: {"value": v} for name, v in OUTPUTS.items()}))

    monkeypatch.setattr(subprocess, "run", answer)
    assert read_outputs(None) == OUTPUTS
    ((terraform, folder, *rest),) = asked
    assert (terraform, rest) == ("terraform", ["output", "-json"])
    assert folder.endswith("infra/terraform")
    monkeypatch.undo()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.UsageError, match="no outputs of Terraform"):
        read_outputs(None)


def test_localstack_is_where_its_client_or_the_standard_variable_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By number, since not every system finds ``bucket.localhost``; with keys of no account."""
    for name in ("AWS_ENDPOINT_URL", "LOCALSTACK_HOST", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of a person")
    assert aws_environment("localstack")["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    monkeypatch.setenv("LOCALSTACK_HOST", "localhost:4599")
    assert aws_environment("localstack")["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4599"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://10.0.0.9:1")
    found = aws_environment("localstack")
    assert (found["AWS_ENDPOINT_URL"], found["AWS_ACCESS_KEY_ID"]) == ("http://10.0.0.9:1", "test")
    client = clients_of(found)("kinesis", attempts=1)
    assert client.meta.endpoint_url == "http://10.0.0.9:1"
    assert client.meta.config.retries["total_max_attempts"] == 1


def test_an_account_is_reached_as_the_person_set_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every AWS variable is passed on to commands, and none is made up."""
    monkeypatch.setenv("AWS_PROFILE", "mine")
    assert aws_environment("aws")["AWS_PROFILE"] == "mine"
    assert aws_environment("aws").get("AWS_ACCESS_KEY_ID") != "test"


def test_ids_of_a_run_are_its_own() -> None:
    """Two runs never share an id, and a test for local AWS alone says so when it is run elsewhere."""
    made = [
        DeployedSystem(
            "aws",
            client=None,
            deployment=deployment_of(OUTPUTS),
            quarantine_prefix="q/",
            aws={},
            run=run,
            seconds=1,
        )  # type: ignore[arg-type]
        for run in (1, 2)
    ]
    assert {each.name("letter") for each in made} == {"letter-1", "letter-2"}
    assert made[0].environment["SMARTCAT_QUARANTINE_PREFIX"] == "q/"
    with pytest.raises(AssertionError, match="local_only"):
        _ = made[0].system
