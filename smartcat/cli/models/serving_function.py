"""The function that serves a model: reads which version it pins, and switches it. Knows Lambda, not S3."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError, ReadTimeoutError, WaiterError

from smartcat.aws_errors import ACCESS_DENIED_CODES, THROTTLING_CODES, error_code
from smartcat.cli.aws_clients import error_line
from smartcat.cli.models.errors import ConflictError, FunctionError

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE: Final = "SMARTCAT_MODEL"
START_SECONDS: Final = 75.0
"""Longest time to the first response of a function: downloading the model may take 60 s."""

ATTEMPTS: Final = 5
_WAIT: Final = {"Delay": 2, "MaxAttempts": 300}
"""Ten minutes; only a snapshot (SnapStart) takes that long."""

# Somebody changed the function since it was read, or is changing it: read it again.
_CHANGED: Final = frozenset({"PreconditionFailedException", "ResourceConflictException"})
_INCONCLUSIVE: Final = ACCESS_DENIED_CODES | THROTTLING_CODES
_EMPTY_EVENT: Final = json.dumps({"Records": []}).encode()
"""An event without records, for which the processor does nothing."""

_MAX_REASON_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Served:
    """The model that a function serves now.

    Attributes:
        before: The model it served before.
        version: The function version that the alias points to; None without an alias.
        unverified: Why its start with the model was not verified; None if it was.
        other_aliases: Aliases that point to earlier versions of the function, and so to other models.
    """

    before: str
    version: str | None
    unverified: str | None
    other_aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServingFunction:
    """A function, or an alias of one.

    Attributes:
        client: A boto3 client of Lambda that waits ``START_SECONDS`` for an answer.
        name: The function's name or ARN.
        alias: The alias that the event source mapping invokes; None if it invokes the function itself.
    """

    client: Any = field(repr=False)
    name: str
    alias: str | None = None

    @property
    def reference(self) -> str:
        """The function and its alias, as ``name`` or ``name:alias``."""
        return f"{self.name}:{self.alias}" if self.alias else self.name

    def check(self) -> None:
        """Check what can be checked before anything is changed: that it can be switched to another model.

        Raises:
            FunctionError: There is no such function or alias, it has no model, or the alias splits traffic.
        """
        self.model()
        if self.alias is not None:
            self._variables(self._configuration(None))
            self._whole_alias()

    def model(self) -> str:
        """Return the URL of the model that it pins.

        Raises:
            FunctionError: It is not a function of smartcat, or its variables cannot be read.
        """
        return self._variables(self._configuration(self.alias))[VARIABLE]

    def serve(self, url: str, still_promoted: Callable[[], bool]) -> Served:
        """Switch the function to a model, and wait until it serves it.

        Of two concurrent callers, the one with the promoted model wins: whether a model is still promoted is
        checked after the function was read, and the update fails if the function changed since.

        Args:
            url: The model, for ``SMARTCAT_MODEL``.
            still_promoted: Returns whether it is still the promoted model.

        Raises:
            FunctionError: It cannot be changed, or does not start with the model. An alias then stays where
                it was.
            ConflictError: Another model was promoted meanwhile.
        """
        for _ in range(ATTEMPTS):
            try:
                return self._attempt(url, still_promoted)
            except ClientError as error:
                if error_code(error.response) not in _CHANGED:
                    raise
                last = error_line(error)
            except WaiterError as error:
                raise FunctionError(f"function {self.name}: {_reason(error)}") from error
        raise FunctionError(f"function {self.name}: somebody else keeps changing it: {last}")

    def _attempt(self, url: str, still_promoted: Callable[[], bool]) -> Served:
        configuration = self._wait_for_update()
        variables = self._variables(configuration)
        before = self.model() if self.alias else variables[VARIABLE]
        self._check_promoted(still_promoted)
        if variables[VARIABLE] != url:
            self.client.update_function_configuration(
                FunctionName=self.name,
                Environment={"Variables": {**variables, VARIABLE: url}},
                **_if_unchanged(configuration),
            )
            self._wait("function_updated")
            configuration = self._configuration(None)
        if self.alias is None:
            return Served(before, None, self._start(None, url), self._aliases())
        version = self._publish(configuration)
        unverified = self._start(version, url)
        self._point_alias_to(version, still_promoted)
        return Served(before, version, unverified)

    def _wait_for_update(self) -> dict[str, Any]:
        """Wait until no update is in progress, successful or not; return the configuration."""
        configuration = self._configuration(None)
        if configuration.get("LastUpdateStatus") == "InProgress":
            self._wait("function_updated")
            configuration = self._configuration(None)
        return configuration

    def _wait(self, condition: str, **arguments: str) -> None:
        self.client.get_waiter(condition).wait(FunctionName=self.name, WaiterConfig=_WAIT, **arguments)

    def _publish(self, configuration: dict[str, Any]) -> str:
        """Publish a version and return it; Lambda returns the last one if nothing has changed since."""
        published = self.client.publish_version(FunctionName=self.name, **_if_unchanged(configuration))
        version = str(published["Version"])
        self._wait("published_version_active", Qualifier=version)
        return version

    def _whole_alias(self) -> dict[str, Any]:
        """Return the alias.

        Raises:
            FunctionError: It splits traffic.
        """
        alias: dict[str, Any] = self.client.get_alias(FunctionName=self.name, Name=self.alias)
        if (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights"):
            raise FunctionError(
                f"alias {self.alias} of {self.name} splits traffic between two versions; end that first"
            )
        return alias

    def _point_alias_to(self, version: str, still_promoted: Callable[[], bool]) -> None:
        alias = self._whole_alias()
        self._check_promoted(still_promoted)
        if alias["FunctionVersion"] != version:
            self.client.update_alias(
                FunctionName=self.name,
                Name=self.alias,
                FunctionVersion=version,
                **_if_unchanged(alias),
            )

    def _aliases(self) -> tuple[str, ...]:
        """Return the aliases that point to published versions; none if they cannot be listed."""
        try:
            answer = self.client.list_aliases(FunctionName=self.name)
        except ClientError as error:
            if error_code(error.response) not in _INCONCLUSIVE:
                raise
            return ()
        return tuple(each["Name"] for each in answer["Aliases"] if each["FunctionVersion"] != "$LATEST")

    def _check_promoted(self, still_promoted: Callable[[], bool]) -> None:
        if not still_promoted():
            raise ConflictError(
                f"another version was promoted meanwhile; function {self.name} was not changed"
            )

    def _start(self, version: str | None, url: str) -> str | None:
        """Invoke it with an empty event; return why that was not possible, or None.

        Raises:
            FunctionError: The invocation failed.
        """
        qualifier = {"Qualifier": version} if version else {}
        try:
            answer = self.client.invoke(FunctionName=self.name, Payload=_EMPTY_EVENT, **qualifier)
        except ReadTimeoutError:
            return f"no response within {START_SECONDS:g} s"
        except ClientError as error:
            if error_code(error.response) not in _INCONCLUSIVE:
                raise
            return error_line(error)
        if not answer.get("FunctionError"):
            return None
        failed = f"function {self.name} does not start with {url}: {_failure(answer['Payload'].read())}"
        raise FunctionError(f"{failed}; {_advice(self.alias)}")

    def _configuration(self, qualifier: str | None) -> dict[str, Any]:
        arguments = {"Qualifier": qualifier} if qualifier else {}
        try:
            configuration: dict[str, Any] = self.client.get_function_configuration(
                FunctionName=self.name, **arguments
            )
        except ClientError as error:
            if error_code(error.response) == "ResourceNotFoundException":
                alias = f" with an alias {qualifier!r}" if qualifier else ""
                raise FunctionError(f"no function {self.name!r}{alias}") from error
            raise
        return configuration

    def _variables(self, configuration: dict[str, Any]) -> dict[str, str]:
        environment = configuration.get("Environment") or {}
        if environment.get("Error"):
            # Variables that cannot be read would be lost by the update.
            problem = environment["Error"].get("ErrorCode", "unknown error")
            raise FunctionError(f"function {self.name}: its variables cannot be read ({problem})")
        variables: dict[str, str] = environment.get("Variables") or {}
        if VARIABLE not in variables:
            raise FunctionError(f"function {self.name} has no variable {VARIABLE}: it serves no model")
        return variables


def _if_unchanged(answer: dict[str, Any]) -> dict[str, str]:
    """Return the condition that nobody changed it since; moto has no revisions of functions."""
    return {"RevisionId": answer["RevisionId"]} if "RevisionId" in answer else {}


def _advice(alias: str | None) -> str:
    if alias:
        return f"alias {alias} was not changed"
    return "roll back with --to to serve another model"


def _failure(payload: bytes) -> str:
    try:
        error = json.loads(payload)
        text = f"{error['errorType']}: {error['errorMessage']}"
    except (ValueError, KeyError, TypeError):
        text = "it failed without an error message"
    return text if len(text) <= _MAX_REASON_CHARS else f"{text[:_MAX_REASON_CHARS]} ..."


def _reason(error: WaiterError) -> str:
    answer = error.last_response or {}
    reason = answer.get("LastUpdateStatusReason") or answer.get("StateReason")
    if code := answer.get("Error", {}).get("Code"):
        return f"{code}: {answer['Error'].get('Message', '')}"
    return f"the update failed: {reason or error}"
