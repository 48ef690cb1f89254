import pytest

from producers.clients import kinesis_client, s3_client
from producers.errors import ConfigurationError


@pytest.fixture(autouse=True)
def no_aws_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of the machine out."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")


def test_client_makes_one_attempt_and_bounded_waits() -> None:
    """The SDK does not retry below our own retries, whatever its defaults are, and no call hangs."""
    config = kinesis_client(region="eu-central-1").meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert (config.connect_timeout, config.read_timeout) == (5.0, 15.0)
    assert "smartcat-producers/" in config.user_agent_extra


def test_endpoint_is_used() -> None:
    """A local endpoint replaces AWS."""
    client = kinesis_client(region="eu-central-1", endpoint_url="http://127.0.0.1:1")
    assert client.meta.endpoint_url == "http://127.0.0.1:1"


def test_missing_region_is_one_clear_error() -> None:
    """Without a region the error says so in one line of ours."""
    with pytest.raises(ConfigurationError, match=r"cannot make a Kinesis client: .*region"):
        kinesis_client()


def test_wrong_endpoint_is_one_clear_error() -> None:
    """An endpoint that is no address is named."""
    with pytest.raises(ConfigurationError, match="nonsense"):
        kinesis_client(region="eu-central-1", endpoint_url="nonsense")


def test_the_s3_client_is_made_the_same_way() -> None:
    """One attempt a call, bounded waits, and one clear error."""
    config = s3_client(region="eu-central-1").meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert (config.connect_timeout, config.read_timeout) == (5.0, 15.0)
    with pytest.raises(ConfigurationError, match=r"cannot make an S3 client: .*nonsense"):
        s3_client(region="eu-central-1", endpoint_url="nonsense")
