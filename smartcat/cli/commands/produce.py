"""``smartcat produce``: push documents onto the stream."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from smartcat.cli.produce.order import Packing


def produce(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files (.txt, .pdf, .jsonl, .csv, the last two also .gz), folders, s3://bucket/prefix,"
            " or - for JSON lines on stdin.",
            show_default=False,
        ),
    ] = None,
    *,
    stream: Annotated[
        str,
        typer.Option("--stream", envvar="SMARTCAT_STREAM", help="The Kinesis stream.", show_default=False),
    ] = "",
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first input that cannot be read.")
    ] = False,
    checkpoint: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Note here how far it is; a second run goes on there."),
    ] = None,
    spool: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Keep documents here until the stream has them."),
    ] = None,
    spool_limit: Annotated[
        str, typer.Option(metavar="SIZE", help="Bytes the spool may take, as in 500MiB or 2GiB.")
    ] = "1GiB",
    spool_wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long AWS may take nothing in the end.")
    ] = 300.0,
    rate: Annotated[
        float | None, typer.Option(min=0.001, metavar="N", help="Documents a second at most.")
    ] = None,
    claims: Annotated[
        str,
        typer.Option(
            envvar="SMARTCAT_CLAIMS_BUCKET",
            metavar="BUCKET",
            help="Keep documents too large for the stream in this S3 bucket.",
            show_default=False,
        ),
    ] = "",
    packing: Annotated[
        Packing,
        typer.Option(
            help="Documents share a record (aggregate), are compressed together too, which smartcat's"
            " function alone reads (together), or have a record each (single)."
        ),
    ] = Packing.AGGREGATE,
    stack: Annotated[
        bool,
        typer.Option("--stack", help="Each document is a stack of scans, to be split into its documents."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would send and cost, and send nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Push documents onto the stream; at least once, and in order for each document id.

    Example: [bold]smartcat produce --stream smartcat-documents scans/ more.jsonl.gz[/bold]
    """
    from producers.errors import ProducersError
    from smartcat.cli.aws import aws_errors, client
    from smartcat.cli.delivery import DeliveryStopped
    from smartcat.cli.inputs import InputError
    from smartcat.cli.produce.order import Order, parse_size

    if not paths and (spool is None or dry_run):
        raise typer.BadParameter("expected a file, a folder, s3://bucket/prefix or -", param_hint="PATHS")
    if not stream and not dry_run:
        raise typer.BadParameter("expected the name of the stream, or SMARTCAT_STREAM", param_hint="--stream")
    try:
        limit = parse_size(spool_limit)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--spool-limit") from None
    order = Order(
        paths or [], stream, strict, checkpoint, spool, limit, spool_wait, rate, claims, packing, stack
    )
    # What a producer logs of its failures is said in the summary, once.
    logging.getLogger("producers").addHandler(logging.NullHandler())
    with aws_errors(ProducersError, InputError, DeliveryStopped):
        if dry_run:
            from smartcat.cli.produce.dry_run import rehearse

            rehearse(order, lambda: client("kinesis"), as_json=json)
        else:
            from smartcat.cli.produce.run import deliver

            deliver(order, client("kinesis"), as_json=json)
