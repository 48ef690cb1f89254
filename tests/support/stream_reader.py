"""What is on a stream, in the order of its shards, without the function that reads it."""

from __future__ import annotations

from typing import Any

from smartcat.wire_format.document import Document, from_bytes
from smartcat.wire_format.kpl_aggregate import is_aggregate, unpack
from smartcat.wire_format.zstd_aggregate import is_zstd_aggregate, unpack_zstd_aggregate


def documents_on(kinesis: Any, stream: str) -> list[Document]:
    """Read every document that is on a stream; those of an id come in the order they arrived."""
    found: list[Document] = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator:
            answer = kinesis.get_records(ShardIterator=iterator, Limit=10_000)
            for record in answer["Records"]:
                found += _documents(record["Data"])
            iterator = answer["NextShardIterator"] if answer["Records"] else None
    return found


def _documents(data: bytes) -> list[Document]:
    if is_zstd_aggregate(data):
        return [from_bytes(part.data) for part in unpack_zstd_aggregate(data)]
    if is_aggregate(data):
        return [from_bytes(part.data) for part in unpack(data)]
    return [from_bytes(data)]
