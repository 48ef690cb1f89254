"""The BatchExecuteStatement request that stores results where there are none. Makes no request itself.

DynamoDB answers each statement by itself, and refuses to insert what exists (DynamoDB developer guide,
"PartiQL insert statements").
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream_processor.storage_format.result_item import ResultItem

MAX_STATEMENT_CHARS: Final = 8192
"""Of one statement; its parameters do not count (API reference, "BatchStatementRequest")."""

_FORMS: Final = 256
"""Sets of attributes remembered. A result has some ten optional ones, and few of their combinations occur."""


def insert_request(table: str, items: Sequence[ResultItem]) -> dict[str, Any]:
    """Return the arguments of the call for up to 25 items with distinct keys."""
    return {
        "Statements": [
            {
                "Statement": insert_statement(table, tuple(item.attributes)),
                "Parameters": list(item.attributes.values()),
            }
            for item in items
        ],
        "ReturnConsumedCapacity": "INDEXES",
    }


@lru_cache(_FORMS)
def insert_statement(table: str, names: tuple[str, ...]) -> str:
    """Return the statement; the names are those of result attributes, which never hold a quote."""
    quoted = table.replace('"', '""')
    values = ", ".join(f"'{name}': ?" for name in names)
    return f'INSERT INTO "{quoted}" VALUE {{{values}}}'
