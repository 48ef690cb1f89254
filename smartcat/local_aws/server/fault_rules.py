"""Which calls get which fault: rules, their time windows, and seeded random decisions. Pure.

The clock, waiting and HTTP are in `fault_injection.py`.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from smartcat.local_aws.server.api_calls import is_operation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

_INTERNAL: Final = 500
_UNAVAILABLE: Final = 503
_USUAL_CODES: Final = {
    "dynamodb": "InternalServerError",
    "kinesis": "InternalFailure",
    "lambda": "ServiceException",
    "s3": "InternalError",
    "sns": "InternalError",
}
_OTHER_SERVICES_CODE: Final = "InternalFailure"


Damage = Literal["cut", "changed", "empty", "html", "object"]
DAMAGES: Final[tuple[Damage, ...]] = ("cut", "changed", "empty", "html", "object")


class Call(Protocol):
    """What a rule needs to know of a request."""

    @property
    def service(self) -> str:
        """Return the service in lower case."""

    @property
    def operation(self) -> str:
        """Return the operation's name in the API reference, empty if unknown."""

    @property
    def resources(self) -> AbstractSet[str]:
        """Return the names of the resources it concerns."""


class FaultRule(BaseModel):
    """One fault: which calls get it, how often, from when to when.

    Attributes:
        service: The service that fails; ``*`` for every service.
        operation: The operation's name in the API reference; None for all.
        resource: Name of a table, stream, bucket, queue, topic or function; None for all.
        kind: ``error`` returns an error and does nothing else; ``lost_answer`` serves the request and closes
            the connection without a response; ``late`` closes the connection at once, and serves the request
            later, whatever becomes of the rule; ``hang`` holds the request, then closes the connection and
            does nothing else; ``latency`` waits, then serves; ``damaged`` serves, and the answer arrives
            with status 200 and another body.
        rate: Share of the matching calls that get the fault, 0 to 1.
        status: HTTP status of an error, 400 to 599.
        code: The error's code; by default the service's usual one for status 500, ServiceUnavailable for
            503; required for other statuses.
        seconds: Length of a hang or of the latency, or until a late request is served; above 0 to 86,400.
        damage: What becomes of a body: ``cut`` short, a byte ``changed``, ``empty``, a page of ``html``, or
            an empty JSON ``object``; None for any of them.
        after: Seconds from setting the rule to its first effect.
        lasts: Seconds from then to its end; None for no end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    service: Literal["dynamodb", "kinesis", "s3", "sqs", "sns", "lambda", "*"]
    operation: str | None = Field(None, min_length=1)
    resource: str | None = Field(None, min_length=1)
    kind: Literal["error", "lost_answer", "late", "hang", "latency", "damaged"]
    rate: float = Field(1.0, ge=0, le=1)
    status: int = Field(_INTERNAL, ge=400, le=599)
    code: str | None = Field(None, pattern=r"^[A-Za-z][A-Za-z0-9.]*$")
    seconds: float | None = Field(None, gt=0, le=86_400)
    damage: Damage | None = None
    after: float = Field(0.0, ge=0)
    lasts: float | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _fields_fit_each_other(self) -> FaultRule:
        if self.service != "*" and self.operation and not is_operation(self.service, self.operation):
            raise ValueError(f"operation: {self.service} has none called {self.operation}")
        if (self.kind in {"hang", "late", "latency"}) != (self.seconds is not None):
            raise ValueError("seconds: required for hang, late and latency, and for nothing else")
        if self.damage and self.kind != "damaged":
            raise ValueError("damage: only a damaged answer has one")
        for name in ("status", "code"):
            if self.kind != "error" and name in self.model_fields_set:
                raise ValueError(f"{name}: only an error has one")
        if self.kind == "error" and self.code is None and self.status not in {_INTERNAL, _UNAVAILABLE}:
            raise ValueError(f"code: required with status {self.status}")
        return self

    def matches(self, call: Call, elapsed: float) -> bool:
        """Return whether a call is in this rule's scope, `elapsed` seconds after the rule was set."""
        started = elapsed >= self.after
        ended = self.lasts is not None and elapsed >= self.after + self.lasts
        return (
            started
            and not ended
            and self.service in {"*", call.service}
            and self.operation in {None, call.operation}
            and (self.resource is None or self.resource in call.resources)
        )

    def code_for(self, service: str) -> str:
        """Return the error's code in a response of this service."""
        if self.code is not None:
            return self.code
        if self.status == _UNAVAILABLE:
            return "ServiceUnavailable"
        return _USUAL_CODES.get(service, _OTHER_SERVICES_CODE)


