import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.labelled import labelled_documents

Command = Callable[..., Any]


def write(path: Path, rows: list[dict[str, Any]]) -> str:
    """Write JSON lines, and give the file's name."""
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return str(path)


def test_training_learns_from_corrections(tmp_path: Path, command: Command) -> None:
    """A document without a label counts once it was corrected, and what became of each is said."""
    rows = [
        {"id": document.document_id, "label": document.label, "pages": document.pages}
        for document in labelled_documents("contract", "invoice", per_label=4)
    ]
    del rows[0]["label"], rows[1]["label"]
    corrections = [
        {"id": rows[0]["id"], "label": "contract"},
        {"id": rows[2]["id"], "label": "invoice"},
        {"id": "elsewhere", "label": "invoice"},
        {"id": "mine", "label": "invoice", "text": "amount total due"},
    ]
    corpus = write(tmp_path / "corpus.jsonl", rows)
    learning = ("--out", str(tmp_path / "model"), "--quick", "--json")
    refused = command("train", corpus, *learning)
    assert refused.code == 1
    assert "corpus.jsonl:1: expected a field 'label'" in refused.err
    feedback = ("--feedback", write(tmp_path / "corrections.jsonl", corrections))
    done = command("train", corpus, *learning, *feedback)
    assert done.code == 0, done.err
    assert json.loads(done.out)["documents"] == 8
    notes = [line for line in done.err.splitlines() if line.startswith("note: ")]
    assert notes[0].startswith("note: 2 documents have the label of a correction, 2 of them another than")
    assert notes[1:3] == [
        "note: 1 documents have neither a label nor a correction, and were passed over.",
        "note: No document in the corpus for the corrections of: elsewhere.",
    ]


def test_training_streams_on_demand(tmp_path: Path, command: Command) -> None:
    """In passes over the disk the command learns as well, says so, and leaves the model and nothing else."""
    rows = [
        {"id": document.document_id, "label": document.label, "pages": document.pages}
        for document in labelled_documents()
    ]
    corpus = write(tmp_path / "corpus.jsonl", rows)
    learning = ("--out", str(tmp_path / "models" / "new"), "--quick", "--stream")
    done = command("train", corpus, *learning, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["streamed"] is True
    assert "note: learns from 36 documents in passes over the disk; in memory it would take" in done.err
    assert [entry.name for entry in (tmp_path / "models").iterdir()] == ["new"]
    again = command("train", corpus, *learning)
    assert "trained in passes over the disk: words 1-2" in again.out


def test_corrections_that_cannot_be_read_are_one_line(tmp_path: Path, command: Command) -> None:
    """Nothing is learned without them."""
    corpus = write(tmp_path / "corpus.jsonl", [])
    bad = write(tmp_path / "corrections.jsonl", [{"id": "a"}])
    done = command("train", corpus, "--out", str(tmp_path / "model"), "--feedback", bad)
    assert done.code == 1
    assert done.err == f"error: {bad}:1: expected a field 'label'\n"


def test_a_thorough_comparison_compares_all_that_it_may(tmp_path: Path, command: Command) -> None:
    """It compares the logistic loss too, which the default leaves out; with --quick it makes no sense."""
    rows = [
        {"id": document.document_id, "label": document.label, "pages": document.pages}
        for document in labelled_documents("contract", "invoice", per_label=4)
    ]
    corpus = write(tmp_path / "corpus.jsonl", rows)
    learning = ("--out", str(tmp_path / "model"), "--features", "words", "--json")
    done = [command("train", corpus, *learning, *more) for more in ((), ("--thorough",))]
    assert [each.code for each in done] == [0, 0], done[1].err
    assert [json.loads(each.out)["compared"] for each in done] == [6, 7]
    refused = command("train", corpus, *learning, "--thorough", "--quick")
    assert refused.code == 2
    assert "--quick compares nothing" in " ".join(refused.err.split())
