"""Reads the outcome of a run: every item of the table and every object of the quarantine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smartcat.cli.demo.reconciliation import RecordIdentity
from smartcat.cli.results_table import list_results
from stream_processor.storage_format.result_item import StoredResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream_processor.storage_format.result_item import StoredResult


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One quarantine object, without its payload."""

    record: RecordIdentity
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """All results and all quarantined records."""

    results: tuple[StoredResult, ...]
    quarantined: tuple[Quarantined, ...]

    def labels(self) -> dict[str, str]:
        """Return the label of each document id."""
        return {result.document_id: result.label for result in self.results}


def read_outcome(dynamodb: Any, table: str, s3: Any, bucket: str) -> Outcome:
    """Read the whole table and the whole quarantine."""
    return Outcome(tuple(list_results(dynamodb, table)), tuple(_quarantined(s3, bucket)))


def _quarantined(s3: Any, bucket: str) -> Iterator[Quarantined]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", ()):
            body = json.load(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"])
            record = RecordIdentity(
                body["shard_id"], body["sequence_number"], body.get("sub_sequence_number")
            )
            yield Quarantined(record, body["reason"], body["detail"])
