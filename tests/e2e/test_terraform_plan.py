"""What Terraform plans works: made on local AWS resource by resource, it labels documents."""

from pathlib import Path

import pytest

from producers.producer import Producer
from smartcat.cli.lambda_package.function_code import function_zip
from smartcat.cli.local_aws_process import LocalAwsProcess
from smartcat.wire_format.document import Document
from support.cli import smartcat
from support.planned import Planned
from support.system import System
from support.terraform import Terraform

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.local_only("elsewhere Terraform itself makes what it plans (make localstack)"),
]


def test_what_is_planned_for_an_emulator_labels_documents(
    terraform: Terraform, paperwork_model: Path, tmp_path: Path
) -> None:
    """Names, settings, capacity, policies and the uploaded model fit one another and the code."""
    package = tmp_path / "function.zip"
    package.write_bytes(function_zip())
    choices = {
        "emulator": True,
        "package": {"zip_path": str(package)},
        "model": {"path": str(paperwork_model)},
        "stream": {"shards": 1},
        "table": {"write_capacity": 100, "max_write_capacity": 100},
        "features": {"enhanced_fan_out": True},
    }
    (tmp_path / "plan").mkdir()
    planned = Planned(terraform.plan(tmp_path / "plan", choices))
    with LocalAwsProcess(logs=tmp_path) as aws:
        system = System(aws, planned.build(aws.client), tmp_path)
        with Producer(system.deployment.stream, client=aws.client("kinesis")) as producer:
            for number in range(40):
                text = "Gehaltsabrechnung Brutto Netto Steuerklasse Arbeitgeber"
                producer.put(Document(document_id=f"planned-{number}", text=text))
        aws.client("kinesis").put_record(
            StreamName=system.deployment.stream, Data=b"poison", PartitionKey="poison"
        )
        system.wait_until_done(41)
        assert len(system.outcome().labels()) == 40
        assert [entry["partition_key"] for entry in system.quarantine_objects()] == ["poison"]
        listed = smartcat("model", "list", environment=system.environment)
        assert planned.outputs["model_version"] in listed.stdout
