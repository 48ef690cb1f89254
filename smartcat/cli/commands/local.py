"""``smartcat local``: AWS on this machine, with the whole system in it if a model is given."""

from __future__ import annotations

import shlex
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartcat.cli.console import err, one_line_errors, out, print_json
from smartcat.cli.engine_option import EngineOption

if TYPE_CHECKING:
    from collections.abc import Mapping


def local(
    *,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, envvar="SMARTCAT_LOCAL_PORT", help="The port; 0 takes a free one."),
    ] = 4566,
    model: Annotated[
        Path | None,
        typer.Option("--model", "-m", help="Also build the whole system around this model directory."),
    ] = None,
    shards: Annotated[int, typer.Option(min=1, max=64, help="Shards of the stream, with --model.")] = 4,
    write_units: Annotated[
        int, typer.Option(min=1, max=40_000, help="Write units of the table, with --model.")
    ] = 50,
    engine: EngineOption = "auto",
    code: Annotated[
        Path | None, typer.Option("--function", metavar="ZIP", help="Run this zip of smartcat package.")
    ] = None,
    logs: Annotated[Path | None, typer.Option(help="Folder for the function's logs.")] = None,
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Faults to inject, a JSON list: docs/local-aws.md.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the environment as JSON.")] = False,
) -> None:
    """Run Kinesis, DynamoDB, S3, SQS and Lambda on this machine, with the capacity limits AWS has.

    Prints the environment that any boto3 or AWS CLI client needs, then runs until Ctrl-C.

    Example: [bold]smartcat local --model model[/bold]
    """
    from smartcat.classifier.engine import load_classifier
    from smartcat.classifier.errors import ClassifierError
    from smartcat.cli.aws import aws_errors, client
    from smartcat.cli.stack import StackOptions, build_stack
    from smartcat.local_aws.errors import LocalAwsError
    from smartcat.local_aws.faults import parse_rules
    from smartcat.local_aws.local_aws import LocalAws

    if model is not None:
        with one_line_errors(ClassifierError):
            load_classifier(model, engine)
    with one_line_errors(ValueError):
        rules = parse_rules(faults.read_bytes()) if faults else ()
    with aws_errors(LocalAwsError), LocalAws(port=port, log_dir=logs) as aws:
        environment = dict(aws.environment())
        if model is not None:
            options = StackOptions(shards=shards, write_units=write_units, engine=engine, code=code)
            stack = build_stack(lambda service: client(service, environment), model, options)
            environment |= stack.environment()
        # Last, so that their windows count from when everything stands.
        aws.set_faults(rules)
        # Before anybody is told that it runs, and may end it.
        stop = _stopped_by_signal()
        _show(aws.endpoint_url, environment, as_json=json)
        stop.wait()


def _show(endpoint: str, environment: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        print_json({"endpoint_url": endpoint, "environment": dict(environment)})
        sys.stdout.flush()
        return
    err.print(f"Local AWS is at {endpoint}. In another terminal:")
    for name, value in sorted(environment.items()):
        out.print(f"export {name}={shlex.quote(value)}")
    err.print("Ctrl-C stops it; what it holds is gone then.")


def _stopped_by_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
