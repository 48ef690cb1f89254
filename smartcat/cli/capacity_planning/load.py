"""The load that is planned for, as a person states it, checked. Knows nothing of how it is served."""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from smartcat.cli.capacity_planning.errors import PlanningError
from smartcat.wire_format.validation_message import validation_message

KIB: Final = 1024

MAX_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
"""The function's bound on a document, ``SMARTCAT_MAX_DOCUMENT_BYTES``, unless it is set otherwise."""

CLASSIFY_MS: Final = 0.3
CLASSIFIED_KIB: Final = 3.5
"""CPU time of a document of so many KiB: benchmarks/results/handler.json, from event to answer."""

Number = Annotated[float, Field(allow_inf_nan=False)]


class Load(BaseModel):
    """What comes in, and what is asked of the system. Times and sizes are in the names.

    Attributes:
        documents_per_day: Documents on a day.
        pages: Pages a document, on average.
        mean_kb: KiB of a page as JSON, on average, before compression.
        hours: Hours of the day in which documents come.
        peak_factor: Documents a second at the peak, by the mean over those hours.
        peak_documents_per_second: The same as a rate; wins.
        peak_hours: How long a peak lasts.
        aggregate: Whether producers pack documents into KPL aggregates.
        compression: By how much gzip makes a document smaller.
        claims_percent: Documents too large for the stream, in percent.
        quarantine_percent: Documents that end in the quarantine, in percent.
        wcu_per_result: Write units of a result.
        classify_ms: CPU time of a document in the function; None for what was measured, by its size.
        memory_mb: Memory of the function; 1769 MB are one processor.
        outage_hours: How long the function may stand still without a record being lost.
        target_utilization: Percent of the write capacity that is planned to be used.
        kept_days: How long a result stays in the table. As long as the failures bucket keeps a record
            (``storage.failures_days``): while a document can be put back, its job's results are still there.
        other_consumers: Readers of the stream beside the function.
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
                f" the function takes {MAX_DOCUMENT_BYTES // KIB:,} at most"
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
        """Mean over the hours in which documents come."""
        return self.documents_per_day / (self.hours * 3600)

    @property
    def peak(self) -> float:
        """Documents a second at the peak."""
        return self.peak_documents_per_second or self.documents_per_second * self.peak_factor

    @property
    def peak_lasts_hours(self) -> float:
        """Hours of the peak: never so long that more came in it than on the whole day."""
        return min(self.peak_hours, self.hours, self.documents_per_day / (self.peak * 3600))

    @property
    def classify_seconds(self) -> float:
        """CPU seconds of a document; the measured ones grow with its size, from what a page takes."""
        if self.classify_ms is not None:
            return self.classify_ms / 1000
        return CLASSIFY_MS / 1000 * max(1.0, self.json_bytes / KIB / CLASSIFIED_KIB)

    def divided(self, by: float) -> Self:
        """Give the load of one of so many stacks that share it alike; below 1, a larger load."""
        if by == 1:
            return self
        rate = self.peak_documents_per_second
        return self.model_copy(
            update={
                "documents_per_day": self.documents_per_day / by,
                "peak_documents_per_second": None if rate is None else rate / by,
            }
        )


def read_load(fields: dict[str, Any]) -> Load:
    """Check what was given.

    Raises:
        PlanningError: A number is out of its range, or two do not fit each other; names the field.
    """
    try:
        return Load.model_validate(fields)
    except ValidationError as error:
        raise PlanningError(validation_message(error)) from None
