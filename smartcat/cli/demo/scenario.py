"""What the demo plays: documents to learn from, documents to stream, poison between them. No AWS here."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from producers.core.kinesis_limits import DEFAULT_RECORD_BYTES
from smartcat.cli.samples.paperwork import generate
from smartcat.cli.samples.poison import poison_payloads
from smartcat.training.corpus.labelled_documents import LabelledDocument, read_labelled
from smartcat.training.errors import CorpusError
from smartcat.wire_format.document import from_fields, to_bytes
from smartcat.wire_format.errors import WireFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from smartcat.cli.samples.poison import PoisonPayload

#: Where a corpus names no split, this share of its documents (chosen by a hash of the id) is streamed.
STREAMED_SHARE = 0.4

#: Characters that fit into a record however they are written: JSON takes six bytes for the worst of them.
SURELY_SMALL = DEFAULT_RECORD_BYTES // 8


@dataclass(frozen=True, slots=True)
class Scenario:
    """The cast of one demo run.

    Attributes:
        name: what the documents are, for headings.
        training: documents to learn from, with their labels.
        stream: documents to push, whose labels only the account looks at.
        poison: records that no processor can turn into a document.
        seed: decides where the poison stands in the stream.
    """

    name: str
    training: Sequence[LabelledDocument]
    stream: Sequence[LabelledDocument]
    poison: Sequence[PoisonPayload]
    seed: int

    def expected_labels(self) -> dict[str, str]:
        """Give the right label of each streamed document."""
        return {document.document_id: document.label for document in self.stream}

    def in_order(self) -> Iterator[LabelledDocument | PoisonPayload]:
        """Give the streamed documents in order with the poison at random places between them."""
        chance = random.Random(self.seed)  # noqa: S311 - places, not secrets
        places = chance.choices(range(len(self.stream)), k=len(self.poison))
        poison_at: dict[int, list[PoisonPayload]] = {}
        for place, payload in zip(places, self.poison, strict=True):
            poison_at.setdefault(place, []).append(payload)
        for place, document in enumerate(self.stream):
            yield from poison_at.get(place, ())
            yield document


def generated_paperwork(*, training: int, streamed: int, seed: int) -> Scenario:
    """Make a scenario of generated mortgage paperwork.

    Args:
        training: how many documents to learn from.
        streamed: how many other documents to stream.
        seed: the same seed gives the same scenario.
    """
    documents = [
        LabelledDocument(document_id=made.document_id, label=made.label, pages=made.pages, split=None)
        for made in generate(training + streamed, seed=seed)
    ]
    return Scenario(
        "generated mortgage paperwork",
        documents[:training],
        documents[training:],
        poison_payloads(seed),
        seed,
    )


def own_documents(path: Path, *, seed: int) -> Scenario:
    """Make a scenario of somebody's labelled documents.

    Documents whose ``split`` is "test" are streamed and the others learned from; where no document names
    a split, a hash of the id decides.

    Raises:
        CorpusError: the file is not labelled JSON lines, or one side of the split is empty.
    """
    documents = list(read_labelled(path))
    named = any(document.split for document in documents)
    streamed = [document for document in documents if _is_streamed(document, named_splits=named)]
    training = [document for document in documents if not _is_streamed(document, named_splits=named)]
    if not training or not streamed:
        side = "learn from" if not training else "stream"
        message = (
            f"{path}: no document to {side}: the demo needs some with the split 'train' and some with "
            "'test', or none with a split"
        )
        raise CorpusError(message)
    for document in streamed:
        _check_sendable(path, document)
    return Scenario(path.name, training, streamed, poison_payloads(seed), seed)


def _check_sendable(path: Path, document: LabelledDocument) -> None:
    """Refuse before the start what the stream's schema would refuse in the middle."""
    name = f"{path}: document {document.document_id[:80]!r}"
    try:
        sent = from_fields({"document_id": document.document_id, "pages": list(document.pages)})
    except WireFormatError as error:
        message = f"{name}: {error.detail}"
        raise CorpusError(message) from error
    if sum(map(len, document.pages)) < SURELY_SMALL:
        return
    size = len(to_bytes(sent)) + len(document.document_id.encode())
    if size > DEFAULT_RECORD_BYTES:
        message = f"{name}: takes {size} bytes compressed, and the stream takes {DEFAULT_RECORD_BYTES}"
        raise CorpusError(message)


def _is_streamed(document: LabelledDocument, *, named_splits: bool) -> bool:
    if named_splits:
        return document.split == "test"
    digest = hashlib.blake2b(document.document_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 < STREAMED_SHARE
