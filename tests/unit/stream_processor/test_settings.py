from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest

from stream_processor.errors import RefuseToStart
from stream_processor.settings import Settings, bounds

ROOT = Path(__file__).resolve().parents[3]

REQUIRED = {
    "SMARTCAT_TABLE": "results",
    "SMARTCAT_QUARANTINE_BUCKET": "failures",
    "SMARTCAT_MODEL": "/opt/model",
    "SMARTCAT_WRITE_UNITS_PER_SECOND": "6.25",
}


def test_defaults() -> None:
    """Four variables are enough; everything else has its documented default."""
    assert Settings.from_mapping(REQUIRED) == Settings(
        table="results",
        quarantine_bucket="failures",
        model="/opt/model",
        write_units_per_second=6.25,
        quarantine_prefix="quarantine/",
        claims_bucket=None,
        claims_prefix="claims/",
        burst_units_per_second=None,
        deadline_reserve_seconds=2.0,
        result_ttl_days=None,
        reasons=5,
        max_document_bytes=16 * 1024 * 1024,
        retention_hours=24.0,
        engine="auto",
        service="smartcat",
        metrics_namespace="smartcat",
    )


def test_every_variable_is_read() -> None:
    """Each variable reaches its setting; the prefix gets the slash it lacks."""
    settings = Settings.from_mapping(
        REQUIRED
        | {
            "SMARTCAT_QUARANTINE_PREFIX": "failures",
            "SMARTCAT_CLAIMS_BUCKET": "large-documents",
            "SMARTCAT_CLAIMS_PREFIX": "large",
            "SMARTCAT_BURST_UNITS_PER_SECOND": "56",
            "SMARTCAT_DEADLINE_RESERVE_SECONDS": "3.5",
            "SMARTCAT_RESULT_TTL_DAYS": "30",
            "SMARTCAT_REASONS": "0",
            "SMARTCAT_MAX_DOCUMENT_BYTES": "2048",
            "SMARTCAT_RETENTION_HOURS": "0.5",
            "SMARTCAT_ENGINE": "sklearn",
            "POWERTOOLS_SERVICE_NAME": "consumer",
            "POWERTOOLS_METRICS_NAMESPACE": "prod",
        }
    )
    assert settings.quarantine_prefix == "failures/"
    assert settings.engine == "sklearn"
    assert (settings.claims_bucket, settings.claims_prefix) == ("large-documents", "large/")
    assert settings.burst_units_per_second == 56.0
    assert settings.deadline_reserve_seconds == 3.5
    assert settings.result_ttl_days == 30.0
    assert settings.reasons == 0
    assert settings.max_document_bytes == 2048
    assert settings.retention_hours == 0.5
    assert (settings.service, settings.metrics_namespace) == ("consumer", "prod")


def test_every_problem_is_in_one_error() -> None:
    """All missing and wrong variables are named at once, each with what was expected."""
    with pytest.raises(RefuseToStart) as caught:
        Settings.from_mapping(
            {
                "SMARTCAT_MODEL": "/m",
                "SMARTCAT_WRITE_UNITS_PER_SECOND": "0",
                "SMARTCAT_REASONS": "2.5",
                "SMARTCAT_RESULT_TTL_DAYS": "soon",
            }
        )
    assert str(caught.value) == (
        "wrong settings: SMARTCAT_TABLE is not set; SMARTCAT_QUARANTINE_BUCKET is not set; "
        "SMARTCAT_WRITE_UNITS_PER_SECOND must be a number above 0, not '0'; "
        "SMARTCAT_RESULT_TTL_DAYS must be a number above 0 and at most 36500, not 'soon'; "
        "SMARTCAT_REASONS must be a whole number, not 2.5"
    )


def test_an_engine_is_one_of_three() -> None:
    """A name that no engine has refuses to start and gives those there are."""
    with pytest.raises(
        RefuseToStart, match="SMARTCAT_ENGINE must be one of auto, compiled, sklearn, not 'c'"
    ):
        Settings.from_mapping(REQUIRED | {"SMARTCAT_ENGINE": "c"})


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "", "  ", "1,5"])
def test_share_must_be_a_finite_number(value: str) -> None:
    """A share that is no positive finite number refuses to start."""
    with pytest.raises(RefuseToStart, match="SMARTCAT_WRITE_UNITS_PER_SECOND"):
        Settings.from_mapping(REQUIRED | {"SMARTCAT_WRITE_UNITS_PER_SECOND": value})


@pytest.mark.parametrize("value", ["nan", "0", "-1", "8761"])
def test_retention_is_that_of_a_stream(value: str) -> None:
    """A record lives up to a year, the most that Kinesis keeps, and not for no time."""
    with pytest.raises(RefuseToStart, match="SMARTCAT_RETENTION_HOURS"):
        Settings.from_mapping(REQUIRED | {"SMARTCAT_RETENTION_HOURS": value})


