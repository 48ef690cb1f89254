import pytest
from pydantic import ValidationError

from smartcat.wire_format.document import Document
from smartcat.wire_format.validation_message import validation_message


def described(**fields: object) -> str:
    """Return the problems of a document that must be refused."""
    with pytest.raises(ValidationError) as caught:
        Document.model_validate(fields)
    return validation_message(caught.value)


def test_names_field_and_expectation() -> None:
    """Each problem is a field with its index and what was expected there."""
    assert described(document_id=7, pages=["a", None]) == (
        "document_id: expected a string; pages[1]: expected a string"
    )


def test_is_bounded() -> None:
    """More than five problems make five and a count."""
    said = described(document_id="d", text="", metadata=dict.fromkeys("abcdefgh", 0))
    assert said.endswith("; metadata: expected a string; and 3 more")
    assert said.count("expected a string") == 5


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"pages": [0] * 5000}, "pages[0]: expected a string"),
        ({"pages": [0] * 1_000_000}, "pages: expected at most 5000 entries"),
        (
            {"text": "", "metadata": dict.fromkeys(map(str, range(100_000)), 0)},
            "metadata: expected at most 16 entries",
        ),
    ],
)
def test_a_wrong_field_is_few_errors_however_much_is_in_it(fields: dict[str, object], said: str) -> None:
    """The length is looked at before the content, and the first wrong page ends it: errors take memory."""
    with pytest.raises(ValidationError) as caught:
        Document.model_validate({"document_id": "d"} | fields)
    assert caught.value.error_count() <= 2
    assert validation_message(caught.value) == said


def test_names_of_metadata_are_not_repeated() -> None:
    """The names inside metadata are input, so they stay out."""
    assert described(document_id="d", text="", metadata={"secret": 1}) == "metadata: expected a string"


def test_one_wrong_page_is_one_problem() -> None:
    """A wrong page is not counted a second time as a missing page."""
    assert described(document_id="d", pages=[1]) == "pages[0]: expected a string"
