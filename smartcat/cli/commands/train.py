"""``smartcat train``: labelled documents in, a model directory out."""

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
    """What text is cut into; ``smartcat.training.options.FEATURE_SETS`` says what each is."""

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
    model: Annotated[Path, typer.Option("--out", "-o", help="The model directory to write.")],
    split: Annotated[
        str | None, typer.Option(help="Only documents whose field 'split' has this value.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Compare nothing: words, or the features named, on three folds.")
    ] = False,
    features: Annotated[
        Features, typer.Option(help="What text is cut into; auto compares them all on held-out documents.")
    ] = Features.AUTO,
    target_precision: Annotated[
        float | None,
        typer.Option(
            help="Accept only where so large a share is right, such as 0.99; the rest is for review."
        ),
    ] = None,
    review_below: Annotated[
        float, typer.Option(min=0, max=1, help="Confidence below which a document is for review.")
    ] = 0.5,
    join_pages: Annotated[
        bool, typer.Option("--join-pages", help="Lines with one document_id are pages of one document.")
    ] = False,
    size: Annotated[
        float, typer.Option(min=0.1, max=500, help="Most megabytes of the model when compressed, about.")
    ] = 5.0,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same model.")] = 0,
    feedback: Annotated[
        Path | None, typer.Option(help="Corrections, as smartcat feedback --export writes them.")
    ] = None,
    stream: Annotated[
        bool, typer.Option("--stream", help="Learn in passes over the disk, however small the corpus.")
    ] = False,
    memory_mb: Annotated[
        int, typer.Option(min=500, help="Megabytes of memory above which training streams by itself.")
    ] = 4000,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Learn a model from labelled documents.

    Each line is one document: {"id": "a-1", "label": "payslip", "text": "..."}, or "pages": ["...", "..."].
    How to learn is chosen on held-out parts of the same documents; [bold]--quick[/bold] leaves that out.

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
            _ways(features, quick=quick),
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


def _ways(features: Features, *, quick: bool) -> TrainOptions:
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
    story = "in passes over the disk" if streamed else "in memory"
    weight = "" if choice.class_weight is None else ", balanced"
    bayes = f", naive Bayes {choice.naive_bayes:g}" if choice.naive_bayes else ""
    out.print(
        f"{path}: version {trained.model.model_version}, {len(trained.model.labels)} labels from "
        f"{facts.documents} documents, {size / 1e6:.1f} MB\n"
        f"learned {story}: {choice.features}; {choice.loss.replace('_', ' ')}, C {choice.regularisation:g}"
        f"{weight}{bayes}" + (f"; the best of {len(facts.tried)} ways" if facts.tried else "") + "\n"
        f"held out: {facts.held_out_accuracy:.1%} right of {facts.held_out_documents}, calibration error "
        f"{facts.held_out_ece:.3f}; {facts.held_out_coverage:.1%} accepted, {facts.held_out_precision:.1%} "
        f"of those right\n"
        f"size: {trained.model.kept} features of {facts.features} kept, which cost "
        f"{100 * (facts.unpruned_accuracy - facts.held_out_accuracy):+.2f} points",
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
