import ast
import io
import zipfile

import pytest

from smartcat.classifier import native_binding
from smartcat.cli.lambda_package.function_code import (
    FUNCTION_MODULES,
    FUNCTION_PACKAGES,
    HANDLER,
    function_zip,
)


def test_only_the_function_s_rooms_are_packed() -> None:
    """Training, producers, local AWS and the command line never travel to the Lambda."""
    names = zipfile.ZipFile(io.BytesIO(function_zip())).namelist()
    rooms = tuple(f"{package.replace('.', '/')}/" for package in FUNCTION_PACKAGES)
    assert [name for name in names if not name.startswith(rooms)] == [
        f"smartcat/{name}" for name in FUNCTION_MODULES
    ]
    assert {room for name in names for room in rooms if name.startswith(room)} == set(rooms)


def test_what_its_modules_import_of_ours_is_in_it() -> None:
    """A module that is missing would keep every environment from starting."""
    archive = zipfile.ZipFile(io.BytesIO(function_zip()))
    names = {name for name in archive.namelist() if name.endswith(".py")}
    modules = {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in names}
    imported = {
        node.module
        for name in names
        for node in ast.walk(ast.parse(archive.read(name)))
        if isinstance(node, ast.ImportFrom) and node.module
    }
    ours = {
        name for name in imported if name.partition(".")[0] in {"smartcat", "stream_processor", "producers"}
    }
    assert {"smartcat.aws_errors", "stream_processor.settings"} < ours
    assert ours - {"smartcat.classifier._native"} <= modules  # the compiled engine is tested below


def test_the_handler_is_in_it() -> None:
    """The module that the function's configuration names is packed."""
    module, _, _ = HANDLER.rpartition(".")
    assert module.replace(".", "/") + ".py" in zipfile.ZipFile(io.BytesIO(function_zip())).namelist()


@pytest.mark.skipif(
    not native_binding.AVAILABLE, reason=f"no compiled engine: {native_binding.IMPORT_PROBLEM}"
)
def test_the_compiled_engine_is_in_it_where_it_is_built() -> None:
    """The function on this machine computes with what this machine built."""
    names = zipfile.ZipFile(io.BytesIO(function_zip())).namelist()
    assert [name for name in names if name.startswith("smartcat/classifier/_native") and name.endswith(".so")]


def test_the_same_sources_give_the_same_bytes() -> None:
    """A build that changes nothing must not look like a new version."""
    assert function_zip() == function_zip()
