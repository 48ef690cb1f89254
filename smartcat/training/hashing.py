"""Documents to counted features, a chunk at a time: only one chunk's text is in memory. Knows no solver."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.classifier.features import count_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.classifier.spec import FeaturePart, FeatureSpec
    from smartcat.training.corpus import LabelledDocument

_CHUNK_PAGES: Final = 512
_CHUNK_CHARS: Final = 4 * 2**20


class Fingerprint:
    """A checksum of documents in the order read."""

    def __init__(self) -> None:
        """Start with no document."""
        self._digest = hashlib.sha256()

    def note(self, document: LabelledDocument) -> None:
        """Add the id, the labels and the texts of a document."""
        said = (document.document_id, document.label, *(document.page_labels or ()), *document.pages)
        for text in said:
            content = text.encode(errors="replace")
            self._digest.update(len(content).to_bytes(8, "little"))
            self._digest.update(content)

    def hexdigest(self) -> str:
        """Return the checksum so far."""
        return self._digest.hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Whole documents, counted.

    Attributes:
        counts: CSR matrix of counts of each kind of n-gram, ``pages x n_features``; pages without any
            feature are left out.
        owners: Place of each page's unit in the chunk, ``(pages,)``, ascending.
        texts: Text of each page.
        names: Label of each unit.
        groups: Place of each unit's document in the chunk, ascending.
        blank_pages: Pages left out.
        blank_first: Documents of several pages of which the first was.
        blank_last: Documents of several pages of which the last was.
    """

    counts: dict[FeaturePart, Csr]
    owners: npt.NDArray[np.int64]
    texts: tuple[str, ...]
    names: tuple[str, ...]
    groups: npt.NDArray[np.int64]
    blank_pages: int
    blank_first: int
    blank_last: int


def units_of(document: LabelledDocument) -> list[tuple[str, tuple[str, ...]]]:
    """Return label and pages of each unit: the document, or each page that has a label of its own."""
    if document.page_labels is None:
        return [(document.label, document.pages)]
    return [(label, (page,)) for label, page in zip(document.page_labels, document.pages, strict=True)]


def hash_documents(
    documents: Iterable[LabelledDocument], spec: FeatureSpec, parts: Sequence[FeaturePart]
) -> Iterator[Chunk]:
    """Count the features of every page.

    Args:
        documents: What to count; read once.
        spec: What features of all parts have in common; its own parts are not looked at.
        parts: The kinds of n-grams to count.

    Yields:
        The documents, chunk by chunk, in their order.
    """
    waiting = _Waiting()
    for document in documents:
        waiting.add(document)
        if len(waiting.texts) >= _CHUNK_PAGES or waiting.chars >= _CHUNK_CHARS:
            yield waiting.counted(spec, parts)
            waiting = _Waiting()
    if waiting.names:
        yield waiting.counted(spec, parts)


@dataclass(slots=True)
class _Waiting:
    """Documents that are not counted yet."""

    texts: list[str] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    ends: list[tuple[bool, bool]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    documents: int = 0
    chars: int = 0

    def add(self, document: LabelledDocument) -> None:
        last = len(document.pages) - 1
        for label, pages in units_of(document):
            self.owners.extend(repeat(len(self.names), len(pages)))
            self.texts.extend(pages)
            self.names.append(label)
            self.groups.append(self.documents)
        self.ends.extend((last > 0 and page == 0, last > 0 and page == last) for page in range(last + 1))
        self.documents += 1
        self.chars += sum(map(len, document.pages))

    def counted(self, spec: FeatureSpec, parts: Sequence[FeaturePart]) -> Chunk:
        counted = {part: count_part(spec, part, self.texts) for part in parts}
        filled = np.zeros(len(self.texts), dtype=np.int64)
        for counts in counted.values():
            filled += np.diff(counts.indptr)
        kept = np.flatnonzero(filled)
        blank = [self.ends[place] for place in np.flatnonzero(filled == 0)]
        return Chunk(
            counts={part: counts[kept] for part, counts in counted.items()},
            owners=np.array(self.owners, dtype=np.int64)[kept],
            texts=tuple(self.texts[place] for place in kept),
            names=tuple(self.names),
            groups=np.array(self.groups, dtype=np.int64),
            blank_pages=len(blank),
            blank_first=sum(first for first, _ in blank),
            blank_last=sum(last for _, last in blank),
        )
