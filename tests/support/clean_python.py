"""Interpreters that have the distributions they are given, and nothing else of this one's."""

import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import files, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

RUNTIME_DISTRIBUTIONS = (
    "awslambdaric",
    "boto3",
    "botocore",
    "jmespath",
    "python-dateutil",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot-restore-py",
    "urllib3",
)
"""What Lambda's runtime has."""


def clean_python(folder: Path, distributions: Iterable[str] = RUNTIME_DISTRIBUTIONS) -> Path:
    """Make a virtual environment with links to distributions that are installed here.

    Args:
        folder: The environment.
        distributions: Their names; what they require in turn is not looked at.

    Returns:
        The interpreter.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(folder)], check=True)
    (site,) = folder.glob("lib/python3*/site-packages")
    for distribution in distributions:
        paths = [path for path in files(distribution) or () if ".." not in path.parts]
        for top in {path.parts[0] for path in paths} - {"__pycache__"}:
            (site / top).symlink_to(Path(paths[0].locate()).parents[len(paths[0].parts) - 1] / top)
    return folder / "bin" / "python"


def closure(distribution: str, *extras: str) -> set[str]:
    """Return the canonical names of all that a distribution requires, in turn, as installed here."""
    seen: set[tuple[str, str]] = set()
    left = [(canonicalize_name(distribution), extra) for extra in ("", *extras)]
    while left:
        name, extra = left.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for requirement in map(Requirement, requires(name) or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                left += [(canonicalize_name(requirement.name), more) for more in ("", *requirement.extras)]
    return {name for name, _ in seen} - {canonicalize_name(distribution)}
