"""From a template to a file: the look that reports share, and writing a page whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from smartcat.cli.console import visible

_BEGINNING: Final = b"<!doctype html"


def render(package: str, template: str, **values: Any) -> str:
    """Fill a template.

    Everything is escaped, whatever labels and ids hold. The filter ``visible`` also writes out what would
    reorder or hide text.

    Args:
        package: whose folder ``templates`` holds it; it may extend ``page.html.j2``, the shared look.
        template: its name.
        values: what it shows.
    """
    templates = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("smartcat.cli.html")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["visible"] = visible
    return templates.get_template(template).render(values)


def check_location(path: Path) -> None:
    """Refuse a place where a page must not or cannot be written; ask before the work, which may be long.

    Raises:
        OSError: it is a folder, a device or a file that is no page, or its folder is missing or read-only.
    """
    folder = _target(path).parent
    if path.is_dir():
        raise _error(errno.EISDIR, path)
    if path.exists() and not _is_page(path):
        raise OSError(errno.EEXIST, "is not an HTML page, and will not be replaced", str(path))
    if not folder.exists():
        raise _error(errno.ENOENT, path.parent)
    if not folder.is_dir():
        raise _error(errno.ENOTDIR, path.parent)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _error(errno.EACCES, path.parent)


def write_page(path: Path, page: str) -> None:
    """Put a page in place of the one before, if there is one, in one step.

    Raises:
        OSError: it cannot be written, see :func:`check_location`; what was there is untouched.
    """
    from producers.atomic_file import replace_file  # noqa: PLC0415 - half a second, for those who write a page

    check_location(path)
    try:
        replace_file(_target(path), page.encode("utf-8", "backslashreplace"))
    except OSError as error:
        # A full disk does not say which file it was about.
        raise OSError(error.errno, error.strerror, str(path)) from error


def _target(path: Path) -> Path:
    """Follow links, so that a link stays one; a link that leads in a circle is left as it is."""
    return Path(os.path.realpath(path))


def _is_page(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(len(_BEGINNING))
    return start.lower() in (b"", _BEGINNING)


def _error(number: int, path: Path) -> OSError:
    return OSError(number, os.strerror(number), str(path))
