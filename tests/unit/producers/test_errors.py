import pytest

from producers.errors import (
    ConfigurationError,
    DeliveryError,
    DocumentTooLargeError,
    ProducerClosedError,
    ProducersError,
)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConfigurationError("x"), ValueError),
        (DocumentTooLargeError("d", 2, 1), ValueError),
        (DeliveryError("d", "c", "x"), RuntimeError),
        (ProducerClosedError(), RuntimeError),
    ],
)
def test_errors_tell_bad_input_from_failed_work(error: Exception, kind: type[Exception]) -> None:
    """Bad input is a ValueError, a failed job a RuntimeError, and all have one base and one line."""
    assert isinstance(error, ProducersError)
    assert isinstance(error, kind)
    assert str(error)
    assert "\n" not in str(error)


def test_delivery_error_says_which_and_why() -> None:
    """The message names the document, the code and what happened."""
    assert str(DeliveryError("d\n1", "InternalFailure", "refused")) == (
        "document 'd\\n1' was not delivered: InternalFailure: refused"
    )
