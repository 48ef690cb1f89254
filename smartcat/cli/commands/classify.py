"""``smartcat classify``: classify documents offline, as the Lambda function does."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smartcat.classifier.decision import round_probability
from smartcat.cli.commands.options import PATHS_HELP, EngineOption, StackOption, StrictOption
from smartcat.cli.console import err, fail, one_line_errors, print_json, progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from smartcat.classifier.classifier import Classifier
    from smartcat.classifier.decision import Decision
    from smartcat.classifier.page_stream_segmentation import Segment
    from smartcat.wire_format.document import Document

#: Documents classified per vectorised call: enough to be fast, few enough to need little memory.
BATCH = 256


def classify(
    paths: Annotated[
        list[str],
        typer.Argument(help=PATHS_HELP),
    ],
    *,
    model: Annotated[Path, typer.Option("--model", "-m", help="Model directory.")],
    reasons: Annotated[int, typer.Option(min=0, max=50, help="Words to list as reasons.")] = 5,
    stack: StackOption = False,
    strict: StrictOption = False,
    engine: EngineOption = "auto",
) -> None:
    """Classify documents on this machine: one JSON line per document, with the label the Lambda would give.

    Example: [bold]smartcat classify --model model scans/ letter.txt > labels.jsonl[/bold]
    """
    from smartcat.classifier.classifier import load_classifier
    from smartcat.classifier.errors import ClassifierError
    from smartcat.cli.inputs import InputError, Skipped, readable_documents

    skipped = Skipped()
    done = 0
    with one_line_errors(ClassifierError, InputError), progress(results_flow=True) as report:
        classifier = load_classifier(model, engine)
        for batch in _batches(readable_documents(paths, skipped, strict=strict)):
            for prediction in _predictions(classifier, batch, reasons, stack=stack):
                print_json(prediction)
            done += len(batch)
            report("classifying", done, 0)
    skipped.print_rest()
    if skipped.count:
        raise fail(f"{skipped.count} inputs could not be read; {done} documents were classified")
    if not done:
        err.print("note: the inputs contain no documents")


def as_json(document: Document, decision: Decision, model_version: str) -> dict[str, Any]:
    """Return a decision as the JSON object that this command prints."""
    return {
        "document_id": document.document_id,
        "label": decision.label,
        "confidence": round_probability(decision.confidence),
        "decision": decision.decision,
        "why": decision.why,
        "page_labels": decision.page_labels,
        "candidates": [[label, round_probability(probability)] for label, probability in decision.candidates],
        "reasons": [[reason.word, round(reason.weight, 4)] for reason in decision.reasons],
        "model_version": model_version,
    }


def stack_as_json(document: Document, pieces: Sequence[Segment], model_version: str) -> dict[str, Any]:
    """Return a stack as the JSON object that this command prints: a document, with its documents."""
    from smartcat.classifier.page_stream_segmentation import summarize

    whole = as_json(document, summarize(pieces), model_version)
    return whole | {
        "documents": [
            {
                "first": piece.first,
                "last": piece.last,
                "label": piece.label,
                "confidence": round_probability(piece.confidence),
                "decision": piece.decision,
                "why": piece.why,
                "cut": round_probability(piece.boundary_probability),
                "reasons": [
                    [reason.word, round(reason.weight, 4)] for reason in piece.document_decision.reasons
                ],
            }
            for piece in pieces
        ]
    }


def _predictions(
    classifier: Classifier, batch: Sequence[Document], reasons: int, *, stack: bool
) -> Iterator[dict[str, Any]]:
    """Yield a JSON object per document, in order; documents are classified in one call, stacks in another."""
    whole = [document for document in batch if not (stack or document.stack)]
    cut = [document for document in batch if stack or document.stack]
    decisions = iter(classifier.classify([document.pages for document in whole], reasons=reasons))
    stacks = iter(classifier.split([document.pages for document in cut], reasons=reasons))
    version = classifier.model_version
    for document in batch:
        if stack or document.stack:
            yield stack_as_json(document, next(stacks), version)
        else:
            yield as_json(document, next(decisions), version)


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    iterator = iter(documents)
    while batch := list(islice(iterator, BATCH)):
        yield batch
