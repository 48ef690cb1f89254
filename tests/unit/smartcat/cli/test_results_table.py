from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from smartcat.cli.results_table import NoTableError, get_result, list_results

ITEM = {
    "document_id": {"S": "d-1"},
    "label": {"S": "payslip"},
    "confidence": {"N": "0.9312"},
    "decision": {"S": "accepted"},
    "page_labels": {"S": "payslip*2,-"},
    "reasons": {"L": [{"S": "gross pay:0.41"}]},
    "model_version": {"S": "abc"},
    "arrived_at": {"S": "2026-01-01T00:00:00Z"},
    "an_attribute_of_next_year": {"S": "ignored"},
}


class FakeTable:
    def __init__(self, pages: list[list[dict[str, Any]]]) -> None:
        self.pages = pages

    def get_item(self, *, Key: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's name
        found = [item for page in self.pages for item in page if item["document_id"] == Key["document_id"]]
        return {"Item": found[0]} if found else {}

    def get_paginator(self, _name: str) -> "FakeTable":
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"Items": page} for page in self.pages]


def test_an_item_is_read_as_people_read_it() -> None:
    """Numbers are numbers, page labels are a list, what is absent is empty, what is unknown is ignored."""
    result = get_result(FakeTable([[ITEM]]), "t", "d-1")
    assert result is not None
    assert result.confidence == 0.9312
    assert result.page_labels == ("payslip", "payslip", None)
    assert result.reasons == ("gross pay:0.41",)
    assert result.candidates == ()
    assert result.job_id is None


def test_the_documents_of_a_stack_are_read() -> None:
    """Each with its pages; an ordinary document has none."""
    item = ITEM | {"documents": {"S": "payslip,loan;0*2:0.9100,1:0.4000?"}}
    result = get_result(FakeTable([[item]]), "t", "d-1")
    assert result is not None
    assert [(each.first, each.last, each.label, each.decision) for each in result.documents] == [
        (1, 2, "payslip", "accepted"),
        (3, 3, "loan", "review"),
    ]
    assert result.to_dict()["documents"][1]["confidence"] == 0.4
    plain = get_result(FakeTable([[ITEM]]), "t", "d-1")
    assert plain is not None
    assert plain.documents == ()


def test_no_item_is_none() -> None:
    """A document without result is not an error of the table."""
    assert get_result(FakeTable([[]]), "t", "d-1") is None


def test_every_page_of_the_scan_is_read() -> None:
    """A table larger than one scan page is listed whole."""
    pages = [[ITEM], [], [ITEM | {"document_id": {"S": "d-2"}}]]
    assert [result.document_id for result in list_results(FakeTable(pages), "t")] == ["d-1", "d-2"]


@pytest.mark.parametrize(("operation", "read"), [("get_item", get_result), ("scan", list_results)])
def test_a_missing_table_is_named_with_the_place(operation: str, read: Any) -> None:
    """AWS says only that something is missing; the line says which table, and in which region."""
    dynamodb = boto3.client(
        "dynamodb", region_name="eu-west-3", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(dynamodb) as stub:
        stub.add_client_error(operation, service_error_code="ResourceNotFoundException")
        with pytest.raises(NoTableError, match="no table 'papers' in eu-west-3"):
            list(read(dynamodb, "papers", *["d"] * (operation == "get_item")))


def test_a_short_confidence_is_rounded_down() -> None:
    """0.4999, which is for review at 0.5, does not read 0.50; what two decimals can hold is kept."""
    shown = {}
    for confidence in ("0.4999", "0.29", "0.57", "1", "0"):
        result = get_result(FakeTable([[ITEM | {"confidence": {"N": confidence}}]]), "t", "d-1")
        assert result is not None
        shown[confidence] = result.short_confidence
    assert shown == {"0.4999": "0.49", "0.29": "0.29", "0.57": "0.57", "1": "1.00", "0": "0.00"}
