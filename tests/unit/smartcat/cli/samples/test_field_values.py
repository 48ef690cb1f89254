from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.samples.field_values import FieldValues
from smartcat.cli.samples.seeded_random import seeded

seeds = st.integers(min_value=0, max_value=2**32)


@given(seeds)
def test_german_numbers_use_german_marks(seed: int) -> None:
    """1.234,56 in German: points between thousands, a comma before the cents."""
    assert re.fullmatch(r"\d{1,3}(\.\d{3})*,\d\d", FieldValues("de", seeded(seed)).number(1, 900_000))


@given(seeds)
def test_english_numbers_use_english_marks(seed: int) -> None:
    """1,234.56 in English."""
    assert re.fullmatch(r"\d{1,3}(,\d{3})*\.\d\d", FieldValues("en", seeded(seed)).number(1, 900_000))


@given(seeds, st.integers(0, 500), st.integers(0, 500))
def test_whole_numbers_stay_within_their_bounds(seed: int, low: int, span: int) -> None:
    """Both bounds are inclusive."""
    assert low <= int(FieldValues("de", seeded(seed)).whole(low, low + span)) <= low + span


@given(seeds, st.sampled_from(["de", "en"]))
def test_account_numbers_never_belong_to_anybody(seed: int, language: str) -> None:
    """An IBAN's check digits run from 02 to 98, so 00 is shaped right and can never be real."""
    iban = FieldValues(language, seeded(seed))["iban"]
    assert re.fullmatch(r"(DE|GB)00 (\d{4} ){4}\d\d", iban)


def test_lasting_facts_stay_and_fresh_ones_change() -> None:
    """The borrower keeps the name from page to page; no two amounts need be alike."""
    facts = FieldValues("en", seeded(3))
    assert facts["person"] == facts["person"] == f"{facts['first']} {facts['last']}"
    assert len({facts["amount"] for _ in range(20)}) > 15


def test_unknown_slot_is_an_error() -> None:
    """A misspelt slot in a sheet does not pass as empty text."""
    with pytest.raises(KeyError):
        "{nobody}".format_map(FieldValues("de", seeded(1)))


@given(seeds)
def test_partner_is_somebody_else(seed: int) -> None:
    """Nobody insures a life for their own benefit: partners share the last name only."""
    facts = FieldValues("de", seeded(seed))
    assert facts["partner"] != facts["person"]
    assert facts["partner"].endswith(facts["last"])
