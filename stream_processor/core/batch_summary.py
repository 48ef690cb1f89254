"""The figures of one batch, and the one table of how each is logged, emitted and described.

Log lines, CloudWatch metrics and the tables of docs/telemetry.md all follow from ``FIGURES``: a new figure is
a field of ``BatchSummary`` and a row here. Knows neither Powertools nor CloudWatch.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from smartcat.classifier.decision import WHYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from smartcat.classifier.decision import Why
    from stream_processor.core.drift import DriftGauges
    from stream_processor.core.shard_lag import LagState

Stage = Literal["read", "classify", "plan", "write"]
Unit = Literal["Count", "Count/Second", "Milliseconds", "None", "Percent", "Seconds"]
"""Of CloudWatch's units those that are used here."""


class BatchSummary(NamedTuple):
    """What became of one batch, for people and alarms; ``FIGURES`` gives the meaning of each field.

    Attributes:
        shard_id: Empty if the batch held no record.
        review_by_why: Counts by why, one of :data:`smartcat.classifier.decision.WHYS`.
        quarantined: Counts by reason.
        stages: Seconds by stage.
        seconds_to_drain: None if unknown; see ``shard_lag.LagForecast``.
        hours_to_expiry: None if unknown.
        drift: None while there are too few documents.
        problems: Counted by whoever reports them.
        cold_start: Known to whoever reports the environment's batches.
    """

    shard_id: str = ""
    records: int = 0
    stored: int = 0
    review: int = 0
    review_by_why: Mapping[str, int] = MappingProxyType({})
    superseded: int = 0
    quarantined: Mapping[str, int] = MappingProxyType({})
    not_done: int = 0
    requests: int = 0
    throttled: int = 0
    units: float = 0.0
    budget_rate: float = 0.0
    budget_share: float = 0.0
    waited_seconds: float = 0.0
    seconds: float = 0.0
    stages: Mapping[Stage, float] = MappingProxyType({})
    age_seconds: float = 0.0
    drain: LagState = "unknown"
    seconds_to_drain: float | None = None
    hours_to_expiry: float | None = None
    shadowed: int = 0
    disagreements: int = 0
    drift: DriftGauges | None = None
    problems: int = 0
    cold_start: bool = False

    @property
    def accepted(self) -> int:
        """Documents stored whose label needs no human."""
        return self.stored - self.review


Value: TypeAlias = "str | float | Mapping[str, float] | None"


def _always(_: BatchSummary) -> bool:
    return True


class Figure(NamedTuple):
    """One row: a figure of a batch.

    Attributes:
        meaning: One line for docs/telemetry.md.
        value: Works it out; None where there is none, and then it is neither logged nor emitted.
        field: Its name in the log line; None if it is not logged.
        metric: Its name in CloudWatch; None if it is not emitted.
        unit: The metric's unit.
        dimension: The CloudWatch dimension of a mapping's keys; each value is emitted in a blob of its own.
        condition: Whether the metric is emitted, where it is not for every value.
    """

    meaning: str
    value: Callable[[BatchSummary], Value]
    field: str | None = None
    metric: str | None = None
    unit: Unit = "Count"
    dimension: str | None = None
    condition: Callable[[BatchSummary], bool] = _always

    def is_emitted(self, summary: BatchSummary) -> bool:
        """Return whether the batch has this metric."""
        return self.metric is not None and self.condition(summary)


def _share_of_stored(count: int, stored: int) -> float | None:
    return 100 * count / stored if stored else None


def _stage_milliseconds(summary: BatchSummary) -> dict[str, float]:
    return {stage: round(1000 * seconds, 3) for stage, seconds in summary.stages.items()}


def _stage(stage: Stage) -> Callable[[BatchSummary], float | None]:
    def milliseconds(summary: BatchSummary) -> float | None:
        return 1000 * summary.stages[stage] if stage in summary.stages else None

    return milliseconds


def _drift(name: str) -> Callable[[BatchSummary], float | None]:
    def percent(summary: BatchSummary) -> float | None:
        return None if summary.drift is None else 100 * float(getattr(summary.drift, name))

    return percent


def _drift_shares(summary: BatchSummary) -> dict[str, float] | None:
    if summary.drift is None:
        return None
    return {name: round(value, 4) for name, value in summary.drift._asdict().items()}


def _has_shadow(summary: BatchSummary) -> bool:
    return summary.shadowed > 0


def _review_for(why: Why) -> Figure:
    """Return the metric of one reason for review. In the blob of the batch: one of its own costs more."""
    name = "ReviewFor" + "".join(word.capitalize() for word in why.split("_"))
    return Figure(
        f"of `DocumentsForReview`, those with the reason `{why}`; emitted where there are any",
        lambda s: s.review_by_why.get(why),
        metric=name,
    )


