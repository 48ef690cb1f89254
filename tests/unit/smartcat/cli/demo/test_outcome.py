import io
import json
from typing import Any

from smartcat.cli.demo.outcome import read_outcome
from smartcat.cli.demo.reconciliation import RecordIdentity


class FakePages:
    """Two pages of whatever a paginator is asked for."""

    def __init__(self, pages: list[dict[str, Any]]) -> None:
        self.pages = pages

    def get_paginator(self, _name: str) -> "FakePages":
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return self.pages


class FakeBucket(FakePages):
    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's name
        body = {
            "shard_id": "s",
            "sequence_number": Key,
            "reason": "bad_json",
            "detail": "why",
            "data": "eA==",
        }
        return {"Body": io.BytesIO(json.dumps(body).encode())}


def test_every_page_of_both_is_read_and_no_payload_kept() -> None:
    """A bucket lists 1,000 objects a page; the account needs them all, and only their identity and reason."""
    bucket = FakeBucket([{"Contents": [{"Key": "1"}, {"Key": "2"}]}, {}, {"Contents": [{"Key": "3"}]}])
    outcome = read_outcome(FakePages([{"Items": []}]), "t", bucket, "b")
    assert outcome.results == ()
    assert [entry.record for entry in outcome.quarantined] == [RecordIdentity("s", key) for key in "123"]
    assert {entry.reason for entry in outcome.quarantined} == {"bad_json"}
    assert "eA==" not in repr(outcome)
