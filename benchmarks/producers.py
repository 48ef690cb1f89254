"""How well approaches to filling a stream use it: documents a second, CPU, bytes, throttling, money.

    python -m benchmarks.producers [--corpus FILE.jsonl.gz] [--seconds 10] [--shards 2]

Every approach runs against the same local AWS, which enforces the limits of shards, for the same time and
with the same documents; figures of the stream are read from its gauges after two seconds of warming up. Own
CPU is measured separately: process CPU time with a client that answers at once and stores nothing.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import threading
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from rich.console import Console
from rich.table import Table

from benchmarks.producer_approaches import APPROACHES, Deliver, Run
from producers.core import prices
from smartcat.cli.local_aws_process import LocalAwsProcess
from smartcat.cli.samples.paperwork import generate
from smartcat.training.corpus.labelled_documents import read_labelled
from smartcat.wire_format.document import Document, to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAGE_BYTES = 3400
"""Bytes of text a document; with id and JSON about 3.5 KB."""

DOCUMENTS = 1500
SHARD_BYTES = 1024 * 1024
WARM_UP_SECONDS = 2.0


@dataclass(frozen=True)
class Figures:
    """What an approach achieved.

    Attributes:
        approach: Its name.
        documents_per_second: Accepted, while warm.
        byte_limit_used: Bytes accepted of those that all shards may take, 0 to 1.
        throttled: Throttled share of all entries, 0 to 1.
        cpu_us: Process CPU of the client side a document, boto3 and all, in microseconds.
        own_cpu_us: The same with a client that does nothing; None where the approach is boto3 alone.
        fewer_bytes: Bytes as JSON by bytes on the wire.
        units_per_million: PUT payload units for a million pages.
        dollars_per_million: Those, and the shard hours at the measured rate, for a million pages.
    """

    approach: str
    documents_per_second: float
    byte_limit_used: float
    throttled: float
    cpu_us: float
    own_cpu_us: float | None
    fewer_bytes: float
    units_per_million: float
    dollars_per_million: float


# -------------------------------------------------------------------------------------------------- measuring
class NullKinesis:
    """A client that takes everything at once and keeps nothing."""

    def __init__(self, shards: int) -> None:
        step = 2**128 // shards
        self._shards = [
            (n * step, 2**128 - 1 if n == shards - 1 else (n + 1) * step - 1) for n in range(shards)
        ]
        self._numbers = itertools.count()

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: ARG002, N803
        """Accept all."""
        return {"Records": [self._accept(record) for record in Records]}

    def get_paginator(self, _name: str) -> NullKinesis:
        """Return what lists shards."""
        return self

    def paginate(self, *, StreamName: str) -> list[dict[str, Any]]:  # noqa: ARG002, N803 - boto3's
        """List them."""
        listed = [
            {"ShardId": str(n), "HashKeyRange": {"StartingHashKey": str(a), "EndingHashKey": str(b)}}
            for n, (a, b) in enumerate(self._shards)
        ]
        return [{"Shards": listed}]

    def _accept(self, record: dict[str, Any]) -> dict[str, str]:
        explicit = record.get("ExplicitHashKey")
        shard = int(explicit) * len(self._shards) >> 128 if explicit else 0
        return {"ShardId": str(shard), "SequenceNumber": str(next(self._numbers))}


def own_cpu(approach: Deliver, documents: Sequence[Document], shards: int, seconds: float = 2.0) -> float:
    """Return microseconds of process CPU a document with a client that does nothing: the least of three runs.

    The least, because whatever else the machine does can only add.
    """
    found = []
    for _ in range(3):
        run = Run(NullKinesis(shards), "null", stream_of(documents))
        run.ends = time.monotonic() + seconds
        before = time.process_time()
        approach(run)
        found.append((time.process_time() - before) / max(1, run.delivered) * 1e6)
    return min(found)


def measure(
    aws: LocalAwsProcess, name: str, documents: Sequence[Document], chosen: argparse.Namespace
) -> Figures:
    """Run one approach, and return its figures after the warm-up."""
    approach, has_own_cpu = APPROACHES[name]
    stream = f"bench-{sum(map(ord, name))}"
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName=stream, ShardCount=chosen.shards)
    kinesis.get_waiter("stream_exists").wait(StreamName=stream)
    run = Run(
        aws.client("kinesis", attempts=1 if name.startswith("smartcat") else 5), stream, stream_of(documents)
    )
    readings: list[tuple[float, dict[str, int], int]] = []

    def read_gauges() -> None:
        for wait in (WARM_UP_SECONDS, chosen.seconds):
            time.sleep(wait)
            asked, gauges, delivered = time.monotonic(), aws.gauges()["streams"][stream], run.delivered
            readings.append(((asked + time.monotonic()) / 2, gauges, delivered))

    reader = threading.Thread(target=read_gauges)
    run.ends = time.monotonic() + WARM_UP_SECONDS + chosen.seconds + 0.3
    before = time.process_time()
    reader.start()
    approach(run)
    cpu = time.process_time() - before
    reader.join()
    kinesis.delete_stream(StreamName=stream)
    own = own_cpu(approach, documents, chosen.shards) if has_own_cpu else None
    return figures(name, run, readings, cpu, own, chosen.shards)


def figures(
    name: str,
    run: Run,
    readings: list[tuple[float, dict[str, int], int]],
    cpu: float,
    own: float | None,
    shards: int,
) -> Figures:
    """Return the figures of a run."""
    (begun, first, delivered_first), (ended, last, delivered_last) = readings
    seconds = ended - begun
    accepted = last["records"] - first["records"]
    refused = last["throttled_records"] - first["throttled_records"]
    rate = (delivered_last - delivered_first) / seconds
    units = run.units / run.delivered * 1e6
    shard_hours = 1e6 / rate / 3600 * shards
    return Figures(
        approach=name,
        documents_per_second=round(rate, 1),
        byte_limit_used=round((last["bytes"] - first["bytes"]) / seconds / (SHARD_BYTES * shards), 4),
        throttled=round(refused / max(1, refused + accepted), 5),
        cpu_us=round(cpu / run.delivered * 1e6, 1),
        own_cpu_us=None if own is None else round(own, 1),
        fewer_bytes=round(run.plain_bytes / run.wire_bytes, 3),
        units_per_million=round(units),
        dollars_per_million=round(
            units / 1e6 * prices.USD_PER_MILLION_PAYLOAD_UNITS + shard_hours * prices.USD_PER_SHARD_HOUR, 4
        ),
    )


# -------------------------------------------------------------------------------------------------- documents
def texts(corpus: Path | None) -> Iterator[str]:
    """Return texts: generated paperwork, or a labelled corpus."""
    if corpus is None:
        yield from ("\n".join(made.pages) for made in generate(DOCUMENTS * 2, seed=1))
    else:
        yield from ("\n".join(found.pages) for found in read_labelled(corpus))


def documents_of(corpus: Path | None) -> list[Document]:
    """Return documents of one page of 3.4 KB of text; texts that are shorter than half of it are left out."""
    pages = (text.encode()[:PAGE_BYTES].decode("utf-8", "ignore") for text in texts(corpus))
    long = (page for page in pages if len(page) > PAGE_BYTES // 2)
    return [
        Document(document_id=f"scan-{number:06d}", pages=(page,))
        for number, page in enumerate(itertools.islice(long, DOCUMENTS))
    ]


def stream_of(documents: Sequence[Document]) -> Iterator[Document]:
    """Return the documents again and again under new ids; each approach pays the few microseconds."""
    for turn in itertools.count():
        for document in documents:
            yield document.model_copy(update={"document_id": f"{document.document_id}-{turn}"})


# -------------------------------------------------------------------------------------------------- showing
def _row(figures: Figures) -> dict[str, Any]:
    """Return the figures as the results file has always named them."""
    row = asdict(figures)
    return {"way": row.pop("approach"), **row}


def table(results: Sequence[Figures], title: str) -> Table:
    """Return the figures as a table."""
    shown = Table(title=title)
    for heading in ("approach", "docs/s", "byte limit", "throttled", "CPU µs", "own CPU µs", "fewer bytes"):
        shown.add_column(heading, justify="left" if heading == "approach" else "right")
    shown.add_column("units per 1M pages", justify="right")
    shown.add_column("$ per 1M pages", justify="right")
    for row in results:
        shown.add_row(
            row.approach,
            f"{row.documents_per_second:,.0f}",
            f"{row.byte_limit_used:.1%}",
            f"{row.throttled:.2%}",
            f"{row.cpu_us:.0f}",
            "" if row.own_cpu_us is None else f"{row.own_cpu_us:.0f}",
            f"{row.fewer_bytes:.2f}x",
            f"{row.units_per_million:,.0f}",
            f"{row.dollars_per_million:.3f}",
        )
    return shown


def main() -> None:
    """Measure all approaches, print the table, write the JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, help="labelled JSON lines; generated paperwork if left out")
    parser.add_argument("--seconds", type=float, default=10.0, help="measured time of each approach")
    parser.add_argument("--shards", type=int, default=2)
    parser.add_argument("--only", choices=sorted(APPROACHES), action="append", help="this approach only")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "producers.json")
    chosen = parser.parse_args()
    documents = documents_of(chosen.corpus)
    name = chosen.corpus.name.partition(".")[0] if chosen.corpus else "generated paperwork"
    with LocalAwsProcess() as aws:
        results = [
            measure(aws, approach, documents, chosen)
            for approach in APPROACHES
            if approach in (chosen.only or APPROACHES)
        ]
    mean = sum(len(to_bytes(each, gzip_above=None)) for each in documents) / len(documents)
    Console(width=132).print(
        table(results, f"{name}: {mean:,.0f} bytes of JSON a page, {chosen.shards} shards")
    )
    written = json.loads(chosen.out.read_text("utf-8")) if chosen.out.exists() else {}
    written[name] = {
        "measured": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "boto3": boto3.__version__,
        "seconds": chosen.seconds,
        "shards": chosen.shards,
        "json_bytes_a_page": round(mean),
        "dollars_per_million_units": prices.USD_PER_MILLION_PAYLOAD_UNITS,
        "dollars_per_shard_hour": prices.USD_PER_SHARD_HOUR,
        "ways": [_row(each) for each in results],
    }
    chosen.out.parent.mkdir(exist_ok=True)
    chosen.out.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
