"""A scripted Kinesis: accepts, refuses, breaks off, and remembers what it was sent."""

from collections.abc import Iterable
from typing import Any

import pytest
from botocore.exceptions import ClientError


class FakeKinesis:
    """Answers each PutRecords with the next step of a script, and accepts all when the script is over.

    A step is: a dictionary from position to error code (those are refused, the others accepted), an exception
    (raised, nothing accepted), a list of one exception (raised after accepting everything), or a whole answer
    under the key "answer".
    """

    def __init__(self, script: Iterable[Any] = ()) -> None:
        self.script = list(script)
        self.requests: list[list[str]] = []
        self.accepted: list[tuple[str, bytes]] = []

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert StreamName == "stream"
        assert 1 <= len(Records) <= 500
        keys = [record["PartitionKey"] for record in Records]
        assert len(set(keys)) == len(keys)
        assert sum(len(r["Data"]) + len(r["PartitionKey"].encode()) for r in Records) <= 5 * 1024 * 1024
        self.requests.append(keys)
        step = self.script.pop(0) if self.script else {}
        if isinstance(step, BaseException):
            raise step
        if isinstance(step, list):
            self._take(Records, {})
            raise step[0]
        if "answer" in step:
            answer: dict[str, Any] = step["answer"]
            return answer
        return {"Records": self._take(Records, step)}

    def _take(self, records: list[dict[str, Any]], refused: dict[int, str]) -> list[dict[str, str]]:
        results = []
        for position, record in enumerate(records):
            if position in refused:
                results.append({"ErrorCode": refused[position], "ErrorMessage": "secret"})
                continue
            self.accepted.append((record["PartitionKey"], record["Data"]))
            results.append({"ShardId": "shardId-000000000000", "SequenceNumber": str(len(self.accepted))})
        return results


def _client_error(code: str, status: int = 400, message: str = "secret") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "PutRecords",
    )


@pytest.fixture(scope="session")
def fake_kinesis() -> type[FakeKinesis]:
    """Give the class, so that tests and examples of hypothesis make their own."""
    return FakeKinesis


@pytest.fixture(scope="session")
def client_error() -> Any:
    """Give a maker of error answers to a whole request."""
    return _client_error
