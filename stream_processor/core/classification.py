"""From documents to result items: one call for an ordinary batch, one by one only when a call fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from smartcat.classifier.page_stream_segmentation import summarize
from stream_processor.errors import ClassifierBroken, RejectRecord
from stream_processor.storage_format.quarantine_object import RejectedRecord
from stream_processor.storage_format.result_item import ResultItem, make_item

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smartcat.classifier.decision import Decision
    from smartcat.classifier.page_stream_segmentation import Segment
    from stream_processor.core.ports import DocumentClassifier
    from stream_processor.core.records import DecodedDocument

CLASSIFICATION_FAILED: Final = "classification_failed"

CALL_TEXT: Final = 4 * 1024 * 1024
"""Characters of text in one call of the classifier, unless one document alone has more.

Features take some sixty times the memory of their text for as long as a call lasts: 16 MiB cost 1 GB. Two
hundred ordinary documents are far below.
"""


class ClassificationRules(NamedTuple):
    """The configured form of results.

    Attributes:
        reasons: Words that explain a label, at most; 0 for none.
        ttl_days: Days after arrival when a result may expire; None for never.
    """

    reasons: int = 5
    ttl_days: float | None = None


@dataclass(slots=True)
class Classification:
    """What became of documents.

    Attributes:
        results: One item or rejected record for each document, in the order given.
        decisions: Every decision made: one for an ordinary document, one for each document in a stack.
    """

    results: list[ResultItem | RejectedRecord] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def extend(self, other: Classification) -> None:
        """Add what became of further documents."""
        self.results += other.results
        self.decisions += other.decisions


def classify_documents(
    documents: Sequence[DecodedDocument], classifier: DocumentClassifier, rules: ClassificationRules
) -> Classification:
    """Decide on all documents in one call of the classifier, or in a few where they are huge.

    If a call fails, each of its documents is tried alone, and those that fail alone are rejected: a defect
    met by one document must not hold up its neighbours. Before any is rejected, the classifier is asked for a
    document that it is known to decide.

    Args:
        documents: The documents; none is fine and calls nothing.
        classifier: The classifier.
        rules: The configured form of results.

    Raises:
        MemoryError: The environment is too small; no document is to blame.
        ClassifierBroken: The classifier fails on its canary document; no document is to blame.
    """
    classification = Classification()
    for part in _slices(documents):
        classification.extend(_classify_slice(part, classifier, rules))
    return classification


def _slices(documents: Sequence[DecodedDocument]) -> Iterator[Sequence[DecodedDocument]]:
    """Yield the documents of each call, cut where its text would exceed the bound; a huge one goes alone."""
    start, text = 0, 0
    for index, document in enumerate(documents):
        if index > start and text + document.text_size > CALL_TEXT:
            yield documents[start:index]
            start, text = index, 0
        text += document.text_size
    if documents:
        yield documents[start:]


def _classify_slice(
    documents: Sequence[DecodedDocument], classifier: DocumentClassifier, rules: ClassificationRules
) -> Classification:
    try:
        return _classify_together(documents, classifier, rules)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a document triggers is met again, alone, below
        classification = Classification()
        for document in documents:
            classification.extend(_classify_alone(document, classifier, rules))
    failed = [
        document
        for document, result in zip(documents, classification.results, strict=True)
        if isinstance(result, RejectedRecord)
    ]
    if failed:
        _require_sound(classifier, rules, stacks=any(each.document.stack for each in failed))
    return classification


def _require_sound(classifier: DocumentClassifier, rules: ClassificationRules, *, stacks: bool) -> None:
    """Make sure that the classifier works before a document is blamed for its failure.

    How many documents failed proves nothing: a batch may hold one document, or bad ones alone, and bisecting
    ends at batches of one. A document that is known to be good does prove it. If it fails too, the whole
    stream would go to the quarantine; a failed invocation raises the alarm, keeps the order, and is delivered
    again once the function is mended, or ends in the mapping's failure destination. If it passes, the
    documents are at fault, all of them if need be, and the stream moves on. Where stacks failed it has to
    split the same document, too.

    Raises:
        ClassifierBroken: It fails on its canary document.
    """
    failure = "no decision"
    canary = [classifier.canary_document]
    try:
        sound = len(classifier.classify(canary, reasons=rules.reasons)) == 1
        if sound and stacks:
            sound = len(classifier.split(canary, reasons=rules.reasons)) == 1
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - any failure on the canary is the classifier's own
        sound, failure = False, type(error).__name__
    if not sound:  # outside the handler: the failure's own message must not reach a traceback
        raise ClassifierBroken(
            f"the classifier fails on a document of its own model ({failure}): no record is to blame"
        )


def _classify_together(
    documents: Sequence[DecodedDocument], classifier: DocumentClassifier, rules: ClassificationRules
) -> Classification:
    classification = Classification()
    for document, (decision, segments) in zip(documents, _decide(documents, classifier, rules), strict=True):
        classification.decisions += [segment.document_decision for segment in segments] or [decision]
        classification.results.append(_result(document, decision, segments, classifier.model_version, rules))
    return classification


def _result(
    decoded: DecodedDocument,
    decision: Decision,
    segments: Sequence[Segment],
    model_version: str,
    rules: ClassificationRules,
) -> ResultItem | RejectedRecord:
    try:
        return make_item(
            decoded.document,
            decision,
            decoded.original_position,
            model_version=model_version,
            ttl_days=rules.ttl_days,
            conditional=decoded.origin is not None,
            segments=segments,
        )
    except RejectRecord as error:
        return decoded.rejected(error.reason, error.detail)


def _decide(
    documents: Sequence[DecodedDocument], classifier: DocumentClassifier, rules: ClassificationRules
) -> list[tuple[Decision, tuple[Segment, ...]]]:
    """Decide on documents in one call, and on stacks in another; only stacks have segments."""
    indices: dict[bool, list[int]] = {False: [], True: []}
    for index, document in enumerate(documents):
        indices[document.document.stack].append(index)
    pages = [document.document.pages for document in documents]
    decided: dict[int, tuple[Decision, tuple[Segment, ...]]] = {}
    if ordinary := indices[False]:
        decisions = classifier.classify([pages[index] for index in ordinary], reasons=rules.reasons)
        decided |= {index: (decision, ()) for index, decision in zip(ordinary, decisions, strict=True)}
    if stacks := indices[True]:
        split = classifier.split([pages[index] for index in stacks], reasons=rules.reasons)
        decided |= {
            index: (summarize(segments), segments) for index, segments in zip(stacks, split, strict=True)
        }
    return [decided[index] for index in range(len(documents))]


def _classify_alone(
    document: DecodedDocument, classifier: DocumentClassifier, rules: ClassificationRules
) -> Classification:
    try:
        return _classify_together([document], classifier, rules)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the document is quarantined whole, with the type as its reason
        # The type alone: the message of an unforeseen error may quote the page.
        failed = document.rejected(CLASSIFICATION_FAILED, f"failed with {type(error).__name__}")
        return Classification([failed])
