"""How well a table's write capacity is used: smartcat beside what boto3 alone does, measured in virtual time.

    .venv/bin/python -m benchmarks.write_capacity           # everything; renews JSON, pictures and page
    .venv/bin/python -m benchmarks.write_capacity --quick   # a few short cells; writes nothing
    .venv/bin/python -m benchmarks.write_capacity --only smartcat --environments 16 --capacity 100 --sized -v

The code that is measured is the real one: the product's processor, budget and adapter, boto3 and botocore
with their own retries, local AWS's quota and mapping. Only time is virtual, and labels are made up.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from benchmarks import capacity_cells
from benchmarks.baselines import CONTROLLERS
from benchmarks.capacity_charts import comparison, load_test, steps
from benchmarks.capacity_report import course_table, report, tables, to_json
from benchmarks.capacity_run import Result, run_cell
from benchmarks.capacity_tables import tables as page_tables
from benchmarks.docs_page import replace_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.capacity_simulation import Cell

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "benchmarks" / "results" / "write_capacity.json"
SCENARIOS: Final = ("backlog", "stepped", "resharded", "drained", "load_test")


def main() -> None:
    """Run the requested cells, and show the results."""
    options = _options()
    console = Console()
    console.width = max(console.width, 150)
    if options.draw:
        _draw(options.draw)
        return
    results = _run(_cells(options), options.jobs, console)
    found = report(results)
    for table in tables(found["worst_of_seeds"]):
        console.print(table)
    if options.verbose:
        for result in results:
            console.print(result.cell, result.figures, course_table(result.seconds))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(to_json(found), encoding="utf-8")
    if options.json == RESULTS:
        _draw(RESULTS)


def _draw(file: Path) -> None:
    """Write the pictures, and the tables of the page, from a report."""
    found = json.loads(file.read_text("utf-8"))
    courses = {
        name: [c for c in found["courses"] if c["scenario"] == name] for name in ("stepped", "load test")
    }
    comparison(found["worst_of_seeds"], ROOT / "docs" / "write-capacity.svg")
    steps(courses["stepped"], ROOT / "docs" / "write-capacity-step.svg")
    load_test(courses["load test"], ROOT / "docs" / "write-capacity-2018.svg")
    page = ROOT / "docs" / "write-capacity.md"
    page.write_text(replace_tables(page.read_text("utf-8"), page_tables(found)), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a few short cells")
    parser.add_argument("--only", nargs="+", choices=list(CONTROLLERS), default=list(CONTROLLERS))
    parser.add_argument("--environments", type=int, nargs="+", help="lanes, instead of all cells")
    parser.add_argument("--capacity", type=int, nargs="+", help="units/s, instead of all cells")
    parser.add_argument("--sized", action="store_true", help="reserve the concurrency that suits the table")
    parser.add_argument("--scenario", choices=SCENARIOS, help="one of them, instead of all cells")
    parser.add_argument("--window", type=int, help="seconds that are counted, for cells asked for")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--json", type=Path, help="write the report here, instead of its usual place")
    parser.add_argument("--draw", type=Path, nargs="?", const=RESULTS, help="draw a report; run nothing")
    parser.add_argument("-v", "--verbose", action="store_true", help="show every figure and the course")
    options = parser.parse_args()
    options.everything = not (options.quick or options.environments or options.capacity or options.scenario)
    if options.everything and options.json is None and len(options.only) == len(CONTROLLERS):
        options.json = RESULTS
    return options


def _cells(options: argparse.Namespace) -> list[Cell]:
    if options.quick:
        return capacity_cells.chosen(capacity_cells.quick(options.seeds), options.only)
    if options.scenario == "load_test":
        return capacity_cells.chosen(capacity_cells.load_test(), options.only)
    if not options.everything:
        return _asked_for(options)
    cells = [
        *capacity_cells.grid(options.seeds),
        *capacity_cells.sized_grid(options.seeds),
        *capacity_cells.scenarios(options.seeds),
        *capacity_cells.load_test(),
    ]
    return capacity_cells.chosen(cells, options.only)


def _asked_for(options: argparse.Namespace) -> list[Cell]:
    cells = []
    for controller in options.only:
        for lanes in options.environments or [capacity_cells.LANES]:
            for capacity in options.capacity or [100]:
                reserved = capacity_cells.sized(lanes, capacity) if options.sized else lanes
                cells += [
                    _cell(options, controller, lanes, capacity, reserved, seed) for seed in options.seeds
                ]
    return [replace(cell, window=options.window) for cell in cells] if options.window else cells


def _cell(
    options: argparse.Namespace, controller: str, lanes: int, capacity: int, reserved: int, seed: int
) -> Cell:
    if options.scenario in {None, "backlog"}:
        return capacity_cells.backlog(controller, lanes, capacity, reserved, seed)
    cell: Cell = getattr(capacity_cells, options.scenario)(controller, reserved, seed)
    return cell


def _run(cells: Sequence[Cell], jobs: int, console: Console) -> list[Result]:
    if jobs == 1 or len(cells) == 1:
        return [run_cell(cell) for cell in cells]
    results = []
    with ProcessPoolExecutor(jobs) as pool, console.status("running") as status:
        for result in pool.map(run_cell, cells):
            results.append(result)
            status.update(f"{len(results)} of {len(cells)} runs")
    return results


if __name__ == "__main__":
    main()
