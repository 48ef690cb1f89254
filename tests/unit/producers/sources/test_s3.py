import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ResponseStreamingError

from producers.sources import Position, SourceProblem, read_inputs
from producers.sources.s3 import bucket_fingerprint
from support.damaged_answers import HTML, answer_with
from support.pdfs import pdf_of


class Body:
    """The bytes of an answer; breaks off after so many of them, if told."""

    def __init__(self, data: bytes, breaks_after: int | None) -> None:
        self._stream = io.BytesIO(data)
        self._left = breaks_after

    def read(self, count: int) -> bytes:
        if self._left is None:
            return self._stream.read(count)
        data = self._stream.read(min(count, self._left))
        self._left -= len(data)
        if not data:
            raise ResponseStreamingError(error="gone")
        return data

    def close(self) -> None:
        self._stream.close()


class FakeS3:
    """Lists a few keys a page; breaks connections, and changes and refuses objects, when told."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects
        self.listed: list[str] = []
        self.opened: list[tuple[str, str]] = []
        self.breaks: list[int] = []
        self.refused = ""
        self.version = "1"

    def get_paginator(self, name: str) -> "FakeS3":
        assert name == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str, StartAfter: str = "") -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
        if Bucket != "papers":
            raise client_error("NoSuchBucket")
        self.listed.append(StartAfter)
        keys = [key for key in sorted(self.objects) if key.startswith(Prefix) and key > StartAfter]
        for start in range(0, max(len(keys), 1), 3):
            contents = [
                {"Key": key, "Size": len(self.objects[key]), "ETag": self.version}
                for key in keys[start : start + 3]
            ]
            yield {"KeyCount": len(contents), "IsTruncated": start + 3 < len(keys)} | (
                {"Contents": contents} if contents else {}
            )

    def get_object(self, *, Bucket: str, Key: str, Range: str = "bytes=0-", IfMatch: str = "") -> Any:  # noqa: N803 - boto3's
        if Key == self.refused:
            raise client_error("AccessDenied")
        if IfMatch and IfMatch != self.version:
            raise client_error("PreconditionFailed")
        self.opened.append((Key, Range))
        data = self.objects[Key][int(Range[6:-1]) :]
        body = Body(data, self.breaks.pop(0) if self.breaks else None)
        answer = {"Body": body, "ETag": self.version, "ContentLength": len(data)}
        return answer if Range == "bytes=0-" else answer | {"ContentRange": f"bytes {Range[6:]}9/9"}


def client_error(code: str) -> ClientError:
    """Make an answer of S3 that refuses."""
    return ClientError({"Error": {"Code": code, "Message": "why"}}, "GetObject")


def read(s3: FakeS3, address: str = "s3://papers/in/", start: Position | None = None) -> list[str]:
    """Give the ids, and what the problems say."""
    return [
        str(found.content) if isinstance(found.content, SourceProblem) else found.content.document_id
        for found in read_inputs([address], s3=s3, start=start)
    ]


@pytest.fixture
def s3() -> FakeS3:
    """A bucket with every kind of object, and some that are not read."""
    texts = [json.dumps({"id": f"l{number}", "text": "x" * 50}) + "\n" for number in range(99)]
    return FakeS3(
        {
            "in/": b"",
            "in/a.txt": b"1\f2",
            "in/b.pdf": pdf_of("Kontoauszug"),
            "in/c.csv": b"id,text\nc1,x\nc2,y\n",
            "in/d.jsonl.gz": gzip.compress("".join(texts).encode()),
            "in/e.jsonl": b'{"id":"e1","text":"x"}\n{"id":"e2"}\n',
            **{f"in/letter.p{number}.txt": b"x" for number in range(1, 12)},
            "in/letter.p1x.txt": b"other",
            "in/photo.jpg": b"x",
            "out/z.txt": b"x",
        }
    )


def test_objects_are_read_as_files_are(s3: FakeS3) -> None:
    """Every kind, in the order of keys; the id of a document that is an object is its key."""
    assert read(s3) == [
        *("in/a.txt", "in/b.pdf", "c1", "c2"),
        *(f"l{number}" for number in range(99)),
        "e1",
        "s3://papers/in/e.jsonl:2: pages: required, and missing",
        *("in/letter", "in/letter.p1x.txt"),
    ]
    assert read(s3, "s3://papers/out/z.txt") == ["out/z.txt"]


def test_a_broken_connection_is_resumed_where_it_broke(s3: FakeS3) -> None:
    """No line is lost or read twice, and the rest comes from the same version of the object."""
    whole = read(s3, "s3://papers/in/d")
    s3.breaks = [40, 0, 25]
    assert read(s3, "s3://papers/in/d") == whole
    assert [which for _, which in s3.opened[1:]] == ["bytes=0-", "bytes=40-", "bytes=40-", "bytes=65-"]


def test_an_object_that_changes_meanwhile_is_a_problem(s3: FakeS3) -> None:
    """Two versions are never mixed."""
    s3.breaks = [10]
    original = s3.get_object

    def changed(**request: Any) -> Any:
        answer = original(**request)
        s3.version = "2"
        return answer

    s3.get_object = changed  # type: ignore[method-assign]
    assert read(s3, "s3://papers/in/c") == [
        "s3://papers/in/c.csv:2: the rest cannot be read: PreconditionFailed: why"
    ]


def test_a_connection_that_keeps_breaking_is_a_problem(s3: FakeS3) -> None:
    """After five attempts without a byte the object is a problem, and the next one is read."""
    s3.breaks = [0] * 5
    said, *rest = read(s3)
    assert said.startswith("s3://papers/in/a.txt: cannot be read: ")
    assert rest[0] == "in/b.pdf"


def test_errors_of_s3_are_reported(s3: FakeS3) -> None:
    """A missing bucket, an object without permission, no credentials, nothing there: one line each."""
    s3.refused = "in/a.txt"
    assert read(s3)[0] == "s3://papers/in/a.txt: cannot be read: AccessDenied: why"
    assert read(s3, "s3://no-such/x") == ["s3://no-such/x: cannot be read: NoSuchBucket: why"]
    assert "expected s3://bucket/prefix" in read(s3, "s3://")[0]
    assert "no documents in it, expected *.txt" in read(s3, "s3://papers/nothing/")[0]

    def refuse(_: str) -> FakeS3:
        raise NoCredentialsError

    s3.get_paginator = refuse  # type: ignore[method-assign]
    assert read(s3) == ["s3://papers/in/: cannot be read: Unable to locate credentials"]


def test_a_second_bucket_is_refused(s3: FakeS3) -> None:
    """Equal keys of two buckets would overwrite each other's results."""
    found = list(read_inputs(["s3://papers/out/", "s3://others/"], s3=s3))
    assert "one bucket per run" in str(found[-1].content)


