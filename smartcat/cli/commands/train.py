"""``smartcat train``: train a model on labelled documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smartcat.cli.console import err, one_line_errors, out, print_json, progress, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartcat.training.corpus import LabelledDocument
    from smartcat.training.fit import TrainedModel
    from smartcat.training.options import TrainOptions


class Features(StrEnum):
    """Feature sets; ``smartcat.training.options.FEATURE_SETS`` defines each."""

    AUTO = "auto"
    WORDS = "words"
    CHARACTERS = "characters"
    BOTH = "both"
    WORDS_AND_HEAD = "words-and-head"
    CHARACTERS_AND_HEAD = "characters-and-head"
    ALL = "all"


def train(
    corpus: Annotated[list[Path], typer.Argument(help="Labelled documents: JSON lines, plain or gzip.")],
    *,
    model: Annotated[Path, typer.Option("--out", "-o", help="Model directory to write.")],
    split: Annotated[
        str | None, typer.Option(help="Use only documents whose field 'split' has this value.")
    ] = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Skip the model selection: use words, or --features, with three folds."),
    ] = False,
    features: Annotated[
        Features, typer.Option(help="Feature set; auto compares all of them on held-out documents.")
    ] = Features.AUTO,
    target_precision: Annotated[
        float | None,
        typer.Option(help="Choose thresholds so that this share of accepted labels is right, such as 0.99."),
    ] = None,
    review_below: Annotated[
        float, typer.Option(min=0, max=1, help="Confidence below which a document goes to review.")
    ] = 0.5,
    join_pages: Annotated[
        bool,
        typer.Option("--join-pages", help="Join lines with the same document_id as pages of one document."),
    ] = False,
    size: Annotated[
        float, typer.Option(min=0.1, max=500, help="Approximate maximum size of the compressed model in MB.")
    ] = 5.0,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same model.")] = 0,
    feedback: Annotated[
        Path | None, typer.Option(help="Corrections, as written by smartcat feedback --export.")
    ] = None,
    stream: Annotated[
        bool,
        typer.Option("--stream", help="Train in passes over the disk, even if the corpus fits in memory."),
    ] = False,
    memory_mb: Annotated[
        int, typer.Option(min=500, help="Memory in MB above which training streams from disk.")
    ] = 4000,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Train a model on labelled documents.

    Each line is one document: {"id": "a-1", "label": "payslip", "text": "..."}, or "pages": ["...", "..."].
    Features and hyperparameters are selected by cross-validation; [bold]--quick[/bold] skips that.

    Example: [bold]smartcat train paperwork.jsonl --out model[/bold]
    """
    from smartcat.training.artifact_writer import check_replaceable
    from smartcat.training.errors import LearningError
    from smartcat.training.feedback import FeedbackCounts, read_with_feedback
    from smartcat.training.memory import Budget
    from smartcat.training.story import plan

    if target_precision is not None and not 0 < target_precision < 1:
        raise typer.BadParameter(
            "expected a share above 0 and below 1, such as 0.99", param_hint="--target-precision"
        )
    with one_line_errors(LearningError):
        check_replaceable(model)
        model.absolute().parent.mkdir(parents=True, exist_ok=True)
        options = replace(
            _options(features, quick=quick),
            seed=seed,
            review_below=review_below,
            target_precision=target_precision,
            max_bytes=int(size * 1_000_000),
        )
        counts = FeedbackCounts()

        def read() -> Iterator[LabelledDocument]:
            nonlocal counts
            counts = FeedbackCounts()
            return read_with_feedback(corpus, feedback, counts, split=split, join=join_pages)

        budget = Budget(memory_mb * 1_000_000)
        with progress() as report:
            planned = plan(read, options=options, budget=budget, stream=stream, progress=report)
            if planned.streams:
                err.print("note:", planned.describe())
            trained = planned.train(directory=model.absolute().parent, progress=report)
        trained.save(model, created_at=datetime.now(UTC).isoformat(timespec="seconds"))
    for warning in (*counts.notes(), *trained.warnings):
        err.print("note:", visible(warning))
    _show(model, trained, streamed=planned.streams, as_json=json)


def _options(features: Features, *, quick: bool) -> TrainOptions:
    from smartcat.training.options import FEATURE_SETS, TrainOptions, Way

    if quick:
        return TrainOptions.quick(*FEATURE_SETS["words" if features is Features.AUTO else features.value])
    if features is Features.AUTO:
        return TrainOptions()
    return TrainOptions(ways=(Way(FEATURE_SETS[features.value]),))


def _show(path: Path, trained: TrainedModel, *, streamed: bool, as_json: bool) -> None:
    size = sum(file.stat().st_size for file in path.iterdir())
    facts, choice = trained.facts, trained.facts.choice
    if as_json:
        print_json({"model": str(path), **_summary(trained), "streamed": streamed, "bytes": size})
        return
    strategy = "in passes over the disk" if streamed else "in memory"
    weight = "" if choice.class_weight is None else ", balanced"
    bayes = f", naive Bayes {choice.naive_bayes:g}" if choice.naive_bayes else ""
    out.print(
        f"{path}: version {trained.model.model_version}, {len(trained.model.labels)} labels from "
        f"{facts.documents} documents, {size / 1e6:.1f} MB\n"
        f"trained {strategy}: {choice.features}; {choice.loss.replace('_', ' ')}, C {choice.regularisation:g}"
        f"{weight}{bayes}" + (f"; the best of {len(facts.tried)} candidates" if facts.tried else "") + "\n"
        f"held out: accuracy {facts.held_out_accuracy:.1%} on {facts.held_out_documents} documents,"
        f" calibration error {facts.held_out_ece:.3f}; {facts.held_out_coverage:.1%} accepted,"
        f" {facts.held_out_precision:.1%} of them right\n"
        f"size: {trained.model.kept} of {facts.features} features kept, at a cost of "
        f"{100 * (facts.unpruned_accuracy - facts.held_out_accuracy):+.2f} percentage points of accuracy",
    )


def _summary(trained: TrainedModel) -> dict[str, Any]:
    facts = trained.facts
    return {
        "model_version": trained.model.model_version,
        "documents": facts.documents,
        "labels": len(trained.model.labels),
        "features": facts.choice.features,
        "compared": len(facts.tried),
        "held_out_accuracy": facts.held_out_accuracy,
        "held_out_ece": facts.held_out_ece,
        "held_out_coverage": facts.held_out_coverage,
        "held_out_precision": facts.held_out_precision,
        "unpruned_accuracy": facts.unpruned_accuracy,
        "kept_features": trained.model.kept,
        "thresholds": dict(zip(trained.model.labels, trained.model.rule.thresholds, strict=True)),
    }
