from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from smartcat.local_aws.temp_directory import TempDirectory

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_directory_is_made_and_removed_whole(temporary: Path) -> None:
    """Nothing is left, and removing twice is no error."""
    directory = TempDirectory("thing-")
    (directory.path / "file").touch()
    assert directory.path.parent == temporary
    directory.remove()
    directory.remove()
    assert list(temporary.iterdir()) == []


def test_left_overs_of_a_killed_process_are_removed(temporary: Path) -> None:
    """The next one sweeps up what a process that was killed could not; foreign files stay."""
    script = (
        "import os, signal; from smartcat.local_aws.temp_directory import TempDirectory;"
        "s = TempDirectory('thing-');"
        "(s.path / 'file').touch(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    (temporary / "thing-of-another").touch()
    subprocess.run([sys.executable, "-c", script], env={**os.environ, "TMPDIR": str(temporary)}, check=False)
    assert len(list(temporary.iterdir())) == 3
    directory = TempDirectory("thing-")
    assert {path.name.removesuffix(".lock") for path in temporary.iterdir()} == {
        "thing-of-another",
        directory.path.name,
    }
    directory.remove()


def test_a_living_neighbour_is_left_alone(temporary: Path) -> None:
    """Two at a time do not disturb each other."""
    first, second = TempDirectory("thing-"), TempDirectory("thing-")
    assert first.path.is_dir()
    assert first.path != second.path
    second.remove()
    assert first.path.is_dir()
    first.remove()
    assert list(temporary.iterdir()) == []
