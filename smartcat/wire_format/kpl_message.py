"""The protobuf message of a KPL aggregate, taken from aws-kinesis-agg. Only this file knows that package."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from typing import Any


@cache
def aggregated_record_class() -> Any:
    """Import the message class ``AggregatedRecord``, once, and only when an aggregate is really met.

    The package's own reader and writer put their folder on ``sys.path`` so that the generated module finds a
    top-level ``config_pb2``. We lend it that name for the length of the import instead, so nothing of ours
    or of the user's can be shadowed.

    Returns:
        The generated class: ``partition_key_table``, ``explicit_hash_key_table``, ``records``.
    """
    shadowed = sys.modules.get("config_pb2")
    sys.modules["config_pb2"] = import_module("aws_kinesis_agg.config_pb2")
    try:
        messages = import_module("aws_kinesis_agg.messages_pb2")
    finally:
        if shadowed is None:
            del sys.modules["config_pb2"]
        else:
            sys.modules["config_pb2"] = shadowed
    return messages.AggregatedRecord
