"""Reads the small text sheets in which the paperwork is written. Knows no randomness and no kind.

A sheet is a text of sections: a line ``== name`` opens one, every further line is an item, and an indented
line continues the item above it. Items hold slots such as ``{amount}``, which `facts.Facts` fills.
"""

from __future__ import annotations

from dataclasses import dataclass

_HEADING = "== "


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one kind of paper says in one language.

    Attributes:
        titles: Headlines that name the kind.
        openings: Sentences that may follow the headline.
        fields: Single lines of a form, ``label: {slot}``.
        heads: Headings of its table, cells parted by ``|``.
        rows: Rows of its table, cells parted by ``|``.
        clauses: Running text, one paragraph each.
        closings: Last lines, such as a place for the signature.
    """

    titles: tuple[str, ...]
    openings: tuple[str, ...]
    fields: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[str, ...]
    clauses: tuple[str, ...]
    closings: tuple[str, ...]

    def items(self) -> tuple[str, ...]:
        """All templates of the sheet, in the order of its sections."""
        return (
            self.titles + self.openings + self.fields + self.heads + self.rows + self.clauses + self.closings
        )


def parse_sections(text: str) -> dict[str, tuple[str, ...]]:
    """The sections of a sheet by name.

    Raises:
        ValueError: An item stands before the first heading, or a section appears twice; names the line.
    """
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        if line.startswith(_HEADING):
            name = line.removeprefix(_HEADING).strip()
            if name in sections:
                raise ValueError(f"line {number}: section {name!r} appears twice, expected each name once")
            current = sections[name] = []
        elif current is None:
            raise ValueError(f"line {number}: an item stands before the first '== name' heading")
        elif line[0].isspace() and current:
            current[-1] += " " + line.strip()
        else:
            current.append(line.strip())
    return {name: tuple(items) for name, items in sections.items()}


def parse_sheet(text: str) -> Sheet:
    """The sheet of one kind in one language.

    Raises:
        ValueError: A section of `Sheet` is missing or empty, or one that `Sheet` does not know is present.
    """
    sections = parse_sections(text)
    expected = set(Sheet.__dataclass_fields__)
    if set(sections) != expected:
        raise ValueError(f"sections are {sorted(sections)}, expected exactly {sorted(expected)}")
    empty = sorted(name for name, items in sections.items() if not items)
    if empty:
        raise ValueError(f"sections {empty} are empty, expected at least one item in each")
    return Sheet(**sections)
