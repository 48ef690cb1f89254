import gzip
import io
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.sources import Position, SourceProblem, read_documents, read_inputs
from producers.sources.fingerprint import fingerprint_inputs
from producers.sources.local_files import LocalFile, NotRegularError
from smartcat.wire_format.document import Document


def problems(found: Sequence[Document | SourceProblem]) -> list[str]:
    """Give what the problems say."""
    return [str(item) for item in found if isinstance(item, SourceProblem)]


def pages(found: Sequence[Document | SourceProblem]) -> dict[str, tuple[str, ...]]:
    """Give the pages of the documents by id."""
    return {item.document_id: item.pages for item in found if isinstance(item, Document)}


def read_lines(*lines: bytes, max_bytes: int = 1000) -> list[Document | SourceProblem]:
    """Read standard input of these lines."""
    return list(read_documents(["-"], stdin=io.BytesIO(b"\n".join(lines)), max_bytes=max_bytes))


def test_text_file(tmp_path: Path) -> None:
    """A text file is a document under its name; form feeds end pages, and a byte order mark goes."""
    path = tmp_path / "letter.txt"
    path.write_bytes("\ufeffGröße\r\n\fzwei\f\fvier\f".encode())
    assert pages(list(read_documents([path]))) == {"letter.txt": ("Größe\r\n", "zwei", "", "vier")}


@pytest.mark.parametrize(
    ("text", "expected"), [("", ("",)), ("\f", ("",)), ("\f\f", ("", "")), ("a", ("a",))]
)
def test_pages_of_empty_and_blank_files(tmp_path: Path, text: str, expected: tuple[str, ...]) -> None:
    """An empty file is one empty page, and a last form feed ends a page rather than begins one."""
    (tmp_path / "a.txt").write_text(text)
    assert pages(list(read_documents([tmp_path]))) == {"a.txt": expected}


def test_folder_is_read_below_and_in_order(tmp_path: Path) -> None:
    """All kinds of files at any depth are read, sorted, ids relative to the folder; others are not."""
    (tmp_path / "b" / "deep").mkdir(parents=True)
    (tmp_path / "a").mkdir()
    (tmp_path / "b" / "deep" / "x.TXT").write_text("1")
    (tmp_path / "a" / "y.txt").write_text("2")
    (tmp_path / "z.doc").write_bytes(b"word")
    (tmp_path / "l.jsonl").write_text('{"id":"l","text":"3"}\n')
    with gzip.open(tmp_path / "m.jsonl.gz", "wt") as stream:
        stream.write('{"id":"m","text":"4"}')
    found = list(read_documents([str(tmp_path)]))
    assert problems(found) == []
    assert list(pages(found)) == ["l", "m", "a/y.txt", "b/deep/x.TXT"]


def test_json_lines() -> None:
    """Lines hold fields of documents; id wins over document_id, other fields and blank lines are ignored."""
    found = read_lines(
        b'{"id":"a#p1","document_id":"a","text":"x","label":"invoice","page":1,"split":"train"}',
        b"",
        b'\xef\xbb\xbf{"document_id":"b","pages":["1","2"],"metadata":{"k":"v"},"job_id":"j",'
        b'"received_at":"2024-05-31T12:00:00Z"}\r',
    )
    assert problems(found) == []
    assert pages(found) == {"a#p1": ("x",), "b": ("1", "2")}
    second = found[1]
    assert isinstance(second, Document)
    assert (second.metadata, second.job_id) == ({"k": "v"}, "j")
    assert str(second.received_at) == "2024-05-31 12:00:00+00:00"


