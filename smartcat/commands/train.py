"""``smartcat train``: labelled documents in, a model directory out."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smartcat.console import err, one_line_errors, out, print_json, progress, visible

if TYPE_CHECKING:
    from training.fit import TrainedModel


class Analyzer(StrEnum):
    """What n-grams are made of."""

    WORD = "word"
    CHAR_WB = "char_wb"


def train(
    corpus: Annotated[list[Path], typer.Argument(help="Labelled documents: JSON lines, plain or gzip.")],
    *,
    model: Annotated[Path, typer.Option("--out", "-o", help="The model directory to write.")],
    split: Annotated[
        str | None, typer.Option(help="Only documents whose field 'split' has this value.")
    ] = None,
    features: Annotated[int, typer.Option(min=10, max=24, help="Hashed features, as a power of two.")] = 18,
    analyzer: Annotated[
        Analyzer, typer.Option(help="Words, or characters within words for short or noisy text.")
    ] = Analyzer.WORD,
    ngrams: Annotated[tuple[int, int], typer.Option(help="Shortest and longest n-gram.")] = (1, 2),
    review_below: Annotated[
        float, typer.Option(min=0, max=1, help="Confidence below which a document is for review.")
    ] = 0.5,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same model.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Learn a model from labelled documents.

    Each line is one document: {"id": "a-1", "label": "payslip", "text": "..."}, or "pages": ["...", "..."].

    Example: [bold]smartcat train paperwork.jsonl --out model[/bold]
    """
    from training.artifact_writer import check_replaceable
    from training.corpus import read_labelled
    from training.errors import LearningError
    from training.fit import TrainOptions
    from training.fit import train as fit

    if not 1 <= ngrams[0] <= ngrams[1]:
        raise typer.BadParameter("expected two lengths, 1 or more, the shorter first", param_hint="--ngrams")
    with one_line_errors(LearningError):
        check_replaceable(model)
        model.absolute().parent.mkdir(parents=True, exist_ok=True)
        options = TrainOptions(
            n_features=2**features,
            ngram_range=ngrams,
            analyzer=analyzer.value,
            seed=seed,
            review_below=review_below,
        )
        documents = chain.from_iterable(read_labelled(path, split=split) for path in corpus)
        with progress() as report:
            trained = fit(documents, options=options, progress=report)
        trained.save(model, created_at=datetime.now(UTC).isoformat(timespec="seconds"))
    for warning in trained.warnings:
        err.print("note:", visible(warning))
    _show(model, _summary(model, trained), as_json=json)


def _summary(path: Path, trained: TrainedModel) -> dict[str, Any]:
    facts = trained.facts
    return {
        "model": str(path),
        "model_version": trained.model.model_version,
        "documents": facts.documents,
        "labels": len(trained.model.labels),
        "held_out_accuracy": facts.held_out_accuracy,
        "held_out_ece": facts.held_out_ece,
        "bytes": sum(file.stat().st_size for file in path.iterdir()),
    }


def _show(path: Path, summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(summary)
        return
    out.print(
        f"{path}: version {summary['model_version']}, "
        f"{summary['labels']} labels from {summary['documents']} documents, "
        f"{summary['bytes'] / 2**20:.1f} MiB; on held-out folds {summary['held_out_accuracy']:.1%} right, "
        f"calibration error {summary['held_out_ece']:.3f}",
    )
