"""What is said to install a missing library works, and says it for every library that we import."""

import ast
import re
import shlex
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from importlib.metadata import version as installed_version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from smartcat import distribution
from smartcat.distribution import EXTRAS, NAME, install_command, missing_library, version
from support.clean_python import closure

ROOT = Path(__file__).resolve().parents[3]
OURS = {"producers", "smartcat", "stream_processor"}
ADVISED = sorted({*EXTRAS.values(), "all"})


def requirements(extra: str) -> list[Requirement]:
    """Give what the command for an extra would install."""
    words = shlex.split(install_command(extra))
    assert words[:4] == [sys.executable, "-m", "pip", "install"]
    return [Requirement(word) for word in words[4:]]


def imported(path: Path) -> set[str]:
    """Name the top-level modules that a file imports, be it in a function or for its types."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_the_version_is_the_installed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied packages, which nobody installed, have none."""
    assert version() == installed_version("smartcat-aws")
    monkeypatch.setattr(distribution, "NAME", "nobody-has-this-distribution")
    assert version() == "unknown"


def test_the_command_for_an_extra_has_all_that_it_requires() -> None:
    """Extras of ours that it names are followed; the words are those of pyproject.toml."""
    assert install_command("pdf") == f"{sys.executable} -m pip install 'pypdf[crypto]<8,>=6.4'"
    assert {found.name for found in requirements("cli")} == {
        "boto3",
        "jinja2",
        "markupsafe",
        "numpy",
        "scikit-learn",
        "scipy",
        "tenacity",
        "threadpoolctl",
    }
    assert {found.name for found in requirements("")} >= {"pydantic", "rich", "typer"}
    assert {str(found) for found in requirements("all")} >= {
        str(found) for extra in ("cli", "lambda", "local", "pdf") for found in requirements(extra)
    }


@pytest.mark.parametrize("extra", ADVISED)
def test_each_command_names_libraries_and_none_of_ours(extra: str) -> None:
    """A name of ours on an index would be somebody else's; here all of them are installed, so they exist."""
    found = requirements(extra)
    assert found
    for requirement in found:
        assert not canonicalize_name(requirement.name).startswith("smartcat")
        assert requirement.specifier.contains(installed_version(requirement.name))


def test_pip_takes_the_command() -> None:
    """Where all of it is installed, pip finds nothing to do and needs no index."""
    command = [*shlex.split(install_command("all")), "--dry-run", "--no-index", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Requirement already satisfied") >= len(requirements("all"))
    assert "Would install" not in done.stdout


def test_what_was_copied_is_installed_from_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing says what it requires; the folder has the pyproject.toml that does."""
    monkeypatch.setattr(distribution, "NAME", "nobody-has-this-distribution")
    words = shlex.split(install_command("pdf"))
    assert words == [sys.executable, "-m", "pip", "install", "--editable", f"{ROOT}[pdf]"]
    assert (ROOT / "pyproject.toml").is_file()
    assert shlex.split(install_command(""))[-1] == str(ROOT)


def test_a_requirement_has_no_condition_but_its_extra() -> None:
    """Any other would be dropped from the command without a word."""
    conditions = {line.partition(";")[2].strip() for line in requires(NAME) or ()} - {""}
    assert [c for c in conditions if not re.fullmatch(r"""extra == ["']\w+["']""", c)] == []


def test_every_library_that_we_import_has_its_extra() -> None:
    """A missing one is always named with what to install; and the table has no line that nobody needs."""
    names = {name for room in OURS for path in (ROOT / room).rglob("*.py") for name in imported(path)}
    libraries = names - sys.stdlib_module_names - OURS
    types_alone = {name for name in libraries if name.startswith("mypy_boto3")}
    assert libraries - types_alone - EXTRAS.keys() == set()
    # Loaded by name, run as a program, or imported by another library.
    by_name = {"aws_kinesis_agg", "awslambdaric", "google", "six", "werkzeug", "ziglang"}
    assert EXTRAS.keys() - libraries <= by_name


def test_the_extra_brings_the_library() -> None:
    """Whoever runs the command has the module afterwards."""
    distributions = packages_distributions()
    brought = {extra: closure(NAME, *([extra] if extra else [])) for extra in ADVISED}
    for library, extra in EXTRAS.items():
        assert brought[extra].intersection(map(canonicalize_name, distributions[library])), library


def test_a_missing_library_is_one_sentence() -> None:
    """Any module of a library stands for it; the whole system is one command, and ours is no library."""
    assert missing_library("sklearn.svm") == f"sklearn is not installed: {install_command('train')}"
    assert missing_library("moto", whole_system=True) == f"moto is not installed: {install_command('all')}"
    assert missing_library("typer", whole_system=True) == f"typer is not installed: {install_command('')}"
    assert missing_library("smartcat.nothing") is None
    assert missing_library("") is None
