"""``smartcat train``: labelled documents in, a model directory out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from smartcat.cli.console import err, one_line_errors, out, print_json, progress, visible
from smartcat.training.hyperparameter_table import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartcat.classifier.manifest import TrainingFacts
    from smartcat.training.corpus.corpus_report import CorpusReport
    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.hyperparameters import TrainingOptions
    from smartcat.training.trained_model import TrainedModel


_MEGABYTE: Final = 1_000_000


class Features(StrEnum):
    """What text is cut into; ``smartcat.training.hyperparameters.FEATURE_SETS`` says what each is."""

    AUTO = "auto"
    WORDS = "words"
    CHARACTERS = "characters"
    BOTH = "both"
    WORDS_AND_HEAD = "words-and-head"
    CHARACTERS_AND_HEAD = "characters-and-head"
    ALL = "all"


_DEFAULT_FEATURES: Final = Features(BY_NAME["features"].default)


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
    thorough: Annotated[bool, typer.Option("--thorough", help=BY_NAME["thorough"].help)] = False,
    features: Annotated[Features, typer.Option(help=BY_NAME["features"].help)] = _DEFAULT_FEATURES,
    target_precision: Annotated[
        float | None,
        typer.Option(help=BY_NAME["target_precision"].help),
    ] = BY_NAME["target_precision"].default,
    review_below: Annotated[
        float,
        typer.Option(
            min=BY_NAME["review_below"].minimum,
            max=BY_NAME["review_below"].maximum,
            help=BY_NAME["review_below"].help,
        ),
    ] = BY_NAME["review_below"].default,
    join_pages: Annotated[
        bool,
        typer.Option("--join-pages", help="Join lines with the same document_id as pages of one document."),
    ] = False,
    size: Annotated[
        float,
        typer.Option(
            min=0.1,
            max=BY_NAME["max_bytes"].maximum // _MEGABYTE,
            help=f"{BY_NAME['max_bytes'].help} In megabytes.",
        ),
    ] = BY_NAME["max_bytes"].default / _MEGABYTE,
    seed: Annotated[
        int,
        typer.Option(min=BY_NAME["seed"].minimum, max=BY_NAME["seed"].maximum, help=BY_NAME["seed"].help),
    ] = BY_NAME["seed"].default,
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
    suspects: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Write the documents whose label may be wrong, likeliest first, as corrections to review.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Train a model on labelled documents.

    Each line is one document: {"id": "a-1", "label": "payslip", "text": "..."}, or "pages": ["...", "..."].
    Features and hyperparameters are selected by cross-validation; [bold]--quick[/bold] skips that,
    [bold]--thorough[/bold] takes minutes over it.

    Example: [bold]smartcat train paperwork.jsonl --out model[/bold]
    """
    from smartcat.training.corpus.feedback import FeedbackCounts, read_with_feedback
    from smartcat.training.errors import LearningError
    from smartcat.training.model_writer import check_replaceable
    from smartcat.training.out_of_core.memory_budget import MemoryBudget
    from smartcat.training.strategy import choose_strategy

    if quick and thorough:
        raise typer.BadParameter("--quick compares nothing, --thorough everything", param_hint="--thorough")
    if not BY_NAME["target_precision"].accepts(target_precision):
        raise typer.BadParameter(
            f"expected a share {BY_NAME['target_precision'].range}, such as 0.99",
            param_hint="--target-precision",
        )
    with one_line_errors(LearningError):
        check_replaceable(model)
        model.absolute().parent.mkdir(parents=True, exist_ok=True)
        options = replace(
            _options(features, quick=quick, thorough=thorough),
            seed=seed,
            review_below=review_below,
            target_precision=target_precision,
            max_bytes=int(size * _MEGABYTE),
            suspects=suspects is not None,
        )
        counts = FeedbackCounts()

        def read() -> Iterator[LabelledDocument]:
            nonlocal counts
            counts = FeedbackCounts()
            return read_with_feedback(corpus, feedback, counts, split=split, join=join_pages)

        budget = MemoryBudget(memory_mb * 1_000_000)
        with progress() as report:
            strategy = choose_strategy(
                read,
                options=options,
                budget=budget,
                stream=stream,
                progress=report,
                without_spaces=_characters(options) if features is Features.AUTO else None,
            )
            if strategy.out_of_core:
                err.print("note:", strategy.describe())
            trained = strategy.train(directory=model.absolute().parent, progress=report, on_report=_say)
        trained.save(model, created_at=datetime.now(UTC).isoformat(timespec="seconds"))
        if suspects is not None:
            _write_suspects(suspects, trained)
    for warning in (*counts.notes(), *trained.warnings):
        err.print("note:", visible(warning))
    _show(model, trained, streamed=strategy.out_of_core, as_json=json)


