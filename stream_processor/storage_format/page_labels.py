"""The labels of a document's pages as one short text, and back. Pure; knows neither tables nor models.

``payslip*3,-,contract`` is three payslip pages, a page without evidence, and a page of a contract.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

BLANK: Final = "-"
"""A page that is blank, or has no word that the model knows, among the page labels."""


def encode_page_labels(labels: Iterable[str | None]) -> str:
    """Return page labels run-length coded; None is a page without evidence.

    A percent sign, comma or asterisk inside a label, and a label that is only ``-``, are percent-encoded.
    """
    runs = ((_escape(label), sum(1 for _ in pages)) for label, pages in groupby(labels))
    return ",".join(name if length == 1 else f"{name}*{length}" for name, length in runs)


def decode_page_labels(text: str) -> tuple[str | None, ...]:
    """Return the labels that ``encode_page_labels`` was given.

    Raises:
        ValueError: The text is not of that form.
    """
    labels: list[str | None] = []
    for run in text.split(",") if text else ():
        name, star, length = run.partition("*")
        labels += [_unescape(name)] * (int(length) if star else 1)
    return tuple(labels)


def _escape(label: str | None) -> str:
    if label is None:
        return BLANK
    if label == BLANK:
        return "%2D"
    return label.replace("%", "%25").replace(",", "%2C").replace("*", "%2A")


def _unescape(name: str) -> str | None:
    if name == BLANK:
        return None
    return name.replace("%2D", "-").replace("%2C", ",").replace("%2A", "*").replace("%25", "%")
