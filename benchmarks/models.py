"""How good the default model is on labelled corpora: learns on "train", judges on "test", prints a table.

    .venv/bin/python benchmarks/models.py CORPUS.jsonl.gz ...

Two peers are learned in the same run with scikit-learn alone, on the joined pages: hashed word 1-2-grams with
logistic SGD, and a tf-idf vocabulary with LinearSVC.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from classifier.engine import load_classifier
from training.corpus import LabelledDocument, read_labelled
from training.evaluate import evaluate
from training.fit import train


def peers() -> dict[str, Pipeline]:
    """Give what a data scientist would try first."""
    return {
        "hashing + SGD": make_pipeline(
            HashingVectorizer(ngram_range=(1, 2)), SGDClassifier(loss="log_loss", alpha=1e-5, random_state=0)
        ),
        "tf-idf + LinearSVC": make_pipeline(TfidfVectorizer(sublinear_tf=True), LinearSVC(random_state=0)),
    }


def peer_accuracy(model: Pipeline, learn: list[LabelledDocument], unseen: list[LabelledDocument]) -> float:
    """Train and judge a peer on the joined pages of each document."""
    model.fit(["\n".join(document.pages) for document in learn], [document.label for document in learn])
    answers = model.predict(["\n".join(document.pages) for document in unseen])
    right: int = sum(answer == document.label for answer, document in zip(answers, unseen, strict=True))
    return right / len(unseen)


def row(corpus: Path) -> str:
    """Measure one corpus and give its row of the table."""
    learn = list(read_labelled(corpus, split="train"))
    unseen = list(read_labelled(corpus, split="test"))
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        train(learn).save(model, created_at="2026-01-01T00:00:00+00:00")
        size = sum(file.stat().st_size for file in model.iterdir()) / 2**20
        judged = evaluate(load_classifier(model), unseen)
    others = " | ".join(f"{peer_accuracy(model, learn, unseen):.1%}" for model in peers().values())
    name = corpus.name.partition(".")[0]
    return (
        f"| {name} | {judged.accuracy:.1%} | {judged.macro_f1:.1%} | {judged.ece:.3f} "
        f"| {judged.coverage:.1%} | {judged.accepted_accuracy or 0:.1%} | {size:.1f} | {others} |"
    )


def main() -> None:
    """Print the table."""
    if len(sys.argv) < 2:
        sys.exit("usage: models.py CORPUS.jsonl.gz ...")
    print(
        "| corpus | accuracy | macro-F1 | ECE | accepted | of those right | MiB | "
        + " | ".join(peers())
        + " |"
    )
    print("| --- |" + " ---: |" * (6 + len(peers())))
    for corpus in map(Path, sys.argv[1:]):
        print(row(corpus), flush=True)


if __name__ == "__main__":
    main()