def test_broken_lines_are_named_and_the_others_read() -> None:
    """Each bad line is one problem with its number and what was expected, without its text."""
    found = read_lines(
        b'{"id":"a","text":"secret"',
        b'{"id":"b","text":"x"}',
        b'["secret"]',
        b'{"text":"secret"}',
        b'{"id":"' + b"i" * 257 + b'","text":"x"}',
        b'{"id":"\xff"}',
        b'{"id":7,"text":"x"}',
    )
    assert list(pages(found)) == ["b"]
    assert problems(found) == [
        "<stdin>:1: expected a JSON object: Expecting ',' delimiter at line 1 column 26",
        "<stdin>:3: expected a JSON object, found a list",
        "<stdin>:4: document_id: required, and missing",
        "<stdin>:5: document_id: expected at most 256 characters",
        "<stdin>:6: expected UTF-8, found an invalid byte at offset 7",
        "<stdin>:7: document_id: expected a string",
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_line_bound_is_exact_and_the_next_line_is_read(end: bytes) -> None:
    """A line of exactly the bound is read, a longer one is one problem, whole."""
    exact = b'{"id":"a","text":"xx"}'
    data = exact + b"y" * 200_000 + b"\n" + exact.replace(b"xx", b"xxx") + b"\n" + exact + end
    found = list(read_documents(["-"], stdin=io.BytesIO(data), max_bytes=len(exact)))
    assert pages(found) == {"a": ("xx",)}
    assert problems(found) == ["<stdin>:1: more than 22 bytes", "<stdin>:2: more than 22 bytes"]


def test_unusable_paths_are_problems(tmp_path: Path) -> None:
    """Missing files, other kinds, empty folders, pipes and dangling links are each one clear problem."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "z.doc").write_bytes(b"word")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "link.txt").symlink_to(tmp_path / "nowhere")
    names = ["none.txt", "z.doc", "empty", "pipe.txt", "link.txt"]
    expected = "expected *.txt, *.pdf, *.jsonl, *.csv, *.jsonl.gz or *.csv.gz"
    assert problems(list(read_documents([tmp_path / name for name in names]))) == [
        f"{tmp_path}/none.txt: no such file or folder",
        f"{tmp_path}/z.doc: not a supported file, {expected}",
        f"{tmp_path}/empty: no documents in it, {expected}",
        f"{tmp_path}/pipe.txt: not a supported file, {expected}",
        f"{tmp_path}/link.txt: no such file or folder",
    ]


def test_unreadable_files_and_folders_are_problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the file system is one problem that names the file and the reason; reading goes on."""
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "b.txt").write_text("y")
    real = os.open

    def refuse(path: Path, *how: int) -> int:
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *how)

    monkeypatch.setattr(os, "open", refuse)
    found = list(read_documents([tmp_path]))
    assert problems(found) == [f"{tmp_path}/a.txt: cannot be read: Permission denied"]
    assert list(pages(found)) == ["b.txt"]


def test_unreadable_subfolder_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be listed is reported, not skipped."""

    def refuse(path: object) -> Iterator[os.DirEntry[str]]:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    assert problems(list(read_documents([tmp_path]))) == [f"{tmp_path}: cannot be read: Permission denied"]


def test_text_that_is_no_document_is_a_problem(tmp_path: Path) -> None:
    """Wrong encodings, files too large and paths too long for an id are named with their file."""
    (tmp_path / "latin.txt").write_bytes(b"Gr\xf6\xdfe")
    (tmp_path / "large.txt").write_bytes(b"x" * 21)
    deep = tmp_path / ("d" * 150) / ("e" * 150)
    deep.mkdir(parents=True)
    (deep / "x.txt").write_text("x")
    said = problems(list(read_documents([tmp_path], max_bytes=20)))
    assert sorted(said) == [
        f"{deep}/x.txt: document_id: expected at most 256 characters",
        f"{tmp_path}/large.txt: more than 20 bytes",
        f"{tmp_path}/latin.txt: expected UTF-8, found an invalid byte at offset 2",
    ]


def test_file_name_that_is_not_text_is_a_printable_problem(tmp_path: Path) -> None:
    """A file name of arbitrary bytes cannot be an id, and the problem can be printed."""
    path = os.fsencode(tmp_path) + b"/\xff.txt"
    with open(path, "wb") as stream:  # noqa: PTH123 - pathlib knows no names of bytes
        stream.write(b"x")
    (said,) = problems(list(read_documents([tmp_path])))
    assert said == f"{tmp_path}/\\udcff.txt: document_id: expected valid Unicode text, found a lone surrogate"
    assert said.encode()


def test_same_id_from_two_inputs_is_a_problem(tmp_path: Path) -> None:
    """Files of one name in two folders would overwrite each other's results, so the second is rejected."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.txt").write_text(folder)
    found = list(read_documents([tmp_path / "a", tmp_path / "b" / "page.txt"]))
    assert pages(found) == {"page.txt": ("a",)}
    assert len(problems(found)) == 1
    assert "give the folder above both" in problems(found)[0]


def codes(paths: Sequence[Path]) -> list[str]:
    """Give the id of each document and the reason of each problem."""
    return [
        item.reason if isinstance(item, SourceProblem) else item.document_id for item in read_documents(paths)
    ]


