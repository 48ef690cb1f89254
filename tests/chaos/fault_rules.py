"""The faults that are in force in local AWS, each under a name, and how many requests met each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from support.system import System


class FaultRules:
    """Adds and takes away one fault at a time: local AWS knows only all of them at once."""

    def __init__(self, system: System, *, seed: int) -> None:
        self._aws = system.aws
        self._seed = seed
        self._rules: dict[str, dict[str, Any]] = {}
        self._met: dict[str, int] = {}
        self._changes = 0

    def impose(self, name: str, rule: dict[str, Any]) -> None:
        """Let a fault begin."""
        self._note()
        self._rules[name] = rule
        self._apply()

    def lift(self, name: str) -> int:
        """End it; gives the number of requests that met it."""
        self._note()
        self._rules.pop(name, None)
        self._apply()
        return self._met.get(name, 0)

    def met(self, name: str) -> int:
        """Say how many requests have met a fault that is in force."""
        now = dict(zip(self._rules, self._aws.gauges()["faults"], strict=True))
        return self._met.get(name, 0) + int(now[name]["faults"])

    def clear(self) -> None:
        """End all of them."""
        self._rules.clear()
        self._apply()

    def _apply(self) -> None:
        self._changes += 1  # dice of its own for each set of rules: few calls are made under some
        self._aws.set_faults(list(self._rules.values()), seed=1000 * self._seed + self._changes)

    def _note(self) -> None:
        """Add what the rules have done, which local AWS forgets when they change."""
        for name, rule in zip(self._rules, self._aws.gauges()["faults"], strict=True):
            self._met[name] = self._met.get(name, 0) + rule["faults"]
