"""Draws how the cost of training grows. Knows nothing of how it was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

COLOURS: Final[Mapping[str, str]] = {
    "smartcat": "#0b6e4f",
    "smartcat --quick": "#58a27c",
    "tf-idf + LinearSVC": "#c8553d",
    "hashing + SGD": "#e0a458",
    "fastText": "#6d6a75",
    "autotune": "#b0adb8",
}


def growth(cells: Sequence[dict[str, Any]], learners: Sequence[str], file: Path) -> None:
    """Draw two rows of lines: CPU time and peak memory against documents of 20 labels, and against labels.

    Args:
        cells: ``documents``, ``labels``, ``learner``, ``cpu`` in seconds and ``peak`` in bytes.
        learners: Which to draw.
        file: An SVG file.
    """
    figure = Figure(figsize=(9.6, 7.2), layout="constrained")
    for row, (figure_name, title, factor) in zip(
        figure.subplots(2, 2), (("cpu", "CPU time, s", 1.0), ("peak", "peak memory, MB", 1e-6)), strict=True
    ):
        by_documents = [cell for cell in cells if cell["labels"] == 20]
        by_labels = [cell for cell in cells if cell["labels"] != 20]
        for axes, name, chosen in zip(row, ("documents", "labels"), (by_documents, by_labels), strict=True):
            for learner in learners:
                line = sorted(
                    (cell[name], cell[figure_name] * factor) for cell in chosen if cell["learner"] == learner
                )
                axes.plot(
                    *zip(*line, strict=True), marker="o", color=COLOURS[learner], label=learner
                ) if line else None
            axes.set(xscale="log", yscale="log", xlabel=name, ylabel=title)
            axes.grid(axis="y", color="#dddddd", linewidth=0.6)
            axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].legend(frameon=False, fontsize=8)
    with mpl.rc_context({"svg.hashsalt": "smartcat", "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None}, facecolor="white")
