"""A finished demo run made up by hand: five documents, one poison record."""

import pytest

from smartcat.cli.demo.outcome import Outcome, Quarantined
from smartcat.cli.demo.reconciliation import RecordIdentity, reconcile
from smartcat.cli.demo.scenario import Scenario
from smartcat.cli.demo.snapshots import Snapshot
from smartcat.cli.demo.streaming import StreamingRun
from smartcat.cli.deployment import Deployment, DeploymentOptions
from smartcat.cli.samples.rejected_records import rejected_payloads
from smartcat.training.corpus.labelled_documents import LabelledDocument
from stream_processor.storage_format.result_item import StoredResult

#: Labels that mean something to a terminal, to HTML or to a template.
LABELS = ("[bold]bill[/bold]", "<script>alert(1)</script>", "{{ 7 * 7 }}", "[/]", ":key:")


def _result(number: int) -> StoredResult:
    label = LABELS[number]
    return StoredResult(
        f"d{number}\x1b[2J",
        label,
        0.9,
        "accepted",
        (label, None),
        ("word:0.5",),
        (),
        "m",
        "2026-01-01T00:00:00Z",
    )


@pytest.fixture
def scenario() -> Scenario:
    """What was streamed; the label of the last document was not recognised."""
    stream = [
        LabelledDocument(f"d{number}\x1b[2J", "deed" if number == 4 else label, ("text",), None)
        for number, label in enumerate(LABELS)
    ]
    return Scenario("<own> [red]papers", stream, stream, rejected_payloads(1)[:1], 1)


@pytest.fixture
def finished(scenario: Scenario) -> StreamingRun:
    """The run: everything accepted was stored or quarantined, and one item was written twice."""
    results = tuple(map(_result, range(len(LABELS))))
    poison = RecordIdentity("shard-0", "99")
    records: dict[RecordIdentity, str | None] = {
        RecordIdentity("shard-0", str(number)): result.document_id for number, result in enumerate(results)
    }
    outcome = Outcome(results, (Quarantined(poison, "bad_json", "expected [bold]JSON"),))
    return StreamingRun(
        reconciliation=reconcile(
            records | {poison: None}, outcome.labels(), [poison], scenario.expected_labels()
        ),
        outcome=outcome,
        snapshots=(Snapshot(0.0, 0, 0, 0, 0, 100.0, 0.0, 0, 0), Snapshot(2.0, 6, 0, 5, 1, 100.0, 6.0, 1, 2)),
        gauges={
            "tables": {
                "t": {
                    "written_items": 6,
                    "consumed_write_units": 6.0,
                    "throttled_requests": 1,
                    "write_requests": 3,
                }
            },
            "functions": {"f": {"cold_starts_ms": [100, 300, 900], "invocations": 2}},
        },
        deployment=Deployment("s", "t", "q", "x", "a", "c", "f", "m", "r", "s3://a/"),
        options=DeploymentOptions(),
        rejected_by_stream=0,
        seconds=2.0,
    )
