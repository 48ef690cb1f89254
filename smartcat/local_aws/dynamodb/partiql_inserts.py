"""PartiQL's INSERT with a parameter for each value, read: the one statement that is understood here. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.local_aws.dynamodb.item_size import Item

_NAME = r"'((?:[^']|'')+)'"
_INSERT = re.compile(
    r"\s*INSERT\s+INTO\s+(?:\"(?P<quoted>[^\"]+)\"|(?P<plain>[\w.-]+))\s+VALUE\s+"
    rf"\{{\s*(?P<pairs>{_NAME}\s*:\s*\?(?:\s*,\s*{_NAME}\s*:\s*\?)*)\s*\}}\s*",
    re.IGNORECASE,
)
_PAIR = re.compile(rf"{_NAME}\s*:\s*\?")


def read_insert(statement: str, parameters: Sequence[Any]) -> tuple[str, Item] | None:
    """Return the table and the item of an INSERT statement; None for any other, and for one with literals.

    Args:
        statement: Such as ``INSERT INTO "results" VALUE {'id': ?, 'label': ?}``.
        parameters: Attribute values in the low-level form, one for each question mark.
    """
    parsed = _parse(statement)
    if parsed is None or len(parsed[1]) != len(parameters):
        return None
    table, names = parsed
    return table, dict(zip(names, parameters, strict=True))


@lru_cache(256)  # a client sends the same few statements with other parameters
def _parse(statement: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the table and the names of the attributes."""
    match = _INSERT.fullmatch(statement)
    if match is None:
        return None
    names = tuple(name.replace("''", "'") for name in _PAIR.findall(match["pairs"]))
    return (match["quoted"] or match["plain"], names) if len(set(names)) == len(names) else None
