"""What a delivery would be: reads the inputs, asks AWS for shards if it answers, and sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producers.core import prices
from producers.core.estimate import Billed, Estimate
from producers.sources import SourceProblem, read_inputs
from producers.sources.fingerprint import fingerprint_inputs
from smartcat.cli.aws import AwsError
from smartcat.cli.console import err, fail, out, print_json, visible
from smartcat.cli.inputs import Skipped, pass_over
from smartcat.cli.produce.view import view

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartcat.cli.produce.order import Order


def rehearse(order: Order, kinesis: Callable[[], Any], *, as_json: bool) -> None:
    """Say what a delivery would be.

    Args:
        order: What would be delivered, and where to; without a stream nobody is asked for shards.
        kinesis: Makes a boto3 client.
        as_json: Whether to print JSON.

    Raises:
        typer.Exit: With code 1, where inputs were skipped.
        InputError: With ``strict``, for the first input that cannot be read.
    """
    shards = count_shards(kinesis, order.stream) if order.stream else None
    estimate, skipped = Estimate(), Skipped()
    with view(fingerprint_inputs(order.paths).files) as show:
        for found in read_inputs(order.paths):
            if isinstance(found.content, SourceProblem):
                pass_over(found.content, skipped, strict=order.strict)
            else:
                estimate.add(order.marked(found.content))
            show(found.files, estimate.documents, lambda: 0)
    estimate.end()
    skipped.say_rest()
    if as_json:
        print_json(as_fields(estimate, skipped, shards))
    else:
        _print(estimate, shards)
    if skipped.count:
        raise fail(f"{skipped.count} of the inputs would be skipped")


def count_shards(kinesis: Callable[[], Any], stream: str) -> int | None:
    """Ask the stream for its open shards; None where nobody answers, which a dry run does not need."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - only who asks AWS pays for it

    try:
        answer = kinesis().describe_stream_summary(StreamName=stream)
    except (BotoCoreError, ClientError, AwsError) as error:
        err.print(visible(f"note: shards are not known: {' '.join(str(error).split())}"))
        return None
    return int(answer["StreamDescriptionSummary"]["OpenShardCount"])


def as_fields(estimate: Estimate, skipped: Skipped, shards: int | None) -> dict[str, Any]:
    """Give the object that ``--json`` prints; docs/produce.md explains each key."""
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
        "not known without the stream"
        if shards is None
        else f"{shards}, full for {estimate.seconds(shards):.1f} s"
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
        ("one by one", _billed_line(estimate.single)),
        ("aggregated", _billed_line(estimate.aggregated)),
    ):
        out.print(f"  {name:<12} {value}")
    out.print(f"Prices of {prices.REGION}, {prices.AS_OF}, for the records alone.")


def _billed_line(billed: Billed) -> str:
    return (
        f"{billed.records:,} records, {billed.payload_units:,} payload units:"
        f" ${billed.usd_provisioned:.6f} provisioned, ${billed.usd_on_demand:.6f} on demand"
    )
