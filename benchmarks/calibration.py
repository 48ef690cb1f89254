"""How honest confidence is, by length and by number of pages: learns on "train", judges on "test".

    python -m benchmarks.calibration CORPUS.jsonl.gz:FEATURES ... [--out FILE]

FEATURES are those of ``smartcat train --features``; nothing is compared, as with ``--quick``. Rows that are
pages of a document are joined, and judged as documents and as pages alone. For each decile of length the
table gives the expected calibration error; "by chance" is that of a perfectly calibrated model.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smartcat.training.corpus.labelled_documents import read_labelled
from smartcat.training.corpus.pages import by_page, join_pages
from smartcat.training.evaluation.metrics import calibration_error_by_chance, expected_calibration_error
from smartcat.training.hyperparameters import FEATURE_SETS, TrainingOptions
from smartcat.training.train import train

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from smartcat.classifier.classifier import Classifier
    from smartcat.training.corpus.labelled_documents import LabelledDocument

_DECILES: Final = 10
_BATCH: Final = 256


def errors(confidences: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Return the calibration error of some documents, what chance makes of it, and both means."""
    return {
        "documents": len(right),
        "ece": expected_calibration_error(confidences, right),
        "by_chance": calibration_error_by_chance(confidences),
        "confidence": float(confidences.mean()),
        "accuracy": float(right.mean()),
    }


def judged(classifier: Classifier, documents: Sequence[LabelledDocument]) -> dict[str, Any]:
    """Measure a classifier on documents: all, each decile of their length, and each number of pages."""
    confidences, right = [], []
    for first in range(0, len(documents), _BATCH):
        batch = documents[first : first + _BATCH]
        for document, said in zip(
            batch, classifier.classify([each.pages for each in batch], reasons=0), strict=True
        ):
            confidences.append(said.confidence)
            right.append(said.label == document.label)
    sure, hit = np.array(confidences), np.array(right)
    lengths = np.array([sum(map(len, each.pages)) for each in documents])
    pages = np.array([len(each.pages) for each in documents])
    rank = np.empty(len(lengths), dtype=np.int64)
    rank[np.argsort(lengths, kind="stable")] = np.arange(len(lengths))
    decile = rank * _DECILES // len(lengths)
    sizes = {"1": pages == 1, "2-4": (pages > 1) & (pages < 5), "5-": pages > 4}
    return {
        "all": errors(sure, hit),
        "by_length": [errors(sure[decile == each], hit[decile == each]) for each in range(_DECILES)],
        "by_pages": {name: errors(sure[mask], hit[mask]) for name, mask in sizes.items() if mask.any()},
    }


def measure(corpus: Path, features: str) -> dict[str, Any]:
    """Measure one corpus."""
    learn = list(join_pages(read_labelled(corpus, split="train")))
    rows = list(read_labelled(corpus, split="test"))
    unseen = list(by_page(join_pages(rows)))
    classifier = train(learn, options=TrainingOptions.quick(*FEATURE_SETS[features])).classifier()
    found = {"": judged(classifier, unseen)}
    if len(rows) != len(unseen):
        found[", pages alone"] = judged(classifier, rows)
    return found


def table(results: dict[str, Any]) -> str:
    """Return the results as a table for docs/models.md."""
    lines = [
        "| corpus | documents | ECE | by chance | ECE by decile of length, shortest first | ECE by pages |",
        "| --- | ---: | ---: | ---: | --- | --- |",
    ]
    for name, found in results.items():
        for what, each in found.items():
            deciles = " ".join(f"{100 * part['ece']:.1f}" for part in each["by_length"])
            pages = ", ".join(f"{size}: {100 * part['ece']:.1f}" for size, part in each["by_pages"].items())
            lines.append(
                f"| {name}{what} | {each['all']['documents']:,} | {100 * each['all']['ece']:.1f} % "
                f"| {100 * each['all']['by_chance']:.1f} % | {deciles} | {pages} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure the corpora one after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpora", nargs="+", metavar="CORPUS:FEATURES")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    for argument in arguments.corpora:
        path, _, features = argument.rpartition(":")
        results[Path(path).name.partition(".")[0]] = measure(Path(path), features)
        print(table(results), flush=True)
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
