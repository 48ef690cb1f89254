from __future__ import annotations

import pytest

from smartcat.cli.samples.composition import Composer, ShuffledItems
from smartcat.cli.samples.document_types import DOCUMENT_TYPES
from smartcat.cli.samples.field_values import FieldValues
from smartcat.cli.samples.seeded_random import seeded

LOAN_OFFER, PAYSLIP = DOCUMENT_TYPES["loan_offer"], DOCUMENT_TYPES["payslip"]


def composer(seed: int) -> Composer:
    """Give a composer of English loan offers."""
    return Composer(LOAN_OFFER, (PAYSLIP,), "en", FieldValues("en", seeded(seed)))


def test_every_item_is_returned_before_one_repeats() -> None:
    """No clause stands twice on a page while others were not used at all."""
    items = ShuffledItems(("a", "b", "c"), seeded(1))
    dealt = [items.next() for _ in range(6)]
    assert sorted(dealt[:3]) == sorted(dealt[3:]) == ["a", "b", "c"]


@pytest.mark.parametrize("count", [1, 3, 6])
def test_as_many_pages_as_asked_for(count: int) -> None:
    """The composer writes exactly the pages it is asked for, each of the kind's length."""
    pages = composer(1).pages(count)
    assert len(pages) == count
    assert all(len(page) >= LOAN_OFFER.page_chars[0] for page in pages)


def test_fragment_has_no_title() -> None:
    """A torn page lost the headline that would give it away."""
    fragments = [composer(seed).fragment() for seed in range(50)]
    titles = ("Mortgage offer", "Offer of a home loan", "Facility letter")
    assert not any(title in fragment for fragment in fragments for title in titles)


def test_cover_letter_does_not_depend_on_the_kind() -> None:
    """A cover letter reads alike before a loan offer and before a payslip."""
    other = Composer(PAYSLIP, (LOAN_OFFER,), "en", FieldValues("en", seeded(4)))
    known = ("Dear", "Good morning")
    assert any(word in other.cover_letter() for word in known)
    assert any(word in composer(4).cover_letter() for word in known)


def test_furniture_keeps_the_pages() -> None:
    """Footers and fax lines surround a page and leave its text whole, in order."""
    for seed in range(30):
        first, second = composer(seed).add_marginalia(["first text", "second text"])
        assert "first text" in first
        assert "second text" in second


def test_footers_count_the_pages() -> None:
    """A footer that numbers pages tells the page and how many there are."""
    furnished = [composer(seed).add_marginalia(["a", "b"]) for seed in range(60)]
    assert any("Page 1 of 2" in first and "Page 2 of 2" in second for first, second in furnished)
