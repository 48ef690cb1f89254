import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from smartcat.cli.evaluation_report.html_report import RecordPosition, write_report
from smartcat.cli.evaluation_report.model_card import ModelCard
from smartcat.training.evaluation.evaluate import evaluate
from smartcat.training.evaluation.results import Evaluation
from support.judged import Echo, echoed, judged

#: Elements that HTML never closes.
VOID = {"meta", "br", "img", "hr", "input", "link"}

Write = Callable[..., str]


class Structure(HTMLParser):
    """Notes elements and their nesting."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture
def write(tmp_path: Path, model_card: ModelCard, source: RecordPosition) -> Write:
    """Give a function that writes the page of an evaluation and reads it."""

    def write_it(evaluation: Evaluation, model: ModelCard = model_card) -> str:
        write_report(tmp_path / "report.html", evaluation, model, source)
        return (tmp_path / "report.html").read_text("utf-8")

    return write_it


def structure(page: str) -> Structure:
    """Parse a page."""
    found = Structure()
    found.feed(page)
    found.close()
    return found


def test_the_page_stands_alone_and_other_peoples_text_stays_text(write: Write, hostile: Evaluation) -> None:
    """Four pictures inside, nothing loaded, no script; no label, id or word becomes markup or a template."""
    page = write(hostile)
    found = structure(page)
    assert page.count("<svg") == 4
    assert not re.search(r"(?:src|href|url|@import)\s*[=(]", page.replace("&lt;img src=x&gt;", ""))
    assert not {"script", "img", "iframe", "link", "object"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert "&lt;/td&gt;&lt;i&gt;word" in page
    assert "&lt;model&gt;" in page
    assert "&lt;corpus&gt;.jsonl, more.jsonl, split test" in page
    assert "<b>new" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert found.open == []


def test_every_picture_has_its_words_and_its_table(write: Write, hostile: Evaluation) -> None:
    """Whoever does not see the pictures has a sentence for each, and the numbers in tables with heads."""
    found = structure(write(hostile))
    names = [value for name, value in found.attributes if name == "aria-label"]
    assert found.tags.count("svg") == [value for name, value in found.attributes if name == "role"].count(
        "img"
    )
    assert all(names)
    assert found.tags.count("table") == found.tags.count("thead") == 7
    # Whatever scrolls can be reached with the keyboard.
    assert found.tags.count("table") == [name for name, _ in found.attributes].count("tabindex")
    levels = [int(tag[1]) for tag in found.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_headline_is_the_verdict_in_words(write: Write, hostile: Evaluation) -> None:
    """A case worker reads one sentence, then how far it can be believed."""
    text = " ".join(structure(write(hostile)).text)
    assert "Of these 6 documents, the model would handle 5 by itself, and 2 of those would be wrong;" in text
    assert "The model does not know the label" in text
    assert "In training, accuracy on held-out documents was 99.0%: these documents are harder" in text
    assert "1,200 documents, 1,300 pages" in text
    assert "0.5 to 0.75, by label; never for 1 label" in text


def test_no_word_of_a_document_is_in_the_page_unless_reasons_are_asked_for(write: Write) -> None:
    """Texts stay out; n-grams come only with the evaluation that was asked for them, and it says so."""
    documents = [echoed("a", "b", 0.9, "d", "confidential")]
    page = write(evaluate(Echo(("a", "b", "confidential")), documents))
    assert "confidential" not in page
    assert "because" not in page
    assert "words listed" not in page
    assert "This page contains no text of the documents.</footer>" in page
    page = write(evaluate(Echo(("a", "b", "confidential")), documents, reasons=1))
    assert '<span class="chip">because</span>' in page
    assert "except for the words listed as reasons" in page


@pytest.mark.parametrize("rows", [[("a", "a", 1.0)], [("a", "b", 0.0)], [("z", "a", 0.4)] * 2])
def test_a_page_of_almost_nothing(write: Write, rows: list[tuple[str, str, float]]) -> None:
    """One document, none accepted, a label nobody knows, a model that tells nothing: still a page."""
    page = write(judged(rows), ModelCard("m", "v", 2, None, None, None, None, None))
    assert not re.search(r"\b(?:nan|inf|None|Undefined)\b", page)
    assert structure(page).open == []


def test_many_labels_stay_a_page_that_can_be_read(write: Write) -> None:
    """Of 150 long labels all are in the table, and thirty and the others in the confusion."""
    names = tuple(f"{number:03} {'x' * 190}" for number in range(150))
    page = write(judged([(name, names[place - 1], 0.9) for place, name in enumerate(names)], labels=names))
    assert "120 others" in page
    assert all(f"{number:03} xxx" in page for number in range(150))
    assert len(page) < 600_000
