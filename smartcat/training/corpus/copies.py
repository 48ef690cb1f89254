"""Equal texts: the hash that recognises one, and the pass over a corpus that leaves copies out.

Keeps hashes, labels and counts, never a text. Texts that are only nearly equal: ``near_copies``.
"""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Final

from smartcat.training.corpus.corpus_report import Conflict, CorpusReport
from smartcat.training.corpus.examples import examples_of
from smartcat.training.corpus.unspaced_scripts import is_unspaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from smartcat.training.corpus.labelled_documents import LabelledDocument

MAX_CONFLICTS: Final = 5
"""Equal texts with different labels that are listed one by one."""
_HASH_BYTES: Final = 8
_PAGE_BREAK: Final = b"\xff"
"""Occurs in no UTF-8."""
_SPACES: Final = bytes(character for character in range(128) if chr(character).isspace())
_FURTHER_SPACES: Final = "\x85\u1680\u2028\u2029"
"""White space beyond ASCII that NFKC leaves as it is."""
_WORD_CHARACTER: Final = re.compile(r"\w")


def text_hash(pages: Sequence[str]) -> int:
    """Return a hash of what a document says: the same for texts that differ in case, space or Unicode form.

    Page breaks count: the label is learned for each page, so another division is another document to learn.

    Args:
        pages: The texts of its pages.

    Returns:
        64 bits of BLAKE2b. That any two of a million different texts have the same has a probability of 3e-8.
    """
    digest = hashlib.blake2b(digest_size=_HASH_BYTES)
    for page in pages:
        digest.update(_folded(page))
        digest.update(_PAGE_BREAK)
    return int.from_bytes(digest.digest(), "little")


def _folded(text: str) -> bytes:
    """Return text in small letters and one Unicode form (NFKC), without any white space."""
    if text.isascii():
        return text.lower().encode().translate(None, _SPACES)
    folded = unicodedata.normalize("NFKC", text).casefold()
    for space in _FURTHER_SPACES:
        folded = folded.replace(space, "")
    return folded.encode(errors="replace").translate(None, _SPACES)


def is_blank(pages: Sequence[str]) -> bool:
    """Return whether no page has a letter or digit."""
    return not any(map(_WORD_CHARACTER.search, pages))


class CorpusSurvey:
    """What a pass over a corpus tells of it; complete once all documents were read.

    Takes about 120 bytes a document, and what its id takes where ids are kept.

    Attributes:
        texts: Hash of each document's text, in the order yielded; see :func:`text_hash`. 0 for one without a
            letter or digit.
        examples: Hash of each example's text that is not blank; see
            :func:`smartcat.training.corpus.examples.examples_of`.
        ids: Id of each document in the order yielded, where they are kept.
    """

    def __init__(self, *, keep_ids: bool = False) -> None:
        """Start before the first document.

        Args:
            keep_ids: Whether ids are kept.
        """
        self.texts = array("Q")
        self.examples = array("Q")
        self.ids: list[str] = []
        self._keep_ids = keep_ids
        self._documents = self._copies = self._blank = self._unspaced = self._conflicting = 0
        self._conflicts: list[Conflict] = []
        self._examples_by_label: Counter[str] = Counter()
        self._label_of: dict[int, str] = {}
        self._further_labels: set[tuple[int, str]] = set()

    def distinct(self, documents: Iterable[LabelledDocument]) -> Iterator[LabelledDocument]:
        """Yield the documents without those that have the text and the label of an earlier one.

        A document that is there three times is one document: in what is learned, in which features are
        frequent, and in every figure. Equal texts with different labels are all yielded. So are documents
        without a letter or digit: they say nothing, and nothing twice.
        """
        for document in documents:
            self._documents += 1
            blank = is_blank(document.pages)
            self._blank += blank
            text = 0 if blank else text_hash(document.pages)
            if not blank and self._is_copy(text, document):
                self._copies += 1
                continue
            self.texts.append(text)
            for label, pages in examples_of(document):
                self._examples_by_label[label] += 1
                if document.page_labels is not None:
                    text = 0 if is_blank(pages) else text_hash(pages)
                if text:
                    self.examples.append(text)
            if self._keep_ids:
                self.ids.append(document.document_id)
            self._unspaced += is_unspaced(document.pages)
            yield document

    def _is_copy(self, text: int, document: LabelledDocument) -> bool:
        """Return whether a document has text and label of an earlier one; note another label of that text."""
        label = document.label if document.page_labels is None else ", ".join(document.page_labels)
        if text not in self._label_of:
            # Each line of a corpus has a label of its own to Python; one of equal ones is kept.
            self._label_of[text] = sys.intern(label)
            return False
        first = self._label_of[text]
        if label == first or (text, label) in self._further_labels:
            return True
        self._further_labels.add((text, label))
        self._conflicting += 1
        if len(self._conflicts) < MAX_CONFLICTS:
            self._conflicts.append(Conflict(document.document_id, label, first))
        return False

    def report(self) -> CorpusReport:
        """Return what was found so far; nearly equal texts and boilerplate were not looked for."""
        return CorpusReport(
            documents=self._documents,
            copies=self._copies,
            conflicting=self._conflicting,
            conflicts=tuple(self._conflicts),
            blank=self._blank,
            unspaced=self._unspaced,
            examples=dict(sorted(self._examples_by_label.items())),
        )
