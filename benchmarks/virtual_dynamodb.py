"""A DynamoDB table in virtual time: local AWS's quota before a dictionary, reached by real boto3 clients.

Nothing here paces, retries or decides: capacity is `smartcat/local_aws/dynamodb/quota.py`, the client is
botocore.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import botocore
from botocore.awsrequest import AWSResponse

from smartcat.local_aws.dynamodb.error_responses import failed_condition
from smartcat.local_aws.dynamodb.item_size import item_size, write_units
from smartcat.local_aws.dynamodb.partiql_inserts import read_insert
from smartcat.local_aws.dynamodb.quota import DynamoDbQuota
from smartcat.local_aws.server.wsgi import json_response

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from random import Random
    from wsgiref.types import StartResponse, WSGIEnvironment

    from benchmarks.virtual_time import VirtualTime

TABLE: Final = "results"
_KEPT: Final = ("document_id", "sequence_number", "sub_sequence_number", "model_version", "version")

LATENCY_SECONDS: Final = 0.004
LATENCY_TAIL_SECONDS: Final = 0.001
ITEM_SECONDS: Final = 0.00015
"""A request takes 4 ms, an exponential tail of 1 ms on average, and 0.15 ms an item."""


class Connection:
    """One environment's connection to the table: adds up the time in which a request is under way."""

    def __init__(self, virtual: VirtualTime) -> None:
        self._virtual = virtual
        self._under_way = 0
        self._since = 0.0
        self.seconds = 0.0

    def __enter__(self) -> None:
        if not self._under_way:
            self._since = self._virtual.now
        self._under_way += 1

    def __exit__(self, *_: object) -> None:
        self._under_way -= 1
        if not self._under_way:
            self.seconds += self._virtual.now - self._since


@dataclass(frozen=True, slots=True)
class Reading:
    """What a table has counted since it was made.

    Attributes:
        provisioned: Write units a second now.
        consumed: Write units, repeated writes included.
        repeated: Write units of those that wrote a document over itself.
        requests: Write requests.
        throttled: How many of those were throttled, wholly or in part.
        retries: How many of those botocore sent by itself.
        credit: Units saved up now.
    """

    provisioned: float
    consumed: float
    repeated: float
    requests: int
    throttled: int
    retries: int
    credit: float


