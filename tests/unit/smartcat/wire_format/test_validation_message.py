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
    """Thousands of wrong pages make five problems and a count."""
    assert described(document_id="d", pages=[0] * 1000).endswith("pages[4]: expected a string; and 995 more")


def test_names_of_metadata_are_not_repeated() -> None:
    """The names inside metadata are input, so they stay out."""
    assert described(document_id="d", text="", metadata={"secret": 1}) == "metadata: expected a string"


def test_one_wrong_page_is_one_problem() -> None:
    """A wrong page is not counted a second time as a missing page."""
    assert described(document_id="d", pages=[1]) == "pages[0]: expected a string"
