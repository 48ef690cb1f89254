from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.samples.ocr_noise import blank_page, break_lines, degrade, misread
from smartcat.cli.samples.seeded_random import seeded

SENTENCE = "Der Nettobetrag wird zum Monatsende auf das Konto überwiesen. " * 40
severities = st.floats(min_value=0, max_value=1)
seeds = st.integers(min_value=0, max_value=2**32)


@given(st.text(), seeds)
def test_severity_zero_changes_nothing(text: str, seed: int) -> None:
    """A clean original stays what it is."""
    assert degrade(text, 0, seeded(seed)) == text


@given(st.text(), severities, seeds)
def test_same_state_gives_same_damage(text: str, severity: float, seed: int) -> None:
    """Any text at any severity is damaged without an error, and the same way each time."""
    assert degrade(text, severity, seeded(seed)) == degrade(text, severity, seeded(seed))


@given(st.text(), severities, seeds)
def test_damage_at_most_triples_the_text(text: str, severity: float, seed: int) -> None:
    """Noise cannot blow a page up: the longest change makes three characters of one."""
    assert len(degrade(text, severity, seeded(seed))) <= 3 * len(text)


@given(st.text(), seeds)
def test_broken_lines_keep_the_words(text: str, seed: int) -> None:
    """Breaking lines adds hyphens and line ends and loses no other character."""
    broken = break_lines(text, 0.3, seeded(seed))
    kept = broken.replace("-\n", "")
    assert "".join(kept.split()) == "".join(text.replace("-\n", "").split())


def test_more_severity_is_more_damage() -> None:
    """Words that survive become fewer from fair to bad to dreadful scans."""
    words = set(SENTENCE.split())
    surviving = [
        sum(word in words for word in degrade(SENTENCE, severity, seeded(5)).split())
        for severity in (0.0, 0.1, 0.4, 1.0)
    ]
    assert surviving == sorted(surviving, reverse=True)
    assert surviving[-1] < surviving[0] / 2


def test_confusions_look_alike() -> None:
    """A damaged ß becomes what looks like it."""
    damaged = set(misread("ß" * 400, 0.5, seeded(1)))
    assert {"ß", "B", "s", "8"} <= damaged


def test_spaces_are_lost_and_doubled() -> None:
    """Words run together in some places and drift apart in others."""
    damaged = misread("ab " * 600, 0.4, seeded(1))
    assert "  " in damaged
    assert any(len(word) > 3 for word in damaged.split())


@pytest.mark.parametrize("severity", [-0.01, 1.01, float("nan")])
def test_severity_outside_its_range_is_refused(severity: float) -> None:
    """A severity given in per cent is caught at once."""
    with pytest.raises(ValueError, match="expected 0 to 1"):
        degrade("text", severity, seeded(1))


def test_blank_pages_hold_no_word() -> None:
    """A blank page is empty or has specks, never a letter or a digit."""
    pages = [blank_page(seeded(seed)) for seed in range(200)]
    assert "" in pages
    assert any(page.strip() for page in pages)
    assert not any(character.isalnum() for page in pages for character in page)
