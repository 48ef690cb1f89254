import errno
import os
from pathlib import Path

import pytest
from markupsafe import Markup

from smartcat.cli import console
from smartcat.cli.html.page import check_writable, render, write_page
from smartcat.visible_text import visible_lines

PAGE = "<!doctype html>\n<title>x</title>"


def test_a_page_is_written_and_replaces_a_page(tmp_path: Path) -> None:
    """In one step, with nothing left beside it; what UTF-8 cannot say is written out."""
    path = tmp_path / "report.html"
    write_page(path, PAGE)
    write_page(path, PAGE + "ü\ud800")
    assert path.read_text("utf-8") == PAGE + "ü\\ud800"
    assert list(tmp_path.iterdir()) == [path]


def test_a_page_hides_and_reverses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a template does with a value: in text, in an attribute, or in markup made elsewhere."""
    templates = tmp_path / "somebodys_page" / "templates"
    templates.mkdir(parents=True)
    (templates.parent / "__init__.py").touch()
    body = '<i title="{{ name }}">{{ name }}</i>{{ chart }}'
    page = f'{{% extends "page.html.j2" %}}{{% block body %}}{body}{{% endblock %}}'
    (templates / "x.html.j2").write_text(page, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    name = "<b>\u202egpj.exe\u200b\x9b"
    chart = Markup("<text>{}</text>").format(name)
    page = render("somebodys_page", "x.html.j2", name=name, chart=chart)
    shown = "&lt;b&gt;\\u202egpj.exe\\u200b\\x9b"
    assert f'<i title="{shown}">{shown}</i><text>{shown}</text>' in page
    assert all(line.isprintable() for line in page.split("\n"))


def test_our_templates_hold_nothing_that_would_be_written_out() -> None:
    """A page is made visible as a whole, so what is ours in it must be so."""
    pages = [*Path(console.__file__).parent.rglob("*.j2")]
    assert len(pages) >= 3
    for page in pages:
        assert visible_lines(page.read_text("utf-8")) == page.read_text("utf-8"), page


def test_an_empty_file_or_a_link_to_a_page_may_be_written(tmp_path: Path) -> None:
    """A link stays one: the page it leads to is replaced."""
    (tmp_path / "empty").touch()
    write_page(tmp_path / "empty", PAGE)
    (tmp_path / "link").symlink_to("empty")
    write_page(tmp_path / "link", PAGE.upper())
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "empty").read_text() == PAGE.upper()


def test_nothing_but_a_page_is_replaced(tmp_path: Path) -> None:
    """A folder, a corpus, a pipe: each is named and stays as it is."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "corpus.jsonl").write_text("{}")
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("folder", "Is a directory"), ("corpus.jsonl", "not an HTML page"), ("pipe", "not an")):
        with pytest.raises(OSError, match=why) as refused:
            write_page(tmp_path / name, PAGE)
        assert refused.value.filename == str(tmp_path / name)
    assert (tmp_path / "corpus.jsonl").read_text() == "{}"


def test_a_place_that_cannot_be_written_is_known_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No such folder, no folder at all, no permission: the folder is named."""
    with pytest.raises(FileNotFoundError) as missing:
        check_writable(tmp_path / "no" / "report.html")
    assert missing.value.filename == str(tmp_path / "no")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        check_writable(tmp_path / "file" / "report.html")
    monkeypatch.setattr(os, "access", lambda *_: False)  # who runs as root may write anywhere
    with pytest.raises(PermissionError):
        check_writable(tmp_path / "report.html")


def test_a_link_that_leads_in_a_circle_is_an_error_like_any_other(tmp_path: Path) -> None:
    """It is never an exception that nobody expects."""
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    check_writable(tmp_path / "a")
    write_page(tmp_path / "a", PAGE)
    assert (tmp_path / "a").read_text() == PAGE


@pytest.mark.parametrize("raised", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_full_disk_or_a_stop_leaves_the_page_as_it_was(
    raised: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old page stays whole, no half of a new one lies about, and the error names the file."""
    path = tmp_path / "report.html"
    write_page(path, PAGE)

    def stop(_: int) -> None:
        raise raised

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(type(raised)) as stopped:
        write_page(path, PAGE + "new")
    assert path.read_text() == PAGE
    assert list(tmp_path.iterdir()) == [path]
    if isinstance(stopped.value, OSError):
        assert stopped.value.filename == str(path)
