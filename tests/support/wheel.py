"""The wheel as a user gets it: built from a copy of the sources, installed where nothing of this clone is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from smartcat.distribution import NAME
from support.clean_python import clean_python, closure

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("producers", "smartcat", "stream_processor")
_BESIDE = ("LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "setup.py")
_MADE = shutil.ignore_patterns("__pycache__", "*.so", "*.egg-info")

#: Names that another project's folders may well have, and that ours had at the top level once.
STRANGERS = ("training", "classifier", "local_aws", "wire_format", "cli")


def build_wheel(folder: Path) -> Path:
    """Build the wheel without the network, and without what earlier builds left in the clone."""
    sources = folder / "sources"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, sources / package, ignore=_MADE)
    for name in _BESIDE:
        shutil.copy(ROOT / name, sources / name)
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(sources))
    (wheel,) = folder.glob("*.whl")
    return wheel


def install_wheel(wheel: Path, folder: Path, *extras: str) -> Path:
    """Install the wheel into an empty environment with what it and these extras require, and nothing else.

    Returns:
        The interpreter.
    """
    python = clean_python(folder, closure(NAME, *extras))
    _pip("--python", str(python), "install", "--no-deps", "--no-compile", str(wheel))
    return python


def folder_of_strangers(folder: Path) -> Path:
    """Make a folder with somebody else's empty packages, which an interpreter that runs there finds first."""
    for name in STRANGERS:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
    return folder


def clean_environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without what leads an interpreter or a client elsewhere."""
    foreign = ("AWS_", "SMARTCAT_", "COV", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {"COLUMNS": "120", "NO_COLOR": "1", "AWS_EC2_METADATA_DISABLED": "true"} | variables


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
    subprocess.run([*command, *arguments, "--no-index"], check=True, env=clean_environment(), timeout=200)
