from __future__ import annotations

from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from smartcat.cli.samples.chance import seeded
from smartcat.cli.samples.facts import LANGUAGES, Facts
from smartcat.cli.samples.paperwork import _ALL, KINDS
from smartcat.cli.samples.shared import SHARED

if TYPE_CHECKING:
    from smartcat.cli.samples.kind import Kind

CASES = [
    pytest.param(kind, language, id=f"{kind.label}-{language}") for kind in _ALL for language in LANGUAGES
]


@pytest.mark.parametrize(("kind", "language"), CASES)
def test_every_item_of_a_kind_can_be_filled(kind: Kind, language: str) -> None:
    """No sheet names a slot that nobody fills, and no slot stays in the text."""
    for item in kind.sheet(language).items():
        text = item.format_map(Facts(language, seeded(1)))
        assert text.strip()
        assert "{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shared_item_can_be_filled(language: str) -> None:
    """The same holds for what all kinds have in common."""
    shared = asdict(SHARED[language])
    items = chain(*shared.pop("letterheads").values(), *shared.values())
    for item in items:
        facts = Facts(language, seeded(1))
        facts["page"], facts["pages"] = "1", "2"
        assert "{" not in item.format_map(facts)


@pytest.mark.parametrize("kind", _ALL, ids=KINDS)
def test_neighbours_are_other_kinds(kind: Kind) -> None:
    """A kind borrows from kinds that exist, never from itself."""
    assert kind.neighbours
    assert set(kind.neighbours) <= set(KINDS) - {kind.label}


@pytest.mark.parametrize("kind", _ALL, ids=KINDS)
def test_issuer_has_a_letterhead_in_both_languages(kind: Kind) -> None:
    """Whoever issues a kind has paper of their own."""
    assert all(SHARED[language].letterheads[kind.issuer] for language in LANGUAGES)


def test_no_sentence_stands_in_two_kinds() -> None:
    """Kinds share small print through the shared sheet only; a clause copied between them would be noise."""
    sheets = [kind.sheet(language) for kind in _ALL for language in LANGUAGES]
    clauses = [clause for sheet in sheets for clause in sheet.clauses]
    assert len(clauses) == len(set(clauses))
