"""``smartcat produce``: push documents onto the stream."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated

import typer

from smartcat.console import err, fail, out, print_json, progress, visible

if TYPE_CHECKING:
    from producers.producer import DeliveryReport


def produce(
    paths: Annotated[
        list[str],
        typer.Argument(help="Text files, folders, JSON lines (plain or gzip), or - for JSON lines on stdin."),
    ],
    *,
    stream: Annotated[
        str,
        typer.Option("--stream", envvar="SMARTCAT_STREAM", help="The Kinesis stream.", show_default=False),
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first input that cannot be read.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Push documents onto the stream; at least once, and in order for each document id.

    Example: [bold]smartcat produce --stream smartcat-documents scans/ more.jsonl.gz[/bold]
    """
    from producers.errors import DocumentTooLargeError, ProducersError
    from producers.producer import Producer
    from smartcat.aws import aws_errors, client
    from smartcat.delivery import DeliveryStopped, Watch, check_stream
    from smartcat.inputs import InputError, Skipped, readable_documents

    # What a producer logs of its failures is said below, once.
    logging.getLogger("producers").addHandler(logging.NullHandler())
    skipped, watch = Skipped(), Watch()
    with aws_errors(ProducersError, InputError, DeliveryStopped), progress() as report:
        check_stream(client("kinesis"), stream)
        producer = Producer(stream)
        try:
            with producer:
                for number, document in enumerate(readable_documents(paths, skipped, strict=strict), 1):
                    try:
                        watch.follow(producer.put(document))
                    except DocumentTooLargeError as error:
                        skipped.add(str(error))
                    watch.check()
                    report("sending", number, 0)
        finally:
            # Also after Ctrl-C: what was accepted and what was not is said in any case.
            _summarise(producer.report, skipped.count, as_json=json)
    _judge(producer.report, skipped.count)


def _judge(delivery: DeliveryReport, skipped: int) -> None:
    problems = [f"{len(delivery.failed)} documents were not delivered"] if delivery.failed else []
    problems += [f"{skipped} of the inputs were skipped"] if skipped else []
    if problems:
        raise fail(", ".join(problems))


def _summarise(delivery: DeliveryReport, skipped: int, *, as_json: bool) -> None:
    from smartcat.delivery import failure_lines

    for line in failure_lines(delivery.failed):
        err.print(visible(line))
    if as_json:
        print_json(
            {
                "accepted": delivery.accepted,
                "failed": len(delivery.failed),
                "skipped": skipped,
                "retried_records": delivery.retried_records,
                "requests": delivery.requests,
                "bytes": delivery.bytes,
            }
        )
    else:
        out.print(
            f"{delivery.accepted} documents accepted by the stream in {delivery.requests} requests"
            f" ({delivery.bytes / 1024:.0f} KiB, {delivery.retried_records} sent again)"
        )