FIGURES: Final[tuple[Figure, ...]] = (
    Figure("the batch's shard", lambda s: s.shard_id, "shard_id"),
    Figure("Kinesis records delivered, repeats included", lambda s: s.records, "records", "RecordsReceived"),
    Figure("of those, given back for the next delivery", lambda s: s.not_done, "not_done", "RecordsNotDone"),
    Figure("documents whose result is in the table", lambda s: s.stored, "stored", "DocumentsStored"),
    Figure(
        "of those, with a label that needs no human", lambda s: s.accepted, "accepted", "DocumentsAccepted"
    ),
    Figure("of those, for a human", lambda s: s.review, "review", "DocumentsForReview"),
    Figure(
        'the same by why, such as `{"unfamiliar":2}`; see [models](models.md#what-a-decision-is)',
        lambda s: dict(s.review_by_why),
        "review_by_why",
    ),
    *map(_review_for, WHYS),
    Figure(
        "`DocumentsForReview` of `DocumentsStored`; not emitted if nothing was stored",
        lambda s: _share_of_stored(s.review, s.stored),
        metric="ReviewShare",
        unit="Percent",
    ),
    Figure(
        "documents of which the table holds a later version: done, and nothing stored",
        lambda s: s.superseded,
        "superseded",
        "DocumentsSuperseded",
    ),
    Figure(
        "documents or records put in the quarantine",
        lambda s: sum(s.quarantined.values()),
        metric="Quarantined",
    ),
    Figure(
        'the same by `reason`, such as `{"bad_json":2}` in the log; a blob of its own for each that occurred',
        lambda s: dict(s.quarantined),
        "quarantined",
        "QuarantinedByReason",
        dimension="reason",
    ),
    Figure("requests to DynamoDB", lambda s: s.requests, "requests", "TableRequests"),
    Figure(
        "of those, throttled in whole or in part", lambda s: s.throttled, "throttled", "ThrottledRequests"
    ),
    Figure("write units used", lambda s: s.units, "units", "ConsumedWriteUnits"),
    Figure(
        "write units a second this environment may use, at the end of the batch",
        lambda s: s.budget_rate,
        "budget_rate",
        "BudgetRate",
        "Count/Second",
    ),
    Figure(
        "write units a second it takes for its share: what is configured, or less after throttling",
        lambda s: s.budget_share,
        "budget_share",
        "BudgetShare",
        "Count/Second",
    ),
    Figure("from the event to the response", lambda s: s.seconds, "seconds", "BatchLatency", "Seconds"),
    Figure(
        "of that, slept for capacity or for a dependency: billed",
        lambda s: s.waited_seconds,
        "waited_seconds",
        "CapacityWait",
        "Seconds",
    ),
    Figure(
        "milliseconds by stage: `read`, `classify`, `plan`, `write`",
        _stage_milliseconds,
        "stage_ms",
    ),
    Figure(
        "of `BatchLatency`: decoding the records, and fetching what claims stand for, waiting included",
        _stage("read"),
        metric="ReadTime",
        unit="Milliseconds",
    ),
    Figure("of it: labels and result items", _stage("classify"), metric="ClassifyTime", unit="Milliseconds"),
    Figure("of it: what to write in which order", _stage("plan"), metric="PlanTime", unit="Milliseconds"),
    Figure(
        "of it: table and quarantine, waiting included",
        _stage("write"),
        metric="WriteTime",
        unit="Milliseconds",
    ),
    Figure("`BatchAge`; below 0 if the clocks disagree", lambda s: s.age_seconds, "age_seconds"),
    Figure(
        "age of the batch's first record when it came",
        lambda s: max(0.0, s.age_seconds),
        metric="BatchAge",
        unit="Seconds",
    ),
    Figure("the state of the shard's backlog, see above", lambda s: s.drain, "drain"),
    Figure(
        "see above; absent if unknown",
        lambda s: s.seconds_to_drain,
        "seconds_to_drain",
        "SecondsToDrain",
        "Seconds",
    ),
    Figure(
        "see above, in hours; absent for a batch without records",
        lambda s: s.hours_to_expiry,
        "hours_to_expiry",
        "HoursToExpiry",
        "None",
    ),
    Figure(
        "`LabelMixDistance` to `UnknownFeaturesShift` as shares: `label_mix_distance`, `confidence`, "
        "`confidence_shift`, `unknown`, `unknown_shift`; absent before the 200th document",
        _drift_shares,
        "drift",
    ),
    Figure(
        "documents that would need another label for the mix to be that of training (total variation "
        "distance); here and below over some 2,000 recent documents of the environment, and not emitted "
        "before the 200th",
        _drift("label_mix_distance"),
        metric="LabelMixDistance",
        unit="Percent",
    ),
    Figure(
        "mean confidence of those documents", _drift("confidence"), metric="MeanConfidence", unit="Percent"
    ),
    Figure(
        "the same less that of held-out documents in training",
        _drift("confidence_shift"),
        metric="ConfidenceShift",
        unit="Percent",
    ),
    Figure(
        "share of a document's distinct n-grams that the model has no weight for",
        _drift("unknown"),
        metric="UnknownFeatures",
        unit="Percent",
    ),
    Figure(
        "the same less that of held-out documents in training",
        _drift("unknown_shift"),
        metric="UnknownFeaturesShift",
        unit="Percent",
    ),
    Figure(
        "documents that the shadow model scored; emitted where there is one",
        lambda s: s.shadowed,
        "shadowed",
        "ShadowDocuments",
        condition=_has_shadow,
    ),
    Figure(
        "of those, with another label than the one stored",
        lambda s: s.disagreements,
        "disagreements",
        "ShadowDisagreements",
        condition=_has_shadow,
    ),
    Figure(
        "lines about a failing table, bucket or other dependency since the last batch",
        lambda s: s.problems,
        "problems",
        "DependencyProblems",
    ),
    Figure(
        "1 (in the log `true`) with the first batch of an environment, else not emitted",
        lambda s: s.cold_start,
        "cold_start",
        "ColdStart",
        condition=lambda s: s.cold_start,
    ),
)
