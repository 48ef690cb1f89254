from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from smartcat.training import spool as spools
from smartcat.training.errors import SpoolError
from smartcat.training.spool import Pages, Spool

if TYPE_CHECKING:
    from pathlib import Path

WIDTH = 1000


def _pages(count: int, seed: int = 0) -> Pages:
    draw = np.random.default_rng(seed)
    dense = draw.integers(1, 400, (count, WIDTH)) * (draw.random((count, WIDTH)) < 0.02)
    return Pages(
        counts=csr_matrix(dense, dtype=np.float32),
        targets=draw.integers(0, 7, count),
        held=draw.random(count) < 0.3,
    )


def _same(one: Pages, other: Pages) -> bool:
    return (
        (one.counts != other.counts).nnz == 0
        and np.array_equal(one.targets, other.targets)
        and np.array_equal(one.held, other.held)
    )


def test_what_was_written_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts of any size, labels and marks come back as they were, in pieces of a bounded size."""
    monkeypatch.setattr(spools, "PIECE_ENTRIES", 100)
    pages = _pages(60)
    pages.counts.data[5] = 70_000
    with Spool(tmp_path, WIDTH) as spool:
        spool.append(pages)
        pieces = len(spool)
        assert pieces > 5
        assert _same(spool.read(range(pieces)), pages)
        assert _same(spool.read([pieces - 1, 0]), spool.read([0, pieces - 1]))
        assert len(spool.sizes()) == pieces
        assert all(spool.read([number]).counts.nnz <= 100 for number in range(pieces))


def test_a_page_larger_than_a_piece_is_a_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No page is parted, and pages without features stay."""
    monkeypatch.setattr(spools, "PIECE_ENTRIES", 3)
    counts = csr_matrix(np.array([[1, 1, 1, 1, 1], [0, 0, 0, 0, 0], [0, 2, 0, 0, 0]]), dtype=np.float32)
    pages = Pages(counts, np.array([0, 1, 2]), np.zeros(3, dtype=np.bool_))
    with Spool(tmp_path, 5) as spool:
        spool.append(pages)
        assert len(spool) == 2
        assert _same(spool.read([0, 1]), pages)


def test_nothing_is_seen_of_the_file(tmp_path: Path) -> None:
    """It has no name, so that not even a power cut leaves it behind."""
    with Spool(tmp_path, WIDTH) as spool:
        spool.append(_pages(10))
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_no_file_is_named(tmp_path: Path) -> None:
    """One error names the folder and the reason."""
    with pytest.raises(SpoolError, match=r"no-such.*cannot be made \(No such file"):
        Spool(tmp_path / "no-such", WIDTH)


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
    made = spools.tempfile.TemporaryFile
    monkeypatch.setattr(
        spools.tempfile, "TemporaryFile", lambda **options: _FullDisk(made(**options), 10_000)
    )
    with Spool(tmp_path, WIDTH) as spool:
        spool.append(_pages(10))
        assert _same(spool.read([0]), _pages(10))
        with pytest.raises(SpoolError, match=r"cannot be written beyond .* MB \(No space left on device\)"):
            spool.append(_pages(500))
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_later_is_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading back says what went wrong, too; a file that shrank is not read as if it were whole."""

    def broken(*_: int) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with Spool(tmp_path, WIDTH) as spool:
        spool.append(_pages(10))
        monkeypatch.setattr(spools.os, "pread", broken)
        with pytest.raises(SpoolError, match=r"cannot be read back \(Input/output error\)"):
            spool.read([0])
        monkeypatch.setattr(spools.os, "pread", lambda *_: b"")
        with pytest.raises(SpoolError, match="shorter than what was written"):
            spool.read([0])


def test_some_pages_can_be_left_out() -> None:
    """A mask picks pages with all that is known of them."""
    pages = _pages(20)
    assert pages.only(np.ones(20, dtype=np.bool_)) is pages
    rest = pages.only(~pages.held)
    assert not rest.held.any()
    assert rest.targets.tolist() == pages.targets[~pages.held].tolist()
    assert rest.counts.shape == (len(rest.targets), WIDTH)
