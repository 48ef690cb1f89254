"""Composes one document page by page: what stands on it and in which order. Adds no noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartcat.cli.samples.chance import pick
from smartcat.cli.samples.layout import linearise_table, stack, wrap
from smartcat.cli.samples.shared import SHARED

if TYPE_CHECKING:
    from random import Random

    from smartcat.cli.samples.facts import Facts
    from smartcat.cli.samples.kind import Kind

_MOST_TABLES = 2
_MOST_TABLES_OF_A_LEDGER = 8
_WIDTHS = (62, 74, 86, 98, 112)


class Deck:
    """Deals items in random order without repeating one before all were dealt."""

    def __init__(self, items: tuple[str, ...], rng: Random) -> None:
        self._items = items
        self._rng = rng
        self._left: list[str] = []

    def deal(self) -> str:
        """The next item."""
        if not self._left:
            random = self._rng.random
            self._left = sorted(self._items, key=lambda _: random())
        return self._left.pop()


class Composer:
    """Writes the pages of one document; all chance comes from the random state of its facts.

    Args:
        kind: What the document is.
        neighbours: The kinds it borrows sentences from, at least one.
        language: ``de`` or ``en``.
        facts: Who, where and how much.
    """

    def __init__(self, kind: Kind, neighbours: tuple[Kind, ...], language: str, facts: Facts) -> None:
        self._kind = kind
        self._facts = facts
        self._rng = rng = facts.rng
        self._sheet = kind.sheet(language)
        self._shared = SHARED[language]
        self._neighbour = pick(rng, neighbours).sheet(language)
        self._width = pick(rng, _WIDTHS)
        self._clauses = Deck(self._sheet.clauses, rng)
        self._fields = Deck(self._sheet.fields, rng)
        self._rows = Deck(self._sheet.rows, rng)
        self._common = Deck(self._shared.clauses, rng)
        self._common_fields = Deck(self._shared.fields, rng)
        self._borrowed = Deck(self._neighbour.clauses + self._neighbour.fields, rng)
        # Some papers talk of their own matter throughout, some are mostly small print.
        self._own_share = 0.1 + 0.6 * rng.random()
        self._borrowed_share = 0.3 * rng.random()

    def pages(self, count: int) -> list[str]:
        """The document's own pages, `count` of them, the first with its head and the last with its end."""
        pages = []
        for number in range(count):
            blocks = self._opening() if number == 0 else []
            low, high = self._kind.page_chars
            self._fill(blocks, low + (high - low) * self._rng.random())
            if number == count - 1 and self._rng.random() < 0.7:
                blocks.append(self._text(pick(self._rng, self._sheet.closings)))
            pages.append("\n".join(blocks))
        return pages

    def fragment(self) -> str:
        """One page torn from its document: no title, no letterhead, more small print than matter."""
        rng = self._rng
        own = 2 + int(rng.random() * 5)
        blocks = [self._line(self._fields if rng.random() < 0.6 else self._clauses) for _ in range(own)]
        blocks += [self._line(self._common_fields) for _ in range(int(rng.random() * 5))]
        blocks += [self._line(self._borrowed) for _ in range(int(rng.random() * (own + 1)))]
        blocks += [self._line(self._common) for _ in range(1 + int(rng.random() * 6))]
        return "\n".join(sorted(blocks, key=lambda _: rng.random()))

    def cover_letter(self) -> str:
        """A letter that forwards papers; it reads the same whatever kind it forwards."""
        rng, shared = self._rng, self._shared
        broker = f"{self._facts['broker']}\n{self._facts['phone']}"
        blocks = [broker, self._line(self._common_fields), self._text(pick(rng, shared.greetings))]
        letters = Deck(shared.letters, rng)
        blocks += [self._line(letters) for _ in range(3 + int(rng.random() * 5))]
        blocks.append(self._text(pick(rng, shared.farewells)))
        return "\n".join(blocks)

    def furnish(self, pages: list[str]) -> list[str]:
        """The pages with fax lines, stamps and footers, each on some documents only."""
        rng, shared, facts = self._rng, self._shared, self._facts
        footer = pick(rng, shared.footers) if rng.random() < 0.6 else None
        fax = pick(rng, shared.faxes) if rng.random() < 0.14 else None
        stamp = pick(rng, shared.stamps) if rng.random() < 0.22 else None
        facts["pages"] = str(len(pages))
        furnished = []
        for number, page in enumerate(pages, start=1):
            facts["page"] = str(number)
            parts = [page]
            if fax is not None:
                parts.insert(0, self._text(fax))
            if footer is not None:
                parts.append(self._text(footer))
            if stamp is not None and number == 1:
                parts.insert(int(rng.random() * 2), self._text(stamp))
            furnished.append("\n".join(parts))
        return furnished

    def _text(self, template: str) -> str:
        return wrap(template.format_map(self._facts), self._width)

    def _line(self, deck: Deck) -> str:
        return wrap(deck.deal().format_map(self._facts), self._width)

    def _opening(self) -> list[str]:
        """The head of a first page, any part of which a scan may have lost."""
        rng, shared = self._rng, self._shared
        blocks = []
        small = self._kind.page_chars[1] < 500
        if rng.random() < (0.2 if small else 0.8):
            # Papers often come copied on the letterhead of whoever passed them on.
            issuer = self._kind.issuer if rng.random() < 0.8 else pick(rng, tuple(shared.letterheads))
            blocks.append(self._text(stack(pick(rng, shared.letterheads[issuer]))))
        if not small and rng.random() < 0.5:
            facts = self._facts
            blocks.append(f"{facts['person']}\n{facts['street']}\n{facts['place']}")
        if not small:
            blocks += [self._line(self._common_fields) for _ in range(int(rng.random() * 4))]
        if rng.random() < 0.72:
            title = self._text(pick(rng, self._sheet.titles))
            blocks.append(title.upper() if rng.random() < 0.25 else title)
        if rng.random() < 0.55:
            blocks.append(self._text(pick(rng, self._sheet.openings)))
        count = 5 if small else int(rng.random() * 9)
        blocks += [self._line(self._fields) for _ in range(count)]
        return blocks

    def _fill(self, blocks: list[str], target: float) -> None:
        """Append blocks until the page holds about `target` characters."""
        rng = self._rng
        size = sum([len(block) for block in blocks])
        table_share = self._kind.table_share
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
        rng, facts, sheet = self._rng, self._facts, self._sheet
        count = 3 + int(rng.random() * 11)
        rows = [self._rows.deal().format_map(facts) for _ in range(count)]
        return linearise_table(pick(rng, sheet.heads), rows, rng)

    def _paragraph(self) -> str:
        rng = self._rng
        roll = rng.random()
        if self._kind.page_chars[1] < 500:
            return self._line(self._fields if roll < 0.8 else self._clauses)
        if roll < self._own_share:
            return self._line(self._clauses if rng.random() < 0.75 else self._fields)
        if roll < self._own_share + self._borrowed_share:
            return self._line(self._borrowed)
        return self._line(self._common if rng.random() < 0.8 else self._common_fields)
