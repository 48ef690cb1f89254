"""The distribution as it is installed: its name, its version, and the command that installs what is missing.

Imports nothing but the standard library: it is needed where a library is missing. We hold no name on a public
index, so the command names the libraries themselves, by the requirements in our own metadata.
"""

from __future__ import annotations

import shlex
import sys
from importlib.metadata import PackageNotFoundError, requires
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME: Final = "smartcat-aws"
"""What pip calls the distribution; the command and the import package are called ``smartcat``."""

#: Which extra brings what our modules import; "" for what every installation has.
EXTRAS: Final = {
    "aws_kinesis_agg": "",
    "aws_lambda_powertools": "lambda",
    "awslambdaric": "local",
    "backports": "",
    "boto3": "producer",
    "botocore": "producer",
    "google": "",
    "jinja2": "cli",
    "markupsafe": "cli",
    "moto": "local",
    "numpy": "train",
    "pydantic": "",
    "pydantic_core": "",
    "pypdf": "pdf",
    "rich": "",
    "scipy": "train",
    "six": "",
    "sklearn": "train",
    "tenacity": "cli",
    "threadpoolctl": "train",
    "typer": "",
    "typing_extensions": "",
    "werkzeug": "local",
    "ziglang": "package",
}


def version() -> str:
    """Return the installed version, or ``unknown`` where the packages were copied and not installed."""
    try:
        return installed_version(NAME)
    except PackageNotFoundError:
        return "unknown"


def install_command(extra: str) -> str:
    """Return the shell command that installs what an extra requires into the running interpreter.

    Args:
        extra: An extra of pyproject.toml; "" for what every installation requires.

    Returns:
        One line. In packages that were copied and not installed, nothing says what they require: there it
        installs the folder that they are in.
    """
    try:
        wanted = sorted(set(_requirements(requires(NAME) or [], extra)))
    except PackageNotFoundError:
        folder = Path(__file__).resolve().parents[1]
        wanted = ["--editable", f"{folder}[{extra}]" if extra else str(folder)]
    return shlex.join([sys.executable or "python3", "-m", "pip", "install", *wanted])


def missing_library(name: str, *, whole_system: bool = False) -> str | None:
    """Return the sentence that says what to install for a module that cannot be imported.

    Args:
        name: The module's dotted name, as a ``ModuleNotFoundError`` has it.
        whole_system: Whether the libraries of all rooms will be needed.

    Returns:
        One sentence with a command; None for a module that no extra brings.
    """
    library = name.partition(".")[0]
    if library not in EXTRAS:
        return None
    extra = EXTRAS[library]
    return f"{library} is not installed: {install_command('all' if whole_system and extra else extra)}"


def _requirements(declared: list[str], extra: str) -> Iterator[str]:
    """Yield the requirements of an extra; where it names another of ours, those of that one."""
    marker = f'extra == "{extra}"' if extra else ""
    for line in declared:
        requirement, _, condition = (part.strip() for part in line.partition(";"))
        if condition.replace("'", '"') != marker:
            continue
        if requirement.startswith(f"{NAME}["):
            for other in requirement.removeprefix(f"{NAME}[").rstrip("]").split(","):
                yield from _requirements(declared, other.strip())
        else:
            yield requirement
