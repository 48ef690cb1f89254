"""How fast the compiled engine is beside scikit-learn, fastText, Vowpal Wabbit and what cannot be beaten.

    .venv/bin/python -m benchmarks.engine          # everything; renews the JSON and docs/performance.md
    .venv/bin/python -m benchmarks.engine --quick  # 2**18 features, 3.5 KB; writes nothing
    .venv/bin/python -m benchmarks.engine --table  # renew the page from the JSON; measures nothing

All approaches score the same documents in one process, in turns, on one core; CPU time is counted, since
other work may share the machine. fastText and Vowpal Wabbit: ``pip install -e '.[bench]'``; one that is
not installed is left out, and the answer says so.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks.docs_page import replace_tables
from benchmarks.engine_approaches import KINDS, Setting, approaches
from benchmarks.engine_tables import NAMES, tables
from benchmarks.engine_texts import LANGUAGES, SIZES, documents

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.engine_approaches import Approach

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "benchmarks" / "results" / "engine.json"
PAGE: Final = ROOT / "docs" / "performance.md"
BITS: Final = (18, 20)
COUNTS: Final = {"0.2 KB": 400, "3.5 KB": 40, "50 KB": 6}
NAIVE_COUNT: Final = 2  # the naive approach takes up to a third of a second a document
LEAST_SECONDS: Final = 0.02  # a turn repeats until it has taken so long
PACKAGES: Final = ("scikit-learn", "numpy", "fasttext-numpy2", "vowpalwabbit")


def main() -> None:
    """Measure, and print or write the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a few cells; writes nothing")
    parser.add_argument("--table", action="store_true", help="renew the page from the JSON")
    parser.add_argument("--only", nargs="+", choices=list(NAMES), default=list(NAMES))
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    if options.table:
        found = json.loads(RESULTS.read_text("utf-8"))
    else:
        _stay_on_one_core()
        cells = _measure(options)
        found = {"machine": _machine(), "rounds": options.rounds, "cells": cells}
    for table in tables(found).values():
        print(table, end="\n\n")
    if options.quick or len(options.only) < len(NAMES):
        return
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(replace_tables(PAGE.read_text("utf-8"), tables(found)), encoding="utf-8")


def _stay_on_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    cells = []
    for bits in BITS[:1] if options.quick else BITS:
        for kind in KINDS:
            measurable = approaches(Setting(kind, bits), options.only)
            for name in set(options.only) - set(measurable) - {"vw"}:
                print(f"{NAMES[name]} is not here and is left out", file=sys.stderr)
            for size in ["3.5 KB"] if options.quick else SIZES:
                for language in LANGUAGES:
                    found = _cell(measurable, documents(language, SIZES[size], COUNTS[size]), options.rounds)
                    about = {"kind": kind, "bits": bits, "size": size, "language": language}
                    cells.append({**about, "microseconds": found})
                    print(cells[-1], file=sys.stderr)
    return cells


def _cell(approaches: dict[str, Approach], texts: list[str], rounds: int) -> dict[str, float]:
    """Time all approaches in turns, and return the median of each."""
    turns = {}
    for name, approach in approaches.items():
        some = texts[:NAIVE_COUNT] if name == "naive" else texts
        turns[name] = _turn_of(approach(some), len(some))
    found: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, turn in turns.items():
            found[name].append(turn())
    return {name: round(median(each), 3) for name, each in found.items()}


def _turn_of(call: Callable[[], Any], texts: int) -> Callable[[], float]:
    """Return a turn: microseconds of CPU a document."""

    def turn() -> float:
        began, calls, taken = time.process_time(), 0, 0.0
        while taken < LEAST_SECONDS:
            call()
            calls += 1
            taken = time.process_time() - began
        return 1e6 * taken / calls / texts

    return turn


def _machine() -> dict[str, Any]:
    said = subprocess.run(["lscpu", "--json"], capture_output=True, text=True, check=True)  # noqa: S607
    facts = {row["field"]: row["data"] for row in json.loads(said.stdout)["lscpu"]}
    return {
        "cpu": facts["Model name:"],
        "cores": int(facts["CPU(s):"]),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "date": datetime.now(UTC).date().isoformat(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
