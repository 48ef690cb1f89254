"""How good models are on labelled corpora: learns on "train", judges on "test", beside named peers.

    python -m benchmarks.models CORPUS.jsonl.gz ... [--out benchmarks/results/models.json]

Every corpus is learned with the command line's defaults: how is chosen on the training side alone. Rows that
are pages of a document are joined; where pages have labels of their own they are judged page by page. Peers
are learned in the same run on the same documents: with scikit-learn, hashed word 1-2-grams with logistic SGD
and a tf-idf vocabulary with LinearSVC, and fastText with word 2-grams where it is installed.

``--peers`` measures the peers alone again; ``--table`` prints the tables of a file and measures nothing.
"""

from __future__ import annotations

import argparse
import io
import json
import platform
import random
import sys
import tempfile
import time
import zipfile
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import cohen_kappa_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from smartcat.classifier.classifier import load_classifier
from smartcat.classifier.manifest import LEARNED_TEXTS, Trial
from smartcat.training.corpus.labelled_documents import read_labelled
from smartcat.training.corpus.pages import by_page, join_pages
from smartcat.training.evaluation.evaluate import evaluate
from smartcat.training.hyperparameters import summarize
from smartcat.training.train import train

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smartcat.classifier.classifier import Classifier
    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.trained_model import TrainedModel

SEED = 0


def sklearn_peers() -> dict[str, Pipeline]:
    """Return the pipelines that a data scientist would try first."""
    return {
        "hashing + SGD": make_pipeline(
            HashingVectorizer(ngram_range=(1, 2)),
            SGDClassifier(loss="log_loss", alpha=1e-5, random_state=SEED),
        ),
        "tf-idf + LinearSVC": make_pipeline(TfidfVectorizer(sublinear_tf=True), LinearSVC(random_state=SEED)),
    }


def joined_text(document: LabelledDocument) -> str:
    """Return a document as peers take it: one text."""
    return "\n".join(document.pages)


def sklearn_answers(
    model: Pipeline, learn: Sequence[LabelledDocument], unseen: Sequence[LabelledDocument]
) -> list[str]:
    """Return a trained pipeline's answers."""
    model.fit([joined_text(each) for each in learn], [each.label for each in learn])
    answers: list[str] = model.predict([joined_text(each) for each in unseen]).tolist()
    return answers


def fasttext_answers(
    learn: Sequence[LabelledDocument], unseen: Sequence[LabelledDocument]
) -> list[str] | None:
    """Return fastText's answers after training; ``None`` if it is not installed."""
    try:
        import fasttext  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415 - it may be absent
    except ImportError:
        return None
    names = sorted({each.label for each in learn})
    number = {name: place for place, name in enumerate(names)}
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        # Page by page: of a longer line it reads the first thousand words or so. And shuffled: it takes lines
        # as they come, and forgets the labels of a sorted corpus one after another.
        lines = [(number[each.label], page) for each in learn for page in each.pages]
        random.Random(SEED).shuffle(lines)  # noqa: S311 - an order, not a secret
        file.writelines(f"__label__{label} {' '.join(page.lower().split())}\n" for label, page in lines)
        file.flush()
        model = fasttext.train_supervised(
            file.name, wordNgrams=2, epoch=25, lr=1.0, seed=SEED, thread=1, verbose=0
        )
    # The wheel's predict fails with NumPy 2 on one text; a list takes another way.
    labels, _ = model.predict([" ".join(joined_text(each).lower().split()) for each in unseen])
    return [names[int(found[0].removeprefix("__label__"))] for found in labels]


def share(answers: list[str] | None, unseen: Sequence[LabelledDocument]) -> float | None:
    """Return the share of right answers."""
    if answers is None:
        return None
    return sum(answer == each.label for answer, each in zip(answers, unseen, strict=True)) / len(unseen)


