"""Text of others made safe to look at: what is not seen as itself is written out. Pure; the one place for it.

Names come from everywhere: document ids, labels, object keys, files, error messages. On a terminal, in a log
or on a page they must not move the cursor, start a line, hide a part of themselves or reverse the reading.
"""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_NO_BREAK_SPACE: Final = "\u00a0"
_JOINERS: Final = "\u200d\ufe0f"
"""Joiner and variation selector, harmless between the parts of an emoji only."""

# Printable by Python's definition, and yet nothing is seen: Default_Ignorable_Code_Point (Unicode Character
# Database, DerivedCoreProperties) that are letters or marks.
_IGNORABLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0100-\U000e01ef]"
)


def visible(text: str) -> str:
    """Return the text on one line, with every character written out that would not be seen as itself.

    Written out, as Python has them in a string, are control characters of both sets, line and paragraph
    separators, marks and overrides of direction, characters of no width, and unpaired surrogates.
    """
    return text if _is_visible(text) else _written_out(text, _as_python)


def visible_lines(text: str) -> str:
    """Return the same, with the line feeds kept: for text that has lines of its own, and for markup."""
    return "\n".join(map(visible, text.split("\n")))


def visible_json(value: object) -> str:
    """Return a value as compact JSON on one line, which reads back as the same value.

    What `visible` writes out is a JSON escape here.

    Raises:
        ValueError: It is, or holds, no JSON value.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if _is_visible(text) else _written_out(text, _as_json)


class VisibleFormatter(logging.Formatter):
    """Formats log records with a message on one line, whatever the names in it are."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the line of a record."""
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the same
        """Return a traceback."""
        return visible_lines(super().formatException(ei))


def _is_visible(text: str) -> bool:
    return text.isprintable() and _IGNORABLE.search(text) is None


def _written_out(text: str, write: Callable[[str], str]) -> str:
    return "".join(
        character if _is_visible(character) or _is_harmless(text, at) else write(character)
        for at, character in enumerate(text)
    )


def _is_harmless(text: str, at: int) -> bool:
    """Return whether a character that is not visible by itself may stay where it is."""
    character = text[at]
    if character == _NO_BREAK_SPACE:
        return True
    if character not in _JOINERS or at == 0:
        return False
    before = text[at - 1] if text[at - 1] not in _JOINERS or at == 1 else text[at - 2]
    if not _is_symbol(before):
        return False
    return character != "\u200d" or (at + 1 < len(text) and _is_symbol(text[at + 1]))


def _is_symbol(character: str) -> bool:
    # So are pictures, Sk the skin tones among them.
    return unicodedata.category(character) in {"So", "Sk"}


def _as_python(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _as_json(character: Any) -> str:
    return json.dumps(character)[1:-1]
