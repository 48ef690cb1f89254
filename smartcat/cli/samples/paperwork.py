"""Generates labelled mortgage paperwork: the mix of documents that a mail room gets. Holds no text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.cli.samples.composition import Composer
from smartcat.cli.samples.data_files import LANGUAGES
from smartcat.cli.samples.document_types import DOCUMENT_TYPES
from smartcat.cli.samples.field_values import FieldValues
from smartcat.cli.samples.ocr_noise import blank_page, degrade
from smartcat.cli.samples.seeded_random import pick, seeded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from smartcat.cli.samples.document_types import DocumentType

MAX_PAGES = 6
"""No document has more pages, counting blank pages, cover letters and enclosures."""

_TYPES = tuple(DOCUMENT_TYPES.values())

LABELS: tuple[str, ...] = tuple(DOCUMENT_TYPES)
"""The labels, in a fixed order."""

_FRAGMENT_SHARE = 0.085
_COVER_LETTER_SHARE = 0.12
_ENCLOSURE_SHARE = 0.12
_BLANK_PAGE_SHARE = 0.14

# Share of documents and the range of their severity: most scans are fair, some are very bad.
_SCANS = ((0.5, 0.0, 0.12), (0.3, 0.12, 0.4), (0.13, 0.4, 0.75), (0.07, 0.75, 1.0))


@dataclass(frozen=True, slots=True)
class SampleDocument:
    """One generated document.

    Attributes:
        document_id: ``sample-<seed>-<index>``, unique within a seed.
        label: What it is, one of `LABELS`.
        language: ``de`` or ``en``; all pages are in it.
        pages: One to `MAX_PAGES` texts, at least one of which is not blank.
    """

    document_id: str
    label: str
    language: str
    pages: tuple[str, ...]


def generate(count: int, *, seed: int) -> Iterator[SampleDocument]:
    """Yield the first `count` documents of a seed.

    Raises:
        ValueError: `count` is negative.
    """
    if count < 0:
        raise ValueError(f"count is {count}, expected 0 or more documents")
    return (document_at(index, seed=seed) for index in range(count))


def document_at(index: int, *, seed: int) -> SampleDocument:
    """Return the document at an index (from 0) of a seed; it depends on nothing else."""
    rng = seeded("sample", seed, index)
    document_type = pick(rng, _TYPES)
    language = pick(rng, LANGUAGES)
    severity = _severity(rng)
    pages = [
        # Pages of one document went through one scanner, though not all of them equally straight.
        degrade(page, min(1.0, severity * (0.7 + 0.6 * rng.random())), rng)
        for page in _clean_pages(document_type, language, rng)
    ]
    _insert_blank_pages(pages, rng)
    return SampleDocument(f"sample-{seed}-{index:06d}", document_type.label, language, tuple(pages))


def _severity(rng: Random) -> float:
    roll = rng.random()
    for share, low, high in _SCANS:
        if roll < share:
            return low + (high - low) * rng.random()
        roll -= share
    return _SCANS[-1][2]


def _clean_pages(document_type: DocumentType, language: str, rng: Random) -> list[str]:
    """Return the pages before scanning: a document, or a fragment of one, with its enclosures."""
    values = FieldValues(language, rng)
    neighbours = tuple(DOCUMENT_TYPES[label] for label in document_type.neighbours)
    composer = Composer(document_type, neighbours, language, values)
    if rng.random() < _FRAGMENT_SHARE:
        return composer.add_marginalia([composer.fragment()])
    low, high = document_type.pages
    pages = composer.pages(low + int(rng.random() * (high - low + 1)))
    # An enclosure is never longer than the document it comes with.
    if 2 <= len(pages) < MAX_PAGES and rng.random() < _ENCLOSURE_SHARE:
        enclosure = Composer(pick(rng, neighbours), (document_type,), language, values)
        pages += enclosure.pages(1)
    if len(pages) < MAX_PAGES and rng.random() < _COVER_LETTER_SHARE:
        pages.insert(0, composer.cover_letter())
    return composer.add_marginalia(pages)


def _insert_blank_pages(pages: list[str], rng: Random) -> None:
    """Insert blank backs of sheets, as duplex scanning leaves them."""
    while len(pages) < MAX_PAGES and rng.random() < _BLANK_PAGE_SHARE:
        pages.insert(int(rng.random() * (len(pages) + 1)), blank_page(rng))
