"""The fault rules in force in local AWS, each under a name, and how many requests each affected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from support.system import System

BATCH_WRITE: Final = "BatchExecuteStatement"


class FaultRules:
    """Adds and removes one rule at a time; local AWS only replaces all of them at once."""

    def __init__(self, system: System, *, seed: int) -> None:
        self._aws = system.aws
        self._seed = seed
        self._rules: dict[str, dict[str, Any]] = {}
        self._effects: dict[str, int] = {}
        self._changes = 0

    def add(self, name: str, rule: dict[str, Any]) -> None:
        """Put a rule into force."""
        self._count_effects()
        self._rules[name] = rule
        self._apply()

    def remove(self, name: str) -> int:
        """Remove a rule; return the number of requests it affected."""
        self._count_effects()
        self._rules.pop(name, None)
        self._apply()
        return self._effects.get(name, 0)

    def effects(self, name: str) -> int:
        """Return how many requests a rule in force has affected."""
        now = sum(int(gauge["faults"]) for other, gauge in self._gauges() if other == name)
        return self._effects.get(name, 0) + now

    def clear(self) -> None:
        """Remove all rules."""
        self._rules.clear()
        self._apply()

    def _apply(self) -> None:
        self._changes += 1  # a new seed for each set of rules: some apply to few calls only
        rules = [each for rule in self._rules.values() for each in _in_force(rule)]
        self._aws.set_faults(rules, seed=1000 * self._seed + self._changes)

    def _gauges(self) -> list[tuple[str, dict[str, Any]]]:
        names = [name for name, rule in self._rules.items() for _ in _in_force(rule)]
        return list(zip(names, self._aws.gauges()["faults"], strict=True))

    def _count_effects(self) -> None:
        """Add up the effects, which local AWS resets when the rules change."""
        for name, gauge in self._gauges():
            self._effects[name] = self._effects.get(name, 0) + gauge["faults"]


def _in_force(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rules of local AWS for one of ours: the function writes in batches, and one by one."""
    alone = [{**rule, "operation": "PutItem"}] if rule.get("operation") == BATCH_WRITE else []
    return [rule, *alone]
