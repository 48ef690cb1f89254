"""What is said at the end: a line for people, or one JSON object with keys that stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smartcat.cli.console import err, out, print_json, visible
from smartcat.cli.delivery import failure_lines

if TYPE_CHECKING:
    from producers.producer import DeliveryReport
    from smartcat.cli.inputs import Skipped

INTERRUPTED = "Interrupted"


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a delivery.

    Attributes:
        report: What the producer delivered.
        skipped: Inputs that gave no document.
        seconds: How long it took.
        again: Records that were sent again.
        done_before: Documents and problems that an earlier run had done, by the checkpoint.
        kept: Documents that are in the spool; None without one.
    """

    report: DeliveryReport
    skipped: Skipped
    seconds: float
    again: int = 0
    done_before: int = 0
    kept: int | None = None

    @property
    def failed(self) -> list[tuple[str, str]]:
        """What was not delivered and is not kept: with a spool nothing is."""
        return [] if self.kept is not None else list(self.report.failed)

    def as_json(self) -> dict[str, Any]:
        """Give the object that ``--json`` prints; docs/produce.md explains each key."""
        report, failed = self.report, self.failed
        return {
            "accepted": report.accepted,
            "failed": len(failed),
            "interrupted": sum(code == INTERRUPTED for _, code in failed),
            "kept": self.kept or 0,
            "skipped": self.skipped.count,
            "problems": dict(sorted(self.skipped.reasons.items())),
            "done_before": self.done_before,
            "retried_records": self.again,
            "requests": report.requests,
            "bytes": report.bytes,
            "seconds": round(self.seconds, 3),
            "documents_per_second": round(report.accepted / self.seconds, 1) if self.seconds else 0.0,
        }

    def problems(self) -> list[str]:
        """Give what makes the exit code 1, in words."""
        found = [f"{len(self.failed)} documents were not delivered"] if self.failed else []
        found += [f"{self.kept} documents are kept for the next run"] if self.kept else []
        return found + ([f"{self.skipped.count} of the inputs were skipped"] if self.skipped.count else [])


def tell(summary: Summary, *, as_json: bool) -> None:
    """Say what became of the delivery."""
    summary.skipped.say_rest()
    for line in failure_lines(summary.failed):
        err.print(visible(line))
    if as_json:
        print_json(summary.as_json())
        return
    report = summary.report
    before = f"{summary.done_before} done by an earlier run, " if summary.done_before else ""
    kept = f", {summary.kept} kept in the spool" if summary.kept else ""
    rate = f", {report.accepted / summary.seconds:.0f} documents/s" if summary.seconds else ""
    out.print(
        f"{before}{report.accepted} documents accepted by the stream in {report.requests} requests"
        f" ({report.bytes / 1024:.0f} KiB, {summary.again} sent again{rate}){kept}"
    )
