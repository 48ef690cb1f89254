"""``smartcat produce``: push documents onto the stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from smartcat.console import err, fail, out, print_json, progress

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
    from producers.errors import DocumentTooLarge, ProducersError
    from producers.producer import Producer
    from smartcat.aws import aws_errors
    from smartcat.inputs import InputError, readable_documents

    problems: list[str] = []
    with aws_errors(ProducersError, InputError), progress() as report:
        producer = Producer(stream)
        try:
            with producer:
                for number, document in enumerate(readable_documents(paths, problems, strict=strict), 1):
                    try:
                        producer.put(document)
                    except DocumentTooLarge as error:
                        problems.append(str(error))
                    report("sending", number, 0)
        finally:
            # Also after Ctrl-C: what was accepted and what was not is said in any case.
            delivery = producer.report
            _summarise(delivery, problems, as_json=json)
    if delivery.failed or problems:
        raise fail(
            f"{len(delivery.failed)} documents were not delivered, {len(problems)} inputs could not be read"
        )


def _summarise(delivery: DeliveryReport, problems: list[str], *, as_json: bool) -> None:
    for problem in problems:
        err.print(f"skipped: {problem}", markup=False)
    for key, reason in delivery.failed:
        err.print(f"not delivered: {key}: {reason}", markup=False)
    if as_json:
        print_json(
            {
                "accepted": delivery.accepted,
                "failed": len(delivery.failed),
                "skipped": len(problems),
                "retried_records": delivery.retried_records,
                "requests": delivery.requests,
                "bytes": delivery.bytes,
            }
        )
    else:
        out.print(
            f"{delivery.accepted} documents accepted by the stream in {delivery.requests} requests"
            f" ({delivery.bytes / 1024:.0f} KiB, {delivery.retried_records} sent again)",
            markup=False,
        )
