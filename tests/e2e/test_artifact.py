"""The artifact is built for this machine's platform, and run with nothing else but Lambda's runtime."""

import base64
import hashlib
import json
import platform
import re
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from email import message_from_string
from pathlib import Path
from typing import Any

import pytest

from smartcat.cli.deployment import DeploymentOptions
from smartcat.cli.lambda_package.function_code import HANDLER
from smartcat.cli.lambda_package.locked_wheels import normalized
from smartcat.local_aws.lambda_runtime.function_configuration import FunctionConfiguration
from smartcat.local_aws.lambda_runtime.host import LambdaHost
from smartcat.wire_format.document import Document, to_bytes
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from smartcat.wire_format.zstd_aggregate import compress_aggregate
from support.artifact import build_here
from support.clean_python import clean_python
from support.system import System

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.local_only("runs the zip here, with nothing but Lambda's runtime"),
    pytest.mark.skipif(sys.platform != "linux", reason="a Lambda's wheels run on Linux only"),
]

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:artifact"
Start = Callable[[Path, DeploymentOptions], System]


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory, paperwork_model: Path) -> Path:
    """The zip for this machine, with a model in it."""
    return build_here(tmp_path_factory.mktemp("artifact") / "function.zip", "--model", str(paperwork_model))


@pytest.fixture(scope="module")
def system(paperwork_model: Path, artifact: Path, start_system: Start) -> System:
    """A system whose function is the artifact."""
    return start_system(paperwork_model, DeploymentOptions(name="artifact", shards=1, code=artifact))


@pytest.fixture(scope="module")
def function(
    system: System, artifact: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[bytes], Any]]:
    """The artifact in an interpreter with nothing but Lambda's runtime; gives answer and log."""
    folder = tmp_path_factory.mktemp("clean")
    configuration = system.aws.client("lambda").get_function_configuration(
        FunctionName=system.deployment.function
    )
    variables = configuration["Environment"]["Variables"] | {
        "SMARTCAT_MODEL": "model",
        "SMARTCAT_ENGINE": "compiled",
    }
    host = LambdaHost(system.aws.environment, folder / "logs", str(clean_python(folder / "python")))
    try:
        code = {"ZipFile": base64.b64encode(artifact.read_bytes()).decode()}
        settings = FunctionConfiguration(
            "artifact", ARN, HANDLER, timeout=60, memory_mb=512, variables=variables
        )
        host.put_function(settings, host.code.task_root(code))

        def invoke(event: bytes) -> Any:
            result = host.invoke("artifact", event)
            log = "".join(file.read_text() for file in (folder / "logs").rglob("*.log"))
            assert result.function_error is None, log
            return json.loads(result.payload), log

        yield invoke
    finally:
        host.stop()


def kinesis_event(*payloads: bytes) -> bytes:
    """Make the event of a mapping that delivers these payloads."""
    shard = "shardId-000000000000"
    records = [
        {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": f"key-{number}",
                "sequenceNumber": f"4954{number:052d}",
                "data": base64.b64encode(payload).decode(),
                "approximateArrivalTimestamp": 1767225600.0,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard}:4954{number:052d}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:aws:iam::123456789012:role/artifact",
            "awsRegion": "eu-central-1",
            "eventSourceARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/artifact-documents",
        }
        for number, payload in enumerate(payloads)
    ]
    return json.dumps({"Records": records}).encode()


def test_the_artifact_runs_with_nothing_but_lambda_s_runtime(
    function: Callable[[bytes], Any], system: System, record_property: Callable[[str, object], None]
) -> None:
    """Every form of record is classified and stored, poison is quarantined, and the start is reported."""
    text = "Gehaltsabrechnung Brutto Netto Steuerklasse Arbeitgeber"
    documents = [to_bytes(Document(document_id=f"clean-{n}", text=text)) for n in range(3)]
    aggregate = pack([UserRecord("key", documents[1])])
    compressed = compress_aggregate(pack([UserRecord("key", documents[2])]))
    answer, log = function(kinesis_event(documents[0], aggregate, compressed, b"poison"))
    assert answer == {"batchItemFailures": []}
    labels = system.outcome().labels()
    assert {f"clean-{n}" for n in range(3)} <= set(labels)
    assert len(system.quarantine_objects()) == 1
    assert '"engine":"compiled"' in log
    report = re.search(r"Max Memory Used: (\d+) MB\tInit Duration: ([\d.]+) ms", log)
    assert report is not None
    record_property("memory_mb", int(report[1]))
    record_property("init_ms", float(report[2]))
    print(report[0])  # noqa: T201 - for who asks with -s
    assert int(report[1]) < 128, "the smallest function that Lambda has must be able to hold it"


