"""``smartcat classify``: what the Lambda would say, offline."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from classifier.decision import shown
from smartcat.console import err, fail, one_line_errors, print_json, progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from classifier.decision import Decision
    from wire_format.document import Document

#: Documents classified in one vectorised call: large enough to be fast, small enough that memory stays flat.
BATCH = 256


def classify(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Files (.txt, .pdf, .jsonl, .csv, the last two also .gz), folders, s3://bucket/prefix,"
            " or - for JSON lines on stdin."
        ),
    ],
    *,
    model: Annotated[Path, typer.Option("--model", "-m", help="The model directory.")],
    reasons: Annotated[int, typer.Option(min=0, max=50, help="Words to name as reasons.")] = 5,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first input that cannot be read.")
    ] = False,
) -> None:
    """Classify documents on this machine: one JSON line a document, the same label as the Lambda gives.

    Example: [bold]smartcat classify --model model scans/ letter.txt > labels.jsonl[/bold]
    """
    from classifier.engine import load_classifier
    from classifier.errors import ModelError
    from smartcat.inputs import InputError, Skipped, readable_documents

    skipped = Skipped()
    done = 0
    with one_line_errors(ModelError, InputError), progress(results_flow=True) as report:
        classifier = load_classifier(model)
        for batch in _batches(readable_documents(paths, skipped, strict=strict)):
            decisions = classifier.classify([document.pages for document in batch], reasons=reasons)
            for document, decision in zip(batch, decisions, strict=True):
                print_json(as_json(document, decision, classifier.model_version))
            done += len(batch)
            report("classifying", done, 0)
    skipped.say_rest()
    if skipped.count:
        raise fail(f"{skipped.count} of the inputs could not be read; {done} documents were classified")
    if not done:
        err.print("note: the inputs hold no document")


def as_json(document: Document, decision: Decision, model_version: str) -> dict[str, Any]:
    """Give a decision as the JSON object that this command prints."""
    return {
        "document_id": document.document_id,
        "label": decision.label,
        "confidence": shown(decision.confidence),
        "decision": decision.decision,
        "page_labels": decision.page_labels,
        "candidates": [[label, shown(probability)] for label, probability in decision.candidates],
        "reasons": [[reason.word, round(reason.weight, 4)] for reason in decision.reasons],
        "model_version": model_version,
    }


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    iterator = iter(documents)
    while batch := list(islice(iterator, BATCH)):
        yield batch
