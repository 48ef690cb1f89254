from collections.abc import Callable
from typing import Any

import pytest

from smartcat.cli import aws_clients

Command = Callable[..., Any]

STACK = {
    "document_id": {"S": "monday"},
    "label": {"S": "payslip"},
    "confidence": {"N": "0.4310"},
    "decision": {"S": "review"},
    "page_labels": {"S": "payslip*2,-,loan_offer"},
    "documents": {"S": "payslip,loan_offer;0*3:0.9821,1:0.4310?"},
    "model_version": {"S": "abc"},
    "arrived_at": {"S": "2026-01-01T00:00:00Z"},
}


class FakeTable:
    """A table with one stack in it."""

    def get_item(self, **_: Any) -> dict[str, Any]:
        return {"Item": STACK}

    def get_paginator(self, _name: str) -> "FakeTable":
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"Items": [STACK]}]


@pytest.fixture(autouse=True)
def _table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_clients, "client", lambda _: FakeTable())


def test_a_stack_is_shown_document_by_document(command: Command) -> None:
    """Each with its pages, what it is, how sure that is, and whether a person should look."""
    done = command("results", "get", "monday", "--table", "t")
    assert done.code == 0, done.err
    assert "documents   pages 1-3: payslip 0.9821 (accepted)" in done.out
    assert "            page 4: loan_offer 0.4310 (review)" in done.out


def test_a_list_says_which_results_are_stacks(command: Command) -> None:
    """And of how many documents."""
    done = command("results", "list", "--table", "t")
    assert done.code == 0, done.err
    assert "payslip" in done.out
    assert "0.43  review  a stack of 2" in done.out
