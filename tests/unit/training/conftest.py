"""Generated documents to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.labelled import labelled_documents

if TYPE_CHECKING:
    from training.corpus import LabelledDocument


@pytest.fixture(scope="session")
def documents() -> list[LabelledDocument]:
    """Three labels, twelve documents each, of one or two pages."""
    return labelled_documents()
