from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks import capacity_cells, capacity_charts
from benchmarks.baselines import CONTROLLERS
from benchmarks.capacity_report import report, to_json
from benchmarks.capacity_run import Result, run_cell
from benchmarks.capacity_simulation import Cell
from benchmarks.workload import SMALL

if TYPE_CHECKING:
    from pathlib import Path

BACKLOG = Cell("smartcat", lanes=2, capacity=20, reserved=2, warm_up=5, window=20)
DRY = replace(BACKLOG, capacity=100, warm_up=0, window=600, documents=60, mix=SMALL)
STEPPED = replace(BACKLOG, steps=((10, 40),))
ARRIVING = replace(DRY, arrival_seconds=10.0, burst_seconds=30.0)


@pytest.fixture(scope="module")
def results() -> list[Result]:
    """Each controller in each of four short cells."""
    cells = [
        replace(cell, controller=name) for cell in (BACKLOG, STEPPED, DRY, ARRIVING) for name in CONTROLLERS
    ]
    return [run_cell(cell) for cell in cells]


def test_the_same_cell_gives_the_same_result(results: list[Result]) -> None:
    """A run is a function of its cell: threads, jitter and latencies included."""
    again = run_cell(results[0].cell)
    assert again.figures == results[0].figures
    assert again.seconds == results[0].seconds


def test_another_seed_gives_another_result(results: list[Result]) -> None:
    """The seed reaches the random numbers."""
    assert results[0].cell == BACKLOG
    assert run_cell(replace(BACKLOG, seed=2)).seconds != results[0].seconds


def test_every_controller_stores_every_document(results: list[Result]) -> None:
    """A finite backlog is stored whole: the comparison is between controllers that all work."""
    for result in results:
        if result.cell.documents is not None:
            figures = result.figures
            produced = result.cell.lanes * result.cell.documents
            assert (figures["produced"], figures["stored"]) == (produced, produced), result.cell
            assert (figures["lost"], figures["undelivered"]) == (0, 0), result.cell


def test_the_table_never_gives_more_than_it_has(results: list[Result]) -> None:
    """A dry table stores what comes in, and what a full second's bucket holds besides."""
    for result in results:
        if result.cell.documents is None:
            units = sum(second.provisioned for second in result.seconds)
            consumed = sum(second.consumed for second in result.seconds)
            assert 0.5 * units < consumed <= units + 40, result.cell


def test_the_baselines_press_and_the_product_does_not(results: list[Result]) -> None:
    """Of a table with a backlog, what boto3 does alone has most of its requests rejected."""
    ratios = {
        result.cell.controller: result.figures["throttled_ratio"]
        for result in results
        if result.cell == replace(BACKLOG, controller=result.cell.controller)
    }
    assert ratios["smartcat"] < 0.05
    assert all(ratio > 0.3 for name, ratio in ratios.items() if name != "smartcat")


def test_documents_arrive_when_they_are_said_to(results: list[Result]) -> None:
    """With a steady arrival nothing is stored before it arrived, and the run outlasts the last arrival."""
    for result in results:
        if result.cell.arrival_seconds:
            stored = 0.0
            for moment, second in enumerate(result.seconds, 1):
                stored += second.first
                assert stored <= result.cell.lanes * (6 * moment + 1)
            assert len(result.seconds) >= 10


def test_reports_and_pictures_repeat_to_the_byte(results: list[Result], tmp_path: Path) -> None:
    """The same results give the same JSON and the same SVG, without a date or a machine in them."""
    found = json.loads(to_json(report(results)))
    assert {row["scenario"] for row in found["worst_of_seeds"]} == {
        "backlog",
        "stepped",
        "drained",
        "load test",
    }
    pictures = []
    for number in ("1", "2"):
        folder = tmp_path / number
        folder.mkdir()
        capacity_charts.comparison(found["worst_of_seeds"], folder / "bars.svg")
        stepped = [course for course in found["courses"] if course["scenario"] == "stepped"]
        capacity_charts.steps(stepped, folder / "steps.svg")
        loaded = [course for course in found["courses"] if course["scenario"] == "load test"]
        capacity_charts.load_test(loaded, folder / "load.svg")
        pictures.append([file.read_bytes() for file in sorted(folder.iterdir())])
    assert pictures[0] == pictures[1]
    assert all(picture.startswith(b"<?xml") and b"<svg" in picture for picture in pictures[0])


def test_the_grid_is_whole() -> None:
    """1, 4 and 16 environments at 5, 50 and 500 units/s, with each controller."""
    cells = {(cell.controller, cell.reserved, cell.capacity) for cell in capacity_cells.grid([1])}
    assert cells == {(name, n, w) for name in CONTROLLERS for n in (1, 4, 16) for w in (5, 50, 500)}
