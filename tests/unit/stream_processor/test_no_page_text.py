from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stream_processor.adapters.powertools_metrics import PowertoolsMetrics
from stream_processor.errors import TryLater
from stream_processor.process_batch import BatchProcessor

if TYPE_CHECKING:
    import pytest

SECRET = "xylophone"


def test_no_page_text_reaches_the_log(world: Any, make: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever goes wrong with a document, its text, its id and its bytes are in no line of output."""
    surroundings = replace(
        world.processor.surroundings, metrics=PowertoolsMetrics(service="no-page-text", namespace="smartcat")
    )
    processor = BatchProcessor(world.labeller, surroundings)
    world.table.faults = {1: TryLater("BatchWriteItem failed with InternalServerError")}
    world.table.refused_keys = {f"{SECRET}-1"}
    bodies = [
        make.payload(f"{SECRET}-1", SECRET),
        make.payload(f"{SECRET}-2", f"explode {SECRET}"),
        f'{{"document_id": "{SECRET}", "text": 5, "{SECRET}": "{SECRET}"}}'.encode(),
        f"{SECRET} is not JSON".encode(),
        f'{{"document_id": "d", "text": "{SECRET}'.encode(),
        make.aggregate([SECRET.encode()])[:-1],
        *(make.payload(f"{SECRET}-{number}", SECRET) for number in range(10, 50)),
    ]
    event = {"Records": [make.entry(body, number) for number, body in enumerate(bodies)]}
    response = processor.process(event, lambda: 60.0)
    output = "".join(capsys.readouterr())
    assert response["batchItemFailures"]
    assert "InternalServerError" in output
    assert "quarantined" in output
    assert SECRET not in output
