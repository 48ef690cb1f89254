from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError, WaiterError

from smartcat.cli.models.errors import ConflictError, FunctionError
from smartcat.cli.models.serving_function import VARIABLE, ServingFunction

if TYPE_CHECKING:
    from collections.abc import Callable

OLD, NEW, OTHER = "s3://papers/versions/old/", "s3://papers/versions/new/", "s3://papers/versions/other/"


def refused(code: str, operation: str = "Call") -> ClientError:
    """An answer of Lambda."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


class Lambda:
    """One function, with revisions and published versions, as far as this package asks of Lambda."""

    def __init__(self) -> None:
        self.revision = 1
        self.environment: dict[str, Any] = {"Variables": {VARIABLE: OLD, "SMARTCAT_TABLE": "results"}}
        self.status = "Successful"
        self.versions: list[dict[str, Any]] = [self.environment]
        self.alias: dict[str, Any] = {"Name": "live", "FunctionVersion": "1", "RevisionId": "a1"}
        self.invoked: list[str | None] = []
        self.answer: Callable[[], dict[str, Any]] = lambda: {"Payload": io.BytesIO(b"{}")}
        self.before_update: list[Callable[[], object]] = []
        self.waits: list[str] = []
        self.wait_fails: dict[str, Any] | None = None

    @property
    def pinned(self) -> str:
        return str(self.environment["Variables"][VARIABLE])

    @property
    def alias_serves(self) -> str:
        return str(self.versions[int(self.alias["FunctionVersion"]) - 1]["Variables"][VARIABLE])

    def get_function_configuration(self, *, FunctionName: str, Qualifier: str = "") -> Any:  # noqa: N803
        if FunctionName != "classifier" or Qualifier not in {"", "live"}:
            raise refused("ResourceNotFoundException")
        environment = self.environment
        if Qualifier:
            environment = self.versions[int(self.alias["FunctionVersion"]) - 1]
        return {
            "RevisionId": str(self.revision),
            "Environment": environment,
            "LastUpdateStatus": self.status,
        }

    def _check(self, revision: str) -> None:
        if revision != str(self.revision):
            raise refused("PreconditionFailedException")

    def update_function_configuration(self, *, RevisionId: str, Environment: Any, **_: Any) -> None:  # noqa: N803
        if self.before_update:
            self.before_update.pop(0)()
        self._check(RevisionId)
        self.revision += 1
        self.environment, self.status = Environment, "InProgress"

    def publish_version(self, *, RevisionId: str, **_: Any) -> Any:  # noqa: N803
        self._check(RevisionId)
        if self.versions[-1] != self.environment:
            self.versions.append(self.environment)
        return {"Version": str(len(self.versions))}

    def get_waiter(self, name: str) -> Lambda:
        self.waits.append(name)
        return self

    def wait(self, **_: Any) -> None:
        if self.wait_fails is not None:
            raise WaiterError("waiter", "terminal failure", self.wait_fails)
        self.status = "Successful"

    def get_alias(self, **_: Any) -> dict[str, Any]:
        return self.alias

    def list_aliases(self, **_: Any) -> Any:
        return {"Aliases": [self.alias]}

    def update_alias(self, *, FunctionVersion: str, RevisionId: str, **_: Any) -> None:  # noqa: N803
        if RevisionId != self.alias["RevisionId"]:
            raise refused("PreconditionFailedException")
        self.alias = {**self.alias, "FunctionVersion": FunctionVersion, "RevisionId": f"a{FunctionVersion}"}

    def invoke(self, *, Qualifier: str | None = None, Payload: bytes, **_: Any) -> Any:  # noqa: N803
        assert json.loads(Payload) == {"Records": []}
        self.invoked.append(Qualifier)
        return self.answer()


@pytest.fixture
def aws() -> Lambda:
    """A function that serves the old model."""
    return Lambda()


def serve(aws: Lambda, location: str = NEW, *, alias: str | None = None, wanted: bool = True) -> Any:
    """Have the function serve a model."""
    return ServingFunction(aws, "classifier", alias).serve(location, lambda: wanted)


def test_the_function_gets_the_model_and_keeps_its_other_variables(aws: Lambda) -> None:
    """It is waited for, and seen to start."""
    done = serve(aws)
    assert (done.before, done.version, done.unverified) == (OLD, None, None)
    assert aws.environment == {"Variables": {VARIABLE: NEW, "SMARTCAT_TABLE": "results"}}
    assert (aws.waits, aws.invoked) == (["function_updated"], [None])
    assert done.other_aliases == ("live",)


def test_an_alias_is_led_to_a_version_that_was_seen_to_start(aws: Lambda) -> None:
    """The version is published and tried before the alias leads to it."""
    done = serve(aws, alias="live")
    assert (done.before, done.version, aws.alias_serves) == (OLD, "2", NEW)
    assert (aws.waits, aws.invoked) == (["function_updated", "published_version_active"], ["2"])


def test_serving_what_is_served_changes_nothing(aws: Lambda) -> None:
    """A command that was broken off may be repeated."""
    serve(aws, alias="live")
    before = (aws.revision, len(aws.versions), aws.alias)
    assert serve(aws, alias="live").before == NEW
    assert (aws.revision, len(aws.versions), aws.alias) == before


def test_a_change_under_way_is_waited_for(aws: Lambda) -> None:
    """Lambda refuses two at a time."""
    aws.status = "InProgress"
    serve(aws)
    assert aws.waits == ["function_updated", "function_updated"]


def test_a_function_whose_last_change_failed_can_be_changed(aws: Lambda) -> None:
    """That is how it is mended."""
    aws.status = "Failed"
    serve(aws)
    assert aws.pinned == NEW


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"LastUpdateStatus": "Failed", "LastUpdateStatusReason": "no subnet"}, "update failed: no subnet"),
        ({"StateReason": "out of addresses"}, "out of addresses"),
        ({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "AccessDenied: not you"),
        ({}, "terminal failure"),
    ],
)
def test_a_change_that_lambda_does_not_carry_out_says_why(aws: Lambda, answer: Any, said: str) -> None:
    """In Lambda's own words."""
    aws.wait_fails = answer
    with pytest.raises(FunctionError, match=f"function classifier: .*{said}"):
        serve(aws)


