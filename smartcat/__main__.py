"""Where the program begins: before any library is imported, so that a missing one can be named."""

from __future__ import annotations

import sys

#: Which extra brings what the command line and its commands import.
EXTRAS = {
    "awslambdaric": "local",
    "boto3": "cli",
    "botocore": "cli",
    "jinja2": "cli",
    "markupsafe": "cli",
    "moto": "local",
    "numpy": "cli",
    "rich": "cli",
    "scipy": "cli",
    "sklearn": "cli",
    "tenacity": "cli",
    "typer": "cli",
    "werkzeug": "local",
}


def main() -> None:
    """Run the command line; a library that is not installed is one line with the extra that brings it."""
    try:
        from smartcat.cli.app import main as run  # noqa: PLC0415 - what may be missing is imported here

        run()
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in EXTRAS:
            raise
        sys.exit(f"error: {missing} is not installed: pip install 'smartcat[{EXTRAS[missing]}]'")
    except KeyboardInterrupt:
        # Before the commands are loaded nobody else answers it.
        sys.exit(130)


if __name__ == "__main__":
    main()
