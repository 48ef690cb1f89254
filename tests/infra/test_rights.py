"""Rights as they are written: each is one that AWS knows, and docs/security.md says why it is there."""

from __future__ import annotations

import re

import botocore.session

from stream_processor.adapters.stored_results import ATTRIBUTES
from stream_processor.storage_format.document_version import VERSION
from support.terraform import MODULE, ROOT

# Rights that are not called as the operation they are for (Service Authorization Reference).
OF_OTHER_NAME = {
    "dynamodb:PartiQLInsert",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "lambda:InvokeFunction",
    "s3:DeleteObjectVersion",
    "s3:ListBucket",
    "s3:ListBucketVersions",
}
SERVICES = {"lambda", "s3", "kinesis", "dynamodb", "sqs", "kms", "logs", "xray"}


# Keys of conditions, which are written like rights.
CONDITION_KEYS = {"dynamodb:Attributes", "dynamodb:Select"}


def rights(file: str) -> set[str]:
    """Give the actions that a file of the module names."""
    found = re.findall(r'"([a-z0-9]+:[A-Z][A-Za-z]+)"', (MODULE / file).read_text("utf-8"))
    return set(found) - CONDITION_KEYS


def test_every_right_is_one_that_aws_knows() -> None:
    """A mistyped action would be granted in silence, and missed at the worst time."""
    session = botocore.session.get_session()
    actions = {each for each in rights("iam.tf") | rights("kms.tf") if each.split(":")[0] in SERVICES}
    assert len(actions) > 40
    for action in sorted(actions - OF_OTHER_NAME):
        service, name = action.split(":")
        assert name in session.get_service_model(service).operation_names, action


def test_every_right_of_the_function_is_explained() -> None:
    """Each is in docs/security.md, and that page names no right that is nowhere granted."""
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    granted = rights("iam.tf") | rights("kms.tf") | rights("failures.tf")
    text = (MODULE / "iam.tf").read_text("utf-8")
    own = set(re.findall(r'"([a-z0-9]+:[A-Z][A-Za-z]+)"', text[: text.index('resource "aws_iam_role"')]))
    assert {each for each in own - CONDITION_KEYS if f"`{each}`" not in page} == set()
    named = {each for each in re.findall(r"`([a-z0-9]+:[A-Z][A-Za-z]+)`", page) if "aws:" not in each}
    assert named <= granted


def test_the_function_reads_of_results_what_it_asks_for_and_no_more() -> None:
    """The condition names the attributes of the question: a result says what a document is."""
    text = (MODULE / "iam.tf").read_text("utf-8")
    listed = re.search(r'"dynamodb:Attributes" = \[(.+)\]', text)
    assert listed
    asked = ATTRIBUTES.replace("#version", VERSION).split(", ")
    assert sorted(asked) == re.findall(r'"(.+?)"', listed[1])