def fails(payload: bytes) -> Callable[[], dict[str, Any]]:
    """Answer an invocation with an error of the function."""
    return lambda: {"FunctionError": "Unhandled", "Payload": io.BytesIO(payload)}


REFUSAL = json.dumps({"errorType": "RefuseToStart", "errorMessage": "the model cannot be loaded"}).encode()


def test_an_alias_stays_where_it_is_if_the_model_does_not_start(aws: Lambda) -> None:
    """What serves documents goes on serving them."""
    aws.answer = fails(REFUSAL)
    with pytest.raises(
        FunctionError,
        match=r"does not start with .*new/: RefuseToStart: the model .*alias live was not changed",
    ):
        serve(aws, alias="live")
    assert aws.alias_serves == OLD


@pytest.mark.parametrize("payload", [REFUSAL, b"", b"[]", b'{"errorMessage": 1}', b"x" * 5000])
def test_a_function_that_does_not_start_is_said(aws: Lambda, payload: bytes) -> None:
    """Without an alias it serves nothing then, so the way back is named; whatever it answers is one line."""
    aws.answer = fails(payload)
    with pytest.raises(FunctionError, match=r"does not start with .*; roll back") as caught:
        serve(aws)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("code", ["AccessDeniedException", "TooManyRequestsException"])
def test_a_function_that_may_not_be_invoked_is_not_held_against_the_model(aws: Lambda, code: str) -> None:
    """All its concurrency may be in use, or the right be missing: it is said."""

    def refuse() -> Any:
        raise refused(code, "Invoke")

    aws.answer = refuse
    assert serve(aws, alias="live").unverified == f"Invoke: {code}: no"
    assert aws.alias_serves == NEW