def _options(features: Features, *, quick: bool, thorough: bool) -> TrainingOptions:
    from smartcat.training.hyperparameters import (
        FEATURE_SETS,
        THOROUGH_DOCUMENTS,
        Hyperparameters,
        TrainingOptions,
        feature_spec,
    )

    if quick:
        return TrainingOptions.quick(*FEATURE_SETS["words" if features is Features.AUTO else features.value])
    options = TrainingOptions()
    if features is not Features.AUTO:
        options = TrainingOptions((Hyperparameters(feature_spec(*FEATURE_SETS[features.value])),))
    if not thorough:
        return options
    return replace(options, thorough=True, max_selection_documents=THOROUGH_DOCUMENTS)


def _characters(options: TrainingOptions) -> TrainingOptions:
    """Return options that learn from characters: without spaces a word is a whole sentence."""
    from smartcat.training.hyperparameters import FEATURE_SETS, Hyperparameters, feature_spec

    names = ("characters",) if len(options.candidates) == 1 else ("characters", "characters-and-head")
    return replace(
        options, candidates=tuple(Hyperparameters(feature_spec(*FEATURE_SETS[name])) for name in names)
    )


def _say(report: CorpusReport) -> None:
    for note in report.notes():
        err.print("note:", visible(note))


def _write_suspects(path: Path, trained: TrainedModel) -> None:
    from json import dumps

    from producers.atomic_file import replace_file

    found = trained.suspects or ()
    content = "".join(dumps(each.to_row(), ensure_ascii=False) + "\n" for each in found)
    replace_file(path, content.encode())
    err.print(
        visible(
            f"note: of {trained.facts.held_out_documents} held-out documents {len(found)} may have a wrong"
            f" label; look through {path} before you use it as corrections"
        )
    )


def _show(path: Path, trained: TrainedModel, *, streamed: bool, as_json: bool) -> None:
    from smartcat.training.hyperparameters import summarize

    size = sum(file.stat().st_size for file in path.iterdir())
    facts, choice = trained.facts, trained.facts.choice
    if as_json:
        print_json({"model": str(path), **_summary(trained), "streamed": streamed, "bytes": size})
        return
    strategy = "in passes over the disk" if streamed else "in memory"
    lines = [
        (
            f"{path}: version {trained.model.model_version}, {len(trained.model.labels)} labels from "
            f"{facts.documents} documents, {size / 1e6:.1f} MB"
        ),
        f"trained {strategy}: {choice.features}; {summarize(choice)}"
        + (f"; the best of {len(facts.tried)} candidates" if facts.tried else ""),
        (
            f"held out: accuracy {facts.held_out_accuracy:.1%} on {facts.held_out_documents} documents,"
            f" calibration error {facts.held_out_ece:.3f}; {facts.held_out_coverage:.1%} accepted,"
            f" {facts.held_out_precision:.1%} of them right"
        ),
        _strangers(facts),
        _promise(facts),
        (
            f"size: {trained.model.kept} of {facts.features} features kept, at a cost of "
            f"{100 * (facts.unpruned_accuracy - facts.held_out_accuracy):+.2f} percentage points of accuracy"
        ),
    ]
    for line in filter(None, lines):
        out.print(line)


def _strangers(facts: TrainingFacts) -> str:
    """Return what became of documents of left-out labels; nothing where none was left out."""
    if facts.strangers_accepted is None or facts.strangers_own_review is None:
        return ""
    return (
        f"strangers: of kinds never seen, about {facts.strangers_accepted:.0%} would be accepted;"
        f" {facts.strangers_own_review:.0%} of your own go to review for it"
    )


def _promise(facts: TrainingFacts) -> str:
    """Return what was promised, and its price; nothing where nothing was."""
    from smartcat.training.calibration.thresholds import PROMISE

    if facts.target_precision is None or not facts.held_out_coverage:
        return ""
    return (
        f"promise: with {PROMISE:.0%} probability, on documents like these, at least"
        f" {facts.target_precision:.1%} of what is accepted is right; the price is that"
        f" {1 - facts.held_out_coverage:.1%} are for review"
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
        "held_out_accuracy_interval": facts.held_out_accuracy_interval,
        "held_out_ece_interval": facts.held_out_ece_interval,
        "label_noise": facts.label_noise,
        "strangers_accepted": facts.strangers_accepted,
        "strangers_own_review": facts.strangers_own_review,
        "unpruned_accuracy": facts.unpruned_accuracy,
        "kept_features": trained.model.kept,
        "held_out_without_evidence": facts.without_evidence,
        "corpus": trained.report.to_dict(),
        "suspects": None if trained.suspects is None else len(trained.suspects),
        "thresholds": dict(zip(trained.model.labels, trained.model.rule.thresholds, strict=True)),
    }
