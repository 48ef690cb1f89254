"""The Lambda API and a mapping's function, through boto3, with real `awslambdaric` processes behind."""

from __future__ import annotations

import io
import json
import os
import signal
import uuid
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from smartcat.local_aws.local_aws import LocalAws
from support.mapping_harness import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Notes its process and every batch it receives; "hold" waits for the end of its process, once.
HANDLER = """
import base64, json, os, pathlib, time

def handler(event, context):
    data = [base64.b64decode(record["kinesis"]["data"]).decode() for record in event["Records"]]
    with open(os.environ["JOURNAL"], "a") as journal:
        journal.write(json.dumps([os.getpid(), event["Records"][0]["eventID"], data]) + "\\n")
    mark = pathlib.Path(os.environ["JOURNAL"] + ".held")
    if "hold" in data and not mark.exists():
        mark.touch()
        time.sleep(60)
    return {"batchItemFailures": []}
"""

_SERVICES = ("iam", "kinesis", "lambda", "s3")


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for the module; every test has its own function."""
    with LocalAws() as running:
        yield running


@dataclass
class Harness:
    """A function that keeps a journal, and the clients to work with it."""

    local: LocalAws
    directory: Path
    name: str = field(default_factory=lambda: f"t-{uuid.uuid4().hex[:12]}")

    def __post_init__(self) -> None:
        variables = self.local.environment_variables()
        session = boto3.Session(
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            region_name=variables["AWS_REGION"],
        )
        made = {s: session.client(s, endpoint_url=self.local.endpoint_url) for s in _SERVICES}  # type: ignore[call-overload]
        self.clients: dict[str, Any] = made
        self.journal = self.directory / "journal"
        self.journal.touch()

    def create(self) -> None:
        (self.directory / "app.py").write_text(HANDLER)
        role = self.clients["iam"].create_role(RoleName=self.name, AssumeRolePolicyDocument="{}")
        self.clients["lambda"].create_function(
            FunctionName=self.name,
            Runtime="python3.11",
            Role=role["Role"]["Arn"],
            Handler="app.handler",
            Timeout=60,
            Code={"S3Bucket": "hot-reload", "S3Key": str(self.directory)},
            Environment={"Variables": {"JOURNAL": str(self.journal)}},
        )

    def calls(self) -> list[tuple[int, str, list[str]]]:
        """Process, first event ID and data of every batch."""
        return [tuple(json.loads(line)) for line in self.journal.read_text().splitlines()]


@pytest.fixture
def harness(local_aws: LocalAws, tmp_path: Path) -> Iterator[Harness]:
    """A function."""
    made = Harness(local_aws, tmp_path)
    made.create()
    yield made
    for client in made.clients.values():
        client.close()


def test_a_function_killed_in_the_middle_of_a_batch_gets_the_batch_again(harness: Harness) -> None:
    """The death of its process is a function error: a retry is used, nothing is lost, the order stays."""
    kinesis = harness.clients["kinesis"]
    kinesis.create_stream(StreamName=harness.name, ShardCount=1)
    for data in ("hold", "1", "2"):
        kinesis.put_record(StreamName=harness.name, Data=data, PartitionKey="key")
    stream = kinesis.describe_stream_summary(StreamName=harness.name)["StreamDescriptionSummary"]["StreamARN"]
    mapping = harness.clients["lambda"].create_event_source_mapping(
        FunctionName=harness.name,
        EventSourceArn=stream,
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=1,
    )["UUID"]
    wait_until(harness.calls, "the function has its batch")
    os.kill(harness.calls()[0][0], signal.SIGKILL)
    wait_until(
        lambda: harness.local.gauges()["mappings"][mapping]["records_delivered"] == 3, "all is delivered"
    )
    (first, *_), (second, *_) = calls = harness.calls()
    assert [data for _, _, data in calls] == [["hold", "1", "2"]] * 2
    assert first != second
    assert harness.local.gauges()["mappings"][mapping]["failures"] == 1
    harness.clients["lambda"].delete_event_source_mapping(UUID=mapping)
    wait_until(lambda: mapping not in harness.local.gauges()["mappings"], "the mapping is deleted")


def test_invocations_through_the_api(harness: Harness) -> None:
    """Synchronous, dry, asynchronous and failing invocations, as boto3 sees them."""
    client = harness.clients["lambda"]
    assert client.invoke(FunctionName=harness.name, InvocationType="DryRun")["StatusCode"] == 204
    failing = client.invoke(FunctionName=harness.name, Payload=b'{"Records": []}')
    assert (failing["StatusCode"], failing["FunctionError"]) == (200, "Unhandled")
    assert json.loads(failing["Payload"].read())["errorType"] == "IndexError"
    record = {"eventID": "s:1", "kinesis": {"sequenceNumber": "1", "partitionKey": "k", "data": "eA=="}}
    event = json.dumps({"Records": [record]}).encode()
    by_arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{harness.name}"
    fine = client.invoke(FunctionName=by_arn, Payload=event)
    assert "FunctionError" not in fine
    assert fine["ExecutedVersion"] == "$LATEST"
    assert (
        client.invoke(FunctionName=harness.name, InvocationType="Event", Payload=event)["StatusCode"] == 202
    )
    wait_until(lambda: len(harness.calls()) == 2, "the event was delivered")


def test_rejected_invocations_through_the_api(harness: Harness) -> None:
    """Throttling and unknown functions are the API's exceptions."""
    client = harness.clients["lambda"]
    client.put_function_concurrency(FunctionName=harness.name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as throttled:
        client.invoke(FunctionName=harness.name)
    assert throttled.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert throttled.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="none")


def test_changes_through_the_api_reach_the_function(harness: Harness) -> None:
    """New configuration and new code are used by the next invocation; a deleted function is gone."""
    client = harness.clients["lambda"]
    other = harness.directory / "other"
    other.mkdir()
    (other / "app.py").write_text(
        "import os\ndef handler(event, context):\n    return os.environ['COLOUR']\n"
    )
    client.update_function_configuration(
        FunctionName=harness.name, Environment={"Variables": {"COLOUR": "blue"}}
    )
    client.update_function_code(FunctionName=harness.name, S3Bucket="hot-reload", S3Key=str(other))
    assert client.invoke(FunctionName=harness.name)["Payload"].read() == b'"blue"'
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="absolute path"):
        client.update_function_code(FunctionName=harness.name, S3Bucket="hot-reload", S3Key="relative")
    client.delete_function(FunctionName=harness.name)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName=harness.name)


def test_code_is_read_from_a_bucket(harness: Harness) -> None:
    """S3Bucket and S3Key name an archive in the same local AWS."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", "def handler(event, context):\n    return 'from S3'\n")
    s3, client = harness.clients["s3"], harness.clients["lambda"]
    s3.create_bucket(Bucket=harness.name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket=harness.name, Key="code.zip", Body=archive.getvalue())
    client.update_function_code(FunctionName=harness.name, S3Bucket=harness.name, S3Key="code.zip")
    assert client.invoke(FunctionName=harness.name)["Payload"].read() == b'"from S3"'
    client.update_function_code(FunctionName=harness.name, ZipFile=archive.getvalue())
    assert client.invoke(FunctionName=harness.name)["Payload"].read() == b'"from S3"'
