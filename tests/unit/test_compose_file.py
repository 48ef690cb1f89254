"""The Compose file of LocalStack, which no Docker engine has to read for these tests."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.localstack.yml"

SERVICES = {
    "appautoscaling": None,  # off in the emulator's profile
    "caller": "sts",
    "cloudwatch": "cloudwatch",
    "cloudwatch_log": "logs",
    "dynamodb": "dynamodb",
    "iam": "iam",
    "kinesis": "kinesis",
    "kms": "kms",
    "lambda": "lambda",
    "partition": None,  # Terraform answers this itself
    "region": None,  # the same
    "s3": "s3",
    "sns": "sns",
    "sqs": "sqs",
}
"""First words of Terraform's resources and data of AWS, and the service that each asks."""


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    """Give the schema of the Compose specification, as check-jsonschema ships it."""
    text = files("check_jsonschema.builtin_schemas.vendor").joinpath("compose-spec.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


def compose() -> dict[str, Any]:
    """Read the file."""
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))
    return read


def complaints(schema: Draft202012Validator, content: dict[str, Any]) -> list[str]:
    """Give what the schema finds wrong."""
    return [f"{error.json_path}: {error.message}" for error in schema.iter_errors(content)]


def test_the_file_is_a_compose_file(schema: Draft202012Validator) -> None:
    """The schema finds nothing wrong with it."""
    assert complaints(schema, compose()) == []


@pytest.mark.parametrize("change", [{"imgae": "x"}, {"ports": "4566"}, {"healthcheck": {"every": "2s"}}])
def test_the_schema_would_find_a_slip(schema: Draft202012Validator, change: dict[str, Any]) -> None:
    """An unknown key and a value of another kind are complaints, so the test above can fail."""
    content = compose()
    content["services"]["localstack"] |= change
    assert complaints(schema, content) != []


def test_the_version_is_the_last_without_a_token_and_only_this_machine_reaches_it() -> None:
    """One service, pinned, bound to 127.0.0.1, with the socket by which it starts functions and a check."""
    (service,) = compose()["services"].values()
    assert service["image"] == "localstack/localstack:4.14.0"
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert "/var/run/docker.sock:/var/run/docker.sock" in service["volumes"]
    assert service["environment"]["MAIN_CONTAINER_NAME"] == service["container_name"]
    assert service["healthcheck"]["test"][-1].endswith("/_localstack/health")


def test_it_runs_the_services_that_terraform_asks_and_no_others() -> None:
    """Each resource of the module has its service; none that runs is without use."""
    running = set(compose()["services"]["localstack"]["environment"]["SERVICES"].split(","))
    known = {service for service in SERVICES.values() if service}
    assert running == known
    sources = "".join(path.read_text("utf-8") for path in sorted((ROOT / "infra").glob("terraform/*.tf")))
    kinds = set(re.findall(r'^(?:resource|data) "aws_(\w+)"', sources, re.MULTILINE))
    unknown = {kind for kind in kinds if not any(kind.startswith(first) for first in SERVICES)}
    assert unknown == set()
