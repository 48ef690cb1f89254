from __future__ import annotations

import base64
import contextlib
import io
import itertools
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcat.wire_format.claim_check import make_claim, to_bytes
from stream_processor.adapters.dynamodb_results import DynamoDbResults
from stream_processor.adapters.powertools_metrics import PowertoolsMetrics
from stream_processor.adapters.s3_claims import S3Claims
from stream_processor.adapters.s3_quarantine import S3Quarantine
from stream_processor.core.claim_fetching import ClaimBucket
from stream_processor.core.process_batch import BatchProcessor
from stream_processor.errors import StreamProcessorError, TryLater, without_text_in_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

SECRET = "xylophone"

_SERVICES = itertools.count()
"""A service's logger keeps the stdout it was made with, so each output has a service of its own."""


def test_no_page_text_reaches_the_log(world: Any, make: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever goes wrong with a document, its text, its id and its bytes are in no line of output."""
    dependencies = replace(
        world.processor.dependencies, metrics=PowertoolsMetrics(service="no-page-text", namespace="smartcat")
    )
    processor = BatchProcessor(world.classifier, dependencies)
    world.table.faults = {1: TryLater("PutItem failed with InternalServerError")}
    world.table.invalid_keys = {f"{SECRET}-1"}
    event = {"Records": [make.entry(body, number) for number, body in enumerate(bad_and_good(make, SECRET))]}
    response = processor.process(event, lambda: 60.0)
    output = "".join(capsys.readouterr())
    assert response["batchItemFailures"]
    assert "InternalServerError" in output
    assert "quarantined" in output
    assert SECRET not in output


def bad_and_good(make: Any, text: str) -> list[bytes]:
    """Documents, defects and bad records, all of which hold the text."""
    quoted = json.dumps(text)
    return [
        make.payload(f"{text}-1", text),
        make.payload(f"{text}-2", f"explode {text}"),
        f'{{"document_id": {quoted}, "text": 5, {quoted}: {quoted}}}'.encode(),
        f"{text} is not JSON".encode(),
        f'{{"document_id": "d", "text": "{text}'.encode(),
        make.aggregate([text.encode()])[:-1],
        claim_of(text, bucket="claims-bucket"),
        claim_of(text, bucket=text),
        *(make.payload(f"{text}-{number}", text) for number in range(10, 260)),
    ]


def claim_of(text: str, **fields: str) -> bytes:
    """A claim of a document whose id, bytes and unknown field hold the text."""
    made = make_claim(text.encode(), document_id=text, bucket="claims-bucket")
    return json.dumps(json.loads(to_bytes(made)) | {"note": text} | fields).encode()


class Quoting:
    """An AWS client whose every call fails, with a message that quotes all it was given."""

    def __init__(self, code: str) -> None:
        self._code = code

    def __getattr__(self, name: str) -> Any:
        def fail(**arguments: Any) -> None:
            raise ClientError({"Error": {"Code": self._code, "Message": repr(arguments)}}, name)

        return fail


class Defective:
    """A table with a defect of ours: an error that nobody foresaw, which quotes the items."""

    def put(self, items: Sequence[Any], *, seconds: float) -> None:
        raise KeyError([item.attributes for item in items])


def output_of(make: Any, bodies: Sequence[bytes], *, table: str, bucket: str, classifier: str) -> str:
    """Everything that a batch writes, and the message of what it raises, with quoting failures all around."""
    world = make.world()
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        metrics = PowertoolsMetrics(service=f"no-page-text-{next(_SERVICES)}", namespace="smartcat")
        outside: dict[str, Any] = {"metrics": metrics}
        if table == "defect":
            outside["table"] = Defective()
        elif table:
            client: Any = Quoting(table)
            outside["table"] = DynamoDbResults(client, "results", sleep=world.clock.sleep)
        if bucket:
            client = Quoting(bucket)
            outside["quarantine"] = S3Quarantine(
                lambda: client,
                "bucket",
                prefix="q/",
                clock=world.clock,
                report_problem=metrics.report_problem,
            )
        world.classifier.classify = quoting(world.classifier, classifier)
        client = Quoting(bucket or "NoSuchKey")
        objects = S3Claims(lambda: client, "claims-bucket", clock=world.clock)
        processor = BatchProcessor(
            world.classifier,
            replace(world.processor.dependencies, **outside),
            claim_bucket=ClaimBucket("claims-bucket", "claims/", objects),
        )
        event = {"Records": [make.entry(body, number) for number, body in enumerate(bodies)]}
        deadline = world.clock.now() + 5.0
        try:
            without_text_in_errors(lambda: processor.process(event, lambda: deadline - world.clock.now()))
        except StreamProcessorError as error:
            err.write(f"{error!r} {error.__cause__!r} {error.__context__!r}")
    return out.getvalue() + err.getvalue()


def quoting(classifier: Any, when: str) -> Any:
    """A classifier that fails never, on several documents at once, or always, and quotes them."""
    classify = classifier.classify

    def fail(documents: Sequence[Sequence[str]], *, reasons: int = 5) -> Any:
        if when == "always" or (when == "batch" and len(documents) > 1):
            raise ValueError(f"cannot classify {documents!r}")
        return classify(documents, reasons=reasons)

    return fail


def forms(text: str) -> list[str]:
    """What a text may look like in a log: plain, as JSON or Python escape it, and inside longer base64."""
    data = text.encode()
    encoded = [base64.b64encode(b"\0" * offset + data).decode() for offset in range(3)]
    insides = [form[4 if offset else 0 :][:-4] for offset, form in enumerate(encoded)]
    return [text, json.dumps(text)[1:-1], ascii(text)[1:-1], *insides]


@settings(max_examples=60)
@given(
    text=st.text(st.characters(categories=["L"], codec="utf-8"), max_size=30),
    table=st.sampled_from(
        [
            "",
            "defect",
            "InternalServerError",
            "AccessDeniedException",
            "ValidationException",
            "ThrottlingException",
        ]
    ),
    bucket=st.sampled_from(["", "NoSuchBucket", "InternalError", "AccessDenied"]),
    classifier=st.sampled_from(["never", "batch", "always"]),
)
def test_no_text_in_any_form_whoever_quotes_it(
    make: Any, text: str, table: str, bucket: str, classifier: str
) -> None:
    """Random text is in no output, plain or encoded, though table, bucket and classifier all quote it."""
    bodies = bad_and_good(make, SECRET + text)  # random text alone may be a word that a log does hold
    output = output_of(make, bodies, table=table, bucket=bucket, classifier=classifier)
    assert output
    assert [form for form in [*forms(SECRET), *forms(SECRET + text)] if form in output] == []


def test_the_forms_would_be_found(make: Any) -> None:
    """The search finds a text that is in an output: alone, escaped, and anywhere in base64."""
    text = "Zürich xylophone"
    for carrier in (text, json.dumps(text), repr(text.encode().decode()), ascii(text)):
        assert any(form in f"x {carrier} y" for form in forms(text))
    for offset in range(5):
        carrier = base64.b64encode(b"x" * offset + text.encode() + b"tail").decode()
        assert any(form in carrier for form in forms(text))
