"""One text, one label: the readers of training, of the laptop and of the stream see the same documents.

``smartcat.training.corpus`` and ``producers.sources`` read the same files and may not import each other.
"""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from producers.sources import SourceProblem, read_documents
from smartcat.classifier.classifier import Classifier
from smartcat.training.corpus.labelled_documents import LabelledDocument, read_labelled
from smartcat.training.errors import CorpusError
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train
from smartcat.wire_format.document import Document, from_bytes, to_bytes

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KNOWN = st.lists(st.sampled_from(["agreement", "clause", "amount", "Total", "tax", "Straße", "ﬁnal"]))
PAGES = st.lists(TEXT | KNOWN.map("\r\n".join) | KNOWN.map("\u2028".join), min_size=1, max_size=5)
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256)

# What differs between readers that are not held together: line ends, separators, NUL, marks, compositions.
AWKWARD = ["\r\n", "\r", "\u2028\u2029\x85\x0b\x0c", "\x00", "\ufeff", "e\u0301 é", "\U0001f600", "", " \t "]

ANYTHING = (
    st.none()
    | st.integers()
    | st.sampled_from(["", "a", "\ud800", "\udc00x"])
    | st.text(max_size=3)
    | st.lists(st.none() | st.sampled_from(["", "a", "\ud83d"]), max_size=3)
)
ROWS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("id", "document_id", "text", "pages", "split"), ANYTHING)
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """A model of two labels that knows the words of ``KNOWN``."""
    texts = {"contract": "agreement clause Straße ﬁnal", "invoice": "amount Total tax the"}
    documents = [
        LabelledDocument(str(copy), label, (f"{text} copy{copy}",))
        for label, text in texts.items()
        for copy in range(4)
    ]
    return train(documents, options=TrainingOptions.quick(n_features=2**10)).classifier()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A path for one corpus after the other."""
    return tmp_path_factory.mktemp("corpus") / "corpus.jsonl"


def labelled(file: Path) -> list[tuple[str, tuple[str, ...]]] | None:
    """Read as training does; None for a refusal."""
    try:
        return [(document.document_id, document.pages) for document in read_labelled(file)]
    except CorpusError:
        return None


def unlabelled(file: Path) -> list[tuple[str, tuple[str, ...]]] | None:
    """Read as the command line and the producers do; None for a refusal."""
    items = list(read_documents([file]))
    if any(isinstance(item, SourceProblem) for item in items):
        return None
    return [(item.document_id, item.pages) for item in items if isinstance(item, Document)]


@given(name=IDS, pages=PAGES, ascii_only=st.booleans(), pack=st.sampled_from([bytes, gzip.compress]))
@example(name="id", pages=AWKWARD, ascii_only=False, pack=bytes)
@example(name="id", pages=AWKWARD, ascii_only=True, pack=gzip.compress)
def test_every_way_in_gives_the_same_text_and_the_same_label(
    file: Path,
    classifier: Classifier,
    name: str,
    pages: list[str],
    ascii_only: bool,  # noqa: FBT001 - hypothesis passes it by name
    pack: Callable[[bytes], bytes],
) -> None:
    """Corpus, file, standard input and stream give id and pages to the letter, and one decision."""
    row: dict[str, Any] = {"id": name, "document_id": "another", "label": "contract", "page": 3}
    row |= {"text": pages[0]} if len(pages) == 1 else {"pages": pages}
    line = json.dumps(row, ensure_ascii=ascii_only).encode()
    file.write_bytes(pack(line + b"\r\n"))

    (learned,) = read_labelled(file)
    (sent,) = read_documents([file])
    assert isinstance(sent, Document)
    arrived = from_bytes(to_bytes(sent))

    assert list(read_documents(["-"], stdin=io.BytesIO(line))) == [sent] == [arrived]
    assert (learned.document_id, learned.pages) == (sent.document_id, sent.pages) == (name, tuple(pages))
    first, second, third = classifier.classify([learned.pages, sent.pages, arrived.pages])
    assert [first] == [second] == [third] == classifier.classify([pages])


@given(st.lists(ROWS, min_size=1, max_size=3))
@example([{"id": None, "document_id": "a", "text": ""}])
@example([{"id": "a", "text": None, "pages": [""]}])
@example([{"id": "a", "text": "", "pages": None}])
def test_readers_accept_the_same_rows(file: Path, rows: list[dict[str, Any]]) -> None:
    """Whatever is missing, null, of another type or no Unicode: both refuse, or both read the same.

    Two things are training's alone: a label and a split that is text, and a name for a row without an id.
    """
    rows = [row | {"label": "x"} for row in rows]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    learned, sent = labelled(file), unlabelled(file)
    named = all("id" in row or "document_id" in row for row in rows)
    split_is_text = all(isinstance(row.get("split", ""), str) for row in rows)
    if not named:
        assert sent is None
    elif split_is_text:
        assert learned == sent


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf{"id":"a","text":"x","label":"l"}\n\xef\xbb\xbf{"id":"b","text":"y","label":"l"}',
        b'\xef\xbb\xbf\r\n\n \t\n{"id":"a","text":"x","label":"l"}',
        b'  {"id":"a","text":"\xe2\x80\xa8","label":"l"}  \r\n\x0c\n',
        b'{"id":"a","id":"b","text":"x","label":"l"}',
        b'{"id":"a","text":"x","text":"y","label":"l"}',
        b'{"id":"a","text":"x","label":"l","score":NaN}',
        b'{"id":"a","text":"a\tb","label":"l"}',
        b'{"id":"a","text":"\xff","label":"l"}',
        b'{"id":"a","text":"x","label":"l"}{"id":"b","text":"x","label":"l"}',
        b'[{"id":"a","text":"x","label":"l"}]',
    ],
)
def test_readers_agree_on_bytes_that_parsers_disagree_about(file: Path, content: bytes) -> None:
    """Byte order marks, blank lines, repeated names, NaN and raw control characters: one answer."""
    file.write_bytes(content)
    assert labelled(file) == unlabelled(file)
