"""Files and folders of this machine, as groups in a fixed order. Lists and opens; does not read."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from producers.sources.formats.file_kinds import SUPPORTED_FILES, FileGroup, file_kind, group_files
from producers.sources.formats.read_result import ProblemCode, SourceProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that is opened when it is read."""

    path: Path

    @property
    def display_name(self) -> str:
        """Its path, printable."""
        return printable(self.path)

    @property
    def size(self) -> int:
        """Its bytes; 0 if unknown."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def open(self) -> IO[bytes]:
        """Open it for reading, if it is a regular file: nothing that could block or is made up.

        Raises:
            NotRegularError: It is something else.
            OSError: It cannot be opened.
        """
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with ExitStack() as closing:
            file = closing.enter_context(os.fdopen(os.open(self.path, flags), "rb"))
            if _is_regular(file.fileno()):
                closing.pop_all()
                return file
        raise NotRegularError(errno.EINVAL, "not a regular file", os.fspath(self.path))


class NotRegularError(OSError):
    """A path leads to a pipe, a device, or a file of /proc or /sys, which never holds a document."""


def _is_regular(descriptor: int) -> bool:
    """Return whether an open file is one on a disk.

    The files of /proc and /sys say that they are regular and empty, and are neither when they are read: one
    holds the secrets in the environment of this process, another waits for the next message of the kernel.
    """
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_size:
        return stat.S_ISREG(status.st_mode)
    try:
        is_empty = not os.read(descriptor, 1)
    except BlockingIOError:
        return False
    os.lseek(descriptor, 0, os.SEEK_SET)
    return is_empty or os.fstat(descriptor).st_size > 0


def path_problem(path: Path, within: Path | None = None) -> SourceProblem | None:
    """Return why a path cannot be read as a file; None if reading can be tried.

    Args:
        path: The path.
        within: The folder in which it was found, out of which no link may lead; None for a file that was
            given.
    """
    try:
        if not path.exists():
            return SourceProblem(printable(path), None, "no such file or folder", ProblemCode.NOT_FOUND)
        if within is not None and path.is_symlink() and not path.resolve().is_relative_to(within.resolve()):
            message = "a link that leads out of the folder; give its target as an input of its own"
            return SourceProblem(printable(path), None, message, ProblemCode.LINK_OUTSIDE)
        if path.is_file() and file_kind(path.name):
            return None
    except OSError as error:
        return os_problem(printable(path), error)
    message = f"not a supported file, expected {SUPPORTED_FILES}"
    return SourceProblem(printable(path), None, message, ProblemCode.WRONG_KIND)


def walk_groups(
    folder: Path, *, on_error: Callable[[SourceProblem], None]
) -> Iterator[tuple[str, FileGroup]]:
    """Yield the file groups below a folder, always in the same order: its files first, then its folders.

    The names in one folder are held while it is read, some 100 bytes each, to sort them.

    Args:
        folder: Where to begin; links to folders are not followed.
        on_error: Called with the problem of each folder that cannot be listed.

    Yields:
        The folder of a group relative to ``folder``, "" or with "/" at its end; and the group.
    """

    def report(error: OSError) -> None:
        on_error(os_problem(printable(folder), error))

    for parent, children, files in os.walk(folder, onerror=report):
        children.sort()
        files.sort()
        below = Path(parent).relative_to(folder).as_posix()
        prefix = "" if below == "." else f"{below}/"
        for group in group_files(name for name in files if file_kind(name)):
            yield prefix, group


def walk_order(name: str) -> tuple[tuple[bool, str], ...]:
    """Return the key that sorts names below a folder in the order of ``walk_groups``."""
    *folders, file = name.split("/")
    return (*((True, folder) for folder in folders), (False, file))


@dataclass(slots=True)
class EarlierInputs:
    """The files and folders among the inputs before the present one."""

    names: set[str] = field(default_factory=set)
    folders: list[Path] = field(default_factory=list)

    def add(self, path: Path) -> None:
        """Add an input, if it exists."""
        if os.path.isdir(path):  # noqa: PTH112 - pathlib raises what the system says of a folder in between
            self.folders.append(path)
        elif os.path.isfile(path):  # noqa: PTH113 - the same
            self.names.add(path.name)

    def contain(self, name: str) -> bool:
        """Return whether one of them is or holds a file of this name, which makes the same id."""
        return name in self.names or any(_is_walked(folder, name) for folder in self.folders)


def _is_walked(folder: Path, name: str) -> bool:
    """Return whether ``walk_groups`` yields a file of this name: it exists, behind no link to a folder."""
    path = folder / name
    parents = path.parents[: name.count("/")]
    return os.path.isfile(path) and not any(map(os.path.islink, parents))  # noqa: PTH113 - as above


def os_problem(name: str, error: OSError) -> SourceProblem:
    """Return the problem of an error of the file system; ``name`` counts if the error has no file name."""
    where = printable(Path(os.fsdecode(error.filename))) if error.filename else name
    message = f"cannot be read: {error.strerror or 'unknown reason'}"
    code = ProblemCode.WRONG_KIND if isinstance(error, NotRegularError) else ProblemCode.UNREADABLE
    return SourceProblem(where, None, message, code)


def printable(path: Path) -> str:
    """Return a path that can be printed: a file name need not be valid text."""
    return str(path).encode("utf-8", "backslashreplace").decode()
