"""Reads the table of results: one result by its id, or all. Writes nothing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from stream_processor.storage_format.result_item import read_item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream_processor.storage_format.result_item import StoredResult


class NoTableError(RuntimeError):
    """The table does not exist in this account and region."""


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
    return read_item(answer["Item"]) if "Item" in answer else None


def list_results(dynamodb: Any, table: str) -> Iterator[StoredResult]:
    """Yield every result, in the order of the table; memory stays at one page of 1 MB.

    Raises:
        NoTableError: There is no such table.
        botocore.exceptions.ClientError: The table cannot be read for another reason.
    """
    with missing_table_named(dynamodb, table):
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            yield from map(read_item, page["Items"])


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
