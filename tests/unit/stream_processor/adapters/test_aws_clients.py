from __future__ import annotations

from typing import TYPE_CHECKING

from stream_processor.adapters import aws_clients

if TYPE_CHECKING:
    import pytest


def test_retries_and_time_outs_are_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients make one attempt, time out inside the deadline reserve, and leave retries to us."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    for client in (aws_clients.dynamodb(), aws_clients.s3()):
        config = client.meta.config
        assert config.retries == {"mode": "standard", "total_max_attempts": 1}  # type: ignore[attr-defined]
        assert config.connect_timeout == 1.0  # type: ignore[attr-defined]
        assert config.read_timeout <= 5.0  # type: ignore[attr-defined]


def test_endpoint_comes_from_boto3s_own_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint set for boto3 is used, which is how the local AWS is reached."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert aws_clients.dynamodb().meta.endpoint_url == "http://127.0.0.1:4566"
