"""The command line inside the test's own process, which saves the second that starting Python takes."""

import functools
import io
import signal
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import typer.main
from moto import mock_aws

from smartcat.cli import aws_clients
from smartcat.cli.app import app
from smartcat.cli.exit_codes import run
from support.models import TwoModels, two_models


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]

# Every command's options are read from its signature once, and not once for each run: a tenth of a second.
_parser = functools.cache(typer.main.get_command)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Give a function that runs ``smartcat`` with these arguments and no AWS settings."""
    monkeypatch.setattr(typer.main, "get_command", _parser)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_REGION", "SMARTCAT_STREAM", "SMARTCAT_TABLE"):
        monkeypatch.delenv(name, raising=False)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def run_it(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["smartcat", *arguments])
        capsys.readouterr()
        code = run(app)
        printed = capsys.readouterr()
        return Done(code, printed.out, printed.err)

    yield run_it
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> TwoModels:
    """Two small models, trained once."""
    return two_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def made_clients() -> dict[str, Any]:
    """Get the clients of emulated accounts: making one takes longer than most tests do."""
    return {}


@pytest.fixture
def account(
    command: Command, made_clients: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Any]]:
    """An empty account, for the test and for the command; gives a client of a service."""
    for name in ("SMARTCAT_MODELS", "SMARTCAT_CORRECTIONS_TABLE", "SMARTCAT_TABLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    make = aws_clients.client

    def client(service: str, *_: Any, **more: Any) -> Any:
        if service not in made_clients:
            made_clients[service] = make(service, **more)
        return made_clients[service]

    monkeypatch.setattr(aws_clients, "client", client)
    with mock_aws(config={"lambda": {"use_docker": False}}):
        yield client


@pytest.fixture
def s3(account: Callable[[str], Any]) -> Any:
    """A client of S3, and an empty bucket, ``artifacts``."""
    client = account("s3")
    client.create_bucket(Bucket="artifacts")
    return client


@pytest.fixture
def function(account: Callable[[str], Any]) -> Any:
    """A client of Lambda, a function with an alias, and one that serves no model."""
    role = account("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("handler.py", "")
    client = account("lambda")
    settings = {"Runtime": "python3.13", "Role": role, "Handler": "handler.handler", "Publish": True}
    code = {"ZipFile": archive.getvalue()}
    variables = {"SMARTCAT_MODEL": "s3://old/", "SMARTCAT_TABLE": "results"}
    client.create_function(
        FunctionName="classifier", Code=code, Environment={"Variables": variables}, **settings
    )
    client.create_function(FunctionName="other", Code=code, **settings)
    client.create_alias(FunctionName="classifier", Name="live", FunctionVersion="1")
    return client
