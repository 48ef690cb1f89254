"""Tables of corrections and results in an emulated account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smartcat.cli.feedback.corrections_table import CorrectionsTable, create_corrections_table
from support.tables import create

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def slept() -> list[float]:
    """Get the waits, none of which is waited."""
    return []


@pytest.fixture
def dynamodb(account: Callable[[str], Any]) -> Any:
    """A client."""
    return account("dynamodb")


@pytest.fixture
def table(dynamodb: Any, slept: list[float]) -> CorrectionsTable:
    """An empty table of corrections."""
    return CorrectionsTable(dynamodb, create_corrections_table(dynamodb, "corrections"), slept.append)


@pytest.fixture
def results(dynamodb: Any) -> str:
    """A table with results of d-0 to d-4."""
    create(dynamodb, "results", units=None, key="document_id")
    for number in range(5):
        item = {
            "document_id": {"S": f"d-{number}"},
            "label": {"S": "contract"},
            "confidence": {"N": "0.8312"},
            "model_version": {"S": "0123456789ab"},
        }
        dynamodb.put_item(TableName="results", Item=item)
    return "results"
