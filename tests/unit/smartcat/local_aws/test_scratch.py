from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from smartcat.local_aws.scratch import Scratch

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_directory_is_made_and_removed_whole(temporary: Path) -> None:
    """Nothing is left, and removing twice is no error."""
    scratch = Scratch("thing-")
    (scratch.path / "file").touch()
    assert scratch.path.parent == temporary
    scratch.remove()
    scratch.remove()
    assert list(temporary.iterdir()) == []


def test_left_overs_of_a_killed_process_are_removed(temporary: Path) -> None:
    """The next one sweeps up what a process that was killed could not; foreign files stay."""
    script = (
        "import os, signal; from smartcat.local_aws.scratch import Scratch; s = Scratch('thing-');"
        "(s.path / 'file').touch(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    (temporary / "thing-of-another").touch()
    subprocess.run([sys.executable, "-c", script], env={**os.environ, "TMPDIR": str(temporary)}, check=False)
    assert len(list(temporary.iterdir())) == 3
    scratch = Scratch("thing-")
    assert {path.name.removesuffix(".lock") for path in temporary.iterdir()} == {
        "thing-of-another",
        scratch.path.name,
    }
    scratch.remove()


def test_a_living_neighbour_is_left_alone(temporary: Path) -> None:
    """Two at a time do not disturb each other."""
    first, second = Scratch("thing-"), Scratch("thing-")
    assert first.path.is_dir()
    assert first.path != second.path
    second.remove()
    assert first.path.is_dir()
    first.remove()
    assert list(temporary.iterdir()) == []
