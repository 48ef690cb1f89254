import subprocess
import zipfile
from pathlib import Path

import pytest

from smartcat.cli.lambda_package import wheels
from smartcat.cli.lambda_package.errors import PackageError
from smartcat.cli.lambda_package.target import Target

TARGET = Target("arm64", "3.13")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            "WARNING: Retrying ... NewConnectionError(...)\nERROR: No matching distribution found for x==1",
            "index",
        ),
        (
            "ERROR: No matching distribution found for numpy==2.4.6",
            r"no wheel of numpy==2.4.6 for Python 3.13",
        ),
        ("ERROR: Could not install: [Errno 28] No space left on device", "no space left"),
        ("/usr/bin/python: No module named pip", "pip is not installed in"),
        ("ERROR: something else\n", "pip failed: ERROR: something else"),
        ("", "pip failed: no error message"),
    ],
)
def test_why_pip_failed_is_one_line(
    said: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No network goes first: pip also says then that nothing matches."""
    done = subprocess.CompletedProcess([], 1, "", said)
    monkeypatch.setattr(wheels.subprocess, "run", lambda *_, **__: done)
    with pytest.raises(PackageError, match=message) as caught:
        wheels.download(["x==1"], TARGET, tmp_path)
    assert "\n" not in str(caught.value)


def test_versions_are_those_that_are_installed() -> None:
    """What was tried here is what is packed; what is not installed here cannot be."""
    (pinned,) = wheels.pins(["pydantic"])
    assert pinned.startswith("pydantic==2.")
    with pytest.raises(
        PackageError, match=r"no-such-thing is not installed.* install 'aws-lambda-powertools"
    ):
        wheels.pins(["no-such-thing"])


def test_a_wheel_gives_its_modules_and_nothing_else(tmp_path: Path) -> None:
    """Modules that the wheel keeps aside come to their place; scripts and tests stay in it."""
    wheel = tmp_path / "x-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("x/a.py", "x/tests/b.py", "x-1.data/purelib/y.py", "x-1.data/scripts/run.py"):
            archive.writestr(name, name)
    assert sorted(wheels.unpack(wheel, tmp_path / "root")) == ["x/a.py", "y.py"]
    assert sorted(file.name for file in (tmp_path / "root").rglob("*.py")) == ["a.py", "y.py"]