def zipped_bytes(folder: Path) -> int:
    """Return the size of a model as a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            if file.name != LEARNED_TEXTS:
                archive.write(file, file.name)
    return len(buffer.getvalue())


def judged(classifier: Classifier, unseen: Sequence[LabelledDocument]) -> dict[str, Any]:
    """Measure a classifier on documents."""
    figures = evaluate(classifier, unseen)
    answers = [said.label for said in classifier.classify([each.pages for each in unseen], reasons=0)]
    return {
        "documents": figures.documents,
        "accuracy": figures.accuracy,
        "macro_f1": figures.macro_f1,
        "kappa": float(cohen_kappa_score([each.label for each in unseen], answers)),
        "ece": figures.ece,
        "coverage": figures.coverage,
        "accepted_accuracy": figures.accepted_accuracy,
    }


def measure(corpus: Path, tell: Callable[[str], None]) -> dict[str, Any]:
    """Measure one corpus, and the peers on it."""
    learn = list(join_pages(read_labelled(corpus, split="train")))
    rows = list(read_labelled(corpus, split="test"))
    unseen = list(by_page(join_pages(rows)))
    began = time.perf_counter()
    trained = train(learn, progress=lambda stage, done, of: tell(f"{stage} {done}/{of}"))
    seconds = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        trained.save(model, created_at="2026-01-01T00:00:00+00:00")
        size = sum(file.stat().st_size for file in model.iterdir())
        zipped = zipped_bytes(model)
        classifier = load_classifier(model)
        found: dict[str, Any] = {"test": judged(classifier, unseen)}
        if len(rows) != len(unseen):
            found["pages_alone"] = judged(classifier, rows)
    return {
        **found,
        **_facts(trained),
        "seconds": seconds,
        "bytes": size,
        "zipped": zipped,
        "peers": measure_peers(corpus),
    }


def measure_peers(corpus: Path) -> dict[str, float | None]:
    """Measure the peers on one corpus."""
    learn = list(by_page(join_pages(read_labelled(corpus, split="train"))))
    unseen = list(by_page(join_pages(read_labelled(corpus, split="test"))))
    peers: dict[str, float | None] = {
        name: share(sklearn_answers(peer, learn, unseen), unseen) for name, peer in sklearn_peers().items()
    }
    peers["fastText"] = share(fasttext_answers(learn, unseen), unseen)
    return peers


def _facts(trained: TrainedModel) -> dict[str, Any]:
    facts = trained.facts
    return {
        "labels": len(trained.model.labels),
        "choice": facts.choice.model_dump(),
        "tried": [choice.model_dump() for choice in facts.tried],
        "columns": list(trained.model.columns),
        "kept": trained.model.kept,
        "features": facts.features,
        "held_out_accuracy": facts.held_out_accuracy,
        "held_out_ece": facts.held_out_ece,
        "unpruned_accuracy": facts.unpruned_accuracy,
        "held_out_documents": facts.held_out_documents,
    }


def table(results: dict[str, Any]) -> str:
    """Return the results as the table of docs/models.md."""
    peers = list(dict.fromkeys(chain.from_iterable(each["peers"] for each in results["corpora"].values())))
    lines = [
        "| corpus | judged on | accuracy | macro-F1 | kappa | ECE | accepted | of those right | zipped | "
        + " | ".join(peers)
        + " |",
        "| --- | ---: |" + " ---: |" * (7 + len(peers)),
    ]
    for name, each in results["corpora"].items():
        for what, figures in (("", each["test"]), (", pages alone", each.get("pages_alone"))):
            if figures is None:
                continue
            others = [each["peers"][peer] if not what else None for peer in peers]
            cells = [
                f"{name}{what} ({each['labels']})",
                f"{figures['documents']:,}",
                _percent(figures["accuracy"]),
                _percent(figures["macro_f1"]),
                f"{figures['kappa']:.3f}",
                _percent(figures["ece"]),
                _percent(figures["coverage"]),
                _percent(figures["accepted_accuracy"]),
                f"{each['zipped'] / 1e6:.1f} MB",
                *map(_percent, others),
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def choices(results: dict[str, Any]) -> str:
    """Return what was chosen, and what pruning cost, as a table."""
    lines = [
        (
            "| corpus | features chosen | solver | ways compared, all in seconds | held out: right, ECE "
            "| features kept | cost of pruning and rounding |"
        ),
        "| --- | --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for name, each in results["corpora"].items():
        choice = each["choice"]
        solver = summarize(Trial.model_validate(choice))
        cost = 100 * (each["unpruned_accuracy"] - each["held_out_accuracy"])
        lines.append(
            f"| {name} | {choice['features']} | {solver} | {len(each['tried'])}, {each['seconds']:.0f} s "
            f"| {_percent(each['held_out_accuracy'])}, {_percent(each['held_out_ece'])} "
            f"| {each['kept']:,} of {each['features']:,} | {cost:+.2f} points |"
        )
    return "\n".join(lines)


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def main() -> None:
    """Measure the corpora one after another, keeping what is done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpora", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/models.json"))
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    results: dict[str, Any] = {"corpora": {}}
    if arguments.out.exists():
        results = json.loads(arguments.out.read_text(encoding="utf-8"))
    for corpus in () if arguments.table else arguments.corpora:
        name = corpus.name.partition(".")[0]
        if arguments.peers:
            results["corpora"][name]["peers"] = measure_peers(corpus)
        else:
            results["corpora"][name] = measure(
                corpus, lambda text, name=name: print(name, text, file=sys.stderr)
            )
        results["measured"] = datetime.now(UTC).date().isoformat()
        results["python"] = platform.python_version()
        arguments.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(table(results), choices(results), sep="\n\n")


if __name__ == "__main__":
    main()
