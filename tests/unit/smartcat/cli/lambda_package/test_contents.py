from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from smartcat.cli.lambda_package.contents import BOTO3_DISTRIBUTIONS, Engine, distributions, is_included

IN_LAMBDA_S_RUNTIME = set(BOTO3_DISTRIBUTIONS)


@pytest.mark.parametrize(
    "path",
    [
        "pydantic/main.py",
        "pydantic_core/_pydantic_core.cpython-313-x86_64-linux-gnu.so",
        "pydantic-2.14.3.dist-info/METADATA",
        "backports_zstd-1.8.0.dist-info/licenses/LICENSE.txt",
        "aws_lambda_powertools/utilities/typing/lambda_context.py",
        "botocore/data/dynamodb/2012-08-10/service-2.json.gz",
        "botocore/data/endpoints.json",
        "numpy.libs/libscipy_openblas64_-32a4b2a6.so",
        "numpy/testing/__init__.py",
    ],
)
def test_what_the_handler_needs_belongs(path: str) -> None:
    """Modules, libraries, three services, and what scanners and lawyers read."""
    assert is_included(path)


@pytest.mark.parametrize(
    "path",
    [
        "pydantic/v1/main.py",
        "pydantic/mypy.py",
        "pydantic-2.14.3.dist-info/RECORD",
        "aws_lambda_powertools/event_handler/api_gateway.py",
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "numpy/_core/tests/test_abc.py",
        "sklearn/svm/_liblinear.pyx",
        "pydantic_core/__init__.pyi",
        "google/protobuf/compiler/plugin_pb2.py",
    ],
)
def test_what_nobody_imports_stays_away(path: str) -> None:
    """Tests, sources of extensions, other services, other utilities."""
    assert not is_included(path)


def test_scikit_learn_and_boto3_are_packed_on_demand_only() -> None:
    """The ordinary package has neither."""
    ordinary = set(distributions("compiled", with_boto3=False))
    assert ordinary & {"numpy", "scipy", "scikit-learn", "boto3", "botocore"} == set()
    assert ordinary & {"jinja2", "moto", "rich", "typer"} == set(), "the command line stays at home"
    assert {"numpy", "scipy", "scikit-learn"} <= set(distributions("sklearn", with_boto3=False))
    assert {"boto3", "botocore"} <= set(distributions("compiled", with_boto3=True))


@pytest.mark.parametrize("engine", ["compiled", "sklearn"])
def test_what_is_packed_has_all_that_it_requires(engine: Engine) -> None:
    """A requirement that a new version of a library brings along is missed here, not in the account."""
    packed = set(distributions(engine, with_boto3=False))
    wanted = {
        canonicalize_name(requirement.name)
        for name in packed
        for requirement in map(Requirement, requires(name) or ())
        if requirement.marker is None or requirement.marker.evaluate({"extra": "", "python_version": "3.13"})
    }
    assert wanted - {name.replace(".", "-") for name in packed} <= IN_LAMBDA_S_RUNTIME