class VirtualTable:
    """The table of results.

    Args:
        virtual: The run's time.
        units: Provisioned write units a second.
        burst_seconds: Seconds' worth of units saved up at the start, 0 to 300.
        random: Latencies come from it.
    """

    def __init__(self, virtual: VirtualTime, *, units: int, burst_seconds: float, random: Random) -> None:
        self._virtual = virtual
        self._random = random
        self._store = _Store(units)
        self._quota = DynamoDbQuota(
            self._store, clock=lambda: virtual.now, initial_burst_seconds=burst_seconds
        )
        self._retries = 0
        self._call("CreateTable", b"{}")

    @property
    def stored(self) -> set[str]:
        """Return the ids of the documents that are stored."""
        return self._store.keys

    @property
    def by_shard(self) -> Counter[str]:
        """Return the number of documents stored, by the part of their id before the dash."""
        return self._store.by_shard

    def resize(self, units: int) -> None:
        """Call UpdateTable."""
        self._call("UpdateTable", json.dumps({"Units": units}).encode())

    def connect(self, client: Any) -> Connection:
        """Make a boto3 client talk to this table, unsigned, and nowhere else."""
        connection = Connection(self._virtual)

        def answer(request: Any, **_: object) -> AWSResponse:
            with connection:
                return self._serve(request)

        client.meta.events.register("choose-signer.dynamodb", lambda **_: botocore.UNSIGNED)
        # After every other handler: botocore's adaptive mode waits in this event, before it sends.
        client.meta.events.register_last("before-send", answer)
        return connection

    def read(self) -> Reading:
        """Return the counters."""
        gauges = self._quota.gauges()[TABLE]
        return Reading(
            provisioned=gauges["provisioned_write_units"],
            consumed=gauges["consumed_write_units"],
            repeated=self._store.repeated_units,
            requests=int(gauges["write_requests"]),
            throttled=int(gauges["throttled_requests"]),
            retries=self._retries,
            credit=gauges["burst_credit"],
        )

    def _serve(self, request: Any) -> AWSResponse:
        operation = _text(request.headers["X-Amz-Target"]).rpartition(".")[2]
        body = request.body if isinstance(request.body, bytes) else request.body.encode()
        attempt = _text(request.headers.get("amz-sdk-request", "")).partition("attempt=")[2]
        self._retries += attempt.partition(";")[0] not in {"", "1"}
        seconds = LATENCY_SECONDS + self._random.expovariate(1 / LATENCY_TAIL_SECONDS)
        seconds += ITEM_SECONDS * max(body.count(b'"PutRequest"'), body.count(b'"Statement"'))
        self._virtual.sleep(seconds / 2)  # on the way there: what was asked of the table is judged on arrival
        status, payload = self._call(operation, body)
        self._virtual.sleep(seconds / 2)
        headers: Any = {"content-type": "application/x-amz-json-1.0", "content-length": str(len(payload))}
        return AWSResponse(request.url, status, headers, _Payload(payload))

    def _call(self, operation: str, body: bytes) -> tuple[int, bytes]:
        environ: dict[str, Any] = {
            "HTTP_X_AMZ_TARGET": f"DynamoDB_20120810.{operation}",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        statuses: list[str] = []

        def start_response(status: str, *_: object) -> Any:
            statuses.append(status)

        payload = b"".join(self._quota(environ, start_response))
        return int(statuses[0].split()[0]), payload


class _Store:
    """The application behind the quota: keeps stored items, and the configured capacity.

    Every document comes in one version here, so any write with a condition is refused where there is an item.
    """

    def __init__(self, units: int) -> None:
        self._units = units
        self._versions: dict[str, Any] = {}
        self.keys: set[str] = set()
        self.by_shard: Counter[str] = Counter()
        self.repeated_units = 0.0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        operation = environ["HTTP_X_AMZ_TARGET"].rpartition(".")[2]
        request = json.loads(environ["wsgi.input"].read())
        if operation == "BatchWriteItem":
            for entry in request["RequestItems"][TABLE]:
                self._put(entry["PutRequest"]["Item"])
            return json_response({"UnprocessedItems": {}}).send(start_response)
        if operation == "BatchExecuteStatement":
            answers = [self._insert(each) for each in request["Statements"]]
            return json_response({"Responses": answers}).send(start_response)
        if operation == "PutItem":
            stored = self._versions.get(request["Item"]["document_id"]["S"])
            self._put(request["Item"])
            answer = json_response({}) if stored is None else failed_condition(stored)
            return answer.send(start_response)
        if operation == "BatchGetItem":
            keys = [key["document_id"]["S"] for key in request["RequestItems"][TABLE]["Keys"]]
            found = [self._versions[key] for key in keys if key in self._versions]
            return json_response({"Responses": {TABLE: found}, "UnprocessedKeys": {}}).send(start_response)
        if operation not in {"CreateTable", "UpdateTable", "DescribeTable"}:
            raise ValueError(f"the benchmark's table does not know {operation}")
        self._units = request.get("Units", self._units)
        name = "Table" if operation == "DescribeTable" else "TableDescription"
        return json_response({name: self._description()}).send(start_response)

    def _insert(self, statement: dict[str, Any]) -> dict[str, Any]:
        insert = read_insert(statement["Statement"], statement["Parameters"])
        if insert is None:
            raise ValueError("the benchmark's table knows INSERT statements alone")
        _, item = insert
        exists = item["document_id"]["S"] in self._versions
        self._put(dict(item))
        if exists:
            return {"Error": {"Code": "DuplicateItem", "Message": "exists"}, "TableName": TABLE}
        return {"TableName": TABLE}

    def _put(self, item: dict[str, Any]) -> None:
        """Store an item; one that is there already is paid for again, whether it is replaced or not."""
        key = item["document_id"]["S"]
        self._versions.setdefault(key, {name: item[name] for name in _KEPT if name in item})
        if key in self.keys:
            self.repeated_units += write_units(item_size(item))
        else:
            self.keys.add(key)
            self.by_shard[key.partition("-")[0]] += 1

    def _description(self) -> dict[str, Any]:
        return {
            "TableName": TABLE,
            "TableArn": f"arn:aws:dynamodb:eu-central-1:000000000000:table/{TABLE}",
            "KeySchema": [{"AttributeName": "document_id", "KeyType": "HASH"}],
            "ProvisionedThroughput": {"ReadCapacityUnits": 50, "WriteCapacityUnits": self._units},
        }


class _Payload:
    """What botocore reads an answer's body from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self._body


def _text(header: str | bytes) -> str:
    return header.decode() if isinstance(header, bytes) else header
