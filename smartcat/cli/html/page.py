"""Renders templates with the shared style, and writes a page completely or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from smartcat.visible_text import visible, visible_lines

_BEGINNING: Final = b"<!doctype html"


def render(package: str, template: str, **values: Any) -> str:
    """Return a rendered template.

    All values are escaped, characters included that would reorder or hide text. The filter ``visible`` also
    keeps a value on one line.

    Args:
        package: The package whose folder ``templates`` holds it; it may extend ``page.html.j2``.
        template: Its name.
        values: Its variables.
    """
    templates = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("smartcat.cli.html")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["visible"] = visible
    # The whole page, charts included: what our templates hold is visible anyway.
    return visible_lines(templates.get_template(template).render(values))


def check_writable(path: Path) -> None:
    """Check, before long work, that a page may and can be written to a path.

    Raises:
        OSError: It is a folder, a device or a file that is not a page, or its folder is missing or read-only.
    """
    folder = _target(path).parent
    if path.is_dir():
        raise _error(errno.EISDIR, path)
    if path.exists() and not _is_page(path):
        raise OSError(errno.EEXIST, "is not an HTML page and will not be replaced", str(path))
    if not folder.exists():
        raise _error(errno.ENOENT, path.parent)
    if not folder.is_dir():
        raise _error(errno.ENOTDIR, path.parent)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _error(errno.EACCES, path.parent)


def write_page(path: Path, page: str) -> None:
    """Write a page atomically, replacing an existing page.

    Raises:
        OSError: It cannot be written, see :func:`check_writable`; an existing page is untouched.
    """
    from producers.atomic_file import replace_file  # noqa: PLC0415 - half a second, only needed to write a page

    check_writable(path)
    try:
        replace_file(_target(path), page.encode("utf-8", "backslashreplace"))
    except OSError as error:
        # The error of a full disk does not name the file.
        raise OSError(error.errno, error.strerror, str(path)) from error


def _target(path: Path) -> Path:
    """Return the target of links, so that a link stays a link; a circular link is returned as it is."""
    return Path(os.path.realpath(path))


def _is_page(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(len(_BEGINNING))
    return start.lower() in (b"", _BEGINNING)


def _error(number: int, path: Path) -> OSError:
    return OSError(number, os.strerror(number), str(path))
