"""What tests of every kind share: the target of the end-to-end tests, and where the shared corpora are."""

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

_TESTS = Path(__file__).resolve().parent
# The tests of what pyproject.toml measures the coverage of, and of its contracts with AWS.
_MEASURED = ("contract", "unit/producers", "unit/smartcat/wire_format", "unit/stream_processor")
_CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose where end-to-end tests run."""
    group = parser.getgroup("smartcat")
    group.addoption(
        "--target", choices=("local", "localstack", "aws"), default="local", help="where end-to-end tests run"
    )
    group.addoption(
        "--outputs",
        type=Path,
        metavar="FILE",
        help="what 'terraform output -json' printed; without it Terraform is asked, in infra/terraform",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Trace the tests of what is measured alone: tracing the others would take minutes for no line more."""
    if not config.getoption("cov_source", None):
        return
    for item in items:
        folder = item.path.relative_to(_TESTS) if item.path.is_relative_to(_TESTS) else Path()
        if not folder.as_posix().startswith(_MEASURED):
            item.add_marker("no_cover")


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Give the folder of real text beside the repository; a user's clone has none."""
    if not _CORPORA.is_dir():
        pytest.skip("the shared corpora are not beside this clone")
    return _CORPORA
