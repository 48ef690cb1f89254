"""What was asked for on the command line, and the one place that makes a producer of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from producers.producer import Producer
    from smartcat.wire_format.document import Document

MIN_SPOOL_BYTES: Final = 64 * 1024

_SIZE: Final = re.compile(r"([0-9]{1,15})\s*(?:([KMGT])i?)?B?", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Read a size in bytes: ``1048576``, ``1MiB``, ``1 M``; units are powers of 1,024.

    Raises:
        ValueError: It is none, or less than 64 KiB.
    """
    size = _SIZE.fullmatch(text.strip())
    if not size:
        raise ValueError(f"expected a size as in 500MiB or 2GiB, found {text!r}")
    count: int = int(size[1]) * 1024 ** (" KMGT".index(size[2].upper()) if size[2] else 0)
    if count < MIN_SPOOL_BYTES:
        raise ValueError(f"expected at least 64KiB, found {text!r}")
    return count


class Packing(StrEnum):
    """How documents share the records of the stream: docs/producers.md, "Packing"."""

    AGGREGATE = "aggregate"
    TOGETHER = "together"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class Order:
    """What to deliver, and how.

    Attributes:
        paths: Files, folders, S3 prefixes, and "-".
        stream: Where to; "" only for a dry run.
        strict: Whether an input that cannot be read ends it.
        checkpoint: The file that tells where to go on; None for none.
        spool: The folder that keeps documents until the stream has them; None for none.
        spool_limit: Bytes it may take.
        spool_wait: Seconds to wait while AWS takes nothing, at the end and when the spool is full.
        rate: Documents a second at most; None for as many as the stream takes.
        claims: The bucket for documents too large for the stream; "" to refuse them.
        packing: How documents share the records of the stream.
        stack: Whether every document is a stack of scans, whatever its fields say.
    """

    paths: Sequence[str]
    stream: str
    strict: bool = False
    checkpoint: Path | None = None
    spool: Path | None = None
    spool_limit: int = 0
    spool_wait: float = 0.0
    rate: float | None = None
    claims: str = ""
    packing: Packing = Packing.AGGREGATE
    stack: bool = False

    def marked(self, document: Document) -> Document:
        """Mark a document as a stack where all are."""
        return document.model_copy(update={"stack": True}) if self.stack else document


def make_producer(order: Order) -> Producer:
    """Make the producer that delivers it.

    Raises:
        ProducersError: The producer cannot be made as ordered.
    """
    # boto3 is behind these, and not every command sends.
    from producers.claims import S3ClaimStore  # noqa: PLC0415
    from producers.core.record_packing import Aggregation  # noqa: PLC0415
    from producers.producer import Options, Producer  # noqa: PLC0415

    return Producer(
        order.stream,
        aggregate=order.packing is not Packing.SINGLE,
        claims=S3ClaimStore(order.claims) if order.claims else None,
        rate=order.rate,
        options=Options(aggregation=Aggregation(together=order.packing is Packing.TOGETHER)),
    )
