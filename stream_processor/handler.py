"""The Lambda entry point: the processor, built once for an environment, and the deadline. No logic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream_processor.cold_start import without_garbage_collection

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from stream_processor.core.process_batch import Response

with without_garbage_collection():
    from stream_processor.bootstrap import build_processor
    from stream_processor.errors import without_text_in_errors

    _processor = build_processor()


def handler(event: dict[str, Any], context: LambdaContext) -> Response:
    """Process one batch of a Kinesis event source mapping that has ReportBatchItemFailures."""
    return without_text_in_errors(
        lambda: _processor.process(event, lambda: context.get_remaining_time_in_millis() / 1000)
    )
