"""Everything outside that a batch needs, as one object that lives as long as the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stream_processor.core.wait_policy import WaitLimits, WaitPolicy
from stream_processor.core.write_budget.capacity_watch import CapacityWatch

if TYPE_CHECKING:
    from stream_processor.core.ports import Clock, Metrics, Quarantine, Randomness, ResultTable, TimeLeft
    from stream_processor.core.write_budget.write_budget import WriteBudget


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What a batch is stored in, timed by and reported to, and the environment's share of the table.

    Attributes:
        table: Where results go.
        quarantine: Where rejected records go.
        budget: How fast this environment may write.
        clock: Time, both halves.
        random: Jitter.
        metrics: Logs and metrics.
        wait_limits: The configured limits of waiting.
        capacity_watch: When to ask the table for its capacity.
    """

    table: ResultTable
    quarantine: Quarantine
    budget: WriteBudget
    clock: Clock
    random: Randomness
    metrics: Metrics
    wait_limits: WaitLimits = field(default_factory=WaitLimits)
    capacity_watch: CapacityWatch = field(default_factory=CapacityWatch)

    def wait_policy(self, time_left: TimeLeft) -> WaitPolicy:
        """Return the waits of one invocation, with this deadline."""
        return WaitPolicy(
            clock=self.clock,
            random=self.random,
            budget=self.budget,
            limits=self.wait_limits,
            time_left=time_left,
        )
