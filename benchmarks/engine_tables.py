"""The tables of docs/performance.md, made from what benchmarks/engine.py found. Pure."""

from __future__ import annotations

from statistics import geometric_mean
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMES: Final = {
    "int8": "compiled, int8",
    "float32": "compiled, float32",
    "sklearn": "scikit-learn, called well",
    "naive": "scikit-learn, naively",
    "fasttext20": "fastText, 20 numbers",
    "fasttext100": "fastText, 100 numbers",
    "vw": "Vowpal Wabbit",
    "limit": "limit: n-grams",
    "bytes": "limit: bytes",
}


def tables(found: Mapping[str, Any]) -> dict[str, str]:
    """Return each table in Markdown, by the name of its mark.

    Args:
        found: What ``benchmarks/engine.py`` keeps: the machine, and microseconds of each cell by approach.
    """
    return {
        "machine": _machine(found),
        "microseconds": _table(found["cells"], lambda _own, other: other),
        "ratios": _table(found["cells"], lambda own, other: other / own),
        "in all": _in_all(found["cells"]),
    }


def _machine(found: Mapping[str, Any]) -> str:
    machine = found["machine"]
    packages = ", ".join(f"{name} {number or 'absent'}" for name, number in machine["packages"].items())
    return (
        f"{machine['cpu']}, {machine['cores']} cores of which one is used, "
        f"Python {machine['python']}, {packages}; "
        f"medians of {found['rounds']} rounds of CPU time, {machine['date']}."
    )


def _table(cells: Sequence[Mapping[str, Any]], figure: Any) -> str:
    approaches = [name for name in NAMES if any(name in cell["microseconds"] for cell in cells)]
    lines = [
        "| features | document | " + " | ".join(NAMES[approach] for approach in approaches) + " |",
        "| --- | --- |" + " ---: |" * len(approaches),
    ]
    for cell in cells:
        times = cell["microseconds"]
        row = [f"{cell['kind']}, 2^{cell['bits']}", f"{cell['size']} {cell['language']}"]
        row += [
            _number(figure(times["int8"], times[approach])) if approach in times else "none"
            for approach in approaches
        ]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def _in_all(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return each approach's time by the engine's: geometric mean, least and most of all cells."""
    lines = ["| beside | mean | least | most |", "| --- | ---: | ---: | ---: |"]
    for approach, name in NAMES.items():
        both = [
            cell["microseconds"] for cell in cells if approach in cell["microseconds"] and approach != "int8"
        ]
        ratios = [times[approach] / times["int8"] for times in both]
        if ratios:
            row = (geometric_mean(ratios), min(ratios), max(ratios))
            lines.append(f"| {name} | {' | '.join(map(_number, row))} |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
