import io

import pytest
from rich.console import Console

from smartcat.cli.evaluation_report import summary_text
from smartcat.cli.evaluation_report.terminal_report import bar, by_weakness, show
from smartcat.training.evaluation.results import Evaluation
from support.judged import judged


def shown(evaluation: Evaluation, width: int = 100, *, everything: bool = False) -> str:
    """Give what is printed on a terminal of this width."""
    screen = io.StringIO()
    console = Console(file=screen, width=width, markup=False, emoji=False, highlight=False, soft_wrap=True)
    show(console, evaluation, everything=everything)
    return screen.getvalue()


def many(labels: int) -> Evaluation:
    """Give an evaluation of so many long labels, each mistaken for the next one once."""
    names = [f"{number:03} {'long ' * 38}"[:200].strip() for number in range(labels)]
    rows = [(name, name, 0.9) for name in names]
    rows += [(name, names[place - 1], 0.8) for place, name in enumerate(names)]
    return judged(rows, labels=tuple(names))


@pytest.mark.parametrize("width", [70, 80, 100, 200])
@pytest.mark.parametrize("labels", [1, 2, 8, 25, 150])
def test_tables_fit_the_terminal(labels: int, width: int) -> None:
    """However many labels and however long: no line of a table is wider than the terminal."""
    lines = shown(many(labels), width).split("\nOf ")[0].splitlines()
    assert max(map(len, lines)) <= width


def test_the_weakest_labels_come_first_and_the_others_when_asked() -> None:
    """25 of 150 rows, and the number of the others; --all prints each."""
    few, all_of_them = shown(many(150)), shown(many(150), everything=True)
    assert "and 125 more; use --all to show them" in few
    assert "use --all" not in all_of_them
    assert all(f"{number:03} long" in all_of_them for number in range(150))


def test_labels_without_documents_come_last() -> None:
    """An F1 of 0 says nothing where there was nothing to find; of equals the one with more documents."""
    found = judged([("b", "x", 0.9), ("a", "x", 0.9), ("b", "x", 0.9), ("c", "c", 0.9)])
    assert [score.label for score in by_weakness(found.per_label)] == ["b", "a", "c", "x"]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_other_peoples_labels_are_shown_as_they_are(hostile: Evaluation, width: int) -> None:
    """Brackets and colons in labels are neither style nor picture, and no id can clear the screen."""
    printed = shown(hostile, width)
    assert "[bold]" in printed
    assert ":key:" in printed
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    assert width < 100 or "\\x1b[2J" in printed


def test_it_ends_with_the_verdict_in_words() -> None:
    """What stays in view is what a person needs, every sentence of it, with nothing to divide by 0."""
    found = judged([("a", "a", 0.9)])
    printed = shown(found)
    assert printed.endswith("\n".join([summary_text.verdict(found), *summary_text.closing(found, None), ""]))
    assert "nan" not in printed


def test_reasons_are_a_column_only_where_they_were_asked_for(hostile: Evaluation) -> None:
    """They are words of the documents."""
    assert "reasons" in shown(hostile, 200)
    assert "reasons" not in shown(judged([("a", "b", 0.9)]), 200)


@pytest.mark.parametrize(("share", "drawn"), [(0, ""), (1, "█" * 10), (0.5, "█" * 5), (0.0125, "▏")])
def test_a_bar_is_as_long_as_its_share(share: float, drawn: str) -> None:
    """Ten characters are all, an eighth of one is the least."""
    assert bar(share) == drawn.ljust(10)
