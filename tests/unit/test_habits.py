"""What the repository promises those who work on it: targets, hooks, versions and Pythons are one set."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = dict(re.findall(r"^([a-z-]+):([^#=\n]*)", MAKEFILE, re.MULTILINE))
CHECKS = TARGETS["check"].split()
LOCK = (ROOT / "constraints.txt").read_text("utf-8")
PINS = re.findall(
    r"^([\w.-]+)==([\w.]+)(?: ; ([^\\\n]+?))?((?: \\\n +--hash=sha256:[0-9a-f]{64})*)$", LOCK, re.MULTILINE
)
TEXT = {
    ".c",
    ".h",
    ".hcl",
    ".in",
    ".j2",
    ".md",
    ".py",
    ".pyi",
    ".sh",
    ".tf",
    ".toml",
    ".txt",
    ".yml",
    ".yaml",
    "",
}


def texts() -> Iterator[Path]:
    """Yield the text files of the repository, without what the targets made."""
    tops = [path for path in ROOT.iterdir() if path.name not in {".git", ".venv", "build"}]
    for top in tops:
        for path in [top] if top.is_file() else top.rglob("*"):
            made = "cache" in path.as_posix() or ".egg-info" in path.as_posix() or ".hypothesis" in path.parts
            if path.is_file() and path.suffix in TEXT and not made and path.stat().st_size:
                yield path


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md", "SECURITY.md"])
def test_every_target_that_a_page_names_exists(page: str) -> None:
    """A reader can run each of them."""
    named = re.findall(r"(?:`|\$ )make (?:[A-Z]+=\S+ )*([a-z][a-z-]*)", (ROOT / page).read_text("utf-8"))
    assert {name for name in named if name not in TARGETS} == set()
    assert named or page == "SECURITY.md"


def test_contributing_says_what_each_folder_of_tests_is_for() -> None:
    """Somebody who adds a test knows where it belongs."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    folders = {
        path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and not path.name.startswith("_")
    }
    assert sorted(name for name in folders - {"support"} if f"`tests/{name}/`" not in page) == []
    assert len(page.splitlines()) < 100, "one page"


def test_a_commit_is_checked_by_what_ci_runs() -> None:
    """The hooks are the checks of `make check` but the tests, run by the same targets."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    assert [hook["entry"] for hook in hooks] == [f"make {check}" for check in CHECKS[:-1]]
    command = [sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_hosted_ci_calls_our_own_on_every_python() -> None:
    """The Pythons of the workflow, of the package's description and of its bounds are the same."""
    text = (ROOT / ".github" / "workflows" / "check.yml").read_text("utf-8")
    job = yaml.safe_load(text)["jobs"]["check"]
    described = [line.rpartition(" ")[2] for line in PROJECT["project"]["classifiers"] if ":: 3." in line]
    assert job["strategy"]["matrix"]["python"] == described
    supported = SpecifierSet(PROJECT["project"]["requires-python"])
    assert [minor for minor in range(8, 20) if f"3.{minor}" in supported] == [
        int(python.partition(".")[2]) for python in described
    ]
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert "make check\n" in (ROOT / ".ci" / "run").read_text("utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run(
        [*command, ".github/workflows/check.yml"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_pin_has_its_hashes_and_no_pin_an_address() -> None:
    """One that had none would switch off the check of all."""
    pinned = [line for line in LOCK.splitlines() if "==" in line]
    assert len(PINS) == len(pinned) > 100
    assert [name for name, _, _, hashes in PINS if not hashes] == []
    assert "://" not in LOCK
    assert "--require-hashes --requirement constraints.txt" in MAKEFILE


def test_what_is_required_is_pinned_within_its_bounds() -> None:
    """After a change of pyproject.toml somebody ran `make lock`."""
    pins = {canonicalize_name(name): version for name, version, _, _ in PINS}
    extras = PROJECT["project"]["optional-dependencies"]
    lines = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    lines += [
        line
        for extra in ("cli", "dev", "lambda", "local", "pdf", "producer", "train")
        for line in extras[extra]
    ]
    required = [Requirement(line) for line in lines if not line.startswith(PROJECT["project"]["name"])]
    assert [
        str(need) for need in required if not need.specifier.contains(pins[canonicalize_name(need.name)])
    ] == []


def test_nobody_is_told_to_install_a_name_that_we_do_not_hold() -> None:
    """Advice names a path of this repository and an extra that it has, never our name on an index."""
    extras = PROJECT["project"]["optional-dependencies"].keys()
    paths, names = [], []
    for path in texts():
        text = path.read_text("utf-8")
        paths += re.findall(r"pip install (?:-e |--editable )?'\.\[([\w,]+)\]'", text)
        if path.name != "pyproject.toml":
            names += [f"{path}: {found}" for found in re.findall(r"\bsmartcat(?:-aws)?\[[a-z]+\b", text)]
        names += [f"{path}: {found}" for found in re.findall(r"\binstall '?smartcat\b.*", text)]
    assert len(paths) >= 4
    assert [extra for found in paths for extra in found.split(",") if extra not in extras] == []
    assert names == []


def test_files_end_as_editors_are_told_to_end_them() -> None:
    """UTF-8, newlines of Unix, one at the end, and no blanks before them (.editorconfig)."""
    odd = []
    for path in texts():
        content = path.read_bytes()
        content.decode("utf-8")
        if not content.endswith(b"\n") or b"\r" in content or re.search(rb"[ \t]\n", content):
            odd.append(path)
    assert odd == []
