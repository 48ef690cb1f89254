"""Composes one document page by page: its content and the order of it. Adds no noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartcat.cli.samples.layout import linearise_table, lines_of, wrap
from smartcat.cli.samples.seeded_random import pick
from smartcat.cli.samples.shared_text import SHARED_TEXT

if TYPE_CHECKING:
    from random import Random

    from smartcat.cli.samples.document_types import DocumentType
    from smartcat.cli.samples.field_values import FieldValues

_MOST_TABLES = 2
_MOST_TABLES_OF_A_LEDGER = 8
_WIDTHS = (62, 74, 86, 98, 112)


class ShuffledItems:
    """Returns items in random order, none twice before all were returned."""

    def __init__(self, items: tuple[str, ...], rng: Random) -> None:
        self._items = items
        self._rng = rng
        self._left: list[str] = []

    def next(self) -> str:
        """Return the next item."""
        if not self._left:
            random = self._rng.random
            self._left = sorted(self._items, key=lambda _: random())
        return self._left.pop()


class Composer:
    """Writes the pages of one document; all randomness comes from the random state of its values.

    Args:
        document_type: What the document is.
        neighbours: The types it borrows sentences from, at least one.
        language: ``de`` or ``en``.
        values: Who, where and how much.
    """

    def __init__(
        self,
        document_type: DocumentType,
        neighbours: tuple[DocumentType, ...],
        language: str,
        values: FieldValues,
    ) -> None:
        self._type = document_type
        self._values = values
        self._rng = rng = values.rng
        self._templates = document_type.templates[language]
        self._shared = SHARED_TEXT[language]
        self._neighbour = pick(rng, neighbours).templates[language]
        self._width = pick(rng, _WIDTHS)
        self._clauses = ShuffledItems(self._templates.clauses, rng)
        self._fields = ShuffledItems(self._templates.fields, rng)
        self._rows = ShuffledItems(self._templates.rows, rng)
        self._common = ShuffledItems(self._shared.clauses, rng)
        self._common_fields = ShuffledItems(self._shared.fields, rng)
        self._borrowed = ShuffledItems(self._neighbour.clauses + self._neighbour.fields, rng)
        # Some documents are about their own subject throughout, some are mostly small print.
        self._own_share = 0.1 + 0.6 * rng.random()
        self._borrowed_share = 0.3 * rng.random()

    def pages(self, count: int) -> list[str]:
        """Return `count` pages of the document itself, the first with its head and the last with its end."""
        pages = []
        for number in range(count):
            blocks = self._opening() if number == 0 else []
            low, high = self._type.page_chars
            self._fill(blocks, low + (high - low) * self._rng.random())
            if number == count - 1 and self._rng.random() < 0.7:
                blocks.append(self._text(pick(self._rng, self._templates.closings)))
            pages.append("\n".join(blocks))
        return pages

    def fragment(self) -> str:
        """Return one page torn from its document: no title, no letterhead, more small print than content."""
        rng = self._rng
        own = 2 + int(rng.random() * 5)
        blocks = [self._line(self._fields if rng.random() < 0.6 else self._clauses) for _ in range(own)]
        blocks += [self._line(self._common_fields) for _ in range(int(rng.random() * 5))]
        blocks += [self._line(self._borrowed) for _ in range(int(rng.random() * (own + 1)))]
        blocks += [self._line(self._common) for _ in range(1 + int(rng.random() * 6))]
        return "\n".join(sorted(blocks, key=lambda _: rng.random()))

    def cover_letter(self) -> str:
        """Return a letter that forwards papers; it reads the same whatever it forwards."""
        rng, shared = self._rng, self._shared
        broker = f"{self._values['broker']}\n{self._values['phone']}"
        blocks = [broker, self._line(self._common_fields), self._text(pick(rng, shared.greetings))]
        letters = ShuffledItems(shared.letters, rng)
        blocks += [self._line(letters) for _ in range(3 + int(rng.random() * 5))]
        blocks.append(self._text(pick(rng, shared.farewells)))
        return "\n".join(blocks)

    def add_marginalia(self, pages: list[str]) -> list[str]:
        """Return the pages with fax lines, stamps and footers, each on some documents only."""
        rng, shared, values = self._rng, self._shared, self._values
        footer = pick(rng, shared.footers) if rng.random() < 0.6 else None
        fax = pick(rng, shared.faxes) if rng.random() < 0.14 else None
        stamp = pick(rng, shared.stamps) if rng.random() < 0.22 else None
        values["pages"] = str(len(pages))
        marked = []
        for number, page in enumerate(pages, start=1):
            values["page"] = str(number)
            parts = [page]
            if fax is not None:
                parts.insert(0, self._text(fax))
            if footer is not None:
                parts.append(self._text(footer))
            if stamp is not None and number == 1:
                parts.insert(int(rng.random() * 2), self._text(stamp))
            marked.append("\n".join(parts))
        return marked

    def _text(self, template: str) -> str:
        return wrap(template.format_map(self._values), self._width)

    def _line(self, items: ShuffledItems) -> str:
        return wrap(items.next().format_map(self._values), self._width)

    def _opening(self) -> list[str]:
        """Return the head of a first page, any part of which a scan may have lost."""
        rng, shared = self._rng, self._shared
        blocks = []
        small = self._type.page_chars[1] < 500
        if rng.random() < (0.2 if small else 0.8):
            # Papers often come copied on the letterhead of whoever passed them on.
            issuer = self._type.issuer if rng.random() < 0.8 else pick(rng, tuple(shared.letterheads))
            blocks.append(self._text(lines_of(pick(rng, shared.letterheads[issuer]))))
        if not small and rng.random() < 0.5:
            values = self._values
            blocks.append(f"{values['person']}\n{values['street']}\n{values['place']}")
        if not small:
            blocks += [self._line(self._common_fields) for _ in range(int(rng.random() * 4))]
        if rng.random() < 0.72:
            title = self._text(pick(rng, self._templates.titles))
            blocks.append(title.upper() if rng.random() < 0.25 else title)
        if rng.random() < 0.55:
            blocks.append(self._text(pick(rng, self._templates.openings)))
        count = 5 if small else int(rng.random() * 9)
        blocks += [self._line(self._fields) for _ in range(count)]
        return blocks

    def _fill(self, blocks: list[str], target: float) -> None:
        """Append blocks until the page holds about `target` characters."""
        rng = self._rng
        size = sum([len(block) for block in blocks])
        table_share = self._type.table_share
        tables_left = _MOST_TABLES if table_share < 0.5 else _MOST_TABLES_OF_A_LEDGER
        while size < target:
            if tables_left and rng.random() < table_share:
                tables_left -= 1
                block = self._table()
            else:
                block = self._paragraph()
            blocks.append(block)
            size += len(block) + 1

    def _table(self) -> str:
        rng, values, templates = self._rng, self._values, self._templates
        count = 3 + int(rng.random() * 11)
        rows = [self._rows.next().format_map(values) for _ in range(count)]
        return linearise_table(pick(rng, templates.heads), rows, rng)

    def _paragraph(self) -> str:
        rng = self._rng
        roll = rng.random()
        if self._type.page_chars[1] < 500:
            return self._line(self._fields if roll < 0.8 else self._clauses)
        if roll < self._own_share:
            return self._line(self._clauses if rng.random() < 0.75 else self._fields)
        if roll < self._own_share + self._borrowed_share:
            return self._line(self._borrowed)
        return self._line(self._common if rng.random() < 0.8 else self._common_fields)