def test_a_folder_given_twice_is_read_once(tmp_path: Path) -> None:
    """Every id of the second pass is a duplicate, however deep its file is."""
    (tmp_path / "deep").mkdir()
    for name in ("a.txt", "deep/b.txt"):
        (tmp_path / name).write_text("x")
    assert codes([tmp_path, tmp_path]) == ["a.txt", "deep/b.txt", "duplicate_id", "duplicate_id"]


def test_pages_that_gave_no_document_leave_the_id_to_another_input(tmp_path: Path) -> None:
    """A document with a page missing in one folder is read from the next that has it whole, and no other."""
    for folder, last in (("broken", 3), ("whole", 2), ("again", 2)):
        (tmp_path / folder).mkdir()
        for page in (1, last):
            (tmp_path / folder / f"letter.p{page}.txt").write_text("x")
    broken, whole, again = (tmp_path / folder for folder in ("broken", "whole", "again"))
    assert codes([broken, whole, again]) == ["bad_pages", "letter", "duplicate_id"]
    assert codes([whole, broken, again]) == ["letter", "bad_pages", "duplicate_id"]


def test_pages_behind_a_dangling_link_leave_the_id_to_another_input(tmp_path: Path) -> None:
    """A page that is not there costs its document in this folder, and not in the next one."""
    for folder in ("broken", "whole"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "letter.p1.txt").write_text("x")
    (tmp_path / "broken" / "letter.p2.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "whole" / "letter.p2.txt").write_text("x")
    assert codes([tmp_path / "broken", tmp_path / "whole"]) == ["not_found", "letter"]


def test_a_file_behind_a_link_to_a_folder_takes_no_id(tmp_path: Path) -> None:
    """Links to folders are not followed, so what is behind one was not read and is no duplicate."""
    for folder in ("elsewhere", "first", "second/deep"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "elsewhere" / "a.txt").write_text("x")
    (tmp_path / "first" / "deep").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "second" / "deep" / "a.txt").write_text("x")
    assert codes([tmp_path / "first", tmp_path / "second"]) == ["no_documents", "deep/a.txt"]


