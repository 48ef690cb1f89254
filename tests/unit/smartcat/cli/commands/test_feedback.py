from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.cli.feedback.corrections_table import CorrectionsTable, create_corrections_table
from support.tables import create

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.models import TwoModels

    Command = Callable[..., Any]


@pytest.fixture
def dynamodb(account: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A table of corrections, and one with a result of letter-1; a person's shell names both."""
    client = account("dynamodb")
    monkeypatch.setenv("SMARTCAT_CORRECTIONS_TABLE", create_corrections_table(client, "corrections"))
    monkeypatch.setenv("SMARTCAT_TABLE", "results")
    create(client, "results", units=None, key="document_id")
    item = {"label": "contract", "decision": "review", "page_labels": "contract", "model_version": "abc"}
    texts = {"document_id": "letter-1", "arrived_at": "2026-01-01T00:00:00Z", **item}
    client.put_item(
        TableName="results",
        Item={**{name: {"S": text} for name, text in texts.items()}, "confidence": {"N": "0.4999"}},
    )
    return client


def stored(dynamodb: Any) -> list[tuple[str, str]]:
    """Every correction there is."""
    items = dynamodb.scan(TableName="corrections")["Items"]
    return [(item["document_id"]["S"], item["label"]["S"]) for item in items]


def test_one_correction_is_recorded_once(command: Command, dynamodb: Any) -> None:
    """It says what it replaces; the same again is known, and another one is kept beside it."""
    done = command("feedback", "letter-1", "invoice", "--by", "anna", "--note", "page 2\ndecides")
    assert (done.code, done.err) == (0, "")
    assert done.out == "letter-1: invoice (predicted contract, 0.49)\n"
    again = command("feedback", "letter-1", "invoice")
    assert again.out == "letter-1: already corrected to invoice\n"
    done = command("feedback", "letter-1", "contract")
    assert done.out == "letter-1: contract (previously corrected to invoice)\n"
    assert stored(dynamodb) == [("letter-1", "invoice"), ("letter-1", "contract")]


@pytest.mark.usefixtures("dynamodb")
def test_a_confirmation_is_a_correction_too(command: Command) -> None:
    """Somebody looked at what was for review, and the machine was right; scripts get the fields."""
    done = command("feedback", "letter-1", "contract")
    assert done.out == "letter-1: contract (confirmed; predicted contract, 0.49)\n"
    again = json.loads(command("feedback", "letter-1", "contract", "--json").out)
    assert (again["id"], again["label"], again["recorded"]) == ("letter-1", "contract", False)
    fresh = json.loads(command("feedback", "letter-1", "letter", "--json").out)
    assert (fresh["label_before"], fresh["confidence"], fresh["recorded"]) == ("contract", 0.4999, True)


def test_what_is_not_known_is_recorded_with_a_note(
    command: Command, dynamodb: Any, models: TwoModels
) -> None:
    """A result may have expired, and a label may be new; --strict takes neither."""
    asked = ("feedback", "letter-2", "contrakt", "--model", str(models.first))
    strict = command(*asked, "--strict")
    assert strict.code == 1
    assert strict.err == "error: table results has no result for: letter-2; nothing was recorded\n"
    assert stored(dynamodb) == []
    done = command(*asked)
    assert done.out == "letter-2: contrakt\n"
    assert done.err.splitlines() == [
        "note: table results has no result for: letter-2",
        "note: the model has no label 'contrakt'; the most similar is 'contract'",
    ]
    strict = command("feedback", "x", "contrakt", "--model", str(models.first), "--table", "", "--strict")
    assert strict.err.startswith("error: the model has no label 'contrakt'")


def test_labels_that_cannot_be_compared_are_no_reason_to_lose_a_correction(
    command: Command, dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bucket that is not there, or no right to it."""
    monkeypatch.setenv("SMARTCAT_MODELS", "s3://nowhere-there/models")
    done = command("feedback", "letter-1", "invoice")
    assert done.code == 0
    assert done.err == "note: cannot check labels against the model: no bucket 'nowhere-there'\n"
    assert stored(dynamodb) == [("letter-1", "invoice")]


def test_a_file_may_be_given_twice(command: Command, dynamodb: Any, tmp_path: Path) -> None:
    """JSON lines or a spreadsheet; the last line of a document counts."""
    sheet = tmp_path / "corrections.csv"
    sheet.write_bytes(b"\xef\xbb\xbfid;label\r\nletter-1;invoice\r\nb;letter\r\nletter-1;contract\r\n")
    done = command("feedback", "--from", str(sheet))
    assert done.code == 0, done.err
    assert done.out == ("2 corrections recorded; 1 superseded by a later line of the same document\n")
    assert "note: table results has no result for: b\n" in done.err
    assert sorted(stored(dynamodb)) == [("b", "letter"), ("letter-1", "contract")]
    again = json.loads(command("feedback", "--from", str(sheet), "--json").out)
    assert (again["recorded"], again["unchanged"], again["superseded"]) == (0, 2, 1)
    assert len(stored(dynamodb)) == 2


def test_what_is_exported_is_what_is_recorded_and_learned_from(
    command: Command, dynamodb: Any, tmp_path: Path
) -> None:
    """To a file or to standard output, sorted; reading it back changes nothing."""
    for label in ("invoice", "letter"):
        command("feedback", "letter-1", label, "--note", "why")
    command("feedback", "a", "contract", "--table", "")
    file = tmp_path / "corrections.jsonl"
    done = command("feedback", "--export", str(file))
    assert (done.out, done.err) == ("", f"2 corrections written to {file}\n")
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(row["id"], row["label"], row.get("note")) for row in rows] == [
        ("a", "contract", None),
        ("letter-1", "letter", "why"),
    ]
    assert command("feedback", "--export", "-").out == file.read_text()
    assert command("feedback", "--from", str(file)).out == "0 corrections recorded; 2 unchanged\n"
    assert len(stored(dynamodb)) == 3


def test_nothing_is_recorded_of_a_file_with_a_mistake(
    command: Command, dynamodb: Any, tmp_path: Path
) -> None:
    """It is named with its line; the lines before it are not recorded either."""
    file = tmp_path / "corrections.jsonl"
    file.write_text('{"id": "a", "label": "x"}\n{"id": "b"}\n')
    done = command("feedback", "--from", str(file))
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: {file}:2: expected a field 'label'\n"
    file.write_text(json.dumps({"id": "x" * 257, "label": "x"}))
    done = command("feedback", "--from", str(file))
    assert done.err == f"error: {file}: expected ids of at most 256 characters, found 257\n"
    assert stored(dynamodb) == []


def test_text_is_not_recorded(command: Command, dynamodb: Any, tmp_path: Path) -> None:
    """The table is no place for pages; it is said."""
    file = tmp_path / "corrections.jsonl"
    file.write_text('{"id": "letter-1", "label": "x", "text": "private"}\n')
    done = command("feedback", "--from", str(file))
    assert done.err.startswith("note: the text of 1 corrections is not recorded")
    assert "private" not in json.dumps(dynamodb.scan(TableName="corrections")["Items"])


def test_stopped_in_the_middle_it_says_how_far_it_came(
    command: Command, dynamodb: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the same command goes on from there."""
    file = tmp_path / "corrections.jsonl"
    file.write_text("".join(f'{{"id": "d-{number}", "label": "x"}}\n' for number in range(60)))
    write, calls = CorrectionsTable._write, []

    def stopped(table: CorrectionsTable, requests: Any) -> Any:
        calls.append(len(requests))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return write(table, requests)

    monkeypatch.setattr(CorrectionsTable, "_write", stopped)
    done = command("feedback", "--from", str(file), "--table", "")
    assert done.code != 0
    assert done.out == "50 corrections recorded\n"
    assert "stopped with 10 left; run the same command again to continue" in done.err
    done = command("feedback", "--from", str(file), "--table", "")
    assert done.out == "10 corrections recorded; 50 unchanged\n"
    assert len(stored(dynamodb)) == 60


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "ID LABEL, --from or --export"),
        (["a"], 2, "LABEL"),
        (["a", "x", "--export", "-"], 2, "--from or --export"),
        (["--from", "f", "--export", "-"], 2, "--from or --export"),
        (["--export", "-", "--by", "anna"], 2, "--by or --note"),
        (["a", " x"], 2, "'label' without white space"),
        (["", "x"], 2, "expected 'id'"),
        (["a", "x", "--note", "x" * 501], 2, "'note' to be at most 500"),
        (["a" * 257, "x"], 1, "ids of at most 256 characters"),
        (["a", "x", "--corrections-table", "corections"], 1, "no table 'corections' in us-east-1"),
        (["a", "x", "--corrections-table", "results"], 1, "table 'results' is not a table of corrections"),
        (["a", "x", "--table", "reslts"], 1, "no table 'reslts' in us-east-1"),
        (["--from", "absent.csv"], 1, "absent.csv: cannot be read"),
        (["--export", "no/such/folder"], 1, "no/such/folder"),
    ],
)
def test_what_is_wrong_is_one_line(
    command: Command,
    dynamodb: Any,
    arguments: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And nothing is recorded."""
    monkeypatch.chdir(tmp_path)
    done = command("feedback", *arguments)
    assert done.code == code
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert said in done.err
    assert stored(dynamodb) == []


def test_no_table_of_corrections_is_bad_usage(command: Command, account: Any) -> None:
    """It is named with its option."""
    done = command("feedback", "a", "x")
    assert done.code == 2
    assert "--corrections-table" in done.err
    assert account is not None


def test_results_are_shown_with_what_people_said(command: Command, dynamodb: Any) -> None:
    """Beside the machine's label, which stays what it was, and by what now holds."""
    listed = command("results", "list")
    assert "corrected" not in listed.out
    assert json.loads(command("results", "get", "letter-1", "--json").out)["correction"] is None
    command("feedback", "letter-1", "invoice", "--by", "anna", "--note", "see page 2")
    shown = command("results", "get", "letter-1").out
    (line,) = [line for line in shown.splitlines() if line.startswith("corrected")]
    assert "invoice (2" in line
    assert "by anna: see page 2)" in line
    assert "contract" in shown
    assert command("results", "list").out.rstrip().endswith("0.49  review  corrected: invoice")
    assert command("results", "list", "--label", "contract").out == ""
    (row,) = command("results", "list", "--label", "invoice", "--json").out.splitlines()
    assert (json.loads(row)["label"], json.loads(row)["correction"]["label"]) == ("contract", "invoice")
    machine = command("results", "list", "--label", "contract", "--corrections-table", "", "--json").out
    assert "correction" not in json.loads(machine)
    command("feedback", "gone", "letter")
    assert command("results", "get", "gone").err.endswith(
        "not processed yet, or in the quarantine; corrected to letter\n"
    )
    missing = command("results", "list", "--corrections-table", "corections")
    assert missing.err.startswith("error: no table 'corections'")
    assert len(stored(dynamodb)) == 2
