"""A corpus in chunks of whole documents, so that only one chunk is worked on at a time. Knows no features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smartcat.training.corpus.labelled_documents import LabelledDocument

_PAGES: Final = 512
_CHARACTERS: Final = 4 * 2**20


def chunks(documents: Iterable[LabelledDocument]) -> Iterator[list[LabelledDocument]]:
    """Yield documents in their order, enough at a time for vectorised work; never none."""
    chunk: list[LabelledDocument] = []
    pages = characters = 0
    for document in documents:
        chunk.append(document)
        pages += len(document.pages)
        characters += sum(map(len, document.pages))
        if pages >= _PAGES or characters >= _CHARACTERS:
            yield chunk
            chunk, pages, characters = [], 0, 0
    if chunk:
        yield chunk