def test_empty_counts_as_not_set() -> None:
    """An optional variable that is set to nothing has its default."""
    settings = Settings.from_mapping(REQUIRED | {"SMARTCAT_RESULT_TTL_DAYS": "", "SMARTCAT_REASONS": " "})
    assert settings == Settings.from_mapping(REQUIRED)


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mapping the process's environment is read."""
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    assert Settings.from_environment().table == "results"


@pytest.mark.parametrize(
    ("bucket", "prefix", "named"),
    [("s3://large-documents", "claims/", "bucket"), ("large-documents", "large documents/", "key")],
)
def test_a_place_that_no_claim_can_name_refuses_to_start(bucket: str, prefix: str, named: str) -> None:
    """A mistyped bucket would otherwise send every claim to the quarantine."""
    variables = {"SMARTCAT_CLAIMS_BUCKET": bucket, "SMARTCAT_CLAIMS_PREFIX": prefix}
    with pytest.raises(RefuseToStart, match=rf"SMARTCAT_CLAIMS_PREFIX is wrong \({named}: "):
        Settings.from_mapping(REQUIRED | variables)


def test_an_odd_prefix_alone_is_no_matter() -> None:
    """Without a bucket for claims their prefix means nothing."""
    assert Settings.from_mapping(REQUIRED | {"SMARTCAT_CLAIMS_PREFIX": "x y"}).claims_bucket is None


def documented(name: str) -> str:
    """The row of docs/stream-processor.md that a field must have."""
    field = Settings.model_fields[name]
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    if choices:
        values = ", ".join(f"`{choice}`" for choice in choices)
    else:
        (kind, *_) = get_args(field.annotation) or (field.annotation,)
        word = {str: "text", int: "whole number", float: "number"}[getattr(kind, "__origin__", kind)]
        values = f"{word} {bounds(field)}".strip()
    default = "required" if field.is_required() else "none" if field.default is None else f"`{field.default}`"
    return f"| `{field.alias}` | {values} | {default} | {field.description} |"


def test_the_page_has_a_row_for_each_setting() -> None:
    """The table of docs/stream-processor.md is the fields' names, types, bounds, defaults and meanings."""
    page = (ROOT / "docs" / "stream-processor.md").read_text("utf-8")
    table = page.partition("## Settings")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert rows == [documented(name) for name in Settings.model_fields]


def terraform_variables() -> dict[str, str]:
    """The function's variables in infra/terraform, with the expression that each gets."""
    text = (ROOT / "infra" / "terraform" / "locals.tf").read_text("utf-8")
    environment = text.partition("function_environment = merge(")[2]
    return dict(
        re.findall(r"((?:SMARTCAT|POWERTOOLS)_[A-Z_]+) += (.+?)(?: }.*)?$", environment, re.MULTILINE)
    )


def test_terraform_sets_what_the_function_reads() -> None:
    """Each variable that Terraform gives the function is a setting, and all required ones are among them."""
    given = set(terraform_variables()) - {"POWERTOOLS_LOG_LEVEL"}  # which Powertools itself reads
    fields = Settings.model_fields.values()
    assert given <= {field.alias for field in fields}
    assert {field.alias for field in fields if field.is_required()} <= given


def test_terraform_checks_the_same_bounds() -> None:
    """Where a variable of Terraform becomes a setting as it is, both have one default and the same bounds."""
    text = (ROOT / "infra" / "terraform" / "variables.tf").read_text("utf-8")
    fields = {field.alias: field for field in Settings.model_fields.values()}
    compared = []
    for alias, expression in terraform_variables().items():
        passed_on = re.fullmatch(r"(?:tostring\()?var\.((\w+)\.(\w+))\)?", expression)
        if passed_on is None or alias not in fields:
            continue
        path, block, name = passed_on.groups()
        declared = text[text.index(f'variable "{block}"') :].partition("\n}\n")[0]
        default = re.search(rf"^ *{name} += optional\(\w+(?:, (.+))?\)$", declared, re.MULTILINE)
        condition = re.search(rf"^ *condition += (.*var\.{path}\b.*)$", declared, re.MULTILINE)
        assert default, alias
        assert condition, alias
        field = fields[alias]
        choices = re.findall(r'"(\w+)"', condition[1])
        limits = re.findall(rf"var\.{path} (>=|>|<=) (\d+)", condition[1])
        words = {">": "above", ">=": "at least", "<=": "at most"}
        assert json.loads(default[1] or "null") == field.default
        assert tuple(choices) == (get_args(field.annotation) if choices else ())
        assert " and ".join(f"{words[sign]} {limit}" for sign, limit in limits) == bounds(field)
        compared.append(alias)
    assert compared == ["SMARTCAT_ENGINE", "SMARTCAT_DEADLINE_RESERVE_SECONDS", "SMARTCAT_RESULT_TTL_DAYS"]
