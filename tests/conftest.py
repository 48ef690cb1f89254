"""What tests of every kind share: where the shared corpora are, if they are."""

from pathlib import Path

import pytest

_CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Give the folder of real text beside the repository; a user's clone has none."""
    if not _CORPORA.is_dir():
        pytest.skip("the shared corpora are not beside this clone")
    return _CORPORA
