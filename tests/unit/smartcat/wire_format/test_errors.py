import pickle

from smartcat.wire_format.errors import Reason, WireFormatError


def test_message_is_one_line_with_code_and_detail() -> None:
    """The error prints as its stable code and its detail."""
    error = WireFormatError(Reason.BAD_JSON, "line 1")
    assert (str(error), error.reason, error.detail) == ("bad_json: line 1", Reason.BAD_JSON, "line 1")


def test_error_survives_pickling() -> None:
    """The error can cross a process boundary, as test runners and pools need."""
    copy = pickle.loads(pickle.dumps(WireFormatError(Reason.EMPTY, "no content")))  # noqa: S301 - our own bytes
    assert (copy.reason, copy.detail) == (Reason.EMPTY, "no content")


def test_codes_are_stable() -> None:
    """The codes are stored in the quarantine, so they never change."""
    assert [str(reason) for reason in Reason] == [
        "bad_base64",
        "bad_gzip",
        "too_large",
        "bad_aggregate",
        "bad_utf8",
        "bad_json",
        "invalid_document",
        "unsupported_version",
        "empty",
        "bad_replay_tags",
        "bad_claim",
        "claims_not_configured",
        "claim_outside",
        "claim_expired",
        "claim_missing",
        "claim_mismatch",
        "too_many_parts",
    ]
