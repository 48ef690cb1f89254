"""``smartcat produce``: send documents to the stream."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from smartcat.cli.commands.options import PATHS_HELP, StackOption, StrictOption
from smartcat.cli.produce.delivery_options import Packing


def produce(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help=PATHS_HELP,
            show_default=False,
        ),
    ] = None,
    *,
    stream: Annotated[
        str,
        typer.Option(
            "--stream",
            envvar="SMARTCAT_STREAM",
            help="Name of the Kinesis stream, or its ARN, as for one in another account.",
            show_default=False,
        ),
    ] = "",
    strict: StrictOption = False,
    checkpoint: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Save progress here; a later run resumes from it."),
    ] = None,
    spool: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Keep documents here until the stream has accepted them."),
    ] = None,
    spool_limit: Annotated[
        str, typer.Option(metavar="SIZE", help="Largest size of the spool, such as 500MiB or 2GiB.")
    ] = "1GiB",
    spool_wait: Annotated[
        float,
        typer.Option(
            min=0, metavar="SECONDS", help="Longest wait for AWS at the end, or while the spool is full."
        ),
    ] = 300.0,
    rate: Annotated[
        float | None, typer.Option(min=0.001, metavar="N", help="Maximum documents per second.")
    ] = None,
    claims: Annotated[
        str,
        typer.Option(
            envvar="SMARTCAT_CLAIMS_BUCKET",
            metavar="BUCKET",
            help="Store documents too large for the stream in this S3 bucket.",
            show_default=False,
        ),
    ] = "",
    packing: Annotated[
        Packing,
        typer.Option(
            help="aggregate: many documents per record; together: also compressed together, readable by the"
            " smartcat function only; single: one document per record."
        ),
    ] = Packing.AGGREGATE,
    stack: StackOption = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Estimate what would be sent and what it would cost; send nothing."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Send documents to the stream, at least once, and in order for each document id.

    Example: [bold]smartcat produce --stream smartcat-documents scans/ more.jsonl.gz[/bold]
    """
    from producers.errors import ProducersError
    from smartcat.cli.aws_clients import aws_errors, client
    from smartcat.cli.delivery_monitor import DeliveryStopped
    from smartcat.cli.inputs import InputError
    from smartcat.cli.produce.delivery_options import DeliveryOptions, parse_size
    from smartcat.stream_names import parse_stream

    if not paths and (spool is None or dry_run):
        raise typer.BadParameter("expected a file, a folder, s3://bucket/prefix or -", param_hint="PATHS")
    if not stream and not dry_run:
        raise typer.BadParameter("expected the name of the stream, or SMARTCAT_STREAM", param_hint="--stream")
    try:
        region = parse_stream(stream).region or None if stream else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--stream") from None
    try:
        limit = parse_size(spool_limit)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--spool-limit") from None
    options = DeliveryOptions(
        paths or [], stream, strict, checkpoint, spool, limit, spool_wait, rate, claims, packing, stack
    )
    # The summary reports failures once; the producer's log lines would repeat them.
    logging.getLogger("producers").addHandler(logging.NullHandler())
    with aws_errors(ProducersError, InputError, DeliveryStopped):
        if dry_run:
            from smartcat.cli.produce.dry_run import show_dry_run

            show_dry_run(options, lambda: client("kinesis", region=region), as_json=json)
        else:
            from smartcat.cli.produce.deliver import deliver

            deliver(options, client("kinesis", region=region), as_json=json)
