"""Evaluates the page stream segmentation of a model on joined documents (``evaluate --stacks``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from smartcat.classifier.classifier import load_classifier
from smartcat.classifier.errors import ClassifierError
from smartcat.cli.console import err, one_line_errors, out, print_json, progress
from smartcat.cli.evaluation_report.summary_text import learned_from
from smartcat.training.corpus.learned_texts import read_learned_texts
from smartcat.training.errors import LearningError
from smartcat.training.evaluation.segmentation import evaluate_segmentation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from smartcat.classifier.scorer import EngineChoice
    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.corpus.learned_texts import LearnedTexts
    from smartcat.training.evaluation.segmentation import BoundaryScores, SegmentationEvaluation


def evaluate_and_show(
    model: Path,
    documents: Iterable[LabelledDocument],
    *,
    engine: EngineChoice,
    size: int | None,
    as_json: bool,
) -> None:
    """Evaluate how a model splits stacks of scans, and print the result.

    Args:
        model: The model directory.
        documents: Documents that it was not trained on.
        engine: The scoring engine.
        size: Documents per stack; ``None`` for one stack of all.
        as_json: Whether to print JSON.
    """
    seen = 0

    def counted(learned: LearnedTexts | None) -> Iterator[LabelledDocument]:
        nonlocal seen
        for document in documents:
            seen += learned is not None and learned.holds(document)
            yield document

    with one_line_errors(ClassifierError, LearningError), progress() as report:
        classifier = load_classifier(model, engine)
        manifest = classifier.model.manifest
        learned = None if manifest is None else read_learned_texts(model, manifest.training)
        evaluation = evaluate_segmentation(classifier, counted(learned), size=size, progress=report)
    warning = learned_from(seen, evaluation.documents)
    if warning:
        err.print("note:", warning)
    if as_json:
        print_json(evaluation.to_dict())
    else:
        _show(evaluation)


def _show(evaluation: SegmentationEvaluation) -> None:
    title = f"{evaluation.documents} documents with {evaluation.pages} pages in {evaluation.stacks} stacks"
    table = Table(title=title, title_justify="left")
    table.add_column("first page of a document")
    for name in ("accuracy", "kappa", "precision", "recall", "F1"):
        table.add_column(name, justify="right")
    table.add_row("page stream segmentation", *_cells(evaluation.cuts))
    if evaluation.alone is not None:
        table.add_row("each page alone", *_cells(evaluation.alone))
    out.print(table)
    out.print(f"{evaluation.whole:.1%} of the documents were split exactly")
    if evaluation.labelled is not None:
        out.print(
            f"{evaluation.labelled:.1%} of those with one label were split exactly and labelled correctly"
        )
    right = "-" if evaluation.accepted_whole is None else f"{evaluation.accepted_whole:.1%}"
    out.print(f"{evaluation.accepted} of {evaluation.pieces} accepted, {right} of them right")


def _cells(cuts: BoundaryScores) -> tuple[str, ...]:
    shares = (cuts.precision, cuts.recall, cuts.f1)
    return (f"{cuts.accuracy:.1%}", f"{cuts.kappa:.3f}", *(f"{share:.3f}" for share in shares))
