"""The spill file: counted pages in an unnamed temporary file, gone however the process ends."""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from scipy.sparse import csr_matrix

from smartcat.training.errors import SpillFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from smartcat.classifier.features import Csr

BLOCK_ENTRIES: Final = 2**15
"""Entries of a block, but for one of a single page: small, so that a batch mixes many parts of a corpus."""

_HEADER: Final = struct.Struct("<qqq")
_PAGE: Final = np.dtype([("entries", "<i4"), ("target", "<i4"), ("held_out", "?")])


@dataclass(frozen=True, slots=True, eq=False)
class CountedPages:
    """Counted pages with their labels.

    Attributes:
        counts: CSR matrix of counts, ``pages x width``.
        targets: Index of each page's label, ``(pages,)``.
        held_out: Whether each page is of a document that is held out, ``(pages,)``.
    """

    counts: Csr
    targets: npt.NDArray[np.int64]
    held_out: npt.NDArray[np.bool_]

    def select(self, chosen: npt.NDArray[np.bool_]) -> CountedPages:
        """Return some of the pages, given by a mask over them."""
        if chosen.all():
            return self
        return CountedPages(
            counts=self.counts[np.flatnonzero(chosen)],
            targets=self.targets[chosen],
            held_out=self.held_out[chosen],
        )


class SpillFile:
    """Blocks of a corpus: written one after another, read in any order."""

    def __init__(self, directory: Path, width: int, *, expected: int = 0) -> None:
        """Create the file.

        Args:
            directory: Where; it has no name there, and is gone when it is closed or the process ends.
            width: Number of features.
            expected: Bytes that will be written, about.

        Raises:
            SpillFileError: No file can be created there, or there is too little room.
        """
        self._directory = directory
        self._width = width
        # Where each block ends: 8 bytes for some thousand words of the corpus is all that grows in memory.
        self._ends = array("q", [0])
        try:
            free = shutil.disk_usage(directory).free
            self._file = tempfile.TemporaryFile(dir=directory, buffering=0)  # noqa: SIM115 - closed by __exit__
        except OSError as error:
            raise self._error("cannot be created", error) from None
        if free < expected:
            self._file.close()
            needed = f"needs about {expected / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free"
            raise SpillFileError(f"the temporary file in {directory} for the counted corpus {needed}")

    def __enter__(self) -> Self:
        """Return the file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file, which deletes it."""
        self._file.close()

    def __len__(self) -> int:
        """Return the number of blocks."""
        return len(self._ends) - 1

    def sizes(self) -> npt.NDArray[np.int64]:
        """Return the bytes of each block."""
        ends = np.array(self._ends, dtype=np.int64)
        return ends[1:] - ends[:-1]

    def append(self, pages: CountedPages) -> None:
        """Write pages, cut into blocks.

        Raises:
            SpillFileError: The disk is full, or fails.
        """
        starts = pages.counts.indptr
        begin, count = 0, len(pages.targets)
        while begin < count:
            end = int(np.searchsorted(starts, starts[begin] + BLOCK_ENTRIES, side="right")) - 1
            end = min(max(end, begin + 1), count)
            self._write(_pack(pages, begin, end))
            begin = end

    def read(self, numbers: Sequence[int]) -> CountedPages:
        """Return the pages of blocks.

        Args:
            numbers: Indices of the blocks, at least one; pages come in the order of the corpus.

        Raises:
            SpillFileError: The disk fails.
        """
        return _join([self._block(number) for number in sorted(numbers)], self._width)

    def _write(self, buffers: Iterable[bytes | memoryview]) -> None:
        end = self._ends[-1]
        try:
            for buffer in buffers:
                rest = memoryview(buffer).cast("B")
                while rest:
                    # A write may be short; a full disk fails at the next call.
                    written = self._file.write(rest)
                    rest, end = rest[written:], end + written
        except OSError as error:
            raise self._error(f"cannot be written beyond {end / 1e6:,.0f} MB", error) from None
        self._ends.append(end)

    def _block(self, number: int) -> bytes:
        begin, end = self._ends[number], self._ends[number + 1]
        try:
            content = os.pread(self._file.fileno(), end - begin, begin)
        except OSError as error:
            raise self._error("cannot be read back", error) from None
        if len(content) != end - begin:
            raise SpillFileError(f"the temporary file in {self._directory} is shorter than what was written")
        return content

    def _error(self, what: str, error: OSError) -> SpillFileError:
        why = error.strerror or type(error).__name__
        return SpillFileError(
            f"the temporary file in {self._directory} for the counted corpus {what} ({why})"
        )


def _pack(pages: CountedPages, begin: int, end: int) -> tuple[Any, ...]:
    rows = slice(begin, end)
    starts = pages.counts.indptr
    entries = slice(int(starts[begin]), int(starts[end]))
    facts = np.empty(end - begin, dtype=_PAGE)
    facts["entries"] = np.diff(starts[begin : end + 1])
    facts["target"], facts["held_out"] = pages.targets[rows], pages.held_out[rows]
    counts = pages.counts.data[entries].astype(np.uint32)
    # Most counts are below 256.
    small = counts.astype(np.min_scalar_type(int(counts.max(initial=0))))
    header = _HEADER.pack(end - begin, len(counts), small.itemsize)
    return header, facts.tobytes(), pages.counts.indices[entries].astype("<u4"), small


def _join(blocks: list[bytes], width: int) -> CountedPages:
    facts, indices, counts = zip(*(_unpack(block) for block in blocks), strict=True)
    page = np.concatenate(facts)
    starts = np.concatenate(([0], np.cumsum(page["entries"], dtype=np.int64)))
    data = np.concatenate([each.astype(np.float32) for each in counts])
    matrix = csr_matrix((data, np.concatenate(indices).astype(np.int32), starts), (len(page), width))
    return CountedPages(
        counts=matrix,
        targets=page["target"].astype(np.int64),
        held_out=page["held_out"],
    )


def _unpack(block: bytes) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    rows, entries, size = _HEADER.unpack_from(block)
    facts = np.frombuffer(block, _PAGE, rows, _HEADER.size)
    start = _HEADER.size + facts.nbytes
    indices = np.frombuffer(block, "<u4", entries, start)
    return facts, indices, np.frombuffer(block, f"<u{size}", entries, start + indices.nbytes)
