"""The whole system on local AWS, and how tests read it."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from smartcat.cli.demo.outcome import Outcome, read_outcome
from smartcat.cli.deployment import Deployment
from smartcat.cli.local_aws_process import LocalAwsProcess


@dataclass
class System:
    """A running system: local AWS, what is built in it, and the environment of a client."""

    aws: LocalAwsProcess
    deployment: Deployment
    logs: Path

    @property
    def environment(self) -> dict[str, str]:
        return self.aws.environment | self.deployment.environment()

    def outcome(self) -> Outcome:
        return read_outcome(
            self.aws.client("dynamodb"),
            self.deployment.table,
            self.aws.client("s3"),
            self.deployment.quarantine_bucket,
        )

    def quarantine_objects(self) -> list[dict[str, Any]]:
        s3, bucket = self.aws.client("s3"), self.deployment.quarantine_bucket
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        return [json.load(s3.get_object(Bucket=bucket, Key=key)["Body"]) for key in keys]

    def wait_until_done(self, results: int, *, seconds: float = 120) -> None:
        """Wait for this many items and quarantine objects together, all checkpointed; fail after a bound."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            mapping = self.aws.gauges()["mappings"][self.deployment.mapping_id]
            if self._finished() >= results and mapping["backlog"] == 0:
                return
            time.sleep(0.2)
        pytest.fail(f"{self._finished()} of {results} after {seconds} s: {self.aws.gauges()}")

    def _finished(self) -> int:
        items = self.aws.client("dynamodb").describe_table(TableName=self.deployment.table)["Table"][
            "ItemCount"
        ]
        objects = (
            self.aws.client("s3")
            .get_paginator("list_objects_v2")
            .paginate(Bucket=self.deployment.quarantine_bucket)
        )
        return int(items) + sum(page["KeyCount"] for page in objects)
