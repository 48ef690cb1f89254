"""What tests of every kind share: where the shared corpora are, if they are."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Before NumPy is imported: what tests compute is tiny, and threads of workers would wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# The same examples at every run, and no failure because the machine was busy. To look for new examples:
# pytest --hypothesis-profile=default
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

_CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Give the folder of real text beside the repository; a user's clone has none."""
    if not _CORPORA.is_dir():
        pytest.skip("the shared corpora are not beside this clone")
    return _CORPORA
