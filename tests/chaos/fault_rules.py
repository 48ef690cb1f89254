"""The fault rules in force in local AWS, each under a name, and how many requests each affected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from support.system import System


class FaultRules:
    """Adds and removes one rule at a time; local AWS only replaces all of them at once."""

    def __init__(self, system: System, *, seed: int) -> None:
        self._aws = system.aws
        self._seed = seed
        self._rules: dict[str, list[dict[str, Any]]] = {}
        self._effects: dict[str, int] = {}
        self._changes = 0

    def add(self, name: str, rules: list[dict[str, Any]]) -> None:
        """Put rules into force, under one name."""
        self._count_effects()
        self._rules[name] = rules
        self._apply()

    def remove(self, name: str) -> int:
        """Remove the rules of a name; return the number of requests they affected."""
        self._count_effects()
        self._rules.pop(name, None)
        self._apply()
        return self._effects.get(name, 0)

    def effects(self, name: str) -> int:
        """Return how many requests the rules of a name have affected."""
        return self._effects.get(name, 0) + sum(faults for of, faults in self._faults() if of == name)

    def clear(self) -> None:
        """Remove all rules."""
        self._rules.clear()
        self._apply()

    def _apply(self) -> None:
        self._changes += 1  # a new seed for each set of rules: some apply to few calls only
        rules = [rule for rules in self._rules.values() for rule in rules]
        self._aws.set_faults(rules, seed=1000 * self._seed + self._changes)

    def _count_effects(self) -> None:
        """Add up the effects, which local AWS resets when the rules change."""
        for name, faults in self._faults():
            self._effects[name] = self._effects.get(name, 0) + faults

    def _faults(self) -> list[tuple[str, int]]:
        """Return how many requests each rule in force has affected, with its name."""
        names = [name for name, rules in self._rules.items() for _ in rules]
        counts = [int(rule["faults"]) for rule in self._aws.gauges()["faults"]]
        return list(zip(names, counts, strict=True))
