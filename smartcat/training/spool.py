"""Counted pages in a temporary file without a name: whatever ends the program, nothing is left of it."""

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

from smartcat.training.errors import SpoolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from smartcat.classifier.features import Csr

PIECE_ENTRIES: Final = 2**15
"""Entries of a piece, but for one of a single page: small, so that a batch holds pieces of many places."""

_HEADER: Final = struct.Struct("<qqq")
_PAGE: Final = np.dtype([("entries", "<i4"), ("target", "<i4"), ("held", "?")])


@dataclass(frozen=True, slots=True, eq=False)
class Pages:
    """Counted pages and what is known of them.

    Attributes:
        counts: CSR matrix of counts, ``pages x width``.
        targets: Index of each page's label, ``(pages,)``.
        held: Whether each page is of a document that is held out, ``(pages,)``.
    """

    counts: Csr
    targets: npt.NDArray[np.int64]
    held: npt.NDArray[np.bool_]

    def only(self, chosen: npt.NDArray[np.bool_]) -> Pages:
        """Return some of the pages, given by a mask over them."""
        if chosen.all():
            return self
        return Pages(
            counts=self.counts[np.flatnonzero(chosen)],
            targets=self.targets[chosen],
            held=self.held[chosen],
        )


class Spool:
    """Pieces of a corpus: written one after another, read in any order."""

    def __init__(self, directory: Path, width: int, *, expected: int = 0) -> None:
        """Make the file.

        Args:
            directory: Where; it has no name there, and is gone when it is closed or the process ends.
            width: Number of features.
            expected: Bytes that will be written, about.

        Raises:
            SpoolError: No file can be made there, or there is no room for so much.
        """
        self._directory = directory
        self._width = width
        # Where each piece ends: 8 bytes for some thousand words of the corpus is all that grows in memory.
        self._ends = array("q", [0])
        try:
            free = shutil.disk_usage(directory).free
            self._file = tempfile.TemporaryFile(dir=directory, buffering=0)  # noqa: SIM115 - closed by __exit__
        except OSError as error:
            raise self._error("cannot be made", error) from None
        if free < expected:
            self._file.close()
            needed = f"needs about {expected / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free"
            raise SpoolError(f"the temporary file in {directory} for the counted corpus {needed}")

    def __enter__(self) -> Self:
        """Return the spool."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the file go."""
        self._file.close()

    def __len__(self) -> int:
        """Return the number of pieces."""
        return len(self._ends) - 1

    def sizes(self) -> npt.NDArray[np.int64]:
        """Return the bytes of each piece."""
        ends = np.array(self._ends, dtype=np.int64)
        return ends[1:] - ends[:-1]

    def append(self, pages: Pages) -> None:
        """Write pages, cut into pieces.

        Raises:
            SpoolError: The disk is full, or fails.
        """
        starts = pages.counts.indptr
        begin, count = 0, len(pages.targets)
        while begin < count:
            end = int(np.searchsorted(starts, starts[begin] + PIECE_ENTRIES, side="right")) - 1
            end = min(max(end, begin + 1), count)
            self._write(_packed(pages, begin, end))
            begin = end

    def read(self, numbers: Sequence[int]) -> Pages:
        """Read pieces.

        Args:
            numbers: Which, at least one; pages come in the order of the corpus.

        Raises:
            SpoolError: The disk fails.
        """
        return _joined([self._piece(number) for number in sorted(numbers)], self._width)

    def _write(self, buffers: Iterable[bytes | memoryview]) -> None:
        end = self._ends[-1]
        try:
            for buffer in buffers:
                rest = memoryview(buffer).cast("B")
                while rest:
                    # It may take less than it was given; a full disk says so at the next call.
                    written = self._file.write(rest)
                    rest, end = rest[written:], end + written
        except OSError as error:
            raise self._error(f"cannot be written beyond {end / 1e6:,.0f} MB", error) from None
        self._ends.append(end)

    def _piece(self, number: int) -> bytes:
        begin, end = self._ends[number], self._ends[number + 1]
        try:
            content = os.pread(self._file.fileno(), end - begin, begin)
        except OSError as error:
            raise self._error("cannot be read back", error) from None
        if len(content) != end - begin:
            raise SpoolError(f"the temporary file in {self._directory} is shorter than what was written")
        return content

    def _error(self, what: str, error: OSError) -> SpoolError:
        why = error.strerror or type(error).__name__
        return SpoolError(f"the temporary file in {self._directory} for the counted corpus {what} ({why})")


def _packed(pages: Pages, begin: int, end: int) -> tuple[Any, ...]:
    rows = slice(begin, end)
    starts = pages.counts.indptr
    entries = slice(int(starts[begin]), int(starts[end]))
    facts = np.empty(end - begin, dtype=_PAGE)
    facts["entries"] = np.diff(starts[begin : end + 1])
    facts["target"], facts["held"] = pages.targets[rows], pages.held[rows]
    counts = pages.counts.data[entries].astype(np.uint32)
    # Most counts are below 256.
    small = counts.astype(np.min_scalar_type(int(counts.max(initial=0))))
    header = _HEADER.pack(end - begin, len(counts), small.itemsize)
    return header, facts.tobytes(), pages.counts.indices[entries].astype("<u4"), small


def _joined(pieces: list[bytes], width: int) -> Pages:
    facts, indices, counts = zip(*(_unpacked(piece) for piece in pieces), strict=True)
    page = np.concatenate(facts)
    starts = np.concatenate(([0], np.cumsum(page["entries"], dtype=np.int64)))
    data = np.concatenate([each.astype(np.float32) for each in counts])
    matrix = csr_matrix((data, np.concatenate(indices).astype(np.int32), starts), (len(page), width))
    return Pages(
        counts=matrix,
        targets=page["target"].astype(np.int64),
        held=page["held"],
    )


def _unpacked(piece: bytes) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    rows, entries, size = _HEADER.unpack_from(piece)
    facts = np.frombuffer(piece, _PAGE, rows, _HEADER.size)
    place = _HEADER.size + facts.nbytes
    indices = np.frombuffer(piece, "<u4", entries, place)
    return facts, indices, np.frombuffer(piece, f"<u{size}", entries, place + indices.nbytes)