_EXPECTED: Final = "fault rules: expected a JSON list of objects"
_RULES: Final = TypeAdapter(list[FaultRule])


def validate_rules(value: Any) -> tuple[FaultRule, ...]:
    """Return validated rules.

    Args:
        value: A list of JSON objects with the fields of `FaultRule`, or of rules.

    Raises:
        ValueError: One line that names the first invalid rule (counted from 1) and field.
    """
    try:
        return tuple(_RULES.validate_python(list(value) if isinstance(value, tuple) else value))
    except ValidationError as problem:
        raise ValueError(_first_error(problem)) from None


def parse_rules(text: str | bytes) -> tuple[FaultRule, ...]:
    """Read rules from JSON text.

    Raises:
        ValueError: The text is not a JSON list of valid rules; one line says why.
    """
    try:
        value = json.loads(text)
    except ValueError:
        raise ValueError(_EXPECTED) from None
    return validate_rules(value)


def _first_error(problem: ValidationError) -> str:
    found = problem.errors(include_url=False, include_input=False)[0]
    message = found["msg"].removeprefix("Value error, ")
    if not found["loc"]:
        return _EXPECTED
    number, *fields = found["loc"]
    where = f"fault rule {int(number) + 1}"
    return f"{where}: {'.'.join(map(str, fields))}: {message}" if fields else f"{where}: {message}"


@dataclass(frozen=True, slots=True)
class FaultDecision:
    """What happens to one call.

    Attributes:
        delay: Seconds to wait first, from latencies and a hang.
        rule: The rule that then fails the call; None to serve it.
        chance: Decides what else is left to chance, 0 up to 1.
    """

    delay: float = 0.0
    rule: FaultRule | None = None
    chance: float = 0.0


class FaultRuleSet:
    """The rules in force. Not thread-safe: callers must serialize.

    Every rule has a random generator of its own, drawn from once for each call in its scope: the n-th such
    call gets the same decision with the same seed, whatever other rules do.
    """

    def __init__(self, rules: Sequence[FaultRule] = (), *, seed: int = 0, now: float = 0.0) -> None:
        """Put rules into force.

        Args:
            rules: In order: latencies add up; the first rule of another kind decides.
            seed: Seed of the random decisions.
            now: Seconds on the clock of all later calls; time windows count from here.
        """
        self.rules = tuple(rules)
        self._set_at = now
        self._random = [random.Random(f"{seed}/{index}") for index in range(len(self.rules))]  # noqa: S311 - not for secrets
        self._calls = [0] * len(self.rules)
        self._faults = [0] * len(self.rules)

    def decide(self, call: Call, now: float) -> FaultDecision:
        """Decide what happens to a call."""
        delay = chance = 0.0
        deciding_rule: FaultRule | None = None
        for index, rule in enumerate(self.rules):
            if not rule.matches(call, now - self._set_at):
                continue
            self._calls[index] += 1
            is_hit = self._random[index].random() < rule.rate
            if not is_hit or deciding_rule is not None:
                continue
            self._faults[index] += 1
            delay += rule.seconds or 0.0 if rule.kind != "late" else 0.0
            if rule.kind != "latency":
                deciding_rule = rule
            if rule.kind == "damaged":
                chance = self._random[index].random()
        return FaultDecision(delay, deciding_rule, chance)

    def counts(self) -> list[dict[str, Any]]:
        """Return the rules as given, each with its `calls` (in scope) and `faults` (injected)."""
        return [
            {**rule.model_dump(exclude_unset=True), "calls": calls, "faults": faults}
            for rule, calls, faults in zip(self.rules, self._calls, self._faults, strict=True)
        ]
