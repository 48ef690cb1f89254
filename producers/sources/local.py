"""Files and folders of this machine, as units in a fixed order. Lists and opens; does not read."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from producers.sources.found import SourceProblem, Trouble
from producers.sources.kinds import KINDS, Unit, kind_of, units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that is opened when it is read."""

    path: Path

    @property
    def shown(self) -> str:
        """Its path, printable."""
        return shown(self.path)

    @property
    def size(self) -> int:
        """Its bytes; 0 where nobody can tell."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def open(self) -> IO[bytes]:
        """Open it, unless that could wait for ever, as a pipe does."""
        return self.path.open("rb")


def problem_of(path: Path) -> SourceProblem | None:
    """Say why a path cannot be read as a file; None where it can be tried."""
    try:
        if not path.exists():
            return SourceProblem(shown(path), None, "no such file or folder", Trouble.NOT_FOUND)
        if path.is_file() and kind_of(path.name):
            return None
    except OSError as error:
        return os_problem(shown(path), error)
    message = f"not a kind of file that is read, expected {KINDS}"
    return SourceProblem(shown(path), None, message, Trouble.WRONG_KIND)


def walk(folder: Path, *, on_error: Callable[[SourceProblem], None]) -> Iterator[tuple[str, Unit]]:
    """Give what is below a folder, always in the same order: its files first, then its folders.

    The names in one folder are held while it is read, some 100 bytes each: order needs them.

    Args:
        folder: Where to begin; links to folders are not followed.
        on_error: Gets what cannot be listed.

    Yields:
        The folder of a unit relative to ``folder``, "" or with "/" at its end; and the unit.
    """

    def note(error: OSError) -> None:
        on_error(os_problem(shown(folder), error))

    for parent, children, files in os.walk(folder, onerror=note):
        children.sort()
        files.sort()
        below = Path(parent).relative_to(folder).as_posix()
        prefix = "" if below == "." else f"{below}/"
        for unit in units(name for name in files if kind_of(name)):
            yield prefix, unit


def order_of(name: str) -> tuple[tuple[bool, str], ...]:
    """Give what names below a folder are sorted by, in the order of ``walk``."""
    *folders, file = name.split("/")
    return (*((True, folder) for folder in folders), (False, file))


@dataclass(slots=True)
class Earlier:
    """Files and folders that were given before the present one."""

    names: set[str] = field(default_factory=set)
    folders: list[Path] = field(default_factory=list)

    def add(self, path: Path) -> None:
        """Note one, if it is there."""
        if os.path.isdir(path):  # noqa: PTH112 - pathlib raises what the system says of a folder in between
            self.folders.append(path)
        elif os.path.isfile(path):  # noqa: PTH113 - the same
            self.names.add(path.name)

    def gave(self, name: str) -> bool:
        """Tell whether one of them is or holds a file of this name, which makes the same id."""
        return name in self.names or any(os.path.isfile(folder / name) for folder in self.folders)  # noqa: PTH113


def os_problem(name: str, error: OSError) -> SourceProblem:
    """Say what the file system said."""
    where = shown(Path(os.fsdecode(error.filename))) if error.filename else name
    message = f"cannot be read: {error.strerror or 'unknown reason'}"
    return SourceProblem(where, None, message, Trouble.UNREADABLE)


def shown(path: Path) -> str:
    """Make a path printable: a file name need not be text."""
    return str(path).encode("utf-8", "backslashreplace").decode()
