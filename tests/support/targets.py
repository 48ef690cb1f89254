"""Where end-to-end tests run: local AWS, LocalStack or an account; and what Terraform made there."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from localstack_client.config import get_service_endpoint

from smartcat.cli.deployment import Deployment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MODULE = Path(__file__).resolve().parents[2] / "infra" / "terraform"

NEEDED = ("stream_name", "table_name", "quarantine_bucket", "failures_bucket", "claims_bucket")
"""Outputs without which no test can run."""


def skip_for_target(items: Iterable[pytest.Item], target: str) -> None:
    """Skip what has sense on local AWS alone, with its reason; each test must say which kind it is.

    Raises:
        pytest.UsageError: A test does not take `deployed` and has no marker, or a marker without a reason.
    """
    for item in items:
        marker = item.get_closest_marker("local_only")
        if marker is None:
            if "deployed" not in getattr(item, "fixturenames", ()):
                raise pytest.UsageError(
                    f"{item.nodeid}: does not take `deployed`, so mark it @pytest.mark.local_only(reason)"
                )
        elif not (marker.args and marker.args[0]):
            raise pytest.UsageError(f"{item.nodeid}: local_only needs a reason")
        elif target != "local":
            item.add_marker(pytest.mark.skip(reason=f"local AWS only: {marker.args[0]}"))


def read_outputs(file: Path | None) -> dict[str, Any]:
    """Give Terraform's outputs by name.

    Args:
        file: What ``terraform output -json`` printed; None asks Terraform.

    Raises:
        pytest.UsageError: There are none, or one that every test needs is missing.
    """
    where = str(file) if file else f"terraform -chdir={MODULE} output -json"
    try:
        found = json.loads(file.read_text("utf-8") if file else _asked())
        values = {name: output["value"] for name, output in found.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, subprocess.CalledProcessError) as error:
        raise pytest.UsageError(f"{where}: no outputs of Terraform: {error}") from None
    missing = [name for name in NEEDED if not values.get(name)]
    if missing:
        raise pytest.UsageError(f"{where}: without {', '.join(missing)}")
    return values


def _asked() -> str:
    command = ["terraform", f"-chdir={MODULE}", "output", "-json"]  # the terraform on the path, as a person's
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def deployment_of(outputs: Mapping[str, Any]) -> Deployment:
    """Give the names of what Terraform made, as the tests know them from local AWS."""
    artifacts = outputs.get("artifacts_bucket") or ""
    return Deployment(
        stream=outputs["stream_name"],
        table=outputs["table_name"],
        quarantine_bucket=outputs["quarantine_bucket"],
        failures_bucket=outputs["failures_bucket"],
        artifacts_bucket=artifacts,
        claims_bucket=outputs["claims_bucket"],
        function=outputs.get("function_name") or "",
        mapping_id=outputs.get("mapping_uuid") or "",
        corrections_table=outputs.get("corrections_table") or "",
        models=outputs.get("models_url") or f"s3://{artifacts}/models/",
    )


def aws_environment(target: str) -> dict[str, str]:
    """Give the AWS variables of a command that is run against the target.

    On LocalStack the endpoint is ``AWS_ENDPOINT_URL``, or what ``LOCALSTACK_HOST`` says; by its number, since
    not every system finds ``bucket.localhost``. In an account it is whatever this process was given.
    """
    if target == "aws":
        return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    endpoint = str(get_service_endpoint("kinesis")).replace("://localhost:", "://127.0.0.1:")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "eu-central-1"
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }


def clients_of(environment: Mapping[str, str]) -> Callable[..., Any]:
    """Give what makes clients: ``client(service, attempts=5)``."""
    session = boto3.Session(
        aws_access_key_id=environment.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=environment.get("AWS_SESSION_TOKEN"),
        region_name=environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION"),
    )

    def client(service: str, *, attempts: int = 5) -> Any:
        retries: Any = {"mode": "standard", "total_max_attempts": attempts}
        return session.client(  # type: ignore[call-overload]
            service, endpoint_url=environment.get("AWS_ENDPOINT_URL"), config=Config(retries=retries)
        )

    return client
