"""An interpreter with nothing but what Lambda's runtime has: boto3 and awslambdaric."""

import subprocess
import sys
from importlib.metadata import files
from pathlib import Path

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


def clean_python(folder: Path) -> Path:
    """Make a virtual environment with links to the runtime's distributions, and give its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(folder)], check=True)
    (site,) = folder.glob("lib/python3*/site-packages")
    for distribution in RUNTIME_DISTRIBUTIONS:
        paths = [path for path in files(distribution) or () if ".." not in path.parts]
        for top in {path.parts[0] for path in paths} - {"__pycache__"}:
            (site / top).symlink_to(Path(paths[0].locate()).parents[len(paths[0].parts) - 1] / top)
    return folder / "bin" / "python"
