"""PartiQL's INSERT with a parameter for each value, read: the one statement that is understood here. Pure."""

from __future__ import annotations

import re
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
    match = _INSERT.fullmatch(statement)
    if match is None:
        return None
    names = [name.replace("''", "'") for name in _PAIR.findall(match["pairs"])]
    if len(names) != len(parameters) or len(set(names)) < len(names):
        return None
    return match["quoted"] or match["plain"], dict(zip(names, parameters, strict=True))
