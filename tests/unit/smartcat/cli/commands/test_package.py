from pathlib import Path

import pytest

from smartcat.cli.lambda_package.build import BuildOptions, LambdaPackage, Part, check_sizes
from smartcat.cli.lambda_package.errors import PackageError
from smartcat.cli.lambda_package.target import Target
from support.cli import smartcat

MB = 1_000_000


def package(zipped: int, unzipped: int = 20 * MB, model: int = 0) -> LambdaPackage:
    """Make a package of this size, of which the model has so much."""
    parts = (Part("smartcat", unzipped, zipped - model), Part("model", model, model))
    return LambdaPackage(Path("function.zip"), parts, zipped, "0" * 64, None, None)


def test_a_folder_is_not_replaced_by_a_zip(tmp_path: Path) -> None:
    """It is one line, before anything is fetched."""
    done = smartcat("package", "--out", str(tmp_path))
    assert (done.returncode, done.stderr) == (1, f"error: {tmp_path}: Is a directory\n")


def test_platforms_that_lambda_does_not_have_are_bad_usage(tmp_path: Path) -> None:
    """The error names what there is."""
    done = smartcat("package", "--python", "3.14", "--out", str(tmp_path / "function.zip"))
    assert done.returncode == 2
    assert "'3.11', '3.12', '3.13'" in done.stderr


def test_the_budget_is_held_without_the_model() -> None:
    """8 MB for code; a model may be of any size, and a flag builds it all the same."""
    order = BuildOptions(Target("x86_64", "3.13"))
    check_sizes(package(8 * MB), order)
    check_sizes(package(20 * MB, model=12 * MB), order)
    with pytest.raises(PackageError, match=r"8,000,001 bytes zipped .* --over-budget"):
        check_sizes(package(8 * MB + 1), order)
    for waived in (
        BuildOptions(order.target, over_budget=True),
        BuildOptions(order.target, "sklearn"),
        BuildOptions(order.target, with_boto3=True),
    ):
        check_sizes(package(9 * MB), waived)


def test_what_lambda_would_refuse_is_never_built() -> None:
    """250 MB unzipped is AWS's limit, which no flag lifts."""
    order = BuildOptions(Target("x86_64", "3.13"), "sklearn", over_budget=True)
    with pytest.raises(PackageError, match=r"at most 262,144,000"):
        check_sizes(package(60 * MB, 263 * MB), order)