@pytest.mark.parametrize("damage", ["cut", "flip", "header"])
def test_broken_gzip_costs_the_rest_of_the_file_only(tmp_path: Path, damage: str) -> None:
    """What can be unpacked is read, the break is a problem, and the next file is read."""
    lines = "".join(json.dumps({"id": str(i), "text": os.urandom(50).hex()}) + "\n" for i in range(2000))
    data = bytearray(gzip.compress(lines.encode()))
    if damage == "cut":
        del data[len(data) // 2 :]
    elif damage == "flip":
        data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    else:
        data = bytearray(b"\x1f\x8b and no gzip behind it")
    (tmp_path / "a.jsonl.gz").write_bytes(data)
    (tmp_path / "b.txt").write_text("x")
    found = list(read_documents([tmp_path]))
    assert list(pages(found))[-1] == "b.txt"
    assert "the rest cannot be read" in problems(found)[-1]
    assert (len(pages(found)) > 100) == (damage != "header")


@pytest.mark.parametrize(("name", "pack"), [("a.jsonl", gzip.compress), ("a.jsonl.gz", bytes)])
def test_gzip_is_recognised_by_content(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    """A file unpacked or packed on its way, and not renamed, is read all the same."""
    (tmp_path / name).write_bytes(pack(b'{"id":"a","text":"x"}\n'))
    assert list(read_documents([tmp_path])) == [Document(document_id="a", pages=("x",))]


def test_memory_stays_flat_over_fifty_thousand_lines(tmp_path: Path) -> None:
    """A hundred times the lines take no more memory, for one line is held at a time."""
    path = tmp_path / "a.jsonl"

    def peak(count: int) -> int:
        with path.open("wb") as stream:
            stream.writelines(b'{"id":"d%d","text":"Kontoauszug"}\n' % number for number in range(count))
        tracemalloc.start()
        assert sum(1 for _ in read_documents([path])) == count
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(10)
    assert peak(50_000) < peak(500) + 100_000


def test_standard_input_is_the_default() -> None:
    """The dash reads the program's own standard input."""
    code = "from producers.sources import *\nfor d in read_documents(['-']): print(d.document_id)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=b'{"id":"d","text":""}',
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == b"d\n"


def test_nothing_is_opened_before_it_is_asked_for(tmp_path: Path) -> None:
    """Documents are read as they are asked for: a file made meanwhile is seen."""
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("1")
    found = read_documents([first, second])
    assert isinstance(next(found), Document)
    second.write_text("2")
    assert pages(list(found)) == {"b.txt": ("2",)}


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_arbitrary_lines_never_raise(lines: list[bytes]) -> None:
    """Whatever the lines hold, each gives at most a document or a problem."""
    found = read_lines(*lines)
    assert len(found) <= sum(line.count(b"\n") + 1 for line in lines)


def positions(paths: Sequence[Path | str], start: Position | None = None) -> list[tuple[Position, str]]:
    """Give where everything was, and its id or what was wrong."""
    return [
        (found.position, getattr(found.content, "document_id", None) or str(found.content))
        for found in read_inputs(paths, start=start)
    ]


@pytest.fixture
def everything(tmp_path: Path) -> list[Path]:
    """A folder and two files with every kind of local input, good and bad."""
    folder = tmp_path / "scans"
    (folder / "b" / "c").mkdir(parents=True)
    (folder / "a.txt").write_text("1")
    (folder / "b" / "d.txt").write_bytes(b"\xff")
    (folder / "b" / "c" / "e.txt").write_text("2")
    for page in (1, 2, 10, 11, *range(3, 10)):
        (folder / "b" / f"letter.p{page}.txt").write_text(f"page {page}")
    (folder / "b" / "letter.p1x.txt").write_text("other")
    (folder / "m.jsonl").write_bytes(b'{"id":"m1","text":""}\n\n{"id":"m2"}\n{"id":"m3","text":"\xc3\xa4"}\n')
    (folder / "n.csv").write_bytes(b'id,text\nn1,"two\nlines"\nn2,x\nn3\nn4,y\n')
    packed = tmp_path / "p.jsonl.gz"
    packed.write_bytes(gzip.compress(b"".join(b'{"id":"p%d","text":"x"}\n' % n for n in range(5))))
    other = tmp_path / "a.txt"
    other.write_text("the same id as in the folder")
    return [folder, packed, other, tmp_path / "last.csv", tmp_path / "none.txt"]


def test_reading_resumes_after_every_position(everything: list[Path]) -> None:
    """Broken off anywhere, the rest is what an unbroken pass gives from there on."""
    whole = positions(everything)
    assert [what for _, what in whole if "/" not in what] == [
        *("a.txt", "m1", "m3", "n1", "n2", "n4"),
        *("p0", "p1", "p2", "p3", "p4"),
    ]
    assert "b/letter" in [what for _, what in whole]
    for number, (position, _) in enumerate(whole):
        rest = positions(everything, position)
        # A file that is not there says so again: it may be there by now.
        assert [each for each in rest if "no such file" not in each[1]] == [
            each for each in whole[number + 1 :] if "no such file" not in each[1]
        ]


def test_files_done_grow_from_none_to_all(everything: list[Path]) -> None:
    """The measure for the time left never falls, and ends at the number of files."""
    done = [found.files for found in read_inputs(everything)]
    assert done == sorted(done)
    assert 0 < done[0] < done[-1] <= 11


def test_pages_that_are_files_are_one_document(everything: list[Path]) -> None:
    """Eleven files are eleven pages in the order of their numbers."""
    found = pages(list(read_documents(everything)))
    assert found["b/letter"] == tuple(f"page {number}" for number in range(1, 12))


def test_pages_from_a_shell_are_one_document(tmp_path: Path) -> None:
    """`letter.p*.txt` gives the pages as files; a page that is missing is named."""
    for page in (1, 2, 3):
        (tmp_path / f"letter.p{page}.txt").write_text(f"{page}\f")
    files = [tmp_path / f"letter.p{page}.txt" for page in (2, 1, 3)]
    assert pages(list(read_documents(files))) == {"letter": ("1", "2", "3")}
    (said,) = problems(list(read_documents(files[::2])))
    assert "page 1 is missing, the next is 'letter.p2.txt'" in said


def test_same_id_is_found_after_a_break_too(tmp_path: Path) -> None:
    """What was read before the break is not read again, and its ids are taken all the same."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.txt").write_text(folder)
    paths = [tmp_path / "a", tmp_path / "b"]
    first = next(read_inputs(paths))
    rest = list(read_inputs(paths, start=first.position))
    assert [each.content.reason for each in rest if isinstance(each.content, SourceProblem)] == [
        "duplicate_id"
    ]


def test_what_gave_no_document_before_a_break_takes_no_id(tmp_path: Path) -> None:
    """A file that is not there, or the name of an S3 key, makes no duplicate after the break either."""
    (tmp_path / "b").mkdir()
    for name in ("first.txt", "b/page.txt", "b/key.txt"):
        (tmp_path / name).write_text("x")
    paths = [tmp_path / "a/page.txt", "s3://papers/in/key.txt", tmp_path / "first.txt", tmp_path / "b"]
    rest = read_inputs(paths, start=Position(2, "first.txt"))
    assert list(pages([each.content for each in rest])) == ["key.txt", "page.txt"]


def test_a_path_the_system_refuses_is_a_problem(tmp_path: Path) -> None:
    """A name too long, or below a folder that is closed, costs this input and not the run."""
    (tmp_path / "a.txt").write_text("x")
    paths = [str(tmp_path / ("n" * 300 + ".txt")), str(tmp_path / "a.txt")]
    assert fingerprint_inputs(paths).files == 2
    found = list(read_documents(paths))
    assert list(pages(found)) == ["a.txt"]
    assert "cannot be read: File name too long" in problems(found)[0]


def test_gzip_on_standard_input_is_unpacked() -> None:
    """`cat a.jsonl.gz | smartcat produce -` needs no zcat."""
    code = "from producers.sources import *\nfor d in read_documents(['-']): print(d.document_id)"
    packed = gzip.compress(b'{"id":"d","text":""}')
    done = subprocess.run(
        [sys.executable, "-c", code], input=packed, capture_output=True, check=True, timeout=60
    )
    assert done.stdout == b"d\n"


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system has no /proc")
def test_what_the_system_makes_up_is_no_document(tmp_path: Path) -> None:
    """The environment of this process, the kernel's messages, a device: refused, and nothing hangs."""
    os.mkfifo(tmp_path / "pipe")
    for name, target in (("a", "/proc/self/environ"), ("b", "/proc/kmsg"), ("c", "/dev/zero"), ("d", "pipe")):
        (tmp_path / f"{name}.txt").symlink_to(tmp_path / target)
    (tmp_path / "e.jsonl").symlink_to("/proc/self/environ")
    (tmp_path / "f.txt").write_text("")
    found = list(read_documents(sorted(tmp_path.glob("*.*"))))
    assert pages(found) == {"f.txt": ("",)}
    problems = [each for each in found if isinstance(each, SourceProblem)]
    assert len(problems) == 5
    # Who may not read the kernel's messages is told that instead.
    assert all(each.reason == "wrong_kind" or "ermi" in each.message for each in problems)


def test_a_file_that_became_a_pipe_meanwhile_is_refused(tmp_path: Path) -> None:
    """What is opened is looked at, not only what was there before."""
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(NotRegularError):
        LocalFile(tmp_path / "a.txt").open()


def test_no_link_leads_out_of_a_folder(tmp_path: Path) -> None:
    """Whoever may write into it could have any file of this machine sent; a link inside it is read."""
    scans, secret = tmp_path / "scans", tmp_path / "secret.txt"
    (scans / "deep").mkdir(parents=True)
    (tmp_path / "scans2").mkdir()
    secret.write_text("secret")
    (tmp_path / "scans2" / "b.txt").write_text("secret")
    (scans / "own.txt").write_text("own")
    (scans / "deep" / "inside.txt").symlink_to("../own.txt")
    (scans / "absolute.txt").symlink_to(secret)
    (scans / "deep" / "relative.txt").symlink_to("../../secret.txt")
    (scans / "sibling.txt").symlink_to(tmp_path / "scans2" / "b.txt")
    (scans / "chain.txt").symlink_to("absolute.txt")
    found = list(read_documents([scans]))
    assert pages(found) == {"own.txt": ("own",), "deep/inside.txt": ("own",)}
    said = [each for each in found if isinstance(each, SourceProblem)]
    assert [Path(each.path).name for each in said] == [
        "absolute.txt",
        "chain.txt",
        "sibling.txt",
        "relative.txt",
    ]
    assert {(each.reason, each.message.partition(";")[0]) for each in said} == {
        ("link_outside", "a link that leads out of the folder")
    }
    assert pages(list(read_documents([scans / "absolute.txt"]))) == {"absolute.txt": ("secret",)}
    (tmp_path / "link").symlink_to(scans)
    assert pages(list(read_documents([tmp_path / "link"]))) == pages(found)


def test_a_text_of_too_many_pages_is_refused_before_they_are_made(tmp_path: Path) -> None:
    """Four million form feeds are counted, and no page is made of them."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"\f" * 4_000_000)
    tracemalloc.start()
    try:
        (problem,) = problems(list(read_documents([path])))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert problem == f"{path}: 4000000 pages; a document has at most 5000"
    assert peak < 20 * 2**20
