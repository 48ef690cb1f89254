"""The system under test wherever it runs: what tests of every target may use, and nothing else."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from producers.producer import Producer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from smartcat.cli.deployment import Deployment
    from support.system import System

KEYS_A_READ = 100
"""As many as BatchGetItem takes."""
A_DAY = timedelta(days=1)


@dataclass
class DeployedSystem:
    """A running system that others may be using too: tests look at what they sent themselves.

    Attributes:
        target: ``local``, ``localstack`` or ``aws``.
        client: makes boto3 clients: ``client(service, attempts=5)``.
        deployment: the names of what was built.
        quarantine_prefix: what keys of the quarantine begin with.
        aws: the AWS variables of a command.
        run: a number that stands in every id and partition key of this run.
        seconds: how long a test waits for the function, cold starts included.
        local: the system on local AWS, for tests that are marked as local only.
    """

    target: str
    client: Callable[..., Any]
    deployment: Deployment
    quarantine_prefix: str
    aws: Mapping[str, str]
    run: int
    seconds: float
    local: System | None = None
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    _ids: set[str] = field(default_factory=set)
    _read: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a command that is run against it."""
        prefix = {"SMARTCAT_QUARANTINE_PREFIX": self.quarantine_prefix}
        return {**self.aws, **self.deployment.environment(), **prefix}

    @property
    def system(self) -> System:
        """The system on local AWS: its gauges, its faults, its logs."""
        assert self.local is not None, "this test needs @pytest.mark.local_only(reason)"
        return self.local

    def name(self, role: str) -> str:
        """Give a document id, or a partition key, that no other run uses."""
        self._ids.add(name := f"{role}-{self.run}")
        return name

    def producer(self) -> Producer:
        """Open a producer."""
        return Producer(self.deployment.stream, client=self.client("kinesis", attempts=1))

    def items(self, names: Collection[str]) -> dict[str, dict[str, Any]]:
        """Read the items of these documents that are there, by document id."""
        client, table, found = self.client("dynamodb"), self.deployment.table, []
        keys = [{"document_id": {"S": name}} for name in sorted(names)]
        for start in range(0, len(keys), KEYS_A_READ):
            wanted: Any = {table: {"Keys": keys[start : start + KEYS_A_READ], "ConsistentRead": True}}
            while wanted:
                answer = client.batch_get_item(RequestItems=wanted)
                found += answer["Responses"].get(table, [])
                wanted = answer.get("UnprocessedKeys")
        return {item["document_id"]["S"]: item for item in found}

    def quarantined(self, part: str = "") -> list[dict[str, Any]]:
        """Read the quarantine objects of this run whose partition key has that part in it."""
        client, bucket = self.client("s3"), self.deployment.quarantine_bucket
        keys = [key for day in self._days() for key in self._listed(bucket, self.quarantine_prefix + day)]
        for key in keys:
            if key not in self._read:
                self._read[key] = json.load(client.get_object(Bucket=bucket, Key=key)["Body"])
        mine = [self._read[key] for key in keys if str(self.run) in self._read[key]["partition_key"]]
        return [entry for entry in mine if part in entry["partition_key"]]

    def given_up(self) -> list[str]:
        """List what the mapping put aside since this run began."""
        folder = f"aws/lambda/{self.deployment.mapping_id}/" if self.deployment.mapping_id else "aws/lambda/"
        return list(self._listed(self.deployment.failures_bucket, folder, since=self.began))

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for a condition, and fail with its name after a bound."""
        deadline = time.monotonic() + self.seconds
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"not within {self.seconds:g} s: {what}")
            time.sleep(0.05 if self.target == "local" else 2)

    def wait_for(self, names: Iterable[str], *, quarantined: int = 0, part: str = "") -> None:
        """Wait until each document has its item, and the quarantine so many objects (see `quarantined`)."""
        missing = set(names)

        def accounted() -> bool:
            missing.difference_update(self.items(missing))
            return not missing and len(self.quarantined(part)) >= quarantined

        self.wait_until(accounted, "each document has a result, and the poison is in the quarantine")

    def forget(self) -> None:
        """Delete what this run left in a system that goes on: its items, quarantine objects and claims."""
        s3, dynamodb = self.client("s3"), self.client("dynamodb")
        for name in self._ids:
            dynamodb.delete_item(TableName=self.deployment.table, Key={"document_id": {"S": name}})
            folder = f"claims/{hashlib.sha256(name.encode()).hexdigest()}/"
            for key in self._listed(self.deployment.claims_bucket, folder):
                s3.delete_object(Bucket=self.deployment.claims_bucket, Key=key)
        self.quarantined()
        for key, entry in self._read.items():
            if str(self.run) in entry["partition_key"]:
                s3.delete_object(Bucket=self.deployment.quarantine_bucket, Key=key)

    def _listed(self, bucket: str, prefix: str, since: datetime | None = None) -> Iterator[str]:
        for page in self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", ()):
                if since is None or entry["LastModified"] >= since:
                    yield entry["Key"]

    def _days(self) -> list[str]:
        """The folders of the days on which this run's records arrived."""
        days = (datetime.now(UTC).date() - self.began.date()).days
        return [f"{self.began + A_DAY * day:%Y/%m/%d}/" for day in range(days + 1)]
