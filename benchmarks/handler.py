"""What a document costs in the function: CPU microseconds of each stage of a full batch.

    python -m benchmarks.handler [--model DIR] [--rounds 15] [--out benchmarks/results/handler.json]

A batch is 200 documents of 3.5 KB of generated paperwork, once as one record each and once as KPL aggregates.
Everything is real but the network: DynamoDB's client makes, signs and parses its requests, and a stand-in for
the connection answers at once. Process CPU time, so threads count; medians over the rounds.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import platform
import statistics
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from botocore.awsrequest import AWSResponse

from benchmarks.docs_page import replace_tables
from smartcat.classifier.classifier import load_classifier
from smartcat.cli.samples.paperwork import generate
from smartcat.wire_format.document import Document, to_bytes
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from stream_processor.adapters import aws_clients
from stream_processor.adapters.dynamodb_results import DynamoDbResults
from stream_processor.core.classification import ClassificationRules, classify_documents
from stream_processor.core.kinesis_event import read_event
from stream_processor.core.write_plan import ResultWrite, make_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stream_processor.storage_format.result_item import ResultItem

RESULTS = Path("benchmarks/results/handler.json")
PAGE = Path("docs/performance.md")
DOCUMENTS = 200
PAGE_CHARACTERS = 3400
REQUEST_ITEMS = 25


def texts() -> list[str]:
    """Return the texts of a batch, all of one length."""
    flow = "\n".join("\n".join(document.pages) for document in generate(1500, seed=3))
    return [
        flow[start : start + PAGE_CHARACTERS]
        for start in range(0, DOCUMENTS * PAGE_CHARACTERS, PAGE_CHARACTERS)
    ]


def event(payloads: Sequence[bytes]) -> bytes:
    """Return the event that Lambda would pass."""
    records = [
        {
            "eventID": f"shardId-000000000000:{number}",
            "eventSource": "aws:kinesis",
            "eventSourceARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/documents",
            "kinesis": {
                "partitionKey": str(number),
                "sequenceNumber": f"4954{number:052d}",
                "approximateArrivalTimestamp": time.time(),
                "data": base64.b64encode(payload).decode(),
            },
        }
        for number, payload in enumerate(payloads)
    ]
    return json.dumps({"Records": records}).encode()


_ANSWER = json.dumps(
    {
        "Responses": [{"TableName": "results"}] * REQUEST_ITEMS,
        "ConsumedCapacity": [
            {"TableName": "results", "CapacityUnits": 25.0, "Table": {"CapacityUnits": 25.0}}
        ],
    }
).encode()
_HEADERS = {"content-type": "application/x-amz-json-1.0", "x-amz-crc32": str(crc32(_ANSWER))}


class _Raw:
    """The stand-in's answer as urllib3 would give it."""

    def stream(self, *_: object, **__: object) -> Any:
        yield _ANSWER


def stubbed_table() -> DynamoDbResults:
    """Return the table's adapter over a real client whose requests are answered before they are sent."""
    client = aws_clients.dynamodb()

    def answer(request: Any, **_: object) -> AWSResponse:
        return AWSResponse(request.url, 200, _HEADERS, _Raw())

    client.meta.events.register("before-send.dynamodb", answer)
    return DynamoDbResults(client, "results", sleep=time.sleep)


def stages(content: bytes, classifier: Any, table: DynamoDbResults) -> dict[str, float]:
    """Process one batch; return the CPU seconds of each stage."""
    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.process_time()
        done = work()
        spent[name] = time.process_time() - began
        return done

    parsed = timed("event JSON", partial(json.loads, content))
    batch = timed(
        "base64, de-aggregation, validation",
        lambda: read_event(parsed, max_document_bytes=2**24, max_batch_text=2**24),
    )
    documents = [document for record in batch.records for document in record.documents]
    pages = [document.document.pages for document in documents]
    timed("classification, no reasons", lambda: classifier.classify(pages, reasons=0))
    timed("classification, 5 reasons", lambda: classifier.classify(pages, reasons=5))
    classified = timed(
        "the same, and items", lambda: classify_documents(documents, classifier, ClassificationRules())
    )
    plan = timed("plan", lambda: make_plan(batch.records, classified.results))
    items: list[ResultItem] = [write.item for write in plan if isinstance(write, ResultWrite)]
    if len(items) != DOCUMENTS:
        raise RuntimeError(f"{len(items)} items of {DOCUMENTS} documents")
    timed(
        "DynamoDB requests",
        lambda: [
            table.put(items[start : start + REQUEST_ITEMS], seconds=5)
            for start in range(0, len(items), REQUEST_ITEMS)
        ],
    )
    return spent


def profile(content: bytes, classifier: Any, table: DynamoDbResults, rounds: int) -> dict[str, float]:
    """Return the median microseconds a document of each stage, apart from one another."""
    runs = [stages(content, classifier, table) for _ in range(rounds + 1)][1:]
    median = {name: statistics.median(run[name] for run in runs) * 1e6 / DOCUMENTS for name in runs[0]}
    plain, full = median.pop("classification, no reasons"), median.pop("classification, 5 reasons")
    items = median.pop("the same, and items") - full
    apart = {
        "event JSON": median["event JSON"],
        "base64, de-aggregation, validation": median["base64, de-aggregation, validation"],
        "classification": plain,
        "five reasons": full - plain,
        "result items": items,
        "plan": median["plan"],
        "DynamoDB requests": median["DynamoDB requests"],
    }
    return {**{name: round(value, 1) for name, value in apart.items()}, "all": round(sum(apart.values()), 1)}


def tables(result: dict[str, Any]) -> dict[str, str]:
    """Return the tables of docs/performance.md by mark."""
    figures = result["microseconds"]
    lines = ["| stage | " + " | ".join(figures) + " |", "| --- " + "| ---: " * len(figures) + "|"]
    lines += [
        f"| {stage} | " + " | ".join(str(each[stage]) for each in figures.values()) + " |"
        for stage in next(iter(figures.values()))
    ]
    machine = (
        f"{result['machine']}, Python {result['python']}, engine {result['engine']}, {result['date'][:10]}."
    )
    return {"handler": "\n".join(lines), "handler machine": machine}


def main() -> None:
    """Measure, print the table, write the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, default=Path("build/cold_start/model"))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    os.environ |= {
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    payloads = [
        to_bytes(Document(document_id=f"document-{number}", text=text)) for number, text in enumerate(texts())
    ]
    packed = [
        pack(
            [UserRecord(str(number), payload) for number, payload in enumerate(payloads[start : start + 50])]
        )
        for start in range(0, DOCUMENTS, 50)
    ]
    classifier, table = load_classifier(options.model), stubbed_table()
    figures = {
        "one record a document": profile(event(payloads), classifier, table, options.rounds),
        "KPL aggregates": profile(event(packed), classifier, table, options.rounds),
    }
    result = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
        "engine": classifier.engine,
        "microseconds": figures,
    }
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    shown = tables(result)
    print("\n\n".join(shown.values()))
    if options.out == RESULTS:
        PAGE.write_text(replace_tables(PAGE.read_text("utf-8"), shown), encoding="utf-8")


if __name__ == "__main__":
    main()
