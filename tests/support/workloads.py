"""Workloads to plan for, over the whole range of their fields."""

from typing import Any

from hypothesis import strategies as st

from smartcat.cli.capacity_planning.errors import PlanningError
from smartcat.cli.capacity_planning.workload import Workload, read_workload


def _read(fields: dict[str, Any]) -> Workload | None:
    try:
        return read_workload(fields)
    except PlanningError:
        return None


def workloads() -> st.SearchStrategy[Workload]:
    """Return workloads from ten documents a day to ten billion."""
    fields = st.fixed_dictionaries(
        {"documents_per_day": st.floats(1, 10).map(lambda power: 10**power)},
        optional={
            "pages": st.floats(1, 300),
            "mean_kb": st.floats(0.1, 40),
            "hours": st.floats(1, 24),
            "peak_factor": st.floats(1, 50),
            "peak_hours": st.floats(0.1, 24),
            "aggregate": st.booleans(),
            "compression": st.floats(1, 10),
            "claims_percent": st.floats(0, 100),
            "quarantine_percent": st.floats(0, 100),
            "wcu_per_result": st.integers(1, 8),
            "memory_mb": st.integers(512, 3008),
            "outage_hours": st.floats(0.1, 200),
            "target_utilization": st.integers(20, 90),
            "kept_days": st.floats(1, 3650),
        },
    )
    return fields.map(_read).filter(lambda workload: workload is not None)
