"""What tests of every kind share: the options of end-to-end tests, the shared corpora, Terraform."""

import os
from collections.abc import Iterator
from pathlib import Path

import botocore.loaders
import pytest
from hypothesis import HealthCheck, settings

from support.terraform import Terraform, find_terraform

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


@pytest.fixture(scope="session", autouse=True)
def _service_models_read_once() -> Iterator[None]:
    """Let all boto3 sessions here share a loader: the models of services are megabytes of JSON."""
    create, shared = botocore.loaders.create_loader, botocore.loaders.Loader()

    def loader(search_path_string: str | None = None) -> botocore.loaders.Loader:
        return create(search_path_string) if search_path_string else shared

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.loaders, "create_loader", loader)
        yield


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Give the folder of real text beside the repository; a user's clone has none."""
    if not _CORPORA.is_dir():
        pytest.skip("the shared corpora are not beside this clone")
    return _CORPORA


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """Give a Terraform with a provider."""
    with find_terraform(tmp_path_factory.mktemp("terraform")) as found:
        yield found
