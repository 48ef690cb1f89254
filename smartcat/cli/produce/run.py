"""The story of a delivery: look over the inputs, read, send, note how far it is, say what became of it."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from producers.errors import DocumentTooLargeError
from producers.sources import ProblemCode, SourceProblem, read_inputs
from producers.sources.fingerprint import fingerprint_inputs
from producers.spool.spool import Spool
from smartcat.cli.console import err, fail, visible
from smartcat.cli.delivery import check_stream
from smartcat.cli.inputs import Skipped, pass_over
from smartcat.cli.produce.journey import Journey
from smartcat.cli.produce.order import Order, make_producer
from smartcat.cli.produce.sinks import Direct, Spooled
from smartcat.cli.produce.summary import Summary, tell
from smartcat.cli.produce.view import view

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartcat.cli.produce.sinks import Sink


def deliver(order: Order, kinesis: Any, *, as_json: bool) -> None:
    """Deliver what was ordered.

    Args:
        order: What, where to, and how.
        kinesis: A boto3 client to ask for the stream.
        as_json: Whether the summary is JSON.

    Raises:
        typer.Exit: With code 1, where something was not delivered.
    """
    inputs = fingerprint_inputs(order.paths)
    journey = Journey(order.checkpoint, order.stream, inputs, time.monotonic)
    if journey.finished_before:
        err.print(visible(f"note: {order.checkpoint}: all was delivered; delete it to send again"))
    else:
        _check(order, kinesis)
    skipped, begun = Skipped(), time.monotonic()
    with ExitStack() as ends:
        spool = order.spool and ends.enter_context(Spool(order.spool, order.stream, limit=order.spool_limit))
        producer = make_producer(order)
        sink = Spooled(order, producer, spool, skipped) if spool else Direct(producer)

        def again() -> int:
            return producer.report.retried_records + sink.again

        try:
            with view(inputs.files) as show, producer, sink:
                if not journey.finished_before:
                    _feed(order, journey, sink, skipped, lambda *done: show(*done, again))
            journey.save(all_read=True)
        finally:
            # Also after Ctrl-C: what was accepted and what was not is said in any case.
            seconds, kept = time.monotonic() - begun, spool.waiting if spool else None
            summary = Summary(producer.report, skipped, seconds, again(), journey.done_before, kept)
            tell(summary, as_json=as_json)
            journey.save()
    if problems := summary.problems():
        raise fail(", ".join(problems))


def _feed(
    order: Order, journey: Journey, sink: Sink, skipped: Skipped, show: Callable[[float, int], None]
) -> None:
    documents = 0
    for found in read_inputs(order.paths, start=journey.start):
        done = journey.begin(found.position)
        if isinstance(found.content, SourceProblem):
            pass_over(found.content, skipped, strict=order.strict)
            # What a disk or AWS did not give may be there next time; what is wrong stays wrong.
            if found.content.reason != ProblemCode.UNREADABLE:
                done()
        else:
            documents += 1
            try:
                sink.put(order.marked(found.content), done)
            except DocumentTooLargeError as error:
                skipped.add(str(error), "too_large")
                done()
        sink.check()
        journey.save_if_due()
        show(found.files, documents)


def _check(order: Order, kinesis: Any) -> None:
    """Find out whether the stream is there; with a spool, nobody needs to answer."""
    from botocore.exceptions import (  # noqa: PLC0415 - only who reaches AWS pays for it
        BotoCoreError,
        NoCredentialsError,
        PartialCredentialsError,
    )

    try:
        check_stream(kinesis, order.stream)
    except (NoCredentialsError, PartialCredentialsError):
        raise
    except BotoCoreError as error:
        if order.spool is None:
            raise
        err.print(visible(f"note: AWS cannot be reached, documents are kept in {order.spool}: {error}"))
