"""``smartcat replay``: put what was quarantined or given up back on the stream."""

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
    from smartcat.cli.replay.find import Search


def replay(
    *,
    stream: Annotated[
        str,
        typer.Option("--stream", envvar="SMARTCAT_STREAM", help="The Kinesis stream.", show_default=False),
    ],
    quarantine: Annotated[
        str,
        typer.Option(envvar="SMARTCAT_QUARANTINE_BUCKET", help="Bucket of the quarantine.", metavar="BUCKET"),
    ] = "",
    prefix: Annotated[
        str, typer.Option(envvar="SMARTCAT_QUARANTINE_PREFIX", help="What keys of the quarantine begin with.")
    ] = "quarantine/",
    failures: Annotated[
        str,
        typer.Option(
            envvar="SMARTCAT_FAILURES_BUCKET", help="Bucket of the failure destination.", metavar="BUCKET"
        ),
    ] = "",
    reason: Annotated[
        list[str] | None, typer.Option(help="Only this reason, or condition; may be repeated.")
    ] = None,
    document: Annotated[
        list[str] | None, typer.Option("--id", help="Only this document id; may be repeated.")
    ] = None,
    since: Annotated[
        str, typer.Option(help="Arrived at this moment or later: ISO 8601, or 2h, 3d ago.", metavar="MOMENT")
    ] = "",
    until: Annotated[str, typer.Option(help="Arrived before this moment.", metavar="MOMENT")] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Stop after the object with this many records.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this it is only shown.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the objects where they are.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Put what was quarantined or given up back on the stream; only shows it, unless told --yes.

    An old version of a document never replaces a newer result.

    Example: [bold]smartcat replay --reason too_large --since 2d[/bold]
    """
    from producers.errors import ProducersError
    from smartcat.cli.aws import aws_errors, client
    from smartcat.cli.delivery import DeliveryStopped
    from smartcat.cli.replay.find import Search
    from smartcat.cli.replay.report import tell
    from smartcat.cli.replay.selection import Selection
    from smartcat.cli.replay.shards import Horizon
    from smartcat.cli.replay.tally import Tally

    if not quarantine and not failures:
        raise typer.BadParameter("expected a bucket", param_hint="--quarantine or --failures")
    selection = Selection(
        frozenset(reason or ()),
        frozenset(document or ()),
        _moment(since, "--since"),
        _moment(until, "--until"),
    )
    search = Search(stream, selection, limit, Horizon(), Tally())
    with aws_errors(ProducersError, DeliveryStopped), progress() as report:
        buckets = _buckets(client("s3"), quarantine, prefix, failures)
        if yes:
            _put_back(search, buckets, report, keep=keep, as_json=json)
        else:
            _look(search, buckets, report)
            tell(search.tally, stream, done=False, as_json=json)
    if yes and search.tally.left:
        raise fail(f"{search.tally.left.total()} could not be put back")


def _moment(text: str, option: str) -> datetime | None:
    from datetime import UTC, datetime

    from smartcat.cli.replay.selection import parse_moment

    try:
        return parse_moment(text, datetime.now(UTC)) if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _buckets(s3: Any, quarantine: str, prefix: str, failures: str) -> list[Bucket]:
    from smartcat.cli.replay.buckets import Bucket
    from smartcat.cli.replay.given_up import read_given_up
    from smartcat.cli.replay.quarantined import read_quarantined

    buckets = [Bucket(s3, quarantine, prefix, read_quarantined)] if quarantine else []
    return buckets + ([Bucket(s3, failures, "aws/lambda/", read_given_up)] if failures else [])


def _look(search: Search, buckets: list[Bucket], report: Report) -> None:
    objects = chain.from_iterable(bucket.objects(search.selection.since) for bucket in buckets)
    for _ in search.choose(objects):
        report("looking", search.tally.records, 0)


def _put_back(search: Search, buckets: list[Bucket], report: Report, *, keep: bool, as_json: bool) -> None:
    from producers.producer import Producer
    from smartcat.cli.aws import client
    from smartcat.cli.delivery import check_stream
    from smartcat.cli.replay.put_back import PutBack, shard_ranges
    from smartcat.cli.replay.report import tell

    # What a producer logs of its failures is said below, once.
    logging.getLogger("producers").addHandler(logging.NullHandler())
    kinesis, stream = client("kinesis"), search.stream
    check_stream(kinesis, stream)
    producer = Producer(stream)
    back = PutBack(producer, shard_ranges(kinesis, stream), search.horizon, search.tally, keep=keep)
    objects = chain.from_iterable(bucket.objects(search.selection.since) for bucket in buckets)
    try:
        # Left first: it sends what waits, or fails it after Ctrl-C, and only then is everything known.
        with producer:
            for found in search.choose(objects):
                back.put(found)
                report("putting back", search.tally.records, 0)
    finally:
        try:
            back.finish()
        finally:
            # In any case: what is on the stream again and what is not.
            tell(search.tally, stream, done=True, as_json=as_json)
