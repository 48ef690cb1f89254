"""``smartcat replay``: put quarantined and discarded records back on the stream."""

from __future__ import annotations

import logging
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smartcat.cli.console import fail, progress

if TYPE_CHECKING:
    from datetime import datetime

    from smartcat.cli.console import Report
    from smartcat.cli.replay.buckets import Bucket
    from smartcat.cli.replay.search import Search


def replay(
    *,
    stream: Annotated[
        str,
        typer.Option(
            "--stream",
            envvar="SMARTCAT_STREAM",
            help="Name of the Kinesis stream, or its ARN, as for one in another account.",
            show_default=False,
        ),
    ],
    quarantine: Annotated[
        str,
        typer.Option(envvar="SMARTCAT_QUARANTINE_BUCKET", help="Bucket of the quarantine.", metavar="BUCKET"),
    ] = "",
    prefix: Annotated[
        str, typer.Option(envvar="SMARTCAT_QUARANTINE_PREFIX", help="Key prefix of the quarantine.")
    ] = "quarantine/",
    failures: Annotated[
        str,
        typer.Option(
            envvar="SMARTCAT_FAILURES_BUCKET", help="Bucket of the failure destination.", metavar="BUCKET"
        ),
    ] = "",
    reason: Annotated[
        list[str] | None, typer.Option(help="Only this reason or condition; repeatable.")
    ] = None,
    document: Annotated[
        list[str] | None, typer.Option("--id", help="Only this document id; repeatable.")
    ] = None,
    since: Annotated[
        str,
        typer.Option(
            help="Only records that arrived at this time or later: ISO 8601, or a time ago such as 2h or 3d.",
            metavar="TIME",
        ),
    ] = "",
    until: Annotated[
        str, typer.Option(help="Only records that arrived before this time.", metavar="TIME")
    ] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Read no further object after this many records.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Replay; without it, only show what would be replayed.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Do not delete the replayed objects.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Put quarantined and discarded records back on the stream. Without --yes, only show them.

    An old version of a document never replaces a newer result.

    Example: [bold]smartcat replay --reason too_large --since 2d[/bold]
    """
    from producers.errors import ProducersError
    from smartcat.cli.aws_clients import aws_errors, client
    from smartcat.cli.delivery_monitor import DeliveryStopped
    from smartcat.cli.replay.record_filter import RecordFilter
    from smartcat.cli.replay.search import Search
    from smartcat.cli.replay.shards import ReplayCutoff
    from smartcat.cli.replay.statistics import Statistics
    from smartcat.cli.replay.terminal_report import print_statistics

    _check_stream_name(stream)
    if not quarantine and not failures:
        raise typer.BadParameter("expected a bucket", param_hint="--quarantine or --failures")
    record_filter = RecordFilter(
        frozenset(reason or ()),
        frozenset(document or ()),
        _time(since, "--since"),
        _time(until, "--until"),
    )
    search = Search(stream, record_filter, limit, ReplayCutoff(), Statistics())
    with aws_errors(ProducersError, DeliveryStopped), progress() as report:
        buckets = _buckets(client("s3"), quarantine, prefix, failures)
        if yes:
            _replay(search, buckets, report, keep=keep, as_json=json)
        else:
            _show(search, buckets, report)
            print_statistics(search.statistics, stream, done=False, as_json=json)
    if yes and search.statistics.skipped:
        raise fail(f"{search.statistics.skipped.total()} could not be replayed")


def _check_stream_name(stream: str) -> None:
    from smartcat.stream_names import parse_stream

    try:
        parse_stream(stream)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--stream") from None


def _time(text: str, option: str) -> datetime | None:
    from datetime import UTC, datetime

    from smartcat.cli.replay.record_filter import parse_time

    try:
        return parse_time(text, datetime.now(UTC)) if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _buckets(s3: Any, quarantine: str, prefix: str, failures: str) -> list[Bucket]:
    from smartcat.cli.replay.buckets import Bucket
    from smartcat.cli.replay.failure_destination import read_failure_object
    from smartcat.cli.replay.quarantine import read_quarantine_object

    buckets = [Bucket(s3, quarantine, prefix, read_quarantine_object)] if quarantine else []
    return buckets + ([Bucket(s3, failures, "aws/lambda/", read_failure_object)] if failures else [])


def _show(search: Search, buckets: list[Bucket], report: Report) -> None:
    objects = chain.from_iterable(bucket.objects(search.record_filter.since) for bucket in buckets)
    for _ in search.select(objects):
        report("searching", search.statistics.records, 0)


def _replay(search: Search, buckets: list[Bucket], report: Report, *, keep: bool, as_json: bool) -> None:
    from producers.producer import Producer
    from smartcat.cli.aws_clients import client
    from smartcat.cli.delivery_monitor import check_stream
    from smartcat.cli.replay.redrive import Redrive, read_hash_key_ranges
    from smartcat.cli.replay.terminal_report import print_statistics
    from smartcat.stream_names import parse_stream

    # The summary reports failures once; the producer's log lines would repeat them.
    logging.getLogger("producers").addHandler(logging.NullHandler())
    stream = search.stream
    kinesis = client("kinesis", region=parse_stream(stream).region or None)
    check_stream(kinesis, stream)
    producer = Producer(stream)
    redrive = Redrive(
        producer, read_hash_key_ranges(kinesis, stream), search.cutoff, search.statistics, keep=keep
    )
    objects = chain.from_iterable(bucket.objects(search.record_filter.since) for bucket in buckets)
    try:
        # Leaving it sends the rest, or fails it after Ctrl-C: only then all results are known.
        with producer:
            for selected in search.select(objects):
                redrive.send(selected)
                report("replaying", search.statistics.records, 0)
    finally:
        try:
            redrive.finish()
        finally:
            # In any case: report what was replayed.
            print_statistics(search.statistics, stream, done=True, as_json=as_json)
