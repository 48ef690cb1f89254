"""``smartcat local``: run AWS on this machine, with the whole system if a model is given."""

from __future__ import annotations

import shlex
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartcat.cli.commands.options import EngineOption
from smartcat.cli.console import err, one_line_errors, out, print_json

if TYPE_CHECKING:
    from collections.abc import Mapping


def local(
    *,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, envvar="SMARTCAT_LOCAL_PORT", help="Port; 0 for a free one."),
    ] = 4566,
    model: Annotated[
        Path | None,
        typer.Option("--model", "-m", help="Also deploy the whole system with this model directory."),
    ] = None,
    shards: Annotated[int, typer.Option(min=1, max=64, help="With --model: shards of the stream.")] = 4,
    write_units: Annotated[
        int, typer.Option(min=1, max=40_000, help="With --model: write units of the table.")
    ] = 50,
    engine: EngineOption = "auto",
    code: Annotated[
        Path | None,
        typer.Option(
            "--function", metavar="ZIP", help="With --model: run this zip built by smartcat package."
        ),
    ] = None,
    logs: Annotated[Path | None, typer.Option(help="Folder for the function's logs.")] = None,
    faults: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Inject these faults (a JSON list; see docs/local-aws.md)."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the environment variables as JSON.")] = False,
) -> None:
    """Run Kinesis, DynamoDB, S3, SQS and Lambda on this machine, with the capacity limits of AWS.

    Prints the environment variables for boto3 and the AWS CLI, then runs until Ctrl-C.

    Example: [bold]smartcat local --model model[/bold]
    """
    from smartcat.classifier.classifier import load_classifier
    from smartcat.classifier.errors import ClassifierError
    from smartcat.cli.aws_clients import aws_errors, client
    from smartcat.cli.deployment import DeploymentOptions, deploy
    from smartcat.local_aws.errors import LocalAwsError
    from smartcat.local_aws.local_aws import LocalAws
    from smartcat.local_aws.server.fault_rules import parse_rules

    if model is not None:
        with one_line_errors(ClassifierError):
            load_classifier(model, engine)
    with one_line_errors(ValueError):
        rules = parse_rules(faults.read_bytes()) if faults else ()
    with aws_errors(LocalAwsError), LocalAws(port=port, log_dir=logs) as aws:
        environment = dict(aws.environment_variables())
        if model is not None:
            options = DeploymentOptions(shards=shards, write_units=write_units, engine=engine, code=code)
            deployment = deploy(lambda service: client(service, environment), model, options)
            environment |= deployment.environment()
        # Last, so that their time windows start when everything is deployed.
        aws.set_faults(rules)
        # Before anybody is told that it runs, and may stop it.
        stop = _stopped_by_signal()
        _show(aws.endpoint_url, environment, as_json=json)
        stop.wait()


def _show(endpoint: str, environment: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        print_json({"endpoint_url": endpoint, "environment": dict(environment)})
        sys.stdout.flush()
        return
    err.print(f"Local AWS is running at {endpoint}. In another terminal, run:")
    for name, value in sorted(environment.items()):
        out.print(f"export {name}={shlex.quote(value)}")
    err.print("Press Ctrl-C to stop it and delete its data.")


def _stopped_by_signal() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
