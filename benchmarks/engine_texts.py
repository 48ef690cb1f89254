"""The texts that engines are measured on: generated paperwork, cut to length. Knows no engine."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

from smartcat.cli.samples.paperwork import generate

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES: Final = {"0.2 KB": 200, "3.5 KB": 3_500, "50 KB": 50_000}
LANGUAGES: Final = ("en", "de")


def documents(language: str, size: int, number: int) -> list[str]:
    """Return so many different texts of so many characters each, the same at every run.

    Args:
        language: ``en`` or ``de``.
        size: Characters of each text.
        number: How many.
    """
    text, texts = "", []
    for page in _pages(language):
        text += page + "\n\n"
        while len(text) >= size:
            texts.append(text[:size])
            text = text[size:]
            if len(texts) == number:
                return texts
    raise AssertionError("pages never end")


def _pages(language: str) -> Iterator[str]:
    for seed in count():
        for paper in generate(50, seed=seed):
            if paper.language == language:
                yield from paper.pages
