"""Reading the table of results: one by its id, or all in pages. Only reads."""

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
    """One result item as people read it.

    Attributes:
        document_id: the document.
        label: what it is.
        confidence: calibrated probability of the label, 0 to 1.
        decision: "accepted", or "review" where a person should look.
        page_labels: the label of each page, None for a blank one.
        reasons: the words that carried the label with their weight, strongest first.
        candidates: the best labels with their probability.
        model_version: the model that said so.
        arrived_at: when Kinesis took the record, ISO 8601.
        job_id: the job it belongs to, where there is one.
        documents: the documents of a stack; none for an ordinary document.
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
        """The confidence in two decimals, rounded down: 0.4999 and for review does not read 0.50."""
        return f"{math.floor(self.confidence * 100 + 1e-9) / 100:.2f}"

    def to_dict(self) -> dict[str, Any]:
        """Give the fields for JSON."""
        return asdict(self)


def get_result(dynamodb: Any, table: str, document_id: str) -> StoredResult | None:
    """Read the result of one document; None where there is none (yet).

    Raises:
        NoTableError: there is no such table.
        botocore.exceptions.ClientError: the table cannot be read for another reason.
    """
    with naming(dynamodb, table):
        answer = dynamodb.get_item(
            TableName=table, Key={"document_id": {"S": document_id}}, ConsistentRead=True
        )
    return _from_item(answer["Item"]) if "Item" in answer else None


def list_results(dynamodb: Any, table: str) -> Iterator[StoredResult]:
    """Read every result, in the table's own order; memory stays at one page of 1 MB.

    Raises:
        NoTableError: there is no such table.
        botocore.exceptions.ClientError: the table cannot be read for another reason.
    """
    with naming(dynamodb, table):
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            yield from map(_from_item, page["Items"])


@contextmanager
def naming(dynamodb: Any, table: str) -> Iterator[None]:
    """Name the table and the place where it was looked for, which AWS's own answer does not.

    Raises:
        NoTableError: What is done within was done to a table that does not exist.
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
