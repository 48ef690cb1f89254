from typing import Any

import pytest
from botocore.exceptions import NoRegionError

from smartcat.cli.aws_clients import AwsError
from smartcat.cli.produce.dry_run import count_shards


class Kinesis:
    """A stream of three shards."""

    def describe_stream_summary(self, *, StreamName: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert StreamName == "papers"
        return {"StreamDescriptionSummary": {"OpenShardCount": 3}}


def test_shards_are_asked_for() -> None:
    """With AWS there, the stream says how many it has."""
    assert count_shards(Kinesis, "papers") == 3


@pytest.mark.parametrize("error", [NoRegionError(), AwsError("no address")])
def test_without_aws_shards_are_not_known(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run works on a train; it says what it does not know."""

    def nobody() -> Any:
        raise error

    assert count_shards(nobody, "papers") is None
    assert capsys.readouterr().err.startswith("note: cannot look up the shards: ")
