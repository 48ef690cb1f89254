from dataclasses import replace

from smartcat.cli.demo.streaming import StreamingRun
from smartcat.cli.demo.summary import summarise


def test_the_figures_of_a_run(finished: StreamingRun) -> None:
    """Counts come from the account, rates from the time, the cold start is the median."""
    summary = summarise(finished)
    assert (summary["accepted"], summary["stored"], summary["quarantined"], summary["lost"]) == (6, 5, 1, 0)
    assert summary["duplicates"] == 1
    assert summary["accuracy"] == 0.8
    assert summary["documents_per_second"] == 2.5
    assert summary["cold_start_ms"] == 300


def test_a_run_that_judged_nothing_has_no_accuracy(finished: StreamingRun) -> None:
    """Without labels to compare, and without a cold start, there is no figure instead of a wrong one."""
    gauges = finished.gauges | {"functions": {"f": {"cold_starts_ms": [], "invocations": 0}}}
    account = replace(finished.reconciliation, right=0, judged=0)
    summary = summarise(replace(finished, reconciliation=account, gauges=gauges))
    assert summary["accuracy"] is None
    assert summary["cold_start_ms"] is None