def test_a_function_that_does_not_answer_in_time_is_said(aws: Lambda) -> None:
    """Starting has its time, and a command ends."""

    def hang() -> Any:
        raise ReadTimeoutError(endpoint_url="https://lambda")

    aws.answer = hang
    assert "no response within" in serve(aws).unverified


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "has no variable SMARTCAT_MODEL"),
        ({"Variables": {"OTHER": "1"}}, "has no variable SMARTCAT_MODEL"),
        ({"Error": {"ErrorCode": "AccessDeniedException", "Message": "kms"}}, "cannot be read .AccessDenied"),
    ],
)
def test_a_function_of_somebody_else_is_left_alone(aws: Lambda, environment: Any, said: str) -> None:
    """Variables that cannot be read would be lost if they were written back."""
    aws.environment = environment
    with pytest.raises(FunctionError, match=said):
        serve(aws)
    assert aws.environment == environment


def test_what_is_not_there_is_named(aws: Lambda) -> None:
    """A function, or its alias."""
    with pytest.raises(FunctionError, match=r"no function 'other'$"):
        ServingFunction(aws, "other").model()
    with pytest.raises(FunctionError, match="no function 'classifier' with an alias 'old'"):
        ServingFunction(aws, "classifier", "old").serve(NEW, lambda: True)
    assert ServingFunction(aws, "classifier", "live").model() == OLD


def test_an_alias_shared_by_two_versions_is_left_alone(aws: Lambda) -> None:
    """Somebody tries a version on a share of the batches; leading it elsewhere would end that unseen."""
    aws.alias["RoutingConfig"] = {"AdditionalVersionWeights": {"2": 0.1}}
    with pytest.raises(FunctionError, match="splits traffic between two versions"):
        serve(aws, alias="live")
    assert aws.alias["FunctionVersion"] == "1"


def test_a_model_that_is_not_wanted_any_more_is_not_served(aws: Lambda) -> None:
    """Somebody promoted another one meanwhile."""
    with pytest.raises(ConflictError, match="another version was promoted meanwhile"):
        serve(aws, wanted=False)
    assert aws.pinned == OLD


@pytest.mark.parametrize("alias", [None, "live"])
def test_of_two_promotions_at_once_the_function_serves_the_later(aws: Lambda, alias: str | None) -> None:
    """The slower of the two, which promoted first, finds the function changed, looks again, and gives way."""
    wanted = [NEW]

    def other() -> None:
        wanted[0] = OTHER
        ServingFunction(aws, "classifier", alias).serve(OTHER, lambda: wanted[0] == OTHER)

    aws.before_update = [other]
    with pytest.raises(ConflictError):
        ServingFunction(aws, "classifier", alias).serve(NEW, lambda: wanted[0] == NEW)
    assert (aws.alias_serves if alias else aws.pinned) == OTHER


def test_somebody_else_s_change_of_the_function_is_kept(aws: Lambda) -> None:
    """A table that was exchanged at the same moment stays exchanged."""

    def other() -> None:
        aws.environment = {"Variables": {VARIABLE: OLD, "SMARTCAT_TABLE": "others"}}
        aws.revision += 1

    aws.before_update = [other]
    serve(aws)
    assert aws.environment == {"Variables": {VARIABLE: NEW, "SMARTCAT_TABLE": "others"}}


def test_a_function_that_never_rests_is_given_up(aws: Lambda) -> None:
    """After a few attempts, with what Lambda said."""

    def others() -> None:
        aws.revision += 1

    aws.before_update = [others] * 20
    with pytest.raises(
        FunctionError, match=r"somebody else keeps changing it: .*PreconditionFailedException"
    ):
        serve(aws)


def test_another_refusal_is_lambda_s_own(aws: Lambda) -> None:
    """It is no reason to try again."""

    def refuse() -> None:
        raise refused("AccessDeniedException", "UpdateFunctionConfiguration")

    aws.before_update = [refuse]
    with pytest.raises(ClientError, match="AccessDeniedException"):
        serve(aws)
