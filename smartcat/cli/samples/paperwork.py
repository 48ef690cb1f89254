"""Generated mortgage paperwork: the way in. Holds the mix of a mail room, no text and no character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.cli.samples.chance import pick, seeded
from smartcat.cli.samples.composition import Composer
from smartcat.cli.samples.facts import LANGUAGES, Facts
from smartcat.cli.samples.kinds import (
    bank_statement,
    employment_contract,
    energy_certificate,
    floor_plan_description,
    identity_card,
    insurance_policy,
    land_register_extract,
    loan_offer,
    payslip,
    purchase_contract,
    rental_agreement,
    tax_assessment,
)
from smartcat.cli.samples.ocr_noise import blank_page, degrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from smartcat.cli.samples.kind import Kind

MAX_PAGES = 6
"""No document has more pages, counting blank pages, cover letters and enclosures."""

_ALL = (
    payslip.KIND,
    bank_statement.KIND,
    land_register_extract.KIND,
    purchase_contract.KIND,
    identity_card.KIND,
    tax_assessment.KIND,
    energy_certificate.KIND,
    insurance_policy.KIND,
    loan_offer.KIND,
    floor_plan_description.KIND,
    employment_contract.KIND,
    rental_agreement.KIND,
)
_BY_LABEL = {kind.label: kind for kind in _ALL}

KINDS: tuple[str, ...] = tuple(_BY_LABEL)
"""The labels, in a fixed order."""

_FRAGMENT_SHARE = 0.085
_COVER_LETTER_SHARE = 0.12
_ENCLOSURE_SHARE = 0.12
_BLANK_PAGE_SHARE = 0.14

# Share of documents and the range of their severity: most scans are fair, some are dreadful.
_SCANS = ((0.5, 0.0, 0.12), (0.3, 0.12, 0.4), (0.13, 0.4, 0.75), (0.07, 0.75, 1.0))


@dataclass(frozen=True, slots=True)
class SampleDocument:
    """One generated document.

    Attributes:
        document_id: ``sample-<seed>-<index>``, unique within a seed.
        label: What it is, one of `KINDS`.
        language: ``de`` or ``en``; all pages are in it.
        pages: One to `MAX_PAGES` texts, at least one of which is not blank.
    """

    document_id: str
    label: str
    language: str
    pages: tuple[str, ...]


def generate(count: int, *, seed: int) -> Iterator[SampleDocument]:
    """The first `count` documents of a seed, made one by one as they are asked for.

    Raises:
        ValueError: `count` is negative.
    """
    if count < 0:
        raise ValueError(f"count is {count}, expected 0 or more documents")
    return (document_at(index, seed=seed) for index in range(count))


def document_at(index: int, *, seed: int) -> SampleDocument:
    """The document at a position (from 0) of a seed; it depends on nothing else."""
    rng = seeded("sample", seed, index)
    kind = pick(rng, _ALL)
    language = pick(rng, LANGUAGES)
    severity = _severity(rng)
    pages = [
        # Pages of one document went through one scanner, though not all of them equally straight.
        degrade(page, min(1.0, severity * (0.7 + 0.6 * rng.random())), rng)
        for page in _clean_pages(kind, language, rng)
    ]
    _insert_blank_pages(pages, rng)
    return SampleDocument(f"sample-{seed}-{index:06d}", kind.label, language, tuple(pages))


def _severity(rng: Random) -> float:
    roll = rng.random()
    for share, low, high in _SCANS:
        if roll < share:
            return low + (high - low) * rng.random()
        roll -= share
    return _SCANS[-1][2]


def _clean_pages(kind: Kind, language: str, rng: Random) -> list[str]:
    """The pages before scanning: a document, or a fragment of one, with whatever was clipped to it."""
    facts = Facts(language, rng)
    neighbours = tuple(_BY_LABEL[label] for label in kind.neighbours)
    composer = Composer(kind, neighbours, language, facts)
    if rng.random() < _FRAGMENT_SHARE:
        return composer.furnish([composer.fragment()])
    low, high = kind.pages
    pages = composer.pages(low + int(rng.random() * (high - low + 1)))
    # An enclosure never outweighs what it is enclosed with.
    if 2 <= len(pages) < MAX_PAGES and rng.random() < _ENCLOSURE_SHARE:
        guest = Composer(pick(rng, neighbours), (kind,), language, facts)
        pages += guest.pages(1)
    if len(pages) < MAX_PAGES and rng.random() < _COVER_LETTER_SHARE:
        pages.insert(0, composer.cover_letter())
    return composer.furnish(pages)


def _insert_blank_pages(pages: list[str], rng: Random) -> None:
    """Blank backs of sheets, as duplex scanning leaves them."""
    while len(pages) < MAX_PAGES and rng.random() < _BLANK_PAGE_SHARE:
        pages.insert(int(rng.random() * (len(pages) + 1)), blank_page(rng))
