"""The figures of a run, for machines: what ``build/demo/summary.json`` holds. Pure."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smartcat.cli.demo.run import Run


def summarise(run: Run) -> dict[str, Any]:
    """Give the summary of a run.

    ``duplicates`` are items written beyond one a stored document. ``cold_start_ms`` is the median over the
    function's environments. ``documents_per_second`` counts from the first record to the last result.
    """
    table = run.gauges["tables"][run.stack.table]
    function = run.gauges["functions"][run.stack.function]
    cold_starts = function["cold_starts_ms"]
    account = run.account
    return {
        "accepted": account.accepted,
        "stored": account.stored,
        "quarantined": account.quarantined,
        "lost": account.lost,
        "refused_by_stream": run.refused,
        "duplicates": table["written_items"] - len(run.outcome.results),
        "review": sum(result.decision == "review" for result in run.outcome.results),
        "accuracy": None if account.accuracy is None else round(account.accuracy, 4),
        "documents_per_second": round(account.stored / run.seconds, 1),
        "provisioned_write_units": run.options.write_units,
        "consumed_write_units": table["consumed_write_units"],
        "throttled_requests": table["throttled_requests"],
        "write_requests": table["write_requests"],
        "invocations": function["invocations"],
        "cold_start_ms": round(statistics.median(cold_starts)) if cold_starts else None,
        "seconds": round(run.seconds, 1),
    }
