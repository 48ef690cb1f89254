"""Requests as a browser sends them for a page of somebody else, and as AWS's clients do, over real HTTP."""

from __future__ import annotations

import base64
import http.client
import io
import json
import queue
import socket
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import boto3
import pytest
from botocore.config import Config

from smartcat.local_aws.lambda_runtime.runtime_api import Event, RuntimeApi
from smartcat.local_aws.local_aws import LocalAws
from smartcat.local_aws.server.web_pages import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONS = "/2015-03-31/functions"
EVIL = "https://evil.example"
CROSS_SITE = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """One running local AWS."""
    with LocalAws() as running:
        yield running


@pytest.fixture
def address(local_aws: LocalAws) -> str:
    """Host and port of local AWS."""
    return urlsplit(local_aws.endpoint_url).netloc


def ask(
    address: str, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Send one request on a connection of its own, with exactly these headers (and `Host`, if not given)."""
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request(method, path, body or None, headers or {})
        response = connection.getresponse()
        return (
            response.status,
            {name.lower(): value for name, value in response.headers.items()},
            response.read(),
        )
    finally:
        connection.close()


def client(local_aws: LocalAws, service: str, **more: Any) -> Any:
    """Return a boto3 client of local AWS."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "eu-central-1"}
    return boto3.Session(**keys).client(service, **{"endpoint_url": local_aws.endpoint_url, **more})  # type: ignore[call-overload,arg-type]


def archive(source: str) -> bytes:
    """Return a zip with one module, ``code.py``."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as written:
        written.writestr("code.py", source)
    return content.getvalue()


# What a browser sends for another site's page, without asking first (CORS's "simple requests") or to ask.
SIMPLE = {
    "fetch of text": ("POST", "/", b"{}", {**CROSS_SITE, "Content-Type": "text/plain;charset=UTF-8"}),
    "form": (
        "POST",
        "/",
        b"Action=ListQueues",
        {**CROSS_SITE, "Content-Type": FORM, "Sec-Fetch-Mode": "navigate"},
    ),
    "form with a file": (
        "POST",
        "/bucket",
        b"--x--",
        {**CROSS_SITE, "Content-Type": "multipart/form-data; boundary=x"},
    ),
    "page in a sandbox or a file": ("POST", "/", b"{}", {"Origin": "null", "Content-Type": "text/plain"}),
    "image": ("GET", "/?Action=ListQueues", b"", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}),
    "link": ("GET", "/_local/gauges", b"", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}),
    "another port of this host": ("POST", "/", b"{}", {"Origin": "http://127.0.0.1:8888"}),
    "a sibling": ("GET", "/", b"", {"Sec-Fetch-Site": "same-site"}),
    "beacon of an older browser": ("POST", "/_local/faults", b"[]", {"Origin": EVIL}),
    "preflight": (
        "OPTIONS",
        FUNCTIONS,
        b"",
        {
            **CROSS_SITE,
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization",
        },
    ),
    "put after a preflight": ("PUT", "/_local/faults", b"[]", CROSS_SITE),
    "two origins": ("POST", "/", b"{}", {"Origin": f"http://127.0.0.1, {EVIL}"}),
    "rebound name": ("GET", "/_local/gauges", b"", {"Host": "rebound.evil.example"}),
    "rebound name, same origin": (
        "POST",
        FUNCTIONS,
        b"{}",
        {
            "Host": "rebound.evil.example",
            "Origin": "http://rebound.evil.example",
            "Sec-Fetch-Site": "same-origin",
        },
    ),
    "name that begins like ours": ("GET", "/_local/gauges", b"", {"Host": "localhost.evil.example"}),
    "number of another machine": ("GET", "/_local/gauges", b"", {"Host": "10.0.0.7"}),
}


@pytest.mark.parametrize("request_", SIMPLE.values(), ids=SIMPLE)
def test_a_request_of_a_web_page_is_refused(
    address: str, request_: tuple[str, str, bytes, dict[str, str]]
) -> None:
    """Whatever it asks for and however it is sent: 403, and no header that lets the page read the answer."""
    status, headers, body = ask(address, *request_)
    assert (status, json.loads(body)["__type"]) == (403, "AccessDenied")
    assert not [name for name in headers if name.startswith("access-control-")]


def test_the_runtime_api_of_a_function_refuses_a_page_too() -> None:
    """A page that finds the port can neither take an invocation away nor answer one."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    api = RuntimeApi(events)
    try:
        root = "/2018-06-01/runtime"
        assert (
            ask(api.address, "GET", f"{root}/invocation/next", b"", {"Sec-Fetch-Site": "cross-site"})[0]
            == 403
        )
        assert ask(api.address, "POST", f"{root}/init/error", b"{}", {"Origin": "null"})[0] == 403
        assert ask(api.address, "POST", f"{root}/init/error", b"{}", {"Host": "rebound.example"})[0] == 403
        assert events.empty()
    finally:
        api.close()


def test_the_lambda_api_is_for_requests_that_are_signed_for_it(local_aws: LocalAws, address: str) -> None:
    """Without a signature a request is for S3, also where a bucket is named like an API path."""
    with closing(client(local_aws, "iam")) as iam, closing(client(local_aws, "lambda")) as functions:
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        code = {"ZipFile": archive("def handler(event, context): return 1")}
        settings = {"Handler": "code.handler", "Runtime": "python3.11", "Role": role}
        functions.create_function(FunctionName="known", Code=code, **settings)
        assert ask(address, "PUT", "/2015-03-31")[0] == 200
        query = "?" + urlencode({"X-Amz-Credential": "test/20261130/eu-central-1/lambda/aws4_request"})
        text = {"Content-Type": "text/plain"}
        for more in ("", "/", query):
            path = f"{FUNCTIONS}/known/invocations{more}"
            assert "x-amz-executed-version" not in ask(address, "POST", path, b"{}", text)[1]
            made = {
                "FunctionName": "evil",
                **settings,
                "Code": {"ZipFile": base64.b64encode(code["ZipFile"]).decode()},
            }
            ask(address, "POST", FUNCTIONS + more, json.dumps(made).encode(), text)
            listed = ask(address, "GET", f"/2015-03-31/event-source-mappings{more}")
            assert b"EventSourceMappings" not in listed[2]
        assert [each["FunctionName"] for each in functions.list_functions()["Functions"]] == ["known"]
        assert set(local_aws.gauges()["functions"]) == {"known"}
        assert functions.invoke(FunctionName="known")["Payload"].read() == b"1"


def test_clients_reach_it_by_every_name_of_this_machine(local_aws: LocalAws, address: str) -> None:
    """By number and by name, with the bucket in the path or in the host, and on a page that was typed in."""
    port = urlsplit(local_aws.endpoint_url).port
    names = (
        "127.0.0.1",
        "127.9.9.9",
        "localhost",
        "LOCALHOST.",
        "bucket.localhost",
        "bucket.s3.localhost",
        "[::1]",
    )
    for name in names:
        for host in (name, f"{name}:{port}"):
            assert ask(address, "GET", "/_local/gauges", b"", {"Host": host})[0] == 200, host
    typed = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}
    assert ask(address, "GET", "/_local/gauges", b"", typed)[0] == 200
    own = {"Origin": f"http://{address}", "Sec-Fetch-Site": "same-origin"}
    assert ask(address, "GET", "/_local/gauges", b"", own)[0] == 200
    status, headers, _ = ask(address, "GET", "/?list-type=2", b"", own)
    assert status != 403
    assert not [name for name in headers if name.startswith("access-control-")]


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_both_ways_of_naming_a_bucket_pass(
    local_aws: LocalAws, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """boto3 against ``localhost``, also with ``bucket.localhost``, which not every system knows as a name."""
    resolve = socket.getaddrinfo

    def resolved(host: Any, *arguments: Any, **more: Any) -> Any:
        return resolve("127.0.0.1" if str(host).endswith("localhost") else host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    url = f"http://localhost:{urlsplit(local_aws.endpoint_url).port}"
    with closing(
        client(local_aws, "s3", endpoint_url=url, config=Config(s3={"addressing_style": style}))
    ) as s3:  # type: ignore[typeddict-item]
        s3.create_bucket(
            Bucket=f"by-{style}", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        s3.put_object(Bucket=f"by-{style}", Key="a/b", Body=b"x")
        assert s3.get_object(Bucket=f"by-{style}", Key="a/b")["Body"].read() == b"x"


def test_a_stored_page_can_run_nothing(address: str) -> None:
    """An object that is HTML is shown in a sandbox, so that it has not the origin of local AWS."""
    assert ask(address, "PUT", "/pages")[0] == 200
    page = b"<script>fetch('/', {method: 'POST'})</script>"
    public = {"Content-Type": "text/html", "x-amz-acl": "public-read"}
    assert ask(address, "PUT", "/pages/a.html", page, public)[0] == 200
    status, headers, body = ask(address, "GET", "/pages/a.html")
    assert (status, body) == (200, page)
    assert headers["content-security-policy"] == "sandbox"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("hosts", "allowed"),
    [
        (["127.0.0.1:4566"], True),
        (["0.0.0.0:4566"], True),
        (["192.0.2.7"], True),
        (["192.0.2.8"], False),
        (["127.0.0.1.evil.example"], False),
        (["notlocalhost"], False),
        (["user@localhost"], False),
        (["localhost", "localhost"], False),
        (["localhost:port"], False),
        (["[::1"], False),
        ([""], False),
        ([], False),
    ],
)
def test_which_hosts_are_this_machine(hosts: list[str], allowed: bool) -> None:  # noqa: FBT001 - a table
    """Loopback, and the address that the caller has connected to: one host, well formed."""
    headers = http.client.HTTPMessage()
    for host in hosts:
        headers["Host"] = host
    problem = refusal(headers, own_addresses=("0.0.0.0", "192.0.2.7"))  # noqa: S104 - what was bound
    assert (problem is None) is allowed
