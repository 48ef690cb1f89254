"""The one PartiQL statement that local AWS reads itself."""

from __future__ import annotations

import pytest

from smartcat.local_aws.dynamodb.partiql_inserts import read_insert
from stream_processor.adapters.insert_statements import MAX_STATEMENT_CHARS, insert_statement

A, B = {"S": "a"}, {"N": "1"}


def test_an_insert_is_its_table_and_its_item() -> None:
    """Names in quotes, parameters in their order, whatever the spaces and capitals."""
    expected = ("my-table.1", {"id": A, "it's": B})
    assert read_insert("INSERT INTO \"my-table.1\" VALUE {'id': ?, 'it''s': ?}", [A, B]) == expected
    assert read_insert(" insert  into my-table.1 value {'id':?,'it''s':?} ", [A, B]) == expected


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        ("SELECT * FROM results WHERE id = ?", [A]),
        ("INSERT INTO results VALUE {'id': 'literal'}", []),
        ("INSERT INTO results VALUE {'id': ?}", [A, B]),
        ("INSERT INTO results VALUE {'id': ?, 'id': ?}", [A, B]),
        ("INSERT INTO results VALUE {'id': ?} RETURNING ALL OLD *", [A]),
        ("", []),
    ],
)
def test_anything_else_is_not_read(statement: str, parameters: list[dict[str, str]]) -> None:
    """Other statements, literals, and parameters that do not fit are left to moto."""
    assert read_insert(statement, parameters) is None


def test_what_the_function_sends_is_read_and_within_the_limit() -> None:
    """All attributes that a result may have make a statement of far less than 8,192 characters."""
    names = tuple(f"a_rather_long_attribute_{number:02d}" for number in range(25))
    statement = insert_statement("t" * 255, names)
    assert len(statement) < MAX_STATEMENT_CHARS / 5
    assert read_insert(statement, [A] * 25) == ("t" * 255, dict.fromkeys(names, A))
