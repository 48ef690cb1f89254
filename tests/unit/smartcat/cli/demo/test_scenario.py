import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smartcat.cli.demo.scenario import STREAMED_SHARE, generated_paperwork, labelled_documents
from smartcat.cli.samples.rejected_records import RejectedPayload
from smartcat.training.errors import CorpusError

INCOMPRESSIBLE = random.Random(0).randbytes(1_200_000).hex()  # noqa: S311 - only noise
Write = Callable[[list[dict[str, Any]]], Path]


@pytest.fixture
def corpus(tmp_path: Path) -> Write:
    """Give a function that writes labelled documents."""

    def write(rows: list[dict[str, Any]]) -> Path:
        path = tmp_path / "own.jsonl"
        rows = [{"id": f"d{n}", "label": "a", "text": "x"} | row for n, row in enumerate(rows)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write


def test_the_same_seed_gives_the_same_stream() -> None:
    """A demo can be repeated: same documents, same places of the poison, no document on both sides."""
    first, again = (generated_paperwork(training=20, streamed=30, seed=3) for _ in range(2))
    assert list(first.in_order()) == list(again.in_order())
    learned = {document.document_id for document in first.training}
    assert not learned & first.expected_labels().keys()


def test_every_document_and_every_poison_is_streamed_once() -> None:
    """Documents keep their order, and poison stands between them."""
    scenario = generated_paperwork(training=1, streamed=10, seed=0)
    played = list(scenario.in_order())
    assert [entry for entry in played if not isinstance(entry, RejectedPayload)] == list(scenario.stream)
    assert sorted(entry.partition_key for entry in played if isinstance(entry, RejectedPayload)) == sorted(
        payload.partition_key for payload in scenario.rejected
    )


def test_named_splits_decide(corpus: Write) -> None:
    """Only 'test' is streamed; everything else is learned from, also what names no split."""
    scenario = labelled_documents(
        corpus([{"split": "test"}, {"split": "train"}, {}, {"split": "dev"}]), seed=0
    )
    assert [document.document_id for document in scenario.stream] == ["d0"]
    assert len(scenario.training) == 3


def test_without_splits_a_hash_of_the_id_decides(corpus: Write) -> None:
    """About the named share is streamed, the same documents at every run."""
    path = corpus([{}] * 500)
    scenario = labelled_documents(path, seed=0)
    assert abs(len(scenario.stream) / 500 - STREAMED_SHARE) < 0.1
    assert labelled_documents(path, seed=9).stream == scenario.stream


@pytest.mark.parametrize(("split", "side"), [("test", "train on"), ("train", "stream")])
def test_an_empty_side_is_said(corpus: Write, split: str, side: str) -> None:
    """A corpus that is all test, or all training, cannot play the demo."""
    with pytest.raises(CorpusError, match=f"no document to {side}"):
        labelled_documents(corpus([{"split": split}] * 3), seed=0)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"id": "x" * 257}, "at most 256 characters"),
        ({"text": "Grundstück " * 400_000}, None),
        ({"text": INCOMPRESSIBLE}, "the stream accepts 1048576"),
    ],
)
def test_what_the_stream_would_refuse_is_refused_before_learning(
    corpus: Write, row: dict[str, Any], problem: str | None
) -> None:
    """An id or a document that is too large is named at once; a long one that compresses well is fine."""
    path = corpus([{"split": "train"}, {"split": "test"} | row])
    if problem is None:
        assert len(labelled_documents(path, seed=0).stream) == 1
        return
    with pytest.raises(CorpusError, match=problem):
        labelled_documents(path, seed=0)
