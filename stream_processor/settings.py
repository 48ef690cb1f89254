"""The function's settings, as one frozen model. The only reader of the environment.

Each field is one environment variable: its name, type, default, bounds and meaning stand here alone. Tests
hold docs/stream-processor.md and infra/terraform to them.
"""

# No postponed annotations here: pydantic would have to evaluate each of them, at every cold start.
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from smartcat.classifier.scorer import ENGINES, EngineChoice
from smartcat.wire_format.claim_check import DEFAULT_PREFIX, check_bucket_and_prefix
from stream_processor.errors import RefuseToStart

if TYPE_CHECKING:
    from pydantic import ValidationInfo
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

_MIB: Final = 1024 * 1024


def _number(value: object) -> object:
    """Return the number in a text as Python reads it: ``1e3`` is a whole number, too."""
    return float(value) if isinstance(value, str) else value


Number = Annotated[float, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_number)]


class Settings(BaseModel):
    """The settings: a field's alias is its variable; its description, in Markdown, is its meaning."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, allow_inf_nan=False)

    table: Annotated[str, Field(alias="SMARTCAT_TABLE", description="the table of results")]
    quarantine_bucket: Annotated[
        str,
        Field(alias="SMARTCAT_QUARANTINE_BUCKET", description="the bucket for what cannot be processed"),
    ]
    quarantine_prefix: Annotated[
        str, Field(alias="SMARTCAT_QUARANTINE_PREFIX", description="put before every key in that bucket")
    ] = "quarantine/"
    model: Annotated[
        str,
        Field(
            alias="SMARTCAT_MODEL",
            description="a model directory, or `s3://bucket/prefix/` of one; below `versions/VERSION/` it "
            "must be that [version](shipping.md)",
        ),
    ]
    shadow_model: Annotated[
        str | None,
        Field(
            alias="SMARTCAT_SHADOW_MODEL",
            description="another model, given alike: scored beside the first on the same features where "
            "both have the same, it decides nothing; where its label differs the result has it in `shadow`, "
            "and `ShadowDisagreements` counts it. If it cannot be loaded the function goes on without",
        ),
    ] = None
    engine: Annotated[
        EngineChoice,
        Field(
            alias="SMARTCAT_ENGINE",
            description="the scoring engine: `compiled` ([the compiled engine](engine.md)), `sklearn`, or "
            "`auto`: the first of them that is installed and knows the model's features. Labels are equal, "
            "scores agree within 1e-5; the line `model loaded` names the one that serves",
        ),
    ] = "auto"
    write_units_per_second: Annotated[
        Number,
        Field(
            alias="SMARTCAT_WRITE_UNITS_PER_SECOND",
            gt=0,
            description="this environment's share of the table: write units ÷ reserved concurrency",
        ),
    ]
    claims_bucket: Annotated[
        str | None,
        Field(
            alias="SMARTCAT_CLAIMS_BUCKET",
            description="the bucket of the documents that [claims](claim-check.md) stand for; the only one "
            "that is read for them. Not set: claims are quarantined",
        ),
    ] = None
    claims_prefix: Annotated[
        str,
        Field(
            alias="SMARTCAT_CLAIMS_PREFIX",
            description="what the keys of all of them begin with",
            validate_default=True,
        ),
    ] = DEFAULT_PREFIX
    burst_units_per_second: Annotated[
        Number | None,
        Field(
            alias="SMARTCAT_BURST_UNITS_PER_SECOND",
            gt=0,
            description="rate at which capacity saved in quiet times may be spent: "
            "900 × ⌈write units ÷ 1000⌉ ÷ reserved concurrency. "  # noqa: RUF001 - a times sign
            "Not set: cautious, as if there were 16 environments",
        ),
    ] = None
    environments: Annotated[
        Whole | None,
        Field(
            alias="SMARTCAT_ENVIRONMENTS",
            ge=1,
            le=100_000,
            description="reserved concurrency; with it the share follows the table's capacity "
            "(DescribeTable, about once a minute). Not set: the configured share stays",
        ),
    ] = None
    deadline_reserve_seconds: Annotated[
        Number,
        Field(
            alias="SMARTCAT_DEADLINE_RESERVE_SECONDS",
            ge=0,
            le=600,
            description="time kept free before the invocation's deadline",
        ),
    ] = 2.0
    result_ttl_days: Annotated[
        Number | None,
        Field(
            alias="SMARTCAT_RESULT_TTL_DAYS",
            gt=0,
            le=36_500,  # a century
            description="days after arrival when a result expires. Not set: never",
        ),
    ] = None
    reasons: Annotated[
        Whole, Field(alias="SMARTCAT_REASONS", ge=0, le=50, description="most words stored as reasons")
    ] = 5
    max_document_bytes: Annotated[
        Whole,
        Field(
            alias="SMARTCAT_MAX_DOCUMENT_BYTES",
            ge=1024,
            le=256 * _MIB,
            description="most bytes of a document after decompression; a huge one takes up to 60 times its "
            "size in memory and half a second of CPU a MiB with scikit-learn; the compiled engine takes "
            "pages of at most 32 MiB",
        ),
    ] = 16 * _MIB
    retention_hours: Annotated[
        Number,
        Field(
            alias="SMARTCAT_RETENTION_HOURS",
            gt=0,
            le=8760,  # a year, the longest that a Kinesis stream keeps records
            description="hours a record lives: the smaller of the stream's retention and the mapping's "
            "`MaximumRecordAgeInSeconds`; [telemetry](telemetry.md) alone reads it",
        ),
    ] = 24.0
    service: Annotated[
        str, Field(alias="POWERTOOLS_SERVICE_NAME", description="service name in logs and metrics")
    ] = "smartcat"
    metrics_namespace: Annotated[
        str, Field(alias="POWERTOOLS_METRICS_NAMESPACE", description="CloudWatch namespace of the metrics")
    ] = "smartcat"

    @classmethod
    def from_mapping(cls, variables: Mapping[str, str]) -> Self:
        """Read settings from variables; one that is empty counts as not set.

        Args:
            variables: Names and values, such as the environment's.

        Returns:
            The settings.

        Raises:
            RefuseToStart: Names every variable that is missing or wrong, and what was expected of it.
        """
        names = [str(field.alias) for field in cls.model_fields.values()]
        given = {name: text for name in names if (text := variables.get(name, "").strip())}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            problems = [_problem(detail, given) for detail in error.errors(include_url=False)]
        raise RefuseToStart("wrong settings: " + "; ".join(problems))

    @classmethod
    def from_environment(cls) -> Self:
        """Read settings from the process's environment.

        Raises:
            RefuseToStart: As ``from_mapping``.
        """
        return cls.from_mapping(os.environ)

    @field_validator("quarantine_prefix", "claims_prefix")
    @classmethod
    def _end_with_a_slash(cls, prefix: str) -> str:
        return prefix if prefix.endswith("/") else prefix + "/"

    @field_validator("claims_prefix")
    @classmethod
    def _require_a_claim_that_could_name_it(cls, prefix: str, info: "ValidationInfo") -> str:
        """Check bucket and prefix together: a mistyped one would send every claim to the quarantine."""
        bucket = info.data.get("claims_bucket")
        if bucket is not None:
            check_bucket_and_prefix(bucket, prefix)
        return prefix


def bounds(field: "FieldInfo") -> str:
    """Return the bounds of a number in words, such as ``above 0 and at most 8760``; empty if it has none."""
    words = {"gt": "above", "ge": "at least", "le": "at most"}
    return " and ".join(
        f"{word} {getattr(bound, name)}"
        for bound in field.metadata
        for name, word in words.items()
        if hasattr(bound, name)
    )


def _problem(detail: "ErrorDetails", given: Mapping[str, str]) -> str:
    """Return what is wrong with one variable, in one line."""
    name = str(detail["loc"][0])
    if detail["type"] == "missing":
        return f"{name} is not set"
    if name == "SMARTCAT_CLAIMS_PREFIX":
        reason = detail["ctx"]["error"]
        return f"SMARTCAT_CLAIMS_BUCKET or SMARTCAT_CLAIMS_PREFIX is wrong ({reason})"
    if detail["type"] == "literal_error":
        return f"{name} must be one of {', '.join(ENGINES)}, not {given[name]!r}"
    if detail["type"] == "int_from_float":
        return f"{name} must be a whole number, not {detail['input']}"
    field = next(field for field in Settings.model_fields.values() if field.alias == name)
    return f"{name} must be a number {bounds(field)}, not {given[name]!r}"
