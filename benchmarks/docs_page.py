"""Putting measured tables into a page of the docs, between marks. Pure; knows no benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def replace_tables(page: str, tables: Mapping[str, str]) -> str:
    """Return a page with the tables between its marks replaced.

    Args:
        page: Markdown with ``<!-- name -->`` and ``<!-- end of name -->`` once each.
        tables: What is to stand between them, by name.

    Raises:
        ValueError: The page lacks a mark.
    """
    for name, table in tables.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        if page.count(begin) != 1 or page.count(end) != 1:
            raise ValueError(f"expected the marks of {name!r} once each")
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}"
    return page
