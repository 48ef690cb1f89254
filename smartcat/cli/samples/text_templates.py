"""Parses the text templates of the samples. Knows no randomness and no document type.

The text is divided into sections: a line ``== name`` opens one, every further line is an item, and an
indented line continues the item above it. Items hold placeholders such as ``{amount}``, which
`field_values.FieldValues` fills.
"""

from __future__ import annotations

from dataclasses import dataclass

_HEADING = "== "


@dataclass(frozen=True, slots=True)
class Templates:
    """The text of one document type in one language.

    Attributes:
        titles: Headlines that name the type.
        openings: Sentences that may follow the headline.
        fields: Single lines of a form, ``label: {placeholder}``.
        heads: Headings of its table, cells separated by ``|``.
        rows: Rows of its table, cells separated by ``|``.
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
        """Return all templates, in the order of the sections."""
        return (
            self.titles + self.openings + self.fields + self.heads + self.rows + self.clauses + self.closings
        )


def parse_sections(text: str) -> dict[str, tuple[str, ...]]:
    """Return the items of each section, by its name.

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


def parse_templates(text: str) -> Templates:
    """Return the templates of one document type in one language.

    Raises:
        ValueError: A section of `Templates` is missing or empty, or an unknown one is present.
    """
    sections = parse_sections(text)
    expected = set(Templates.__dataclass_fields__)
    if set(sections) != expected:
        raise ValueError(f"sections are {sorted(sections)}, expected exactly {sorted(expected)}")
    empty = sorted(name for name, items in sections.items() if not items)
    if empty:
        raise ValueError(f"sections {empty} are empty, expected at least one item in each")
    return Templates(**sections)
