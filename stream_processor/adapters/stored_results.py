"""Reads which versions of documents a table holds: consistently, and nothing else of them. Writes nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from stream_processor.adapters.aws_answers import require_fields
from stream_processor.storage_format.document_version import VERSION, stored_version
from stream_processor.storage_format.dynamodb_limits import MAX_REQUEST_KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

    from stream_processor.adapters.parallel_calls import RunParallel
    from stream_processor.storage_format.document_version import StoredVersion

ATTRIBUTES: Final = "document_id, sequence_number, sub_sequence_number, model_version, #version"
"""All that the function's role may read of a result (infra/terraform/iam.tf)."""

Known = dict[str, "StoredVersion | None"]


class StoredResults:
    """What the table holds of documents.

    Args:
        client: Makes one attempt per call; used from several threads.
        table: Name of the table.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def read(self, keys: Sequence[str], run_parallel: RunParallel) -> Known:
        """Return what is stored under each key; keys that are not known now are left out.

        Args:
            keys: Distinct ones.
            run_parallel: How to make several calls at the same time.
        """
        groups = [keys[start : start + MAX_REQUEST_KEYS] for start in range(0, len(keys), MAX_REQUEST_KEYS)]
        known: Known = {}
        for part in run_parallel([partial(self._read_once, group) for group in groups]):
            known |= part
        return known

    def _read_once(self, keys: Sequence[str]) -> Known:
        """Make one attempt. No second one: a question that is not answered costs a write, and no result."""
        request: Any = {
            "Keys": [{"document_id": {"S": key}} for key in keys],
            "ConsistentRead": True,
            "ProjectionExpression": ATTRIBUTES,
            "ExpressionAttributeNames": {"#version": VERSION},
        }
        try:
            answer: Any = self._client.batch_get_item(RequestItems={self._table: request})
            require_fields(answer, Responses=dict, UnprocessedKeys=dict)
        except (ClientError, BotoCoreError):
            return {}
        unread = {
            key["document_id"]["S"] for part in answer["UnprocessedKeys"].values() for key in part["Keys"]
        }
        found = {item["document_id"]["S"]: item for part in answer["Responses"].values() for item in part}
        known: Known = {key: None for key in keys if key not in unread}
        for key, item in found.items():
            try:
                known[key] = stored_version(item)
            except ValueError:  # not ours
                known.pop(key, None)
        return known
