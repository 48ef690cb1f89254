"""The fingerprint of a corpus: the same documents in the same order have the same one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartcat.training.corpus.labelled_documents import LabelledDocument


class Fingerprint:
    """SHA-256 over ids, labels and texts of documents, in the order they are added."""

    def __init__(self) -> None:
        """Start with no document."""
        self._digest = hashlib.sha256()

    def add(self, document: LabelledDocument) -> None:
        """Add the id, the labels and the texts of a document."""
        fields = (document.document_id, document.label, *(document.page_labels or ()), *document.pages)
        for text in fields:
            content = text.encode(errors="replace")
            self._digest.update(len(content).to_bytes(8, "little"))
            self._digest.update(content)

    def hexdigest(self) -> str:
        """Return the fingerprint of what was added so far."""
        return self._digest.hexdigest()
