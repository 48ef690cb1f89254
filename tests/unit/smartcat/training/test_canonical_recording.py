"""Recording the canonical form: what is recorded is what the form does, in the Unicode that was recorded."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

from smartcat.classifier import canonical_text as form_module
from smartcat.classifier import native_binding
from smartcat.classifier.canonical_tables import SEQUENCE, Role, value_of
from smartcat.classifier.canonical_text import canonical_text
from smartcat.classifier.unicode_tables import LOOK, parse_tables
from smartcat.training import canonical_recording, unicode_recording
from smartcat.training.unicode_recording import build_tables, tables_for
from support.native import chars

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def _older_unicode(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Python of an older Unicode, which every Python has beside its own."""
    for module in (form_module, canonical_recording, unicode_recording):
        monkeypatch.setattr(module, "unicodedata", unicodedata.ucd_3_2_0)
    for cached in (
        unicode_recording._build_tables,
        unicode_recording._assigned,
        unicode_recording._context_traits,
    ):
        cached.cache_clear()
    yield
    for cached in (
        unicode_recording._build_tables,
        unicode_recording._assigned,
        unicode_recording._context_traits,
    ):
        cached.cache_clear()


def test_what_characters_become() -> None:
    """A shift, a sequence, nothing; and whether they stay where nothing precedes them."""
    form = parse_tables(build_tables(canonical="nfc-plain"), "here").form
    assert form

    def entry(character: str) -> int:
        return form.entries[sum(start <= ord(character) for start in form.starts) - 1]

    kelvin, ligature, hyphen, accented = (entry(c) for c in "\u212a\ufb01\u00ad\u00e9")
    assert (value_of(kelvin), kelvin & SEQUENCE) == (ord("K") - 0x212A, 0)
    assert [form.sequences[value_of(e)] for e in (ligature, hyphen, accented)] == ["fi", "", "e\u0301"]
    assert [bool(e & Role.CHANGES) for e in (kelvin, ligature, hyphen, accented)] == [True, True, True, False]
    assert (entry("\u0323") & 0xFF, bool(entry("e") & Role.FIRST)) == (220, True)
    assert (ord("e"), 0x301, 0xE9) in form.pairs


def test_only_odd_characters_are_looked_at() -> None:
    """Folding asks for the form at marks and at what changes, so that all other text costs nothing."""
    tables = parse_tables(build_tables(canonical="nfc-plain"), "here")
    looked_at = [
        bool(tables.entry(ord(c)) & LOOK) for c in "aZ\u00e9\u0416\u4e00\uac00\u2019\u0301\u00ad\ufb01\u094d"
    ]
    assert looked_at == [False] * 7 + [True] * 4


@pytest.mark.skipif(
    not native_binding.AVAILABLE, reason=f"no compiled engine: {native_binding.IMPORT_PROBLEM}"
)
@pytest.mark.usefixtures("_older_unicode")
def test_the_record_decides_not_the_python_that_serves() -> None:
    """Characters that were unknown in training are left alone, whatever a newer Python knows of them."""
    tables = unicode_recording.build_tables(canonical="nfc-plain")
    space = native_binding.feature_space(tables, [chars(1, 3)], 2**20)

    def alike(one: str, other: str) -> bool:
        return native_binding.fingerprint(space.count([one])) == native_binding.fingerprint(
            space.count([other])
        )

    # Balinese letters came with Unicode 5.0.
    assert unicodedata.normalize("NFC", "\u1b05\u1b35") == "\u1b06"
    assert not alike("ka\u1b06ka", "ka\u1b05\u1b35ka")
    assert alike("caf\u00e9", "cafe\u0301")


def test_tables_are_those_of_the_specification() -> None:
    """Case, accents and form of the features decide which tables a model gets."""
    from smartcat.classifier.spec import FeatureSpec  # noqa: PLC0415

    assert tables_for(FeatureSpec(n_features=16)) == build_tables()
    assert tables_for(FeatureSpec(n_features=16, canonical="nfc-plain")) == build_tables(
        canonical="nfc-plain"
    )
    assert canonical_text("\u00ad") == ""
