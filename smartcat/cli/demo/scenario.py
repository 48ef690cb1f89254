"""The documents of a demo: for training, for streaming, and invalid records between them. Knows no AWS."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from producers.core.kinesis_limits import DEFAULT_RECORD_BYTES
from smartcat.cli.samples.paperwork import generate
from smartcat.cli.samples.rejected_records import rejected_payloads
from smartcat.training.corpus.labelled_documents import LabelledDocument, read_labelled
from smartcat.training.errors import CorpusError
from smartcat.wire_format.document import from_fields, to_bytes
from smartcat.wire_format.errors import WireFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from smartcat.cli.samples.rejected_records import RejectedPayload

#: Share of the documents, chosen by a hash of the id, that is streamed if the corpus names no split.
STREAMED_SHARE = 0.4

#: Characters that fit into a record whatever they are: JSON takes at most six bytes for one.
SURELY_SMALL = DEFAULT_RECORD_BYTES // 8


@dataclass(frozen=True, slots=True)
class Scenario:
    """The documents of one demo run.

    Attributes:
        name: Name of the documents, for headings.
        training: Documents to train on.
        stream: Documents to stream; their labels are used for the reconciliation only.
        rejected: Invalid records, which must be rejected.
        seed: Decides the positions of the invalid records.
    """

    name: str
    training: Sequence[LabelledDocument]
    stream: Sequence[LabelledDocument]
    rejected: Sequence[RejectedPayload]
    seed: int

    def expected_labels(self) -> dict[str, str]:
        """Return the expected label of each streamed document."""
        return {document.document_id: document.label for document in self.stream}

    def in_order(self) -> Iterator[LabelledDocument | RejectedPayload]:
        """Yield the streamed documents in order, with the invalid records at random positions."""
        rng = random.Random(self.seed)  # noqa: S311 - positions, not secrets
        positions = rng.choices(range(len(self.stream)), k=len(self.rejected))
        rejected_at: dict[int, list[RejectedPayload]] = {}
        for position, payload in zip(positions, self.rejected, strict=True):
            rejected_at.setdefault(position, []).append(payload)
        for position, document in enumerate(self.stream):
            yield from rejected_at.get(position, ())
            yield document


def generated_paperwork(*, training: int, streamed: int, seed: int) -> Scenario:
    """Return a scenario of generated mortgage paperwork.

    Args:
        training: Number of documents to train on.
        streamed: Number of other documents to stream.
        seed: The same seed gives the same scenario.
    """
    documents = [
        LabelledDocument(document_id=made.document_id, label=made.label, pages=made.pages, split=None)
        for made in generate(training + streamed, seed=seed)
    ]
    return Scenario(
        "generated mortgage paperwork",
        documents[:training],
        documents[training:],
        rejected_payloads(seed),
        seed,
    )


def labelled_documents(path: Path, *, seed: int) -> Scenario:
    """Return a scenario of the user's labelled documents.

    Documents whose ``split`` is "test" are streamed, the others are for training. If no document names a
    split, a hash of the id decides.

    Raises:
        CorpusError: The file is not labelled JSON lines, or one side of the split is empty.
    """
    documents = list(read_labelled(path))
    named = any(document.split for document in documents)
    streamed = [document for document in documents if _is_streamed(document, named_splits=named)]
    training = [document for document in documents if not _is_streamed(document, named_splits=named)]
    if not training or not streamed:
        purpose = "train on" if not training else "stream"
        message = (
            f"{path}: no document to {purpose}: the demo needs documents with the splits 'train' and 'test', "
            "or documents without a split"
        )
        raise CorpusError(message)
    for document in streamed:
        _check_sendable(path, document)
    return Scenario(path.name, training, streamed, rejected_payloads(seed), seed)


def _check_sendable(path: Path, document: LabelledDocument) -> None:
    """Reject at the start a document that the stream's schema would reject later."""
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
        message = f"{name}: has {size} bytes compressed; the stream accepts {DEFAULT_RECORD_BYTES}"
        raise CorpusError(message)


def _is_streamed(document: LabelledDocument, *, named_splits: bool) -> bool:
    if named_splits:
        return document.split == "test"
    digest = hashlib.blake2b(document.document_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 < STREAMED_SHARE