def test_nothing_of_ours_but_the_function_s_rooms_is_in_it(artifact: Path) -> None:
    """No training, command line, producers, local AWS or tests; no scikit-learn, SciPy or NumPy; no boto3."""
    names = zipfile.ZipFile(artifact).namelist()
    tops = {name.split("/")[0].removesuffix(".py") for name in names}
    strangers = {"producers", "tests", "benchmarks"}
    strangers |= {"sklearn", "scipy", "numpy", "joblib", "boto3", "botocore"}
    assert tops & strangers == set()
    assert {"smartcat", "stream_processor", "model"} <= tops
    rooms = {name.split("/")[1].removesuffix(".py") for name in names if name.startswith("smartcat/")}
    assert rooms - {"__pycache__"} == {
        "__init__",
        "aws_errors",
        "classifier",
        "s3_integrity",
        "stream_names",
        "wire_format",
    }
    assert [name for name in names if "/tests/" in name or "/_engine/" in name] == []


def test_its_bill_of_materials_says_what_is_in_it(artifact: Path) -> None:
    """Every distribution in the zip, with its version, and no other; the zip's own checksum; the model."""
    bill = json.loads(artifact.with_suffix(".cdx.json").read_bytes())
    with zipfile.ZipFile(artifact) as archive:
        metadata = [archive.read(name).decode() for name in archive.namelist() if name.endswith("/METADATA")]
        model = json.loads(archive.read("model/manifest.json"))["model_version"]
    heads = [message_from_string(text) for text in metadata]
    packed = {(normalized(head["Name"]), head["Version"]) for head in heads}
    parts = {part["purl"]: part for part in bill["components"]}
    listed = {(part["name"], part["version"]) for purl, part in parts.items() if purl.startswith("pkg:pypi/")}
    assert listed == packed
    assert all(parts[f"pkg:pypi/{name}@{version}"]["hashes"] for name, version in listed)
    assert f"pkg:generic/model@{model}" in parts
    checksum = hashlib.sha256(artifact.read_bytes()).hexdigest()
    assert bill["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": checksum}]


def test_nothing_in_it_is_for_nothing(artifact: Path, tmp_path: Path) -> None:
    """Of everything that is packed, the function imports something, be it for an aggregate alone."""
    archive = zipfile.ZipFile(artifact)
    archive.extractall(tmp_path / "task")
    tops = {
        name.split("/")[0].removesuffix(".py") for name in archive.namelist() if ".dist-info/" not in name
    }
    code = f"""
        import sys
        sys.path.insert(0, {str(tmp_path / "task")!r})
        import stream_processor.bootstrap
        from smartcat.wire_format.kpl_aggregate import aggregated_record_class
        aggregated_record_class()
        print(*sys.modules)
    """
    command = [str(clean_python(tmp_path / "python")), "-I", "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert tops - set(done.stdout.split()) - {"model", "__pycache__"} == set()


def test_the_stream_of_local_aws_can_be_served_by_it(system: System) -> None:
    """A system that was built from the zip classifies what comes on the stream."""
    document = to_bytes(Document(document_id="streamed", text="Gehaltsabrechnung Brutto Netto"))
    kinesis = system.aws.client("kinesis")
    kinesis.put_record(StreamName=system.deployment.stream, Data=document, PartitionKey="streamed")
    done = len(system.outcome().results) + len(system.quarantine_objects())
    system.wait_until_done(done + 1)
    assert "streamed" in system.outcome().labels()


def test_the_zip_is_for_this_machine(artifact: Path) -> None:
    """The engine and every wheel's extension are of this machine's processor."""
    libraries = [name for name in zipfile.ZipFile(artifact).namelist() if name.endswith(".so")]
    machine = {"x86_64": 62, "aarch64": 183}[platform.machine()]
    with zipfile.ZipFile(artifact) as archive:
        assert {archive.read(name)[18] for name in libraries} == {machine}
    assert "smartcat/classifier/_native.abi3.so" in libraries
