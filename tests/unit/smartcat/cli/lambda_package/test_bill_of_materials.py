import json

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from smartcat.cli.lambda_package.bill_of_materials import Component, bill_of_materials

PARTS = [
    Component("pydantic", "2.14.3", sha256="a" * 64, licence="MIT"),
    Component("backports-zstd", "1.8.0", sha256="b" * 64),
    Component("smartcat-aws", "0.1.0", "generic"),
    Component("model", "0123456789ab", "generic", kind="machine-learning-model"),
]
PROPERTIES = {"python": "3.13", "architecture": "arm64", "engine": "compiled"}


def test_a_bill_is_what_the_schema_asks_for() -> None:
    """The official schema of CycloneDX 1.6, in its strict form."""
    bill = bill_of_materials("c" * 64, "0.1.0", PARTS, PROPERTIES)
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(bill.decode()) is None
    broken = json.loads(bill)
    broken["components"][3]["hashes"][0]["content"] = "no checksum"
    assert validator.validate_str(json.dumps(broken)) is not None, "so the validator looks"


def test_the_same_package_has_the_same_bill() -> None:
    """Whatever order its parts come in, at any time; another zip has another serial number."""
    bill = bill_of_materials("c" * 64, "0.1.0", PARTS, PROPERTIES)
    assert bill == bill_of_materials("c" * 64, "0.1.0", PARTS[::-1], dict(reversed(PROPERTIES.items())))
    other = json.loads(bill_of_materials("d" * 64, "0.1.0", PARTS, PROPERTIES))
    assert other["serialNumber"] != json.loads(bill)["serialNumber"]


def test_each_part_is_named_as_scanners_look_it_up() -> None:
    """By package URL; what no index has is generic, and not another project of the same name."""
    bill = json.loads(bill_of_materials("c" * 64, "0.1.0", PARTS, PROPERTIES))
    assert [part["purl"] for part in bill["components"]] == [
        "pkg:generic/model@0123456789ab",
        "pkg:generic/smartcat-aws@0.1.0",
        "pkg:pypi/backports-zstd@1.8.0",
        "pkg:pypi/pydantic@2.14.3",
    ]
    assert bill["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": "c" * 64}]


@pytest.mark.parametrize(("version", "purl"), [("1.0+local build", "pkg:pypi/x@1.0%2Blocal%20build")])
def test_a_version_is_escaped_in_its_url(version: str, purl: str) -> None:
    """A plus or a space would mean something else there."""
    assert Component("x", version).purl == purl
