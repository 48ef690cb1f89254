import errno
import json
import os
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.hyperparameters import TrainingOptions, all_feature_sets
from smartcat.training.train import train
from support.labelled import labelled_documents

Command = Callable[..., Any]


def write_corpus(path: Path, documents: list[LabelledDocument]) -> str:
    """Write documents as JSON lines, and give the file's name as an argument."""
    rows = [
        {"id": each.document_id, "label": each.label, "pages": list(each.pages), "split": "test"}
        for each in documents
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, documents to judge it on, and two of them that are labelled as what they are not."""
    folder = tmp_path_factory.mktemp("judged")
    documents = labelled_documents()
    train(documents, options=TrainingOptions(all_feature_sets(n_features=2**10))).save(
        folder / "model", created_at="2026-01-01"
    )
    mislabelled = [
        LabelledDocument(f"odd-{number}", "letter", documents[number].pages) for number in range(2)
    ]
    write_corpus(folder / "corpus.jsonl", documents + mislabelled)
    return folder


@pytest.fixture
def evaluate(folder: Path, command: Command) -> Command:
    """Give a function that evaluates the model on its corpus with these options."""
    return lambda *options: command("evaluate", str(folder / "model"), str(folder / "corpus.jsonl"), *options)


def test_everything_that_was_measured_is_printed(evaluate: Command) -> None:
    """Labels, confusion, documents, calibration, coverage, figures, and the verdict."""
    done = evaluate()
    assert (done.code, done.err) == (0, "evaluate ...\n")
    assert done.out.startswith("38 of 38 documents were learned from; figures on them prove nothing.")
    for part in (
        "38 documents of 3 labels, weakest first",
        "Confusion matrix: actual label (rows), predicted label (columns)",
        "odd-1",
        "Calibration",
        "Coverage at a required precision",
        "accuracy",
        "macro-F1",
        "Cohen's kappa",
        "Of these 38 documents, the model would handle",
    ):
        assert part in done.out
    assert max(map(len, done.out.split("\nOf these")[0].splitlines())) <= 100


def test_json_keeps_its_keys_and_is_all_there_is(evaluate: Command) -> None:
    """A program that read an earlier version reads this one; new keys say what is new."""
    done = evaluate("--json")
    found = json.loads(done.out)
    earlier = {
        "model_version", "documents", "accuracy", "macro_f1", "ece", "ece_bins", "accepted", "coverage",
        "accepted_accuracy", "per_label", "confusion", "unknown_labels",
    }  # fmt: skip
    assert earlier < set(found)
    assert {"label", "precision", "recall", "f1", "support"} < set(found["per_label"][0])
    assert {row["document_id"] for row in found["confused_documents"]} == {"odd-0", "odd-1"}
    assert [row["precision"] for row in found["coverage_targets"]] == [0.9, 0.95, 0.99]


def test_the_page_is_written_beside_what_is_printed(evaluate: Command, folder: Path, tmp_path: Path) -> None:
    """Standard output says where it is, or stays JSON; no text of a page is in either without --reasons."""
    path = tmp_path / "report.html"
    done = evaluate("--html", str(path))
    assert done.out.endswith(f"\nReport: {path}\n")
    page = path.read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "corpus.jsonl" in page
    assert str(folder) not in page
    assert json.loads(evaluate("--html", str(path), "--json").out)["documents"] == 38
    # Words of contracts and invoices, none of which is a word of ours.
    words = r"\b(?:termination|whereas|signature)\b"
    assert not re.search(words, page + done.out)


def test_reasons_are_named_when_they_are_asked_for(evaluate: Command, tmp_path: Path) -> None:
    """Words of the document itself, on the terminal and in the page."""
    done = evaluate("--reasons", "3", "--worst", "1", "--html", str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text("utf-8")
    (document,) = json.loads(evaluate("--reasons", "3", "--worst", "1", "--json").out)["confused_documents"]
    assert document["document_id"] in page
    assert len(document["reasons"]) == 3
    for words in document["reasons"]:
        assert words.split()[0] in done.out
        assert f'<span class="chip">{words}</span>' in page


@pytest.mark.parametrize("place", ["corpus", "folder", "nowhere"])
def test_a_page_never_takes_the_place_of_something_else(
    place: str, folder: Path, tmp_path: Path, command: Command
) -> None:
    """The corpus, a folder, a folder that is not there: one line that names it, before anything is judged."""
    paths = {"corpus": folder / "corpus.jsonl", "folder": tmp_path, "nowhere": tmp_path / "no" / "r.html"}
    before = (folder / "corpus.jsonl").read_bytes()
    done = command("evaluate", str(folder / "model"), "never-read.jsonl", "--html", str(paths[place]))
    assert done.code == 1
    assert done.out == ""
    named = paths[place].parent if place == "nowhere" else paths[place]
    assert done.err.startswith(f"error: {named}: ")
    assert done.err.count("\n") == 1
    assert (folder / "corpus.jsonl").read_bytes() == before


def test_a_full_disk_is_one_line(evaluate: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is named, no half of it is left, and what was found is printed all the same."""

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    done = evaluate("--html", str(tmp_path / "report.html"))
    assert done.code == 1
    assert done.err == f"evaluate ...\nerror: {tmp_path}/report.html: No space left on device\n"
    assert "Of these 38 documents" in done.out
    assert "Report:" not in done.out
    assert list(tmp_path.iterdir()) == []


def test_a_corpus_of_labels_that_nobody_knows_is_judged(
    folder: Path, tmp_path: Path, command: Command
) -> None:
    """Everything is wrong then, which is a result and not an error; each label is said."""
    documents = [LabelledDocument("d", "[red]new", each.pages) for each in labelled_documents()[:3]]
    corpus = write_corpus(tmp_path / "new.jsonl", documents)
    done = command("evaluate", str(folder / "model"), corpus, "--html", str(tmp_path / "report.html"))
    assert done.code == 0, done.err
    assert (
        "note: the model does not know the label '[red]new' (3 documents, all counted as wrong)" in done.err
    )
    assert "  accuracy              0.0%" in done.out


def test_of_many_unknown_labels_some_are_named(folder: Path, tmp_path: Path, command: Command) -> None:
    """The wrong corpus is noticed from the first labels; a hundred lines would hide the verdict."""
    documents = [LabelledDocument("d", f"new-{number}", ("clause",)) for number in range(100)]
    corpus, page = write_corpus(tmp_path / "new.jsonl", documents), tmp_path / "report.html"
    done = command("evaluate", str(folder / "model"), corpus, "--html", str(page))
    assert done.err.count("note: the model does not know the label") == 10
    assert "note: nor does it know 90 other labels (90 documents)" in done.err
    assert page.read_text("utf-8").count("The model does not know the label") == 10
    assert "Nor does it know 90 other labels" in page.read_text("utf-8")


def test_documents_without_a_known_word_are_judged(folder: Path, tmp_path: Path, command: Command) -> None:
    """Confidence 0 throughout: all for review, and nothing is divided by 0."""
    corpus = write_corpus(tmp_path / "blank.jsonl", [LabelledDocument("d", "letter", ("", " "))] * 2)
    done = command("evaluate", str(folder / "model"), corpus, "--html", str(tmp_path / "report.html"))
    assert done.code == 0, done.err
    assert "the model would handle none by itself" in done.out
    assert "2 of the documents contain no feature of the model" in done.out


def test_an_empty_corpus_is_an_error(folder: Path, tmp_path: Path, command: Command) -> None:
    """One line that names it, and no page."""
    (tmp_path / "empty.jsonl").touch()
    done = command(
        "evaluate", str(folder / "model"), str(tmp_path / "empty.jsonl"), "--html", str(tmp_path / "r.html")
    )
    assert done.code == 1
    assert "empty.jsonl: holds no document" in done.err
    assert not (tmp_path / "r.html").exists()


def test_every_command_of_the_page_does_what_it_says(
    folder: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands of docs/evaluate.md, one after the other; every key of the JSON is in the page's table."""
    page = (Path(__file__).resolve().parents[5] / "docs" / "evaluate.md").read_text("utf-8")
    (block,) = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    printed = ""
    for line in filter(None, block.splitlines()):
        name, *arguments = shlex.split(line, comments=True)
        assert name == "smartcat"
        words, _, file = " ".join(arguments).partition(" > ")
        if words.startswith("train "):
            # Learning by default takes its time and is tested elsewhere; any model can be judged.
            shutil.copytree(folder / "model", "model")
            continue
        done = command(*words.split())
        assert done.code == 0, done.err
        printed += done.out
        if file:
            Path(file).write_text(done.out, "utf-8")
    assert "Of 100 documents like these, the model would handle" in printed
    assert "Report: report.html" in printed
    assert Path("report.html").read_text("utf-8").startswith("<!doctype html>")
    rows = re.findall(r"^\| [^|]+ \| (`[^|]+) \|", page, re.MULTILINE)
    explained = {key for row in rows for key in re.findall(r"`(\w+)`", row)}
    assert explained == set(json.loads(Path("evaluation.json").read_text("utf-8")))


def test_the_page_says_first_what_was_learned_from(evaluate: Command, tmp_path: Path) -> None:
    """Before the verdict, for who reads no further."""
    page = tmp_path / "report.html"
    assert evaluate("--html", str(page)).code == 0
    before, _, _ = page.read_text("utf-8").partition("<h1>")
    assert "38 of 38 documents were learned from; figures on them prove nothing." in before


def test_stacks_are_judged_by_their_cuts(evaluate: Command) -> None:
    """Documents glued together, by the best path and by each page alone; as JSON, all that was measured."""
    done = evaluate("--stacks", "--stack-size", "19")
    learned = "38 of 38 documents were learned from; figures on them prove nothing."
    assert (done.code, done.err) == (0, f"evaluate ...\nnote: {learned}\n")
    assert "38 documents with 57 pages in 2 stacks" in done.out
    assert "page stream segmentation" in done.out
    assert "of the documents were split exactly" in done.out
    found = json.loads(evaluate("--stacks", "--json").out)
    assert (found["stacks"], found["documents"], found["pages"], found["cuts"]["pages"]) == (1, 38, 57, 56)


def test_a_size_of_stacks_is_nothing_without_stacks(evaluate: Command) -> None:
    """An option that would do nothing is refused."""
    done = evaluate("--stack-size", "3")
    assert done.code == 2
    assert "--stack-size" in done.err


def test_strangers_are_evaluated_beside_the_corpus(evaluate: Command, tmp_path: Path) -> None:
    """Documents of no label are counted by what became of them; what holds nothing known is not accepted."""
    file = tmp_path / "others.jsonl"
    rows = [{"id": f"o{number}", "text": f"zq{number} xv{number} wj{number}"} for number in range(4)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = json.loads(evaluate("--strangers", str(file), "--json").out)["strangers"]
    assert (found["documents"], found["accepted"], found["share"]) == (4, 0, 0.0)
    assert found["review_by_why"] == {"no_evidence": 4}
    said = evaluate("--strangers", str(file)).out
    assert "Of 4 documents of kinds that no label covers, 0.0% were accepted" in said
