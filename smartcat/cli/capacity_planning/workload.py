"""The workload to plan for, as the user states it, validated. Knows nothing of how it is served."""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from smartcat.cli.capacity_planning.errors import PlanningError
from smartcat.wire_format.validation_message import validation_message

KIB: Final = 1024

MAX_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
"""The default of ``SMARTCAT_MAX_DOCUMENT_BYTES``, the largest document that the function accepts."""

CLASSIFY_MS: Final = 0.3
CLASSIFIED_KIB: Final = 3.5
"""CPU milliseconds of a document of so many KiB: benchmarks/results/handler.json, from event to response."""

Number = Annotated[float, Field(allow_inf_nan=False)]


class Workload(BaseModel):
    """The documents to process and the requirements on the system. Units are in the names.

    Attributes:
        documents_per_day: Documents per day.
        pages: Mean pages per document.
        mean_kb: Mean KiB of a page as JSON, before compression.
        hours: Hours of the day in which documents arrive.
        peak_factor: Peak rate as a multiple of the mean over those hours.
        peak_documents_per_second: Peak rate; overrides the factor.
        peak_hours: Duration of the peak.
        aggregate: Whether producers pack documents into KPL aggregates.
        compression: Ratio by which gzip shrinks a document.
        claims_percent: Percent of documents too large for the stream.
        quarantine_percent: Percent of documents that end in the quarantine.
        wcu_per_result: Write units per result.
        classify_ms: CPU time per document in the function; None for the measured value, by size.
        memory_mb: Memory of the function; 1769 MB give one vCPU.
        outage_hours: Longest outage of the function without losing a record.
        target_utilization: Percent of the write capacity to use.
        kept_days: Days until a result expires. As long as the failures bucket keeps a record
            (``storage.failures_days``): while a document can be replayed, its job's results still exist.
        other_consumers: Consumers of the stream besides the function.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    documents_per_day: Number = Field(gt=0, le=1e12)
    pages: Number = Field(default=1.0, ge=1, le=100_000)
    mean_kb: Number = Field(default=3.5, gt=0, le=16_384)
    hours: Number = Field(default=24.0, gt=0, le=24)
    peak_factor: Number = Field(default=3.0, ge=1, le=10_000)
    peak_documents_per_second: Number | None = Field(default=None, gt=0, le=1e9)
    peak_hours: Number = Field(default=1.0, gt=0, le=24)
    aggregate: bool = True
    compression: Number = Field(default=1.8, ge=1, le=100)
    claims_percent: Number = Field(default=0.0, ge=0, le=100)
    quarantine_percent: Number = Field(default=0.01, ge=0, le=100)
    wcu_per_result: int = Field(default=1, ge=1, le=100)
    classify_ms: Number | None = Field(default=None, gt=0, le=600_000)
    memory_mb: int = Field(default=1769, ge=128, le=10_240)
    outage_hours: Number = Field(default=8.0, gt=0, le=8760)
    target_utilization: int = Field(default=70, ge=20, le=90)
    kept_days: Number = Field(default=90.0, gt=0, le=36_500)
    other_consumers: int = Field(default=0, ge=0, le=20)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.json_bytes > MAX_DOCUMENT_BYTES:
            raise ValueError(
                f"pages x mean_kb: a document has {self.json_bytes / KIB:,.0f} KiB,"
                f" the function accepts at most {MAX_DOCUMENT_BYTES // KIB:,} KiB"
            )
        peak = self.peak_documents_per_second
        if peak is not None and peak < self.documents_per_second * (1 - 1e-9):
            raise ValueError(
                f"peak_documents_per_second: {peak:g} is below the mean of {self.documents_per_second:g}"
            )
        return self

    @property
    def json_bytes(self) -> float:
        """Bytes of a document as JSON."""
        return self.pages * self.mean_kb * KIB

    @property
    def documents_per_second(self) -> float:
        """Mean rate over the hours in which documents arrive."""
        return self.documents_per_day / (self.hours * 3600)

    @property
    def peak(self) -> float:
        """Documents a second at the peak."""
        return self.peak_documents_per_second or self.documents_per_second * self.peak_factor

    @property
    def peak_lasts_hours(self) -> float:
        """Hours of the peak, at most as long as it takes to send all documents of the day."""
        return min(self.peak_hours, self.hours, self.documents_per_day / (self.peak * 3600))

    @property
    def classify_seconds(self) -> float:
        """CPU seconds per document; the measured value grows with its size."""
        if self.classify_ms is not None:
            return self.classify_ms / 1000
        return CLASSIFY_MS / 1000 * max(1.0, self.json_bytes / KIB / CLASSIFIED_KIB)

    def divided(self, by: float) -> Self:
        """Return the workload of one of ``by`` deployments that share it equally; below 1, a larger one."""
        if by == 1:
            return self
        rate = self.peak_documents_per_second
        return self.model_copy(
            update={
                "documents_per_day": self.documents_per_day / by,
                "peak_documents_per_second": None if rate is None else rate / by,
            }
        )


def read_workload(fields: dict[str, Any]) -> Workload:
    """Return the validated workload.

    Raises:
        PlanningError: A value is out of range, or two contradict each other; names the field.
    """
    try:
        return Workload.model_validate(fields)
    except ValidationError as error:
        raise PlanningError(validation_message(error)) from None
