"""Runs each costly record through the function's handler, in a process of its own with little memory.

The handler is the real one, with a real model; table, quarantine and claimed objects are fakes. Writes a line
of JSON for each record to standard error: what became of it and of its neighbours.
"""

from __future__ import annotations

import base64
import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from smartcat.wire_format.document import Document, to_bytes
from stream_processor import bootstrap
from stream_processor.core.claim_fetching import ClaimBucket
from stream_processor.settings import Settings
from stream_processor.storage_format.quarantine_object import object_body
from support.costly_records import CLAIMS_BUCKET, claimed_objects, costly_records
from support.processor_fakes import ARRIVED, FakeClaimedObjects, FakeClock, FakeQuarantine, FakeTable

DEADLINE_SECONDS = 60.0


def peak_mib() -> int:
    """Return the most memory that this program had resident, in MiB.

    Not ru_maxrss, which Linux hands down from the process that started this one.
    """
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) // 1024


def entry(data: bytes, number: int) -> dict[str, Any]:
    """Return a record as Lambda delivers it."""
    return {
        "kinesis": {
            "partitionKey": "k",
            "sequenceNumber": str(number),
            "data": base64.b64encode(data).decode(),
            "approximateArrivalTimestamp": ARRIVED,
        },
        "eventID": f"shardId-000000000000:{number}",
        "eventSourceARN": "arn:aws:kinesis:eu-central-1:000000000000:stream/documents",
    }


def handler_over_fakes(model: str, table: FakeTable, quarantine: FakeQuarantine) -> Any:
    """Import the handler with a processor over fakes; return it."""
    build, clock = bootstrap.build_processor, FakeClock()
    claimed = FakeClaimedObjects(clock)
    claimed.objects.update(claimed_objects())
    settings = Settings.from_mapping(
        {
            "SMARTCAT_TABLE": "results",
            "SMARTCAT_QUARANTINE_BUCKET": "failures",
            "SMARTCAT_MODEL": model,
            "SMARTCAT_WRITE_UNITS_PER_SECOND": "1000",
        }
    )
    bootstrap.build_processor = lambda: replace(
        build(settings, table=table, quarantine=quarantine),
        claim_bucket=ClaimBucket(CLAIMS_BUCKET, "claims/", claimed),
    )
    from stream_processor.handler import handler  # noqa: PLC0415 - it builds its processor when it is imported

    return handler


def run(model: str, memory_bytes: int) -> None:
    """Run all of them, one after the other, as one warm environment would."""
    table, quarantine = FakeTable(FakeClock()), FakeQuarantine()
    handler = handler_over_fakes(model, table, quarantine)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    for number, (name, data) in enumerate(costly_records(), start=1):
        quarantine.stored.clear()
        ids = [f"before-{number}", f"after-{number}"]
        before, after = (to_bytes(Document(document_id=each, text="invoice total")) for each in ids)
        records = [entry(each, 10 * number + place) for place, each in enumerate((before, data, after))]
        begun = time.monotonic()

        def milliseconds_left(begun: float = begun) -> float:
            return 1000 * (DEADLINE_SECONDS - (time.monotonic() - begun))

        context = SimpleNamespace(get_remaining_time_in_millis=milliseconds_left)
        try:
            answer = handler({"Records": records}, context)
        except Exception as error:  # noqa: BLE001 - said, and the next one tried
            answer = type(error.__cause__ or error).__name__ + f": {error}"
        outcome = {
            "name": name,
            "answer": answer,
            "seconds": round(time.monotonic() - begun, 3),
            "neighbours": [each for each in ids if each in table.items] == ids,
            "reasons": sorted(rejected.reason for rejected in quarantine.stored.values()),
            "stored_bytes": sum(len(object_body(each)) for each in quarantine.stored.values()),
            "peak_mib": peak_mib(),
        }
        sys.stderr.write(json.dumps(outcome) + "\n")
