"""The texts that a model was learned from, as hashes in a file beside it: a few bytes a document, no text.

Evaluation reads it. The function does not, and publishing and packaging leave it out.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.classifier.manifest import LEARNED_TEXTS
from smartcat.training.corpus.copies import is_blank, text_hash
from smartcat.training.corpus.examples import examples_of
from smartcat.training.errors import EvaluationError

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    from smartcat.classifier.manifest import TrainingFacts
    from smartcat.training.corpus.labelled_documents import LabelledDocument

_BYTES: Final = 4
_BITS: Final = np.uint64(2 ** (8 * _BYTES) - 1)


def pack_texts(hashes: array[int]) -> bytes:
    """Return the content of the file: the lower 32 bits of each hash, ascending, each once, little-endian.

    Four bytes a document. With a million learned from, one in 4,300 other texts has the hash of one of them.

    Args:
        hashes: See :func:`smartcat.training.corpus.copies.text_hash`.
    """
    return np.unique(np.array(hashes, dtype=np.uint64) & _BITS).astype("<u4").tobytes()


class LearnedTexts:
    """Knows whether a text was learned from."""

    def __init__(self, packed: bytes) -> None:
        """Take the content of the file, see :func:`pack_texts`."""
        self._hashes: npt.NDArray[np.uint32] = np.frombuffer(packed, "<u4")

    def __contains__(self, pages: Sequence[str]) -> bool:
        """Return whether the pages of a document, or one equal but for case and spaces, were learned from."""
        found = np.uint32(text_hash(pages) & int(_BITS))
        place = int(np.searchsorted(self._hashes, found))
        return place < len(self._hashes) and self._hashes[place] == found

    def holds(self, document: LabelledDocument) -> bool:
        """Return whether all examples of a document were learned from that are not blank, and one is not."""
        pages = [pages for _, pages in examples_of(document) if not is_blank(pages)]
        return bool(pages) and all(each in self for each in pages)


def read_learned_texts(directory: Path, facts: TrainingFacts) -> LearnedTexts | None:
    """Return what a model was learned from.

    Args:
        directory: Its directory.
        facts: What its manifest says of the training.

    Returns:
        The texts; ``None`` where the file is not there: for models of before there was one, and where a model
        was published, which is done without it.

    Raises:
        EvaluationError: The file is there, and is not what the manifest says.
        OSError: It cannot be read.
    """
    file = directory / LEARNED_TEXTS
    if facts.learned_texts is None or not file.is_file():
        return None
    with file.open("rb") as stream:
        content = stream.read(facts.learned_texts.bytes + 1)
    if len(content) % _BYTES or hashlib.sha256(content).hexdigest() != facts.learned_texts.sha256:
        raise EvaluationError(f"{file}: SHA-256 differs from the manifest, the file was damaged or replaced")
    return LearnedTexts(content)
