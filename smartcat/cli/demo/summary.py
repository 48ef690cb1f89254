"""The summary of a run for scripts: the content of ``build/demo/summary.json``. Pure."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smartcat.cli.demo.streaming import StreamingRun


def summarise(run: StreamingRun) -> dict[str, Any]:
    """Return the summary of a run.

    ``duplicates`` are writes beyond one per stored document. ``cold_start_ms`` is the median over the
    environments. ``documents_per_second`` counts from the first record to the last result.
    """
    table = run.gauges["tables"][run.deployment.table]
    function = run.gauges["functions"][run.deployment.function]
    cold_starts = function["cold_starts_ms"]
    reconciliation = run.reconciliation
    return {
        "accepted": reconciliation.accepted,
        "stored": reconciliation.stored,
        "quarantined": reconciliation.quarantined,
        "lost": reconciliation.lost,
        "refused_by_stream": run.rejected_by_stream,
        "duplicates": table["written_items"] - len(run.outcome.results),
        "review": sum(result.decision == "review" for result in run.outcome.results),
        "accuracy": None if reconciliation.accuracy is None else round(reconciliation.accuracy, 4),
        "documents_per_second": round(reconciliation.stored / run.seconds, 1),
        "provisioned_write_units": run.options.write_units,
        "consumed_write_units": table["consumed_write_units"],
        "throttled_requests": table["throttled_requests"],
        "write_requests": table["write_requests"],
        "invocations": function["invocations"],
        "cold_start_ms": round(statistics.median(cold_starts)) if cold_starts else None,
        "seconds": round(run.seconds, 1),
    }
