import math

import pytest

from smartcat.cli.deployment import Deployment, DeploymentOptions


@pytest.mark.parametrize(
    ("shards", "factor", "write_units", "concurrency"),
    [
        (4, 1, 5, 1),
        (4, 1, 320, 1),
        (4, 1, 321, 2),
        (4, 2, 1000, 4),
        (64, 1, 1000, 4),
        (1, 1, 1000, 1),
        (2, 10, 40_000, 20),
    ],
)
def test_concurrency_is_sized_to_the_table(
    shards: int, factor: int, write_units: int, concurrency: int
) -> None:
    """C = min(lanes, ceil(1.25 x units / 400)), worked by hand."""
    options = DeploymentOptions(shards=shards, parallelization_factor=factor, write_units=write_units)
    assert options.environments == concurrency


def test_the_shares_of_all_environments_are_the_table() -> None:
    """What the environments may use together is what the table has."""
    options = DeploymentOptions(shards=8, write_units=1000)
    assert options.write_units_per_environment * options.environments == 1000


def test_retries_outlast_an_hour_and_leave_time_before_records_expire() -> None:
    """(ceil(log2 batch) + retries + 1) x time-out is over an hour and at most half the record age."""
    options = DeploymentOptions()
    held = (math.ceil(math.log2(options.batch_size)) + options.max_retries + 1) * options.timeout_seconds
    assert 3600 < held <= options.max_record_age_seconds / 2


@pytest.mark.parametrize(("seconds", "hours"), [(86_400, 24.0), (604_800, 24.0), (-1, 24.0), (1800, 0.5)])
def test_a_record_lives_as_long_as_the_shorter_limit(seconds: int, hours: float) -> None:
    """Stream and mapping both end a record's life; -1 is no limit of the mapping."""
    assert DeploymentOptions(max_record_age_seconds=seconds).record_lifetime_hours == hours


def test_claimed_documents_outlive_the_records_that_claim_them() -> None:
    """With default settings there are weeks left to put quarantined and given-up claims back."""
    options = DeploymentOptions()
    assert options.claim_days * 24 > 7 * options.record_lifetime_hours


def test_users_get_the_names_that_commands_read() -> None:
    """Whoever fills the stream, corrects a result or publishes a model finds where."""
    deployment = Deployment("s", "t", "q", "x", "a", "c", "f", "m", "r", "s3://a/models/")
    environment = deployment.environment()
    assert environment["SMARTCAT_CLAIMS_BUCKET"] == "c"
    assert environment["SMARTCAT_CORRECTIONS_TABLE"] == "r"
    assert environment["SMARTCAT_MODELS"] == "s3://a/models/"
