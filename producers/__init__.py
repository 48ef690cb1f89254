"""Filling the stream: sources of documents, packing, delivery. Knows nothing of labels."""

from producers.claims import S3ClaimStore
from producers.core.backoff import Backoff
from producers.core.kinesis_limits import Limits
from producers.core.options import Bounds
from producers.core.outcomes import Receipt
from producers.core.record_packing import Aggregation
from producers.errors import (
    ClaimStoreError,
    ConfigurationError,
    DeliveryError,
    DocumentTooLargeError,
    ProducerClosedError,
    ProducersError,
    RecordLimitUnknownError,
)
from producers.ports import ClaimStore
from producers.producer import DeliveryReport, Options, Producer
from producers.sources import SourceProblem, read_documents
from smartcat.wire_format.document import Document

__all__ = [
    "Aggregation",
    "Backoff",
    "Bounds",
    "ClaimStore",
    "ClaimStoreError",
    "ConfigurationError",
    "DeliveryError",
    "DeliveryReport",
    "Document",
    "DocumentTooLargeError",
    "Limits",
    "Options",
    "Producer",
    "ProducerClosedError",
    "ProducersError",
    "Receipt",
    "RecordLimitUnknownError",
    "S3ClaimStore",
    "SourceProblem",
    "read_documents",
]
