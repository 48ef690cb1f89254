"""``smartcat evaluate``: evaluate a model on labelled documents that it was not trained on."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartcat.cli.commands.options import EngineOption
from smartcat.cli.console import err, one_line_errors, out, print_json, progress, visible

if TYPE_CHECKING:
    from smartcat.classifier.classifier import Classifier
    from smartcat.cli.evaluation_report.model_card import ModelCard
    from smartcat.training.evaluation.results import Evaluation
    from smartcat.training.evaluation.strangers import StrangerEvaluation
    from smartcat.training.progress import Progress


def evaluate(
    model: Annotated[Path, typer.Argument(help="Model directory.")],
    corpus: Annotated[list[Path], typer.Argument(help="Labelled documents: JSON lines, plain or gzip.")],
    *,
    split: Annotated[
        str | None, typer.Option(help="Use only documents whose field 'split' has this value.")
    ] = None,
    join_pages: Annotated[
        bool,
        typer.Option("--join-pages", help="Join lines with the same document_id as pages of one document."),
    ] = False,
    stacks: Annotated[
        bool,
        typer.Option(
            "--stacks", help="Join the documents into stacks of scans, and evaluate how they are split."
        ),
    ] = False,
    stack_size: Annotated[
        int | None, typer.Option(min=1, help="With --stacks: documents per stack.", show_default="all")
    ] = None,
    strangers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Documents of kinds that no label covers (JSON lines; labels are ignored): how many of them"
            " the model accepts.",
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a self-contained HTML report with plots.")
    ] = None,
    worst: Annotated[
        int, typer.Option(min=0, max=1000, help="Number of wrong documents to list, most confident first.")
    ] = 20,
    reasons: Annotated[
        int, typer.Option(min=0, max=50, help="Words to list as reasons for each of them (page text).")
    ] = 0,
    everything: Annotated[bool, typer.Option("--all", help="Print all rows, not only the worst.")] = False,
    engine: EngineOption = "auto",
    json: Annotated[bool, typer.Option("--json", help="Print the evaluation as JSON.")] = False,
) -> None:
    """Evaluate a model: coverage, accuracy, calibration and confused labels.

    No page text is printed or written, except for the words of --reasons.

    Example: [bold]smartcat evaluate model unseen.jsonl --html report.html[/bold]
    """
    from smartcat.classifier.classifier import load_classifier
    from smartcat.classifier.errors import ClassifierError
    from smartcat.cli.evaluation_report.model_card import read_model_card
    from smartcat.cli.evaluation_report.page_stream_segmentation import evaluate_and_show
    from smartcat.cli.evaluation_report.terminal_report import show
    from smartcat.cli.inputs import InputError
    from smartcat.training.corpus.labelled_documents import read_labelled
    from smartcat.training.corpus.learned_texts import read_learned_texts
    from smartcat.training.corpus.pages import by_page
    from smartcat.training.corpus.pages import join_pages as joined
    from smartcat.training.errors import LearningError
    from smartcat.training.evaluation.evaluate import evaluate as run_evaluation

    rows = chain.from_iterable(read_labelled(path, split=split) for path in corpus)
    documents = joined(rows) if join_pages else rows
    if stacks:
        evaluate_and_show(model, documents, engine=engine, size=stack_size, as_json=json)
        return
    if stack_size is not None:
        raise typer.BadParameter("expected together with --stacks", param_hint="--stack-size")
    with one_line_errors(ClassifierError, InputError, LearningError), progress() as report:
        if html is not None:
            from smartcat.cli.html.page import check_writable

            check_writable(html)
        classifier = load_classifier(model, engine)
        manifest = classifier.model.manifest
        evaluation = run_evaluation(
            classifier,
            by_page(documents),
            progress=report,
            worst=worst,
            reasons=reasons,
            learned=None if manifest is None else read_learned_texts(model, manifest.training),
        )
        unknown = _strangers(classifier, strangers, report) if strangers is not None else None
    model_card = read_model_card(model.resolve().name, classifier)
    try:
        if html is not None:
            with one_line_errors():
                _write_page(html, evaluation, model_card, corpus, split)
    finally:
        # A full disk must not lose the result of a long evaluation.
        if json:
            print_json(evaluation.to_dict() | ({"strangers": unknown.to_dict()} if unknown else {}))
        else:
            show(out, evaluation, everything=everything, held_out=model_card.held_out_accuracy)
        _note_unknown(evaluation)
        if unknown and not json:
            low, high = unknown.interval
            out.print(
                f"Of {unknown.documents:,} documents of kinds that no label covers, {unknown.share:.1%} were"
                f" accepted (95% confidence interval {low:.1%} to {high:.1%})."
            )
    if html is not None and not json:
        out.print(f"Report: {visible(str(html))}")


def _strangers(classifier: Classifier, path: Path, report: Progress) -> StrangerEvaluation:
    from smartcat.cli.inputs import Skipped, readable_documents
    from smartcat.training.evaluation.strangers import evaluate_strangers

    documents = readable_documents([str(path)], Skipped(), strict=True)
    return evaluate_strangers(classifier, (document.pages for document in documents), progress=report)


def _write_page(
    path: Path, evaluation: Evaluation, model_card: ModelCard, corpus: list[Path], split: str | None
) -> None:
    from smartcat.cli.evaluation_report.html_report import RecordPosition, write_report

    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_report(
        path, evaluation, model_card, RecordPosition(tuple(file.name for file in corpus), split, now)
    )


def _note_unknown(evaluation: Evaluation) -> None:
    from smartcat.cli.evaluation_report.summary_text import unknown

    named, others, documents_of_others = unknown(evaluation)
    for label, documents in named:
        err.print(
            f"note: the model does not know the label '{visible(label)}' "
            f"({documents} documents, all counted as wrong)"
        )
    if others:
        err.print(f"note: nor does it know {others} other labels ({documents_of_others} documents)")
