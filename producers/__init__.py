"""Filling the stream: sources of documents, packing, delivery. Knows nothing of labels."""

from producers.claims import S3ClaimStore
from producers.delivery import Backoff, Receipt
from producers.errors import (
    ClaimStoreError,
    ConfigurationError,
    DeliveryError,
    DocumentTooLargeError,
    ProducerClosedError,
    ProducersError,
)
from producers.packing import Limits
from producers.parcels import Aggregation
from producers.ports import ClaimStore
from producers.producer import DeliveryReport, Options, Producer
from producers.sources import SourceProblem, read_documents
from producers.steps import Bounds
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
    "S3ClaimStore",
    "SourceProblem",
    "read_documents",
]
