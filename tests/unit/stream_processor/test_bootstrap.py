from __future__ import annotations

import logging
from typing import Any

import pytest

from stream_processor.adapters.dynamodb_results import DynamoDbResults
from stream_processor.adapters.powertools_metrics import PowertoolsMetrics
from stream_processor.adapters.s3_claims import S3Claims
from stream_processor.adapters.s3_quarantine import S3Quarantine
from stream_processor.adapters.system_clock import SystemClock
from stream_processor.bootstrap import build_processor
from stream_processor.errors import RefuseToStart
from stream_processor.settings import Settings

SETTINGS = Settings(
    table="results",
    quarantine_bucket="failures",
    claims_bucket="large",
    model="/no/such/model",
    write_units_per_second=5.0,
    deadline_reserve_seconds=3.0,
    reasons=2,
    max_document_bytes=2048,
    result_ttl_days=7.0,
)


def test_defaults_are_the_real_things(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is not given is the real adapter, configured by the settings."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    processor = build_processor(SETTINGS, classifier=make.classifier())
    outside = processor.dependencies
    assert isinstance(outside.table, DynamoDbResults)
    assert isinstance(outside.quarantine, S3Quarantine)
    assert isinstance(outside.clock, SystemClock)
    assert isinstance(outside.metrics, PowertoolsMetrics)
    assert outside.budget.share == 5.0
    assert outside.wait_limits.reserve_seconds == 3.0
    assert (processor.rules.reasons, processor.rules.ttl_days) == (2, 7.0)
    assert processor.claim_bucket is not None
    assert (processor.claim_bucket.name, processor.claim_bucket.prefix) == ("large", "claims/")
    assert isinstance(processor.claim_bucket.objects, S3Claims)
    assert (processor.limits.max_document_bytes, processor.limits.max_batch_text) == (2048, 2048)


def test_given_parts_are_used(make: Any, world: Any) -> None:
    """Every part can be replaced, and then nothing of AWS is needed; without a bucket no claim is read."""
    processor = build_processor(
        SETTINGS.model_copy(update={"claims_bucket": None}),
        classifier=world.classifier,
        table=world.table,
        quarantine=world.quarantine,
        clock=world.clock,
        metrics=world.metrics,
    )
    assert processor.claim_bucket is None
    event = {"Records": [make.entry(make.payload("a"), 1)]}
    assert processor.process(event, lambda: 60.0) == {"batchItemFailures": []}
    assert set(world.table.items) == {"a"}


def test_refusal_is_logged_in_one_line(
    world: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong settings or a missing model fail the start with one clear line in the log."""
    for name in ("SMARTCAT_TABLE", "SMARTCAT_MODEL", "SMARTCAT_QUARANTINE_BUCKET"):
        monkeypatch.delenv(name, raising=False)
    with caplog.at_level(logging.CRITICAL), pytest.raises(RefuseToStart, match="SMARTCAT_TABLE is not set"):
        build_processor()
    with caplog.at_level(logging.CRITICAL), pytest.raises(RefuseToStart, match="/no/such/model"):
        build_processor(SETTINGS, table=world.table, quarantine=world.quarantine, metrics=world.metrics)
    assert len(caplog.messages) == 2
    assert all(message.startswith("refusing to start: ") for message in caplog.messages)
    assert not any("\n" in message for message in caplog.messages)
