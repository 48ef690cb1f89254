"""The cells of the comparison, each a run to make. Data only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from benchmarks.baselines import CONTROLLERS
from benchmarks.capacity_simulation import Cell
from benchmarks.workload import SMALL
from smartcat.cli.deployment import DeploymentOptions
from smartcat.local_aws.event_source_mapping.settings import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NAIVE: Final = tuple(name for name in CONTROLLERS if name != "smartcat")
ENVIRONMENTS: Final = (1, 4, 16)
CAPACITIES: Final = (5, 50, 500)
SIZED_CAPACITIES: Final = (5, 50, 100, 500)
LANES: Final = 16

SHORT_DOCUMENT_SECONDS: Final = 0.00025
"""Of classifying a document of half a KiB; the others have 4 KiB and take 2 ms.

One environment classifies 500 documents of 4 KiB a second, so only with short ones can it write 1,000 units.
"""

LOAD_TEST_LANES: Final = 40
LOAD_TEST_DOCUMENTS: Final = 41_200
LOAD_TEST_SECONDS: Final = 900
"""Of the baseline, and of the pictures."""

STEP_SECONDS: Final = 180
"""Between two changes of the capacity: 100, times 4, divided by 4, divided by 4."""


def sized(lanes: int, capacity: int) -> int:
    """Return the environments of a deployment for a table; see ``DeploymentOptions.environments``."""
    return DeploymentOptions(shards=lanes, write_units=capacity).environments


def backlog(controller: str, lanes: int, capacity: int, reserved: int, seed: int) -> Cell:
    """Return the cell of a full backlog in front of a table without credit."""
    warm_up, window = _times(controller, capacity)
    return Cell(controller, lanes, capacity, reserved, warm_up, window, seed)


def _times(controller: str, capacity: int) -> tuple[int, int]:
    """Return the seconds of warm-up and of the window.

    smartcat saves credit and spends it in turns of two to three minutes, and a window holds several of them.
    The baselines repeat themselves within a minute, and cost far more processor time.
    """
    if controller == "smartcat":
        return 60, 300 if capacity >= 500 else 600
    return (60, 300) if capacity < 10 else (60, 180) if capacity < 500 else (30, 60)


def grid(seeds: Sequence[int]) -> list[Cell]:
    """Return the cells of every controller, number of environments and capacity; baselines with one seed."""
    return [
        backlog(controller, count, capacity, count, seed)
        for controller in CONTROLLERS
        for count in ENVIRONMENTS
        for capacity in CAPACITIES
        for seed in (seeds if controller == "smartcat" else seeds[:1])
    ]


def sized_grid(seeds: Sequence[int]) -> list[Cell]:
    """Return the cells of smartcat with concurrency sized to the table, and of single fast environments."""
    cells = [
        backlog("smartcat", LANES, capacity, sized(LANES, capacity), seed)
        for capacity in SIZED_CAPACITIES
        for seed in seeds
    ]
    short = [(1, 500), (1, 1000), (4, 1000)]
    return cells + [
        replace(
            backlog("smartcat", count, capacity, count, seed),
            compute_seconds=SHORT_DOCUMENT_SECONDS,
            window=180,
        )
        for count, capacity in short
        for seed in seeds
    ]


def scenarios(seeds: Sequence[int]) -> list[Cell]:
    """Return the cells of capacity changes, a reshard, and a finite backlog, at 16 lanes and 100 units/s."""
    makers = (stepped, resharded, drained)
    subjects = [("smartcat", sized(LANES, 100)), *((name, LANES) for name in CONTROLLERS)]
    return [
        make(controller, reserved, seed)
        for make in makers
        for controller, reserved in subjects
        for seed in (seeds if controller == "smartcat" else seeds[:1])
    ]


def stepped(controller: str, reserved: int, seed: int) -> Cell:
    """Return a cell with UpdateTable from 100 to 400, back to 100, and on to 25 units/s."""
    steps = tuple((STEP_SECONDS * (place + 1), units) for place, units in enumerate((400, 100, 25)))
    return Cell(controller, LANES, 100, reserved, 60, 4 * STEP_SECONDS - 60, seed, steps=steps)


def resharded(controller: str, reserved: int, seed: int) -> Cell:
    """Return a cell whose shards double at one moment; concurrency and configured share stay.

    Where the concurrency was as large as the number of lanes, the new ones find no environment free.
    """
    base = backlog(controller, LANES, 100, reserved, seed)
    return replace(base, reshard_at=STEP_SECONDS, window=2 * STEP_SECONDS - base.warm_up)


def drained(controller: str, reserved: int, seed: int) -> Cell:
    """Return a cell with a finite backlog, run to its end, from a table with 30 s of credit."""
    return Cell(controller, LANES, 100, reserved, 0, 3600, seed, burst_seconds=30.0, documents=800)


def load_test() -> list[Cell]:
    """Return the load test of 2018: 41,200 documents in 5 minutes, 5 units/s, and 300 s of credit.

    On 40 lanes, as of 4 shards with a parallelization factor of 10. smartcat runs to the last document. What
    people write first has no reserved concurrency and the mapping that AWS gives who asks for none; it runs
    for the first quarter of an hour, in which it does what it would go on doing.
    """
    base = Cell(
        "smartcat",
        LOAD_TEST_LANES,
        5,
        sized(LOAD_TEST_LANES, 5),
        warm_up=0,
        window=4 * 3600,
        burst_seconds=300.0,
        documents=LOAD_TEST_DOCUMENTS // LOAD_TEST_LANES,
        arrival_seconds=300.0,
        mix=SMALL,
    )
    defaults = (
        ("batch_size", 100),
        ("window", 0),
        ("maximum_retry_attempts", NO_LIMIT),
        ("bisect", False),
        ("report_failures", False),
    )
    naive = replace(
        base, controller="batch_writer", reserved=LOAD_TEST_LANES, mapping=defaults, window=LOAD_TEST_SECONDS
    )
    return [base, naive]


def quick(seeds: Sequence[int]) -> list[Cell]:
    """Return short cells of everything: a smoke test, not a measurement."""
    short = [
        replace(cell, warm_up=20, window=40)
        for cell in (backlog(name, 4, 50, 4, seeds[0]) for name in CONTROLLERS)
    ]
    dry = [replace(drained(name, 4, seeds[0]), lanes=4, documents=200) for name in CONTROLLERS]
    return [*short, *dry]


def chosen(cells: Iterable[Cell], controllers: Sequence[str]) -> list[Cell]:
    """Return the cells of these controllers, without duplicates."""
    return list(dict.fromkeys(cell for cell in cells if cell.controller in controllers))
