"""Reads the table of results: one result by its id, or all. Writes nothing."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from stream_processor.result_item import decode_page_labels
from stream_processor.stack_codes import StoredPiece, decode_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class NoTableError(RuntimeError):
    """The table does not exist in this account and region."""


@dataclass(frozen=True, slots=True)
class StoredResult:
    """One result item.

    Attributes:
        document_id: Id of the document.
        label: The predicted label.
        confidence: Calibrated probability of the label, 0 to 1.
        decision: "accepted", or "review" where a person should decide.
        page_labels: The label of each page, None for a blank one.
        reasons: The words with the most weight for the label, strongest first.
        candidates: The most probable labels with their probability.
        model_version: Version of the model.
        arrived_at: When Kinesis accepted the record, ISO 8601.
        job_id: The job of the document, if any.
        documents: The documents found in a stack of scans; empty for an ordinary document.
    """

    document_id: str
    label: str
    confidence: float
    decision: str
    page_labels: tuple[str | None, ...]
    reasons: tuple[str, ...]
    candidates: tuple[str, ...]
    model_version: str
    arrived_at: str
    job_id: str | None = None
    documents: tuple[StoredPiece, ...] = ()

    @property
    def short_confidence(self) -> str:
        """The confidence with two decimals, rounded down, so that 0.4999 does not read as 0.50."""
        return f"{math.floor(self.confidence * 100 + 1e-9) / 100:.2f}"

    def to_dict(self) -> dict[str, Any]:
        """Return the fields for JSON."""
        return asdict(self)


def get_result(dynamodb: Any, table: str, document_id: str) -> StoredResult | None:
    """Return the result of one document; None if there is none (yet).

    Raises:
        NoTableError: There is no such table.
        botocore.exceptions.ClientError: The table cannot be read for another reason.
    """
    with missing_table_named(dynamodb, table):
        answer = dynamodb.get_item(
            TableName=table, Key={"document_id": {"S": document_id}}, ConsistentRead=True
        )
    return _from_item(answer["Item"]) if "Item" in answer else None


def list_results(dynamodb: Any, table: str) -> Iterator[StoredResult]:
    """Yield every result, in the order of the table; memory stays at one page of 1 MB.

    Raises:
        NoTableError: There is no such table.
        botocore.exceptions.ClientError: The table cannot be read for another reason.
    """
    with missing_table_named(dynamodb, table):
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            yield from map(_from_item, page["Items"])


@contextmanager
def missing_table_named(dynamodb: Any, table: str) -> Iterator[None]:
    """Name the table, region and endpoint if the table does not exist; AWS's own error does not.

    Raises:
        NoTableError: A call within used a table that does not exist.
    """
    try:
        yield
    except dynamodb.exceptions.ResourceNotFoundException as error:
        where = f"{dynamodb.meta.region_name} ({dynamodb.meta.endpoint_url})"
        raise NoTableError(f"no table {table!r} in {where}") from error


def _from_item(item: Mapping[str, Any]) -> StoredResult:
    def texts(name: str) -> tuple[str, ...]:
        return tuple(entry["S"] for entry in item.get(name, {"L": ()})["L"])

    return StoredResult(
        document_id=item["document_id"]["S"],
        label=item["label"]["S"],
        confidence=float(item["confidence"]["N"]),
        decision=item["decision"]["S"],
        page_labels=decode_page_labels(item["page_labels"]["S"]),
        reasons=texts("reasons"),
        candidates=texts("candidates"),
        model_version=item["model_version"]["S"],
        arrived_at=item["arrived_at"]["S"],
        job_id=item["job_id"]["S"] if "job_id" in item else None,
        documents=decode_pieces(item["documents"]["S"]) if "documents" in item else (),
    )
