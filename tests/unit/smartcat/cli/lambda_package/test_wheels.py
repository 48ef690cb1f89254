import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from smartcat.cli.lambda_package import wheels
from smartcat.cli.lambda_package.errors import PackageError
from smartcat.cli.lambda_package.locked_wheels import LockedWheel
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
        wheels.download([LockedWheel("x", "1", ("0" * 64,))], TARGET, tmp_path)
    assert "\n" not in str(caught.value)


def wheel(folder: Path, content: str) -> Path:
    """Make a wheel of a distribution, x-y 1.0."""
    path = folder / "x_y-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.py", content)
        metadata = "Metadata-Version: 2.4\nName: x-y\nVersion: 1.0\nLicense-Expression: MIT OR Apache-2.0\n"
        archive.writestr("x_y-1.0.dist-info/METADATA", metadata)
        archive.writestr(
            "x_y-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("x_y-1.0.dist-info/RECORD", "")
    return path


def test_a_wheel_of_another_checksum_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of the same name and version: pip refuses it, and we do where pip is told not to look."""
    index, before, after = (tmp_path / name for name in ("index", "before", "after"))
    for folder in (index, before, after):
        folder.mkdir()
    checksum = hashlib.sha256(wheel(index, "right").read_bytes()).hexdigest()
    locked = [LockedWheel("x-y", "1.0", ("0" * 64, checksum))]
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    (fetched,) = wheels.download(locked, TARGET, before)
    assert (fetched.name, fetched.version, fetched.sha256) == ("x-y", "1.0", checksum)
    assert fetched.licence == "MIT OR Apache-2.0"
    wheel(index, "wrong")
    said = "x-y==1.0: the package index has another file than the one that was locked"
    with pytest.raises(PackageError, match=f"^{said}"):
        wheels.download(locked, TARGET, after)
    done = subprocess.CompletedProcess([], 0, "", "")
    monkeypatch.setattr(wheels.subprocess, "run", lambda *_, **__: done)
    wheel(after, "wrong")
    with pytest.raises(PackageError, match=f"^{said}"):
        wheels.download(locked, TARGET, after)


def test_a_wheel_gives_its_modules_and_nothing_else(tmp_path: Path) -> None:
    """Modules that the wheel keeps aside come to their place; scripts and tests stay in it."""
    path = tmp_path / "x-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("x/a.py", "x/tests/b.py", "x-1.data/purelib/y.py", "x-1.data/scripts/run.py"):
            archive.writestr(name, name)
    assert sorted(wheels.unpack(path, tmp_path / "root")) == ["x/a.py", "y.py"]
    assert sorted(file.name for file in (tmp_path / "root").rglob("*.py")) == ["a.py", "y.py"]
