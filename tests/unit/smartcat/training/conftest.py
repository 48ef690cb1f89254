"""Generated documents to learn from, and what is learned from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.labelled import documents_with_covers, labelled_documents, labelled_pages
from support.learning import RICH, collected, held

if TYPE_CHECKING:
    from smartcat.training.corpus import LabelledDocument
    from smartcat.training.dataset import Dataset
    from smartcat.training.held_out import HeldOut


@pytest.fixture(scope="session")
def documents() -> list[LabelledDocument]:
    """Three labels, twelve documents each, of one or two pages."""
    return labelled_documents()


@pytest.fixture(scope="session")
def data(documents: list[LabelledDocument]) -> Dataset:
    """The same, counted."""
    return collected(documents)


@pytest.fixture(scope="session")
def plain(data: Dataset) -> HeldOut:
    """The same, held out."""
    return held(data)


@pytest.fixture(scope="session")
def covered() -> tuple[Dataset, HeldOut]:
    """Documents with cover pages, two kinds of n-grams, counted and held out."""
    found = collected(documents_with_covers(), RICH)
    return found, held(found, RICH)


@pytest.fixture(scope="session")
def scans() -> tuple[Dataset, HeldOut]:
    """Documents whose pages have labels of their own, counted and held out."""
    found = collected(labelled_pages())
    return found, held(found)
