"""The composition root: builds every object, once for an environment. Decides nothing about a batch."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from functools import cache, partial
from random import SystemRandom
from typing import TYPE_CHECKING

from stream_processor.adapters import aws_clients
from stream_processor.adapters.dynamodb_results import DynamoDbResults
from stream_processor.adapters.powertools_metrics import PowertoolsMetrics
from stream_processor.adapters.s3_claims import S3Claims
from stream_processor.adapters.s3_model import load_model
from stream_processor.adapters.s3_quarantine import S3Quarantine
from stream_processor.adapters.served_model import serve
from stream_processor.adapters.system_clock import SystemClock
from stream_processor.core.claim_fetching import ClaimBucket
from stream_processor.core.classification import ClassificationRules
from stream_processor.core.dependencies import Dependencies
from stream_processor.core.drift import Drift
from stream_processor.core.process_batch import BatchProcessor, Limits
from stream_processor.core.shard_lag import ShardLag
from stream_processor.core.wait_policy import WaitLimits
from stream_processor.core.write_budget.capacity_watch import CapacityWatch
from stream_processor.core.write_budget.write_budget import WriteBudget
from stream_processor.errors import RefuseToStart
from stream_processor.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_s3 import S3Client

    from stream_processor.core.ports import (
        Clock,
        DocumentClassifier,
        Metrics,
        Quarantine,
        Randomness,
        ResultTable,
    )


def build_processor(
    settings: Settings | None = None,
    *,
    classifier: DocumentClassifier | None = None,
    table: ResultTable | None = None,
    quarantine: Quarantine | None = None,
    clock: Clock | None = None,
    random: Randomness | None = None,
    metrics: Metrics | None = None,
) -> BatchProcessor:
    """Return the processor; every argument defaults to the real thing.

    Raises:
        RefuseToStart: Settings or model are wrong. The reason has been logged in one line.
    """
    with _refusal_logged():
        settings = settings or Settings.from_environment()
        clock = clock or SystemClock()
        metrics = metrics or PowertoolsMetrics(service=settings.service, namespace=settings.metrics_namespace)
        s3 = cache(aws_clients.s3)
        classifier = classifier or _classifier(settings, metrics, s3)
        return BatchProcessor(
            classifier=classifier,
            dependencies=Dependencies(
                table=table or _table(settings, clock),
                quarantine=quarantine or _quarantine(settings, clock, metrics, s3),
                budget=_budget(settings, clock),
                clock=clock,
                random=random or SystemRandom(),
                metrics=metrics,
                wait_limits=WaitLimits(reserve_seconds=settings.deadline_reserve_seconds),
                capacity_watch=CapacityWatch(settings.environments),
            ),
            limits=_limits(settings),
            rules=ClassificationRules(reasons=settings.reasons, ttl_days=settings.result_ttl_days),
            lag=ShardLag(settings.retention_hours),
            claim_bucket=_claim_bucket(settings, clock, s3),
            drift=Drift(classifier.training_baseline),
        )


def _classifier(settings: Settings, metrics: Metrics, s3: Callable[[], S3Client]) -> DocumentClassifier:
    load = partial(serve, engine=settings.engine)
    model = load_model(settings.model, s3, load=load)
    metrics.model_loaded(model.engine, model.model_version)
    if settings.shadow_model is None:
        return model
    try:
        return model.shadowed_by(load_model(settings.shadow_model, s3, load=load))
    except RefuseToStart as error:
        # A shadow model must not keep the one that serves from starting.
        metrics.report_problem(f"going on without a shadow model: {error}")
        return model


def _table(settings: Settings, clock: Clock) -> ResultTable:
    return DynamoDbResults(aws_clients.dynamodb(), settings.table, sleep=clock.sleep)


def _quarantine(settings: Settings, clock: Clock, metrics: Metrics, s3: Callable[[], S3Client]) -> Quarantine:
    return S3Quarantine(
        s3,
        settings.quarantine_bucket,
        prefix=settings.quarantine_prefix,
        clock=clock,
        report_problem=metrics.report_problem,
    )


def _claim_bucket(settings: Settings, clock: Clock, s3: Callable[[], S3Client]) -> ClaimBucket | None:
    bucket = settings.claims_bucket
    if bucket is None:
        return None
    return ClaimBucket(bucket, settings.claims_prefix, S3Claims(s3, bucket, clock=clock))


def _budget(settings: Settings, clock: Clock) -> WriteBudget:
    return WriteBudget(
        settings.write_units_per_second, now=clock.now(), burst_rate=settings.burst_units_per_second
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        max_document_bytes=settings.max_document_bytes,
        # Classifying 16 MiB of text takes a whole vCPU about 8 s: an invocation stops reading once it has as
        # much text as the largest document, and ends with at most this and one record more.
        max_batch_text=settings.max_document_bytes,
    )


@contextmanager
def _refusal_logged() -> Iterator[None]:
    try:
        yield
    except RefuseToStart as error:
        # One line beside the traceback that Lambda prints, for people who search the log.
        logging.getLogger("smartcat").critical("refusing to start: %s", error)
        raise
