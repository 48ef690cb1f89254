"""Running the command line as a person would."""

import os
import subprocess
import sys
from pathlib import Path


def smartcat(
    *arguments: str,
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
    stdin: str | None = None,
    timeout: float = 240,
) -> subprocess.CompletedProcess[str]:
    """Run ``smartcat`` with nothing of this process's AWS settings, and give what it printed."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "SMARTCAT_", "COVERAGE"))
    }
    clean |= {"COLUMNS": "120", "NO_COLOR": "1", "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.run(
        [sys.executable, "-m", "smartcat", *arguments],
        cwd=cwd,
        env=clean | (environment or {}),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
