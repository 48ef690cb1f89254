"""Where the program begins: before any library is imported, so that a missing one can be named."""

from __future__ import annotations

import sys

from smartcat.distribution import missing_library

#: Commands that run the whole system: they would miss one room's libraries after another.
_WHOLE_SYSTEM = {"demo", "local"}


def main() -> None:
    """Run the command line; a library that is not installed is one line with what to install."""
    try:
        from smartcat.cli.app import main as run  # noqa: PLC0415 - what may be missing is imported here

        run()
    except ModuleNotFoundError as error:
        whole = not _WHOLE_SYSTEM.isdisjoint(sys.argv[1:2])
        missing = missing_library(error.name or "", whole_system=whole)
        if missing is None:
            raise
        sys.exit(f"error: {missing}")
    except KeyboardInterrupt:
        # Before the commands are loaded nobody else answers it.
        sys.exit(130)


if __name__ == "__main__":
    main()
