import json
import re
import shlex
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

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
    assert notes[0] == "note: Labels with fewer than 5 documents: contract."
    assert notes[1].startswith("note: 2 documents have the label of a correction, 2 of them another than")
    assert notes[2:4] == [
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


def test_what_is_unusual_about_a_corpus_is_said_before_it_is_learned_from(
    tmp_path: Path, command: Command
) -> None:
    """Copies, contradictions and labels are notes between reading and fitting, and data without text."""
    documents = labelled_documents()
    rows = [
        {"id": document.document_id, "label": document.label, "pages": document.pages}
        for document in [*documents, documents[0]]
    ]
    rows.append(rows[1] | {"id": "again", "label": "Letter"})
    corpus = write(tmp_path / "corpus.jsonl", rows)
    suspects = tmp_path / "suspects.jsonl"
    learning = ("--out", str(tmp_path / "model"), "--quick", "--json", "--suspects", str(suspects))
    done = command("train", corpus, *learning)
    assert done.code == 0, done.err
    lines = done.err.splitlines()
    notes = [
        line
        for line in takewhile(lambda line: not line.startswith("calibrate"), lines)
        if line.startswith("note: ")
    ]
    beginnings = (
        "note: Of 38 documents 1 is a copy, with text and label of an earlier one.",
        "note: Of 38 documents 1 is equal to an earlier one but for the label, and one of the two labels",
        "note: Labels that differ only by case, spaces or Unicode form are learned apart: 'Letter', 'letter'",
        "note: Labels with fewer than 5 documents: Letter.",
    )
    assert all(note.startswith(begin) for note, begin in zip(notes, beginnings, strict=True))
    assert notes[1].endswith("is likely wrong: again (Letter, before that contract).")
    summary = json.loads(done.out)
    assert summary["corpus"]["conflicts"] == [
        {"document_id": "again", "label": "Letter", "earlier_label": "contract"}
    ]
    assert (summary["corpus"]["copies"], summary["held_out_without_evidence"]) == (1, 0)
    found = [json.loads(line) for line in suspects.read_text("utf-8").splitlines()]
    assert len(found) == summary["suspects"]
    keys = {"id", "label", "instead_of", "probability", "probability_instead_of"}
    assert all(set(row) == keys for row in found)
    assert f"look through {suspects} before you use it as corrections" in done.err
    manifest = json.loads((tmp_path / "model" / "manifest.json").read_text("utf-8"))
    assert manifest["training"]["corpus"]["conflicting"] == 1
    assert "again" not in json.dumps(manifest)


def test_the_example_of_the_corpus_report_is_what_the_command_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    """docs/models.md: the commands make the corpus, and the notes are those printed, to the letter."""
    page = (Path(__file__).parents[5] / "docs" / "models.md").read_text("utf-8")
    section = page[page.index("## The corpus report") : page.index("### Labels that may be wrong")]
    shell, said = re.findall(r"```(?:sh|text)\n(.*?)```", section, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    papers = command("samples", "--count", "100").out
    Path("papers.jsonl").write_text(papers, encoding="utf-8")
    added = [shlex.split(line)[1] for line in shell.splitlines() if line.startswith("echo ")]
    more = [*papers.splitlines()[:20], *added]
    Path("more.jsonl").write_text("".join(f"{line}\n" for line in more), encoding="utf-8")
    (train,) = [line for line in shell.splitlines() if line.startswith("smartcat train")]
    done = command(*shlex.split(train)[1:])
    assert done.code == 0, done.err
    before, _, _ = done.err.partition("calibrate (")
    assert "".join(line for line in before.splitlines(keepends=True) if line.startswith("note: ")) == said


@pytest.mark.parametrize("features", ["auto", "words"])
def test_characters_are_learned_where_words_have_no_spaces(
    features: str, tmp_path: Path, command: Command
) -> None:
    """Also with --quick; whoever names words gets words, and is told in either case."""
    letters = {"deed": "甲乙丙丁戊己庚辛", "letter": "子丑寅卯辰巳午未"}
    rows = [
        {"id": f"{label}-{n}", "label": label, "text": "".join(those[(n * k) % 8] for k in range(1, 40))}
        for label, those in letters.items()
        for n in range(1, 9)
    ]
    rows = [row | {"text": f"{row['text']} 合同 {row['text'][::-1]}"} for row in rows]
    corpus = write(tmp_path / "corpus.jsonl", rows)
    learning = ("--out", str(tmp_path / "model"), "--quick", "--json", "--features", features)
    done = command("train", corpus, *learning)
    assert done.code == 0, done.err
    assert json.loads(done.out)["features"] == {"auto": "characters 2-5", "words": "words 1-2"}[features]
    assert "are in a script without spaces between words" in done.err


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
