"""How often a promise is broken: a threshold chosen on one half of held-out documents, checked on the other.

    python -m benchmarks.promises CORPUS.jsonl.gz:FEATURES ... [--precision 0.99] [--draws 200]

Each corpus's training side is scored by cross-validation once, with the features that are named, and
calibrated by calibrations that have not seen the document, as training does. Each draw halves these documents
at random, chooses the threshold on one half, and calls the promise broken if less of what is accepted of
the other half is right. Coverage is the mean share accepted; "nothing proved" are draws after which all goes
to review.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.training.calibration.calibration_report import calibration_report
from smartcat.training.calibration.thresholds import NEVER, choose_threshold
from smartcat.training.corpus.labelled_documents import read_labelled
from smartcat.training.corpus.pages import join_pages
from smartcat.training.cross_validation import cross_validate
from smartcat.training.feature_matrix import build_dataset
from smartcat.training.folds import copy_folds
from smartcat.training.hyperparameters import FEATURE_SETS, TrainingOptions
from smartcat.training.progress import no_progress

if TYPE_CHECKING:
    import numpy.typing as npt

SEED: Final = 0


def held_out(corpus: Path, features: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return confidence and rightness of the held-out documents of a corpus's training side."""
    documents = join_pages(read_labelled(corpus, split="train"))
    options = TrainingOptions.quick(*FEATURE_SETS[features])
    spec = options.candidates[0].spec
    data = build_dataset(documents, spec, options.parts, no_progress)
    fold = copy_folds(data.targets, data.groups, data.copies, options.folds)
    scores = cross_validate(data.matrix(spec), fold, options.candidates[0], options, lambda: None)
    report = calibration_report(data, scores.select(data.counted_pages[scores.pages]), options)
    return report.confidences, report.right


def row(
    name: str,
    confidences: npt.NDArray[np.float64],
    right: npt.NDArray[np.bool_],
    precision: float,
    draws: int,
) -> str:
    """Return a row of the table of docs/models.md."""
    draw = np.random.default_rng(SEED)
    broken, nothing, coverage = 0, 0, 0.0
    for _ in range(draws):
        half = draw.permutation(len(right)) < len(right) // 2
        threshold = choose_threshold(confidences[half], right[half], precision, at_least=0.5)
        accepted = confidences[~half] >= threshold
        broken += bool(accepted.any() and right[~half][accepted].mean() < precision)
        nothing += threshold == NEVER
        coverage += float(accepted.mean())
    return (
        f"| {name} | {len(right):,} | {100 * float(right.mean()):.1f} % | {precision:g} "
        f"| {100 * broken / draws:.1f} % | {100 * coverage / draws:.1f} % | {100 * nothing / draws:.0f} % |"
    )


def main() -> None:
    """Measure the corpora one after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpora", nargs="+", metavar="CORPUS:FEATURES")
    parser.add_argument("--precision", type=float, action="append")
    parser.add_argument("--draws", type=int, default=200)
    arguments = parser.parse_args()
    print("| corpus | held out | right | promised | broken | coverage | nothing proved |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for argument in arguments.corpora:
        path, _, features = argument.rpartition(":")
        name = Path(path).name.partition(".")[0]
        confidences, right = held_out(Path(path), features)
        for precision in arguments.precision or [0.95, 0.99]:
            print(row(name, confidences, right, precision, arguments.draws), flush=True)


if __name__ == "__main__":
    main()
