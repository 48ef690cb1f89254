"""Text that no model of paperwork can know anything of, the same at every call."""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
BASE64 = string.ascii_letters + string.digits + "+/"


def words(alphabet: str, *, documents: int = 30, count: int = 120) -> list[list[str]]:
    """Return documents of one page of random words, fewer in each than in the last."""
    draw = random.Random(alphabet)  # noqa: S311 - generates test data
    return [[" ".join(_words(draw, alphabet, count - 3 * number))] for number in range(documents)]


def with_one_word(known: Sequence[str]) -> list[list[str]]:
    """Return pages of random letters with one word in the middle that a model knows."""
    draw = random.Random(1)  # noqa: S311 - generates test data
    letters = string.ascii_lowercase
    return [[" ".join([*_words(draw, letters, 40), word, *_words(draw, letters, 40)])] for word in known]


def one_line(alphabet: str = BASE64) -> list[list[str]]:
    """Return one endless word, as an attachment in the text of a mail is."""
    draw = random.Random(2)  # noqa: S311 - generates test data
    return [["".join(draw.choices(alphabet, k=5000))]]


def _words(draw: random.Random, alphabet: str, count: int) -> Iterator[str]:
    return ("".join(draw.choices(alphabet, k=draw.randint(2, 9))) for _ in range(count))
