"""Both sides of what is planned: the code that reads it, and the services that take it."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from moto import mock_aws

from smartcat.cli.deployment import Deployment, DeploymentOptions
from smartcat.cli.lambda_package.function_code import HANDLER
from smartcat.cli.models.location import parse_location
from stream_processor.settings import Settings
from support.terraform import ROOT

KNOWN = {str(field.alias) for field in Settings.model_fields.values()} | {
    "POWERTOOLS_LOG_LEVEL"  # which Powertools itself reads
}


def resource(plan: dict[str, Any], address: str) -> dict[str, Any]:
    """Give the planned values of a resource."""
    found = {each["address"]: each for each in plan["planned_values"]["root_module"]["resources"]}
    values: dict[str, Any] = found[address]["values"]
    return values


def output(plan: dict[str, Any], name: str) -> Any:
    """Give a planned output."""
    return plan["planned_values"]["outputs"][name]["value"]


def environment(plan: dict[str, Any]) -> dict[str, str]:
    """Give the function's variables."""
    variables: dict[str, str] = resource(plan, "aws_lambda_function.consumer")["environment"][0]["variables"]
    return variables


def test_the_function_is_told_only_what_it_reads(plan: dict[str, Any]) -> None:
    """Each variable is one that the settings know, and they are all there that are needed."""
    assert set(environment(plan)) <= KNOWN
    assert Settings.from_mapping(environment(plan)).claims_bucket == output(plan, "claims_bucket")


def test_the_numbers_that_are_checked_are_the_numbers_that_are_obeyed(plan: dict[str, Any]) -> None:
    """Share, environments and deadline of the function are those that the relations were checked with."""
    settings, figures = Settings.from_mapping(environment(plan)), output(plan, "capacity_plan")
    function = resource(plan, "aws_lambda_function.consumer")
    mapping = resource(plan, "aws_lambda_event_source_mapping.documents")
    assert settings.write_units_per_second == figures["wcu_per_worker"]
    assert settings.environments == figures["workers"] == function["reserved_concurrent_executions"]
    assert settings.deadline_reserve_seconds <= 0.2 * function["timeout"]
    assert figures["worst_batch_s"] <= 0.8 * function["timeout"]
    assert settings.retention_hours == mapping["maximum_record_age_in_seconds"] / 3600
    assert figures["wcu_per_worker"] * figures["workers"] <= figures["results_per_s"]


def test_an_account_is_sized_as_local_aws_is(plan: dict[str, Any]) -> None:
    """One formula: environments and burst are what smartcat/cli/deployment.py makes of the same numbers."""
    settings, figures = Settings.from_mapping(environment(plan)), output(plan, "capacity_plan")
    usable = DeploymentOptions(write_units=int(figures["results_per_s"]), shards=figures["lanes"])
    whole = DeploymentOptions(
        write_units=resource(plan, "aws_dynamodb_table.results")["write_capacity"], shards=figures["lanes"]
    )
    if not plan["variables"]["emulator"]["value"]:
        assert figures["workers"] == usable.environments
    burst = whole.burst_units_per_environment * whole.environments / figures["workers"]
    assert settings.burst_units_per_second == pytest.approx(burst, abs=0.01)


def test_what_the_quarantine_refuses_the_failure_destination_takes(plan: dict[str, Any]) -> None:
    """They share no bucket, no policy and no statement of rights, and both fill the one work list."""
    quarantine, failures = environment(plan)["SMARTCAT_QUARANTINE_BUCKET"], output(plan, "failures_bucket")
    assert quarantine == output(plan, "quarantine_bucket") != failures
    rights = json.loads(resource(plan, "aws_iam_role_policy.consumer")["policy"])["Statement"]
    puts = [each["Resource"] for each in rights if "s3:PutObject" in each["Action"]]
    assert puts == [f"arn:aws:s3:::{quarantine}/quarantine/*", f"arn:aws:s3:::{failures}/aws/lambda/*"]
    for role in ("quarantine", "failures"):
        assert len(resource(plan, f'aws_s3_bucket_notification.put_aside["{role}"]')["queue"]) == 1
        assert resource(plan, f'aws_s3_bucket_versioning.this["{role}"]')["versioning_configuration"]
    lifecycles = [
        json.dumps(resource(plan, f'aws_s3_bucket_lifecycle_configuration.this["{role}"]')["rule"])
        for role in ("quarantine", "failures")
    ]
    assert lifecycles[0] == lifecycles[1]
    variables = output(plan, "smartcat_environment")
    assert variables["SMARTCAT_QUARANTINE_BUCKET"] == quarantine
    assert variables["SMARTCAT_FAILURES_BUCKET"] == failures


def test_the_model_lies_where_smartcat_publishes_it(plan: dict[str, Any]) -> None:
    """List, promote and rollback find what Terraform uploaded, and the function pins it."""
    place, version = parse_location(output(plan, "models_url")), output(plan, "model_version")
    assert environment(plan)["SMARTCAT_MODEL"] == place.url(version)
    assert environment(plan)["SMARTCAT_SHADOW_MODEL"] == place.url("ba9876543210")
    keys = {
        each["values"]["key"]
        for each in plan["planned_values"]["root_module"]["resources"]
        if each["type"] == "aws_s3_object" and each["name"].startswith("model")
    }
    assert keys == {place.key(version, "manifest.json"), place.key(version, "weights.bin")}


def test_the_handler_is_the_packages(plan: dict[str, Any]) -> None:
    """The function begins where the zip of smartcat package has its handler."""
    assert resource(plan, "aws_lambda_function.consumer")["handler"] == HANDLER


def test_operators_get_the_variables_that_their_commands_read(plan: dict[str, Any]) -> None:
    """They are those that smartcat local prints, and the quarantine's prefix."""
    deployment = Deployment(*["x"] * 10)
    expected = {*deployment.environment(), "SMARTCAT_QUARANTINE_PREFIX"}
    assert set(output(plan, "smartcat_environment")) == expected


def test_the_dashboard_shows_metrics_that_the_function_writes(plan: dict[str, Any]) -> None:
    """Each metric of ours on it is in docs/telemetry.md."""
    body = json.loads(resource(plan, "aws_cloudwatch_dashboard.this[0]")["dashboard_body"])
    telemetry = (ROOT / "docs" / "telemetry.md").read_text("utf-8")
    shown = [
        metric[1]
        for widget in body["widgets"]
        for metric in widget["properties"]["metrics"]
        if metric[0] == "smartcat"
    ]
    assert len(shown) > 5
    assert [name for name in shown if f"| `{name}` |" not in telemetry] == []


def test_policies_are_well_formed(plan: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """IAM's own rules, as moto has them: versions, effects, ARNs, conditions, and no statement id twice."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    policies = {
        "producer": output(plan, "producer_policy_json"),
        "operator": output(plan, "operator_policy_json"),
        "consumer": resource(plan, "aws_iam_role_policy.consumer")["policy"],
    }
    with mock_aws():
        iam = boto3.client("iam", region_name="us-east-1")
        for name, policy in policies.items():
            iam.create_policy(PolicyName=name, PolicyDocument=policy)
        trust = resource(plan, "aws_iam_role.consumer")["assume_role_policy"]
        iam.create_role(RoleName="consumer", AssumeRolePolicyDocument=trust)
