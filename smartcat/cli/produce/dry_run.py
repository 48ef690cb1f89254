"""Estimates a delivery: reads the inputs and the number of shards, and sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producers.core import prices
from producers.core.estimate import Billed, Estimate
from producers.sources import SourceProblem, read_inputs
from producers.sources.fingerprint import fingerprint_inputs
from smartcat.cli.aws_clients import AwsError
from smartcat.cli.console import err, fail, out, print_json, visible
from smartcat.cli.inputs import Skipped, skip_input
from smartcat.cli.produce.progress_bar import progress_bar
from smartcat.stream_names import parse_stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartcat.cli.produce.delivery_options import DeliveryOptions


def show_dry_run(options: DeliveryOptions, kinesis: Callable[[], Any], *, as_json: bool) -> None:
    """Print the estimate of a delivery.

    Args:
        options: What would be delivered, and where to; without a stream, shards are not looked up.
        kinesis: Returns a boto3 client.
        as_json: Whether to print JSON.

    Raises:
        typer.Exit: With code 1, if inputs were skipped.
        InputError: With ``strict``, an input cannot be read.
    """
    shards = count_shards(kinesis, options.stream) if options.stream else None
    estimate, skipped = Estimate(), Skipped()
    with progress_bar(fingerprint_inputs(options.paths).files) as show:
        for found in read_inputs(options.paths):
            if isinstance(found.content, SourceProblem):
                skip_input(found.content, skipped, strict=options.strict)
            else:
                estimate.add(options.mark(found.content))
            show(found.files, estimate.documents, lambda: 0)
    estimate.end()
    skipped.print_rest()
    if as_json:
        print_json(as_fields(estimate, skipped, shards))
    else:
        _print(estimate, shards)
    if skipped.count:
        raise fail(f"{skipped.count} of the inputs would be skipped")


def count_shards(kinesis: Callable[[], Any], stream: str) -> int | None:
    """Return the number of open shards; None if AWS cannot be reached, which a dry run does not need."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - only who asks AWS pays for it

    try:
        answer = kinesis().describe_stream_summary(**parse_stream(stream).request)
    except (BotoCoreError, ClientError, AwsError) as error:
        err.print(visible(f"note: cannot look up the shards: {' '.join(str(error).split())}"))
        return None
    try:
        return int(answer["StreamDescriptionSummary"]["OpenShardCount"])
    except (KeyError, TypeError, ValueError):
        err.print("note: cannot look up the shards: the answer is not one of Kinesis")
        return None


def as_fields(estimate: Estimate, skipped: Skipped, shards: int | None) -> dict[str, Any]:
    """Return the object that ``--json`` prints; docs/produce.md explains each key."""
    return {
        "dry_run": True,
        "documents": estimate.documents,
        "pages": estimate.pages,
        "skipped": skipped.count,
        "problems": dict(sorted(skipped.reasons.items())),
        "json_bytes": estimate.json_bytes,
        "wire_bytes": estimate.wire_bytes,
        "shards": shards,
        "seconds": None if shards is None else round(estimate.seconds(shards), 3),
        "single": _billed(estimate.single),
        "aggregated": _billed(estimate.aggregated),
        "prices": f"{prices.REGION} {prices.AS_OF}",
    }


def _billed(billed: Billed) -> dict[str, Any]:
    return {
        "records": billed.records,
        "payload_units": billed.payload_units,
        "usd_provisioned": round(billed.usd_provisioned, 9),
        "usd_on_demand": round(billed.usd_on_demand, 9),
    }


def _print(estimate: Estimate, shards: int | None) -> None:
    saved = 1 - estimate.wire_bytes / estimate.json_bytes if estimate.json_bytes else 0
    time = (
        "unknown without the stream"
        if shards is None
        else f"{shards}, at full rate for {estimate.seconds(shards):.1f} s"
    )
    out.print("Dry run: nothing was sent.")
    for name, value in (
        ("documents", f"{estimate.documents:,} with {estimate.pages:,} pages"),
        ("as JSON", f"{estimate.json_bytes:,} bytes"),
        (
            "on the wire",
            f"{estimate.wire_bytes:,} bytes ({abs(saved):.0%} {'less' if saved >= 0 else 'more'})",
        ),
        ("shards", time),
        ("single", _billed_line(estimate.single)),
        ("aggregated", _billed_line(estimate.aggregated)),
    ):
        out.print(f"  {name:<12} {value}")
    out.print(f"Prices: {prices.REGION}, {prices.AS_OF}; records only.")


def _billed_line(billed: Billed) -> str:
    return (
        f"{billed.records:,} records, {billed.payload_units:,} payload units:"
        f" ${billed.usd_provisioned:.6f} provisioned, ${billed.usd_on_demand:.6f} on demand"
    )
