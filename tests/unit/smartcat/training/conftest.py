"""Generated documents to learn from, and what is learned from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.labelled import documents_with_covers, labelled_documents, labelled_pages
from support.learning import RICH, dataset_of, held_out_scores

if TYPE_CHECKING:
    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.cross_validation import HeldOutScores
    from smartcat.training.feature_matrix import Dataset


@pytest.fixture(scope="session")
def documents() -> list[LabelledDocument]:
    """Three labels, twelve documents each, of one or two pages."""
    return labelled_documents()


@pytest.fixture(scope="session")
def data(documents: list[LabelledDocument]) -> Dataset:
    """The same, counted."""
    return dataset_of(documents)


@pytest.fixture(scope="session")
def plain(data: Dataset) -> HeldOutScores:
    """The same, held out."""
    return held_out_scores(data)


@pytest.fixture(scope="session")
def covered() -> tuple[Dataset, HeldOutScores]:
    """Documents with cover pages, two kinds of n-grams, counted and held out."""
    found = dataset_of(documents_with_covers(), RICH)
    return found, held_out_scores(found, RICH)


@pytest.fixture(scope="session")
def scans() -> tuple[Dataset, HeldOutScores]:
    """Documents whose pages have labels of their own, counted and held out."""
    found = dataset_of(labelled_pages())
    return found, held_out_scores(found)
