from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from smartcat.training.errors import SpillFileError
from smartcat.training.out_of_core import spill_file
from smartcat.training.out_of_core.spill_file import CountedPages, SpillFile

if TYPE_CHECKING:
    from pathlib import Path

WIDTH = 1000


def _pages(count: int, seed: int = 0) -> CountedPages:
    draw = np.random.default_rng(seed)
    dense = draw.integers(1, 400, (count, WIDTH)) * (draw.random((count, WIDTH)) < 0.02)
    return CountedPages(
        counts=csr_matrix(dense, dtype=np.float32),
        targets=draw.integers(0, 7, count),
        held_out=draw.random(count) < 0.3,
    )


def _same(one: CountedPages, other: CountedPages) -> bool:
    return (
        (one.counts != other.counts).nnz == 0
        and np.array_equal(one.targets, other.targets)
        and np.array_equal(one.held_out, other.held_out)
    )


def test_what_was_written_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts of any size, labels and marks come back as they were, in blocks of a bounded size."""
    monkeypatch.setattr(spill_file, "BLOCK_ENTRIES", 100)
    pages = _pages(60)
    pages.counts.data[5] = 70_000
    with SpillFile(tmp_path, WIDTH) as spilled:
        spilled.append(pages)
        blocks = len(spilled)
        assert blocks > 5
        assert _same(spilled.read(range(blocks)), pages)
        assert _same(spilled.read([blocks - 1, 0]), spilled.read([0, blocks - 1]))
        assert len(spilled.sizes()) == blocks
        assert all(spilled.read([number]).counts.nnz <= 100 for number in range(blocks))


def test_a_page_larger_than_a_block_is_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No page is parted, and pages without features stay."""
    monkeypatch.setattr(spill_file, "BLOCK_ENTRIES", 3)
    counts = csr_matrix(np.array([[1, 1, 1, 1, 1], [0, 0, 0, 0, 0], [0, 2, 0, 0, 0]]), dtype=np.float32)
    pages = CountedPages(counts, np.array([0, 1, 2]), np.zeros(3, dtype=np.bool_))
    with SpillFile(tmp_path, 5) as spilled:
        spilled.append(pages)
        assert len(spilled) == 2
        assert _same(spilled.read([0, 1]), pages)


def test_nothing_is_seen_of_the_file(tmp_path: Path) -> None:
    """It has no name, so that not even a power cut leaves it behind."""
    with SpillFile(tmp_path, WIDTH) as spilled:
        spilled.append(_pages(10))
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_no_file_is_named(tmp_path: Path) -> None:
    """One error names the folder and the reason."""
    with pytest.raises(SpillFileError, match=r"no-such.*cannot be created \(No such file"):
        SpillFile(tmp_path / "no-such", WIDTH)


class _FullDisk:
    """Takes so many bytes, some at a time, and is full then, as a file is."""

    def __init__(self, file: Any, room: int) -> None:
        self._file = file
        self._room = room

    def write(self, content: memoryview) -> int:
        if not self._room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = min(len(content), self._room, 1000)
        self._room -= taken
        return int(self._file.write(content[:taken]))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def test_a_full_disk_is_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says where and how much was written; what was taken in bits before is whole."""
    made = spill_file.tempfile.TemporaryFile
    monkeypatch.setattr(
        spill_file.tempfile, "TemporaryFile", lambda **options: _FullDisk(made(**options), 10_000)
    )
    with SpillFile(tmp_path, WIDTH) as spilled:
        spilled.append(_pages(10))
        assert _same(spilled.read([0]), _pages(10))
        with pytest.raises(
            SpillFileError, match=r"cannot be written beyond .* MB \(No space left on device\)"
        ):
            spilled.append(_pages(500))
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_later_is_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading back says what went wrong, too; a file that shrank is not read as if it were whole."""

    def broken(*_: int) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with SpillFile(tmp_path, WIDTH) as spilled:
        spilled.append(_pages(10))
        monkeypatch.setattr(spill_file.os, "pread", broken)
        with pytest.raises(SpillFileError, match=r"cannot be read back \(Input/output error\)"):
            spilled.read([0])
        monkeypatch.setattr(spill_file.os, "pread", lambda *_: b"")
        with pytest.raises(SpillFileError, match="shorter than what was written"):
            spilled.read([0])


def test_some_pages_can_be_left_out() -> None:
    """A mask picks pages with all that is known of them."""
    pages = _pages(20)
    assert pages.select(np.ones(20, dtype=np.bool_)) is pages
    rest = pages.select(~pages.held_out)
    assert not rest.held_out.any()
    assert rest.targets.tolist() == pages.targets[~pages.held_out].tolist()
    assert rest.counts.shape == (len(rest.targets), WIDTH)
