"""What configuration says, as one frozen object. The only reader of the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from smartcat.classifier.scorer import ENGINES, EngineChoice
from smartcat.wire_format.claim_check import DEFAULT_PREFIX, check_bucket_and_prefix
from stream_processor.errors import RefuseToStart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_Choice = TypeVar("_Choice", bound=str)

_MIB: Final = 1024 * 1024
_CENTURY_DAYS: Final = 36_500
_YEAR_HOURS: Final = 8760
"""The longest that a Kinesis stream keeps records."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The processor's settings; the variable of each is named in parentheses.

    Attributes:
        table: Name of the result table (``SMARTCAT_TABLE``).
        quarantine_bucket: Bucket for what cannot be processed (``SMARTCAT_QUARANTINE_BUCKET``).
        quarantine_prefix: put before every key in it, ends with a slash
            (``SMARTCAT_QUARANTINE_PREFIX``, default ``quarantine/``).
        claims_bucket: Bucket of the documents that claims stand for; None to quarantine claims
            (``SMARTCAT_CLAIMS_BUCKET``).
        claims_prefix: What the keys of all of them begin with, ends with a slash
            (``SMARTCAT_CLAIMS_PREFIX``, default ``claims/``).
        model: Model directory, or ``s3://bucket/prefix/`` of one (``SMARTCAT_MODEL``).
        shadow_model: Another model, given like the first, whose labels are noted where they differ and decide
            nothing; None for none (``SMARTCAT_SHADOW_MODEL``).
        engine: Who computes features and scores: ``auto``, ``compiled`` or ``sklearn`` (``SMARTCAT_ENGINE``,
            default ``auto``).
        write_units_per_second: This environment's share of the table's write capacity, above 0
            (``SMARTCAT_WRITE_UNITS_PER_SECOND``).
        environments: Environments that share the table, 1 to 100,000; None where that is not known
            (``SMARTCAT_ENVIRONMENTS``). Lets the share follow the table's capacity when that changes.
        burst_units_per_second: Rate at which capacity saved up while idle may be spent, above 0; None lets
            the write budget choose (``SMARTCAT_BURST_UNITS_PER_SECOND``).
        deadline_reserve_seconds: Time kept free before the invocation's deadline, 0 to 600
            (``SMARTCAT_DEADLINE_RESERVE_SECONDS``, default 2).
        result_ttl_days: Days after arrival when a result expires, above 0; None for never
            (``SMARTCAT_RESULT_TTL_DAYS``).
        reasons: Words that explain a label, at most, 0 to 50 (``SMARTCAT_REASONS``, default 5).
        max_document_bytes: The most bytes of a document after decompression, 1 KiB to 256 MiB
            (``SMARTCAT_MAX_DOCUMENT_BYTES``, default 16 MiB). Classifying a document takes up to 60 times its
            size in memory, and half a second a MiB.
        retention_hours: Hours a record lives: the smaller of the stream's retention and the mapping's maximum
            record age, above 0 to 8760 (``SMARTCAT_RETENTION_HOURS``, default 24). Telemetry alone reads it.
        service: Name in logs and metrics (``POWERTOOLS_SERVICE_NAME``, default ``smartcat``).
        metrics_namespace: CloudWatch namespace (``POWERTOOLS_METRICS_NAMESPACE``, default ``smartcat``).
    """

    table: str
    quarantine_bucket: str
    model: str
    write_units_per_second: float
    quarantine_prefix: str = "quarantine/"
    claims_bucket: str | None = None
    claims_prefix: str = "claims/"
    burst_units_per_second: float | None = None
    environments: int | None = None
    deadline_reserve_seconds: float = 2.0
    result_ttl_days: float | None = None
    reasons: int = 5
    shadow_model: str | None = None
    engine: EngineChoice = "auto"
    max_document_bytes: int = 16 * _MIB
    retention_hours: float = 24.0
    service: str = "smartcat"
    metrics_namespace: str = "smartcat"

    @classmethod
    def from_mapping(cls, variables: Mapping[str, str]) -> Settings:
        """Read settings from variables; one that is empty counts as not set.

        Args:
            variables: Names and values, such as the environment's.

        Returns:
            The settings.

        Raises:
            RefuseToStart: Names every variable that is missing or wrong, and what was expected of it.
        """
        reader = _Reader(variables)
        settings = cls(
            table=reader.text("SMARTCAT_TABLE"),
            quarantine_bucket=reader.text("SMARTCAT_QUARANTINE_BUCKET"),
            model=reader.text("SMARTCAT_MODEL"),
            shadow_model=reader.text("SMARTCAT_SHADOW_MODEL", default="") or None,
            engine=reader.choice("SMARTCAT_ENGINE", ENGINES),
            write_units_per_second=reader.number("SMARTCAT_WRITE_UNITS_PER_SECOND", above=0),
            quarantine_prefix=_folder(reader.text("SMARTCAT_QUARANTINE_PREFIX", default="quarantine/")),
            claims_bucket=reader.text("SMARTCAT_CLAIMS_BUCKET", default="") or None,
            claims_prefix=_folder(reader.text("SMARTCAT_CLAIMS_PREFIX", default=DEFAULT_PREFIX)),
            burst_units_per_second=reader.optional_number("SMARTCAT_BURST_UNITS_PER_SECOND", above=0),
            environments=reader.optional_whole("SMARTCAT_ENVIRONMENTS", at_least=1, at_most=100_000),
            deadline_reserve_seconds=reader.number(
                "SMARTCAT_DEADLINE_RESERVE_SECONDS", default=2.0, at_least=0, at_most=600
            ),
            result_ttl_days=reader.optional_number(
                "SMARTCAT_RESULT_TTL_DAYS", above=0, at_most=_CENTURY_DAYS
            ),
            reasons=reader.whole("SMARTCAT_REASONS", default=5, at_least=0, at_most=50),
            max_document_bytes=reader.whole(
                "SMARTCAT_MAX_DOCUMENT_BYTES", default=16 * _MIB, at_least=1024, at_most=256 * _MIB
            ),
            retention_hours=reader.number(
                "SMARTCAT_RETENTION_HOURS", default=24.0, above=0, at_most=_YEAR_HOURS
            ),
            service=reader.text("POWERTOOLS_SERVICE_NAME", default="smartcat"),
            metrics_namespace=reader.text("POWERTOOLS_METRICS_NAMESPACE", default="smartcat"),
        )
        reader.problems += _claim_problems(settings.claims_bucket, settings.claims_prefix)
        if reader.problems:
            raise RefuseToStart("wrong settings: " + "; ".join(reader.problems))
        return settings

    @classmethod
    def from_environment(cls) -> Settings:
        """Read settings from the process's environment.

        Raises:
            RefuseToStart: As ``from_mapping``.
        """
        return cls.from_mapping(os.environ)


def _folder(prefix: str) -> str:
    return prefix if prefix.endswith("/") else prefix + "/"


def _claim_problems(bucket: str | None, prefix: str) -> list[str]:
    """Find out whether any claim could name the place: else a mistyped one would send all to quarantine."""
    try:
        if bucket is not None:
            check_bucket_and_prefix(bucket, prefix)
    except ValueError as error:
        return [f"SMARTCAT_CLAIMS_BUCKET or SMARTCAT_CLAIMS_PREFIX is wrong ({error})"]
    return []


class _Reader:
    """Reads variables one by one and collects what is wrong, so that one error can name all of it."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.problems: list[str] = []

    def text(self, name: str, *, default: str | None = None) -> str:
        value = self._variables.get(name, "").strip()
        if value:
            return value
        if default is None:
            self.problems.append(f"{name} is not set")
            return ""
        return default

    def choice(self, name: str, choices: Sequence[_Choice]) -> _Choice:
        """Read one of several words; the first of them is the default."""
        value = self.text(name, default=choices[0])
        for choice in choices:
            if value == choice:
                return choice
        self.problems.append(f"{name} must be one of {', '.join(choices)}, not {value!r}")
        return choices[0]

    def optional_number(self, name: str, *, above: float, at_most: float = float("inf")) -> float | None:
        if not self._variables.get(name, "").strip():
            return None
        return self.number(name, above=above, at_most=at_most)

    def optional_whole(self, name: str, *, at_least: int, at_most: int) -> int | None:
        if not self._variables.get(name, "").strip():
            return None
        return self.whole(name, default=at_least, at_least=at_least, at_most=at_most)

    def whole(self, name: str, *, default: int, at_least: int, at_most: int) -> int:
        number = self.number(name, default=default, at_least=at_least, at_most=at_most)
        if number != int(number):
            self.problems.append(f"{name} must be a whole number, not {number}")
        return int(number)

    def number(
        self,
        name: str,
        *,
        default: float | None = None,
        above: float = float("-inf"),
        at_least: float = float("-inf"),
        at_most: float = float("inf"),
    ) -> float:
        text = self.text(name, default=None if default is None else str(default))
        if not text:
            return 0.0
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        # Written so that a NaN fails too.
        if not (above < number < float("inf") and at_least <= number <= at_most):
            self.problems.append(f"{name} must be {_range(above, at_least, at_most)}, not {text!r}")
            return 0.0
        return number


def _range(above: float, at_least: float, at_most: float) -> str:
    bounds = [
        f"above {above:g}" if above > float("-inf") else "",
        f"at least {at_least:g}" if at_least > float("-inf") else "",
        f"at most {at_most:g}" if at_most < float("inf") else "",
    ]
    return "a number " + " and ".join(bound for bound in bounds if bound)
