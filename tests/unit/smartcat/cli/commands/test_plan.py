import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smartcat.cli.capacity_planning.prices import BUILT_IN
from smartcat.cli.capacity_planning.workload import Workload

Command = Callable[..., Any]

PAGE = Path(__file__).resolve().parents[5] / "docs" / "plan.md"
MILLION = ("plan", "--documents-per-day", "1000000")


def test_the_page_says_sizes_what_binds_the_bill_and_the_ends(command: Command) -> None:
    """And what to do next."""
    done = command(*MILLION)
    assert (done.code, done.err) == (0, "")
    for said in (
        "stream.shards",
        "Every constraint is met. The tightest is",
        "shard_hour",
        "one table",
        "Next",
    ):
        assert said in done.out
    assert "smartcat package" in done.out


@pytest.mark.parametrize("columns", ["80", "120"])
@pytest.mark.parametrize("documents", ["1000", "1000000000", "10000000000"])
def test_no_line_is_wider_than_the_terminal(
    columns: str, documents: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is a number or the name of a price cut."""
    monkeypatch.setenv("COLUMNS", columns)
    done = command("plan", "--documents-per-day", documents)
    assert max(len(line.rstrip()) for line in done.out.splitlines()) <= int(columns)
    assert "…" not in done.out
    assert "lambda_million_requests" in done.out


def test_defaults_of_the_command_are_those_of_a_load(command: Command) -> None:
    """What the help says is what is planned with."""
    found = json.loads(command(*MILLION, "--json").out)
    assert found["load"] == Workload(documents_per_day=1e6).model_dump()
    assert found["holds"]
    assert found["usd_a_month"] == pytest.approx(sum(row["usd"] for row in found["costs"]), abs=0.01)
    assert all(each["ends_at"] > 1e6 for each in found["stops"])


def test_the_file_is_written_once_and_again_only_when_forced(command: Command, tmp_path: Path) -> None:
    """What a person changed in it is not lost."""
    path = tmp_path / "terraform.tfvars"
    done = command(*MILLION, "--out", str(path))
    assert done.err == f"Wrote {path}.\n"
    assert f"-var-file={path}" in done.out
    path.write_text("mine", "utf-8")
    done = command(*MILLION, "--out", str(path))
    assert (done.code, done.err) == (1, f"error: {path} already exists; use --force to overwrite it\n")
    assert path.read_text("utf-8") == "mine"
    assert command(*MILLION, "--out", str(path), "--force").code == 0
    assert "write_capacity" in path.read_text("utf-8")


def test_a_plan_that_cannot_hold_is_shown_and_not_written(command: Command, tmp_path: Path) -> None:
    """Terraform would refuse it."""
    path = tmp_path / "terraform.tfvars"
    done = command(*MILLION, "--outage-hours", "500", "--out", str(path))
    assert (done.code, path.exists()) == (1, False)
    assert "Not every hard constraint can be met: S6" in done.out
    assert done.err == "error: hard constraints cannot be met: S6; nothing was written\n"


def test_prices_of_a_file_and_of_options(command: Command, tmp_path: Path) -> None:
    """An option wins over the file."""
    path = tmp_path / "prices.toml"
    path.write_text("shard_hour = 1\nlogs_gb = 0\n", "utf-8")
    found = json.loads(command(*MILLION, "--prices", str(path), "--price", "shard_hour=2", "--json").out)
    rows = {row["what"]: row["usd"] for row in found["costs"]}
    assert (rows["shards"], rows["logs"]) == (pytest.approx(1460), 0)
    assert [each["source"] for each in found["prices"] if each["name"] == "logs_gb"] == ["prices.toml"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--documents-per-day", "0"), "--documents-per-day: "),
        (("--documents-per-day", "10", "--pages", "9000"), "--pages x --mean-kb: a document has"),
        (("--documents-per-day", "10", "--price", "x=1"), "price x: expected one of shard_hour"),
        (("--documents-per-day", "10", "--quota", "x=1"), "quota x: expected one of stack_shards"),
        (("--documents-per-day", "10", "--quota", "x"), "--quota number 1: expected NAME=NUMBER"),
        (("--documents-per-day", "10", "--prices", "/nowhere.toml"), "/nowhere.toml: No such file"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], said: str, command: Command) -> None:
    """It names what is wrong, and nothing is printed beside."""
    done = command("plan", *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert done.err.startswith(f"error: {said}")


def test_another_region_is_told_whose_prices_it_sees(command: Command) -> None:
    """They are those of us-east-1."""
    done = command(*MILLION, "--region", "eu-central-1")
    assert "prices are those of us-east-1" in " ".join(done.out.split())


def test_a_region_is_written_only_where_it_was_given(command: Command, tmp_path: Path) -> None:
    """Else the file would move a stack away from the region of who applies it."""
    for name, given in (("none", ()), ("given", ("--region", "eu-central-1"))):
        assert command(*MILLION, *given, "--out", str(tmp_path / name)).code == 0
    assert "region" not in (tmp_path / "none").read_text("utf-8").replace("regions", "")
    assert '\nregion = "eu-central-1"\n' in (tmp_path / "given").read_text("utf-8")


def test_what_is_more_than_there_is_is_marked(command: Command) -> None:
    """Ten billion documents need more than one table, and more than an account has unasked."""
    done = command("plan", "--documents-per-day", "1e10")
    assert done.code == 0
    assert "each of 6 deployments" in done.out
    assert "! exceeds the limit" in done.out


def test_every_option_and_price_is_documented(command: Command) -> None:
    """With the number that is reckoned with, and where it is from."""
    page = PAGE.read_text("utf-8")
    options = set(re.findall(r"--[a-z][a-z-]+", command("plan", "--help").out)) - {"--help"}
    assert len(options) > 20
    assert sorted(name for name in options if f"`{name}" not in page) == []
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+) \| .*https://aws", page, re.MULTILINE))
    assert {name: float(usd) for name, usd in rows.items()} == {n: p.usd for n, p in BUILT_IN.items()}


def test_the_page_in_the_documentation_is_what_is_printed(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader sees what the command says today."""
    monkeypatch.setenv("COLUMNS", "80")
    printed = "\n".join(line.rstrip() for line in command(*MILLION).out.splitlines())
    shown = re.search(r"```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert shown
    assert shown[1].strip() == printed.strip()
