"""The summary of a delivery: a line for people, or a JSON object with stable keys."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smartcat.cli.console import err, out, print_json, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from producers.producer import DeliveryReport
    from smartcat.cli.inputs import Skipped

INTERRUPTED = "Interrupted"

#: Undelivered documents that are named one by one; the rest is counted by reason.
NAMED_FAILURES = 10


@dataclass(frozen=True, slots=True)
class Summary:
    """The result of a delivery.

    Attributes:
        report: Counts of the producer.
        skipped: Inputs that hold no document.
        seconds: Duration.
        sent_again: Records that were sent again.
        done_before: Documents and skipped inputs that an earlier run had finished, by the checkpoint.
        kept: Documents in the spool; None without one.
        skipped_before: Inputs that earlier runs have skipped, by the checkpoint.
        changed: Inputs in S3 of which objects were added or changed since the delivery began.
    """

    report: DeliveryReport
    skipped: Skipped
    seconds: float
    sent_again: int = 0
    done_before: int = 0
    kept: int | None = None
    skipped_before: int = 0
    changed: Sequence[str] = ()

    @property
    def failed(self) -> list[tuple[str, str]]:
        """Documents that were neither delivered nor spooled, with their error codes."""
        return [] if self.kept is not None else list(self.report.failed)

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints; docs/produce.md explains each key."""
        report, failed = self.report, self.failed
        return {
            "accepted": report.accepted,
            "failed": len(failed),
            "interrupted": sum(code == INTERRUPTED for _, code in failed),
            "kept": self.kept or 0,
            "skipped": self.skipped.count,
            "problems": dict(sorted(self.skipped.reasons.items())),
            "done_before": self.done_before,
            "skipped_before": self.skipped_before,
            "retried_records": self.sent_again,
            "requests": report.requests,
            "bytes": report.bytes,
            "seconds": round(self.seconds, 3),
            "documents_per_second": round(report.accepted / self.seconds, 1) if self.seconds else 0.0,
        }

    def problems(self) -> list[str]:
        """Return the reasons for exit code 1."""
        found = [f"{len(self.failed)} documents were not delivered"] if self.failed else []
        found += [f"{self.kept} documents are kept for the next run"] if self.kept else []
        found += [f"{self.skipped.count} of the inputs were skipped"] if self.skipped.count else []
        found += (
            [f"{self.skipped_before} of the inputs were skipped by an earlier run"]
            if self.skipped_before
            else []
        )
        return found + [f"objects of {path} were added or changed since it began" for path in self.changed]


def print_summary(summary: Summary, *, as_json: bool) -> None:
    """Print the result of the delivery."""
    summary.skipped.print_rest()
    for shard_id, code in summary.report.ill_shards:
        err.print(visible(f"note: {shard_id or 'the stream'} accepted nothing in many attempts: {code}"))
    for line in failure_lines(summary.failed):
        err.print(visible(line))
    if as_json:
        print_json(summary.as_json())
        return
    report = summary.report
    before = f"{summary.done_before} delivered by an earlier run, " if summary.done_before else ""
    kept = f", {summary.kept} kept in the spool" if summary.kept else ""
    rate = f", {report.accepted / summary.seconds:.0f} documents/s" if summary.seconds else ""
    out.print(
        f"{before}{report.accepted} documents accepted by the stream in {report.requests} requests"
        f" ({report.bytes / 1024:.0f} KiB, {summary.sent_again} sent again{rate}){kept}"
    )


def failure_lines(failed: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield a line for each of the first failures, and one line per reason for the rest.

    Args:
        failed: (document id, error code) of each.
    """
    yield from (f"not delivered: {key}: {reason}" for key, reason in failed[:NAMED_FAILURES])
    for reason, count in Counter(reason for _, reason in failed[NAMED_FAILURES:]).most_common():
        yield f"not delivered: {count} more: {reason}"
