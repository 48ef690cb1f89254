"""The function that serves a model: which version it pins, and giving it another. Knows Lambda, and no S3."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError, ReadTimeoutError, WaiterError

from smartcat.cli.aws import refusal
from smartcat.cli.models.errors import FunctionError, MovedError

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE: Final = "SMARTCAT_MODEL"
START_SECONDS: Final = 75.0
"""What a function may take to answer while it starts: the model's download has 60 s."""

ATTEMPTS: Final = 5
_WAIT: Final = {"Delay": 2, "MaxAttempts": 300}
"""Ten minutes, most of which only a snapshot (SnapStart) takes."""

# Somebody changed the function since we looked, or is changing it: look again.
_CHANGED: Final = frozenset({"PreconditionFailedException", "ResourceConflictException"})
_NOT_TOLD: Final = frozenset({"AccessDeniedException", "TooManyRequestsException"})
_NOTHING: Final = json.dumps({"Records": []}).encode()
"""An event without a record, which the processor answers without doing anything."""

_MAX_REASON_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Served:
    """What a function serves now.

    Attributes:
        before: The model it served before.
        version: The published version of the function that the alias leads to; None without an alias.
        untried: Why it was not seen to start with the model; None where it was.
        passed_by: Aliases of the function that lead to its earlier versions, and so to their models.
    """

    before: str
    version: str | None
    untried: str | None
    passed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServingFunction:
    """A function, or an alias of one.

    Attributes:
        client: A boto3 client of Lambda that waits ``START_SECONDS`` for an answer.
        name: The function's name or ARN.
        alias: The alias that the event source mapping invokes; None where it invokes the function itself.
    """

    client: Any = field(repr=False)
    name: str
    alias: str | None = None

    def model(self) -> str:
        """Tell which model it pins.

        Raises:
            FunctionError: It is not one of smartcat's, or its variables may not be read.
        """
        return self._variables(self._configuration(self.alias))[VARIABLE]

    def serve(self, location: str, still_wanted: Callable[[], bool]) -> Served:
        """Have it serve a model, and wait until it does.

        Of two callers at a time the one whose model is wanted at the end comes last: whether it still is, is
        asked after the function was looked at, and the change is made only if nobody changed it since.

        Args:
            location: The model, for ``SMARTCAT_MODEL``.
            still_wanted: Tells whether it is still the promoted one.

        Raises:
            FunctionError: It cannot be changed, or does not start with the model. An alias then leads where
                it led before.
            MovedError: Another model is wanted meanwhile.
        """
        for _ in range(ATTEMPTS):
            try:
                return self._attempt(location, still_wanted)
            except ClientError as error:
                if _code(error) not in _CHANGED:
                    raise
                last = refusal(error)
            except WaiterError as error:
                raise FunctionError(f"function {self.name}: {_reason(error)}") from error
        raise FunctionError(f"function {self.name}: somebody else keeps changing it: {last}")

    def _attempt(self, location: str, still_wanted: Callable[[], bool]) -> Served:
        configuration = self._settled()
        variables = self._variables(configuration)
        before = self.model() if self.alias else variables[VARIABLE]
        self._check_wanted(still_wanted)
        if variables[VARIABLE] != location:
            self.client.update_function_configuration(
                FunctionName=self.name,
                Environment={"Variables": {**variables, VARIABLE: location}},
                **_if_unchanged(configuration),
            )
            self._wait("function_updated")
            configuration = self._configuration(None)
        if self.alias is None:
            return Served(before, None, self._try_out(None, location), self._aliases())
        version = self._publish(configuration)
        untried = self._try_out(version, location)
        self._lead_alias_to(version, still_wanted)
        return Served(before, version, untried)

    def _settled(self) -> dict[str, Any]:
        """Wait until no change of it is under way; whether the last one was carried out does not matter."""
        configuration = self._configuration(None)
        if configuration.get("LastUpdateStatus") == "InProgress":
            self._wait("function_updated")
            configuration = self._configuration(None)
        return configuration

    def _wait(self, condition: str, **arguments: str) -> None:
        self.client.get_waiter(condition).wait(FunctionName=self.name, WaiterConfig=_WAIT, **arguments)

    def _publish(self, configuration: dict[str, Any]) -> str:
        """Publish a version; Lambda gives the last one where nothing has changed since."""
        published = self.client.publish_version(FunctionName=self.name, **_if_unchanged(configuration))
        version = str(published["Version"])
        self._wait("published_version_active", Qualifier=version)
        return version

    def _lead_alias_to(self, version: str, still_wanted: Callable[[], bool]) -> None:
        alias = self.client.get_alias(FunctionName=self.name, Name=self.alias)
        if (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights"):
            raise FunctionError(
                f"alias {self.alias} of {self.name} is shared by two versions; end that first"
            )
        self._check_wanted(still_wanted)
        if alias["FunctionVersion"] != version:
            self.client.update_alias(
                FunctionName=self.name,
                Name=self.alias,
                FunctionVersion=version,
                **_if_unchanged(alias),
            )

    def _aliases(self) -> tuple[str, ...]:
        """Name the aliases that lead to published versions; none where they may not be listed."""
        try:
            answer = self.client.list_aliases(FunctionName=self.name)
        except ClientError as error:
            if _code(error) not in _NOT_TOLD:
                raise
            return ()
        return tuple(each["Name"] for each in answer["Aliases"] if each["FunctionVersion"] != "$LATEST")

    def _check_wanted(self, still_wanted: Callable[[], bool]) -> None:
        if not still_wanted():
            raise MovedError(f"another version was promoted meanwhile; function {self.name} is left to that")

    def _try_out(self, version: str | None, location: str) -> str | None:
        """Invoke it with nothing to do; give why that could not be done, or None.

        Raises:
            FunctionError: It failed.
        """
        qualifier = {"Qualifier": version} if version else {}
        try:
            answer = self.client.invoke(FunctionName=self.name, Payload=_NOTHING, **qualifier)
        except ReadTimeoutError:
            return f"no answer within {START_SECONDS:g} s"
        except ClientError as error:
            if _code(error) not in _NOT_TOLD:
                raise
            return refusal(error)
        if not answer.get("FunctionError"):
            return None
        failed = f"function {self.name} does not start with {location}: {_failure(answer['Payload'].read())}"
        raise FunctionError(f"{failed}; {_advice(self.alias)}")

    def _configuration(self, qualifier: str | None) -> dict[str, Any]:
        arguments = {"Qualifier": qualifier} if qualifier else {}
        try:
            configuration: dict[str, Any] = self.client.get_function_configuration(
                FunctionName=self.name, **arguments
            )
        except ClientError as error:
            if _code(error) == "ResourceNotFoundException":
                alias = f" with an alias {qualifier!r}" if qualifier else ""
                raise FunctionError(f"no function {self.name!r}{alias}") from error
            raise
        return configuration

    def _variables(self, configuration: dict[str, Any]) -> dict[str, str]:
        environment = configuration.get("Environment") or {}
        if environment.get("Error"):
            # Written back, what could not be read would be lost.
            problem = environment["Error"].get("ErrorCode", "unknown error")
            raise FunctionError(f"function {self.name}: its variables cannot be read ({problem})")
        variables: dict[str, str] = environment.get("Variables") or {}
        if VARIABLE not in variables:
            raise FunctionError(f"function {self.name} has no variable {VARIABLE}: it serves no model")
        return variables


def _if_unchanged(answer: dict[str, Any]) -> dict[str, str]:
    """Give the condition that nobody changed it since; moto has no revisions of functions."""
    return {"RevisionId": answer["RevisionId"]} if "RevisionId" in answer else {}


def _advice(alias: str | None) -> str:
    if alias:
        return f"alias {alias} leads where it led before"
    return "roll back to have it serve the former model"


def _failure(payload: bytes) -> str:
    try:
        error = json.loads(payload)
        text = f"{error['errorType']}: {error['errorMessage']}"
    except (ValueError, KeyError, TypeError):
        text = "it failed without saying why"
    return text if len(text) <= _MAX_REASON_CHARS else f"{text[:_MAX_REASON_CHARS]} ..."


def _reason(error: WaiterError) -> str:
    answer = error.last_response or {}
    reason = answer.get("LastUpdateStatusReason") or answer.get("StateReason")
    if code := answer.get("Error", {}).get("Code"):
        return f"{code}: {answer['Error'].get('Message', '')}"
    return f"its change was not carried out: {reason or error}"


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
