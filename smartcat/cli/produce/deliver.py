"""Delivers documents: lists the inputs, reads, sends, saves the progress, and reports the result."""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from producers.checkpoint import exclusive
from producers.errors import DocumentTooLargeError
from producers.sources import ProblemCode, SourceProblem, read_inputs
from producers.sources.fingerprint import fingerprint_inputs
from producers.sources.inputs import S3
from producers.spool.spool import Spool
from smartcat.cli.console import err, fail, visible
from smartcat.cli.delivery_monitor import check_stream
from smartcat.cli.inputs import Skipped, skip_input
from smartcat.cli.produce.delivery_options import DeliveryOptions, make_producer
from smartcat.cli.produce.destinations import SpoolDestination, StreamDestination
from smartcat.cli.produce.progress import DeliveryProgress
from smartcat.cli.produce.progress_bar import progress_bar
from smartcat.cli.produce.summary import Summary, print_summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from producers.sources.fingerprint import InputFingerprints
    from smartcat.cli.produce.destinations import Destination


def deliver(options: DeliveryOptions, kinesis: Any, *, as_json: bool) -> None:
    """Deliver documents to the stream.

    Args:
        options: What to deliver, and how.
        kinesis: A boto3 client, to check that the stream exists.
        as_json: Whether to print the summary as JSON.

    Raises:
        typer.Exit: With code 1, if something was not delivered.
    """
    skipped, started = Skipped(), time.monotonic()
    with ExitStack() as stack:
        if options.checkpoint:
            stack.enter_context(exclusive(options.checkpoint))
        inputs = _fingerprints(options)
        progress = DeliveryProgress(options.checkpoint, options.stream, inputs, time.monotonic)
        if progress.finished_before:
            _say_finished(options, progress)
        else:
            _check(options, kinesis)
        spool = options.spool and stack.enter_context(
            Spool(options.spool, options.stream, limit=options.spool_limit)
        )
        producer = make_producer(options)
        destination = SpoolDestination(options, producer, spool) if spool else StreamDestination(producer)

        def sent_again() -> int:
            return producer.report.retried_records + destination.sent_again

        try:
            with progress_bar(inputs.files) as show, progress.saved_meanwhile(), producer, destination:
                if not progress.finished_before:
                    _feed(options, progress, destination, skipped, lambda *done: show(*done, sent_again))
            progress.save(all_read=True)
        finally:
            # In any case, also after Ctrl-C: report what was accepted.
            seconds, kept = time.monotonic() - started, spool.waiting if spool else None
            summary = Summary(
                producer.report,
                skipped,
                seconds,
                sent_again(),
                progress.done_before,
                kept,
                progress.skipped_before,
                progress.changed,
            )
            print_summary(summary, as_json=as_json)
            progress.save()
    if problems := summary.problems():
        raise fail(", ".join(problems))


def _feed(
    options: DeliveryOptions,
    progress: DeliveryProgress,
    destination: Destination,
    skipped: Skipped,
    show: Callable[[float, int], None],
) -> None:
    documents = 0
    for found in read_inputs(options.paths, start=progress.start):
        ticket = progress.begin(found.position)
        if isinstance(found.content, SourceProblem):
            skip_input(found.content, skipped, strict=options.strict)
            # A failed read may succeed next time; an invalid input stays invalid.
            if found.content.reason != ProblemCode.UNREADABLE:
                progress.skip(ticket)
        else:
            documents += 1
            try:
                destination.put(options.mark(found.content), partial(progress.done, ticket))
            except DocumentTooLargeError as error:
                skipped.add(str(error), "too_large")
                progress.skip(ticket)
        destination.check()
        progress.save_if_due()
        show(found.files, documents)


def _fingerprints(options: DeliveryOptions) -> InputFingerprints:
    """Return the inputs as they are now; S3 is asked only for a checkpoint."""
    if options.checkpoint is None or not any(path.startswith(S3) for path in options.paths):
        return fingerprint_inputs(options.paths)
    from producers.sources.s3 import bucket_fingerprint  # noqa: PLC0415 - only who reads from S3 needs boto3

    return fingerprint_inputs(options.paths, of_buckets=bucket_fingerprint)


def _say_finished(options: DeliveryOptions, progress: DeliveryProgress) -> None:
    """Say that there is nothing to do, and what of the inputs was not delivered."""
    but = [f"{progress.skipped_before} inputs that were skipped"] if progress.skipped_before else []
    but += [f"objects of {path} that were added or changed since" for path in progress.changed]
    what = f"everything was delivered but {' and '.join(but)}" if but else "everything was delivered"
    err.print(visible(f"note: {options.checkpoint}: {what}; delete this file to send it again"))


def _check(options: DeliveryOptions, kinesis: Any) -> None:
    """Check that the stream exists; with a spool, AWS need not be reachable."""
    from botocore.exceptions import (  # noqa: PLC0415 - only who reaches AWS pays for it
        BotoCoreError,
        NoCredentialsError,
        PartialCredentialsError,
    )

    try:
        check_stream(kinesis, options.stream)
    except (NoCredentialsError, PartialCredentialsError):
        raise
    except BotoCoreError as error:
        if options.spool is None:
            raise
        err.print(visible(f"note: AWS cannot be reached; documents are kept in {options.spool}: {error}"))