def test_reading_resumes_after_every_position(s3: FakeS3) -> None:
    """Broken off anywhere, the rest is read, and the listing begins shortly before."""
    whole = [(found.position, str(found.content)) for found in read_inputs(["s3://papers/in/"], s3=s3)]
    for number, (position, _) in enumerate(whole):
        found = read_inputs(["s3://papers/in/"], s3=s3, start=position)
        assert [(each.position, str(each.content)) for each in found] == whole[number + 1 :]
    assert s3.listed[-1] == "in/letter"


def test_an_object_that_was_damaged_during_a_break_is_a_problem(s3: FakeS3) -> None:
    """Compressed data that ends before the offset to resume at is reported, and the next object is read."""
    s3.objects["in/d.jsonl.gz"] = s3.objects["in/d.jsonl.gz"][:40]
    said, following, *_ = read(s3, start=Position(0, "in/d.jsonl.gz", 90, 6000))
    assert said == "s3://papers/in/d.jsonl.gz:91: the rest cannot be read: broken gzip data"
    assert following == "e1"


def test_a_damaged_list_of_objects_is_a_problem_and_not_an_empty_bucket() -> None:
    """Cut, changed in a byte, empty or HTML: all keys are read, or it is said that S3 cannot be read."""
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    objects = "".join(f"<Contents><Key>in/{name}.txt</Key></Contents>" for name in "ab")
    whole = (
        "<ListBucketResult><Name>papers</Name><KeyCount>2</KeyCount><IsTruncated>false</IsTruncated>"
        f"{objects}</ListBucketResult>"
    ).encode()
    bodies = [whole]
    answer_with(client, lambda sent: ({}, bodies[0] if "list-type" in sent.url else b""))
    keys = [found.position.file for found in read_inputs(["s3://papers/in/"], s3=client)]
    assert keys == ["in/a.txt", "in/b.txt"]
    for body in (
        b"",
        b"{}",
        HTML,
        whole[:-60],
        whole.replace(b"KeyCount", b"KeyCounu"),
        whole.replace(b"2", b"3"),
    ):
        bodies[0] = body
        found = list(read_inputs(["s3://papers/in/"], s3=client))[-1].content
        assert isinstance(found, SourceProblem)
        assert (found.reason, "cannot be read" in found.message) == ("unreadable", True)


def test_an_answer_that_is_no_object_is_a_problem(s3: FakeS3) -> None:
    """Without the entity tag, or whole where its rest was asked for, its bytes are not taken."""
    original = s3.get_object

    def answer(without: str) -> None:
        def damaged(**request: Any) -> Any:
            found = original(**request)
            return {name: value for name, value in found.items() if name != without}

        s3.get_object = damaged  # type: ignore[method-assign]

    answer("ETag")
    assert read(s3, "s3://papers/in/a") == [
        "s3://papers/in/a.txt: cannot be read: the answer is not one of S3"
    ]
    s3.get_object = original  # type: ignore[method-assign]

    def from_the_beginning(**request: Any) -> Any:
        found = original(**request)
        return found if request.get("Range") is None else found | {"ContentRange": "bytes 0-1/2"}

    s3.get_object = from_the_beginning  # type: ignore[method-assign]
    s3.breaks = [10]
    said = read(s3, "s3://papers/in/c")[-1]
    assert said == "s3://papers/in/c.csv:2: the rest cannot be read: the answer is not one of S3"


def test_the_fingerprint_of_a_bucket_changes_with_its_objects(s3: FakeS3) -> None:
    """An object that came, went, or was replaced; not one that is not read, nor one elsewhere."""
    before = bucket_fingerprint("s3://papers/in/", s3)
    s3.objects["in/photo2.jpg"] = s3.objects["out/y.txt"] = b"x"
    assert bucket_fingerprint("s3://papers/in/", s3) == before
    found = {before}
    s3.objects["in/new.txt"] = b"x"
    found.add(bucket_fingerprint("s3://papers/in/", s3))
    s3.objects["in/new.txt"] = b"xy"
    found.add(bucket_fingerprint("s3://papers/in/", s3))
    s3.version = "2"
    found.add(bucket_fingerprint("s3://papers/in/", s3))
    assert len(found) == 4
    with pytest.raises(OSError, match="NoSuchBucket"):
        bucket_fingerprint("s3://no-such/in/", s3)
