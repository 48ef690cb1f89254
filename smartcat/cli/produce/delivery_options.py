"""The options of a delivery, and the producer that they make."""

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
    """Parse a size in bytes: ``1048576``, ``1MiB``, ``1 M``; units are powers of 1,024.

    Raises:
        ValueError: It is malformed, or less than 64 KiB.
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
class DeliveryOptions:
    """What to deliver, and how.

    Attributes:
        paths: Files, folders, S3 prefixes, and "-".
        stream: Name or ARN of the stream; "" only for a dry run.
        strict: Whether to stop at the first input that cannot be read.
        checkpoint: File that saves the progress; None for none.
        spool: Folder that keeps documents until the stream has them; None for none.
        spool_limit: Largest size of the spool in bytes.
        spool_wait: Seconds to wait for AWS at the end, or while the spool is full.
        rate: Most documents a second; None for no limit.
        claims: Bucket for documents too large for the stream; "" to skip them.
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

    def mark(self, document: Document) -> Document:
        """Return the document, marked as a stack of scans if all are."""
        return document.model_copy(update={"stack": True}) if self.stack else document


def make_producer(options: DeliveryOptions) -> Producer:
    """Return a producer with these options.

    Raises:
        ProducersError: The options are invalid.
    """
    # These import boto3, and not every command sends.
    from producers.claims import S3ClaimStore  # noqa: PLC0415
    from producers.core.record_packing import Aggregation  # noqa: PLC0415
    from producers.producer import Options, Producer  # noqa: PLC0415

    return Producer(
        options.stream,
        aggregate=options.packing is not Packing.SINGLE,
        claims=S3ClaimStore(options.claims) if options.claims else None,
        rate=options.rate,
        options=Options(aggregation=Aggregation(together=options.packing is Packing.TOGETHER)),
    )
