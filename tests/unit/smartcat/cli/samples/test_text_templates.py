from __future__ import annotations

import pytest

from smartcat.cli.samples.text_templates import parse_sections, parse_templates

WHOLE = "\n".join(
    f"== {name}\nitem" for name in ("titles", "openings", "fields", "heads", "rows", "clauses", "closings")
)


def test_indented_lines_continue_their_item() -> None:
    """A long item may span lines; the break reads as one space."""
    assert parse_sections("== a\none\n  more\ntwo\n") == {"a": ("one more", "two")}


def test_item_before_a_heading_is_refused() -> None:
    """An item that belongs nowhere is an error that names its line."""
    with pytest.raises(ValueError, match="line 2: an item stands before"):
        parse_sections("\nlost\n== a\n")


def test_repeated_section_is_refused() -> None:
    """A section written twice would hide one half."""
    with pytest.raises(ValueError, match="line 3: section 'a' appears twice"):
        parse_sections("== a\none\n== a\ntwo\n")


def test_whole_sheet_is_read() -> None:
    """A sheet with every section gives every item, in order."""
    assert parse_templates(WHOLE).items() == ("item",) * 7


def test_missing_section_is_refused() -> None:
    """A sheet without closings is an error, not an empty closing."""
    with pytest.raises(ValueError, match="expected exactly"):
        parse_templates(WHOLE.replace("== closings\nitem", ""))


def test_empty_section_is_refused() -> None:
    """A heading without items would leave nothing to pick from."""
    with pytest.raises(ValueError, match=r"\['closings'\] are empty"):
        parse_templates(WHOLE.removesuffix("item"))
