"""Execution environments: the function as its composition root builds it, on a world's clock and network."""

from __future__ import annotations

import random
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self
from unittest.mock import patch

from model_check.payloads import ARRIVED, CLAIMS_BUCKET, QUARANTINE_BUCKET
from smartcat.classifier.decision import Decision
from stream_processor.adapters import aws_clients, aws_retries, parallel_calls, s3_quarantine
from stream_processor.bootstrap import build_processor
from stream_processor.core.drift import TrainingBaseline
from stream_processor.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from model_check.timeline import Task, Timeline
    from model_check.world import World

TABLE: Final = "results"


class _WordClassifier:
    """Labels a document by its first word, which names its version; ``defect`` is one."""

    engine = "none"
    canary_document = ("known words",)
    training_baseline = TrainingBaseline({"known": 1.0})

    def __init__(self, model: int) -> None:
        self.model_version = f"model{model}"

    def classify(self, documents: Sequence[Sequence[str]], *, reasons: int = 5) -> list[Decision]:
        return [self._decide(pages[0].split()[0]) for pages in documents]

    def split(self, stacks: Sequence[Sequence[str]], *, reasons: int = 5) -> list[Any]:
        raise NotImplementedError("no world has stacks")

    def _decide(self, word: str) -> Decision:
        if word == "defect":
            raise ZeroDivisionError
        return Decision(
            label=word, confidence=0.5, decision="accepted", page_labels=(word,), candidates=(), reasons=()
        )


class _Problems:
    """The metrics of an environment: problems alone are of interest here."""

    def __init__(self, trace: Callable[[str], None]) -> None:
        self._trace = trace

    def model_loaded(self, engine: str, model_version: str) -> None: ...

    def record_quarantined(self, rejected: Any) -> None: ...

    def report_problem(self, problem: str) -> None:
        self._trace(f"problem: {problem}")

    def batch_processed(self, summary: Any) -> None: ...


class Clock:
    """An environment's two clocks."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self.stood_still = self.set_back = 0.0

    def now(self) -> float:
        return 1000.0 + self._timeline.now - self.stood_still - self.set_back

    def epoch(self) -> float:
        return ARRIVED + self._timeline.now - self.set_back

    def sleep(self, seconds: float) -> None:
        self._timeline.sleep(seconds)


@dataclass(eq=False)
class Environment:
    """One execution environment.

    Attributes:
        name: For the trace.
        clock: Its clocks.
        process: The function.
        tasks: What runs in it.
        busy: Whether it has an invocation.
        idle_since: When its last invocation ended.
    """

    name: str
    clock: Clock
    process: Callable[[Any, Callable[[], float]], Any]
    tasks: list[Task] = field(default_factory=list)
    busy: bool = False
    idle_since: float = 0.0


class Function:
    """Starts the environments of one world."""

    def __init__(self, world: World, timeline: Timeline, clients: Any, trace: Callable[[str], None]) -> None:
        self._world = world
        self._timeline = timeline
        self._clients = clients
        self._trace = trace
        self._started = 0
        units = world.units * world.overestimate / world.environments
        self._settings = Settings(
            table=TABLE,
            quarantine_bucket=QUARANTINE_BUCKET,
            claims_bucket=CLAIMS_BUCKET,
            model="unused",
            write_units_per_second=units,
            environments=world.environments if world.told_environments else None,
            max_document_bytes=4096,
        )

    def start(self) -> Environment:
        """Start an environment."""
        name = f"env{self._started}"
        seed = f"jitter {self._world.seed} {name}"
        self._started += 1
        clock = Clock(self._timeline)
        with patch.object(_Connected, "clients", self._clients):
            processor = build_processor(
                self._settings,
                classifier=_WordClassifier(self._started % self._world.models),  # type: ignore[arg-type]
                clock=clock,
                random=random.Random(seed),  # noqa: S311 - the jitter of a test
                metrics=_Problems(partial(self._trace_of, name)),  # type: ignore[arg-type]
            )
        return Environment(name, clock, processor.process)

    def _trace_of(self, name: str, line: str) -> None:
        self._trace(f"{name} {line}")


class _Connected:
    """The clients of the world that runs."""

    clients: Any = None
    timeline: Any = None


class _Together:
    """In place of a pool of threads: calls side by side in virtual time."""

    def __init__(self, *_: Any) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def map(self, call: Callable[[Any], Any], entries: Iterable[Any]) -> list[Any]:
        works = [partial(call, entry) for entry in entries]
        if len(works) < 2:
            return [work() for work in works]
        return list(_Connected.timeline.together(works))


@contextmanager
def connected(timeline: Timeline, clients: Any, seed: int) -> Iterator[None]:
    """Let the function's adapters meet the world: its clients, its time in place of threads, its chance."""
    _Connected.clients, _Connected.timeline = clients, timeline
    chance = random.Random(f"retries {seed}")  # noqa: S311 - the jitter of a test
    with patch.object(aws_retries, "_random", chance):
        yield


@contextmanager
def replaced() -> Iterator[None]:
    """Put the worlds' clients and pools in place of the real ones, for as many worlds as are to be run."""
    with ExitStack() as stack:
        for target, name, value in (
            (aws_clients, "dynamodb", lambda: _Connected.clients.table),
            (aws_clients, "s3", lambda: _Connected.clients.objects),
            (parallel_calls, "_pool", _Together),
            (s3_quarantine, "ThreadPoolExecutor", _Together),
        ):
            stack.enter_context(patch.object(target, name, value))
        yield
