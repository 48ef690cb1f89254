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
from producers.producer import DeliveryReport, Producer
from producers.sources import SourceProblem, read_documents

__all__ = [
    "Backoff",
    "ClaimStoreError",
    "ConfigurationError",
    "DeliveryError",
    "DeliveryReport",
    "DocumentTooLargeError",
    "Limits",
    "Producer",
    "ProducerClosedError",
    "ProducersError",
    "Receipt",
    "S3ClaimStore",
    "SourceProblem",
    "read_documents",
]
