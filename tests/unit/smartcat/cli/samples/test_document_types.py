from __future__ import annotations

from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from smartcat.cli.samples.data_files import LANGUAGES
from smartcat.cli.samples.document_types import DOCUMENT_TYPES
from smartcat.cli.samples.field_values import FieldValues
from smartcat.cli.samples.paperwork import LABELS
from smartcat.cli.samples.seeded_random import seeded
from smartcat.cli.samples.shared_text import SHARED_TEXT

if TYPE_CHECKING:
    from smartcat.cli.samples.document_types import DocumentType

TYPES = tuple(DOCUMENT_TYPES.values())
CASES = [
    pytest.param(kind, language, id=f"{kind.label}-{language}") for kind in TYPES for language in LANGUAGES
]


@pytest.mark.parametrize(("kind", "language"), CASES)
def test_every_item_of_a_kind_can_be_filled(kind: DocumentType, language: str) -> None:
    """No sheet names a slot that nobody fills, and no slot stays in the text."""
    for item in kind.templates[language].items():
        text = item.format_map(FieldValues(language, seeded(1)))
        assert text.strip()
        assert "{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shared_item_can_be_filled(language: str) -> None:
    """The same holds for what all kinds have in common."""
    shared = asdict(SHARED_TEXT[language])
    items = chain(*shared.pop("letterheads").values(), *shared.values())
    for item in items:
        facts = FieldValues(language, seeded(1))
        facts["page"], facts["pages"] = "1", "2"
        assert "{" not in item.format_map(facts)


@pytest.mark.parametrize("kind", TYPES, ids=LABELS)
def test_neighbours_are_other_kinds(kind: DocumentType) -> None:
    """A kind borrows from kinds that exist, never from itself."""
    assert kind.neighbours
    assert set(kind.neighbours) <= set(LABELS) - {kind.label}


@pytest.mark.parametrize("kind", TYPES, ids=LABELS)
def test_issuer_has_a_letterhead_in_both_languages(kind: DocumentType) -> None:
    """Whoever issues a kind has paper of their own."""
    assert all(SHARED_TEXT[language].letterheads[kind.issuer] for language in LANGUAGES)


def test_no_sentence_stands_in_two_kinds() -> None:
    """Kinds share small print through the shared sheet only; a clause copied between them would be noise."""
    sheets = [kind.templates[language] for kind in TYPES for language in LANGUAGES]
    clauses = [clause for sheet in sheets for clause in sheet.clauses]
    assert len(clauses) == len(set(clauses))
