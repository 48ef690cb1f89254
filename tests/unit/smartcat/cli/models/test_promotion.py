from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.cli.models import promotion
from smartcat.cli.models.errors import ConflictError, DamagedError, NotPublishedError
from smartcat.cli.models.model_store import ModelStore
from smartcat.cli.models.pointer import Move, all_moves, to_bytes
from smartcat.cli.models.pointer import promote as pointed
from smartcat.cli.models.promotion import current, finished, promote, roll_back
from smartcat.cli.models.publish import publish
from smartcat.cli.models.serving_function import VARIABLE, ServingFunction

if TYPE_CHECKING:
    from smartcat.cli.models.promotion import Promoted
    from support.models import TwoModels

Make = Callable[..., Move]


class Meddling:
    """A client before whose n-th move of the pointer somebody else does something."""

    def __init__(self, client: Any, *meddle: Callable[[], object]) -> None:
        self._client, self._meddle = client, list(meddle)

    def put_object(self, **arguments: Any) -> Any:
        if arguments["Key"].endswith("current.json") and self._meddle:
            self._meddle.pop(0)()
        return self._client.put_object(**arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


@pytest.fixture
def published(store: ModelStore, models: TwoModels) -> tuple[str, str]:
    """Two published versions."""
    publish(store, models.first)
    publish(store, models.second)
    return models.versions


def back(store: ModelStore, move: Make, *, only_from: str | None = None, at: str = "then") -> Promoted:
    """Roll back."""
    return roll_back(store, to=None, only_from=only_from, move=lambda to: move(to, "rollback", at=at))


def test_promoting_and_going_back(store: ModelStore, published: tuple[str, str], move: Make) -> None:
    """The pointer is where it was put, and says where it was."""
    first, second = published
    assert current(store) is None
    done = promote(store, move(first))
    assert (done.moved, done.before) == (True, None)
    promote(store, move(second))
    assert not promote(store, move(second)).moved
    assert back(store, move).pointer.model_version == first
    found = current(store)
    assert found is not None
    assert [(each.kind, each.model_version) for each in all_moves(found)] == [
        ("rollback", first),
        ("promote", second),
        ("promote", first),
    ]
    with pytest.raises(NotPublishedError, match="no version to roll back to"):
        back(store, move)


def test_only_a_whole_version_is_promoted(
    store: ModelStore, s3: Any, published: tuple[str, str], move: Make
) -> None:
    """Not one that is not there, and not one that lost a file."""
    with pytest.raises(NotPublishedError, match="version ffffffffffff is not published at s3://artifacts"):
        promote(store, move("f" * 12))
    name = next(name for name in store.files(published[0]) if name != "manifest.json")
    s3.delete_object(Bucket="artifacts", Key=store.location.key(published[0], name))
    with pytest.raises(DamagedError, match=f"lacks {name}"):
        promote(store, move(published[0]))
    assert current(store) is None


def test_a_rollback_to_a_version_that_was_deleted_says_what_is_left(
    store: ModelStore, s3: Any, published: tuple[str, str], move: Make
) -> None:
    """Nothing is moved; the versions further back are named."""
    first, second = published
    for version in (second, first, second):
        promote(store, move(version))
    s3.delete_object(Bucket="artifacts", Key=store.location.key(first, "manifest.json"))
    with pytest.raises(
        NotPublishedError, match=f"{first} is not published .*; use --to to go .* to {second}"
    ):
        back(store, move)
    found = current(store)
    assert found is not None
    assert found.model_version == second


def test_two_who_promote_at_once_are_both_in_the_history(
    store: ModelStore, s3: Any, published: tuple[str, str], move: Make
) -> None:
    """The slower one comes second, and the other's move is not lost."""
    first, second = published
    slow = ModelStore(Meddling(s3, lambda: promote(store, move(second))), store.location)
    promote(slow, move(first))
    found = current(store)
    assert found is not None
    assert (found.model_version, found.before) == (first, (second,))


def test_two_who_roll_back_at_once_go_one_step(
    store: ModelStore, s3: Any, published: tuple[str, str], move: Make
) -> None:
    """The second of them is told instead of going one step too far."""
    first, second = published
    for version in (first, second, first):
        promote(store, move(version))
    slow = ModelStore(Meddling(s3, lambda: back(store, move, at="earlier")), store.location)
    with pytest.raises(ConflictError, match="somebody else"):
        back(slow, move)
    found = current(store)
    assert found is not None
    assert found.model_version == second


def test_a_rollback_from_a_version_does_nothing_once_that_is_not_current(
    store: ModelStore, published: tuple[str, str], move: Make
) -> None:
    """An alarm that fires twice rolls back once."""
    first, second = published
    for version in (first, second, first):
        promote(store, move(version))
    assert back(store, move, only_from=first).pointer.model_version == second
    with pytest.raises(ConflictError, match=f"{second} is current, not {first}; nothing was changed"):
        back(store, move, only_from=first)


def test_a_rollback_that_a_function_has_not_followed_goes_no_further(
    store: ModelStore, published: tuple[str, str], move: Make
) -> None:
    """Not for that function, which is brought along; not for another; and not without one. ``to`` goes on."""
    first, second = published
    pins = store.location.url(second)
    behind = ServingFunction(SimpleNamespace(get_function_configuration=lambda **_: pinned(pins)), "behind")
    other = ServingFunction(SimpleNamespace(get_function_configuration=lambda **_: pinned(pins)), "other")

    def rolled(function: ServingFunction | None, to: str | None = None) -> Promoted:
        return roll_back(
            store, to=to, only_from=None, move=lambda to: move(to, "rollback"), function=function
        )

    for version in (second, first, second):
        promote(store, move(version))
    done = rolled(behind)
    assert (done.pointer.model_version, done.moved, done.resumed) == (first, True, False)
    again = rolled(behind)
    assert (again.pointer.model_version, again.moved, again.resumed) == (first, False, True)
    pins = store.location.url(first)
    assert rolled(behind).resumed, "it is pinned, and was not yet seen to serve it"
    for function in (None, other):
        with pytest.raises(ConflictError, match=f"rollback to {first} has not reached function behind"):
            rolled(function)
    finished(store, other)
    assert rolled(behind).resumed
    finished(store, behind)
    assert rolled(other).pointer.model_version == second
    assert rolled(None, to=second).pointer.model_version == second


def pinned(url: str) -> dict[str, Any]:
    """Return the configuration of a function."""
    return {"Environment": {"Variables": {VARIABLE: url}}}


def test_threads_that_promote_at_once_lose_nothing(
    store: ModelStore, published: tuple[str, str], move: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the order, each move is current or in the history."""
    monkeypatch.setattr(promotion, "ATTEMPTS", 100)
    makers = range(4)
    together = threading.Barrier(len(makers))
    lock = threading.Lock()

    class OneAtATime(Meddling):
        """moto compares and writes in two steps; local AWS mends that, and this test goes without it."""

        def put_object(self, **arguments: Any) -> Any:
            with lock:
                return super().put_object(**arguments)

        def get_object(self, **arguments: Any) -> Any:
            with lock:  # or moto gives the length of one object and the bytes of the next
                return self._client.get_object(**arguments)

    shared = ModelStore(OneAtATime(store.s3), store.location)

    def work(maker: int) -> None:
        together.wait()
        for turn in range(3):
            promote(shared, move(published[(maker + turn) % 2], at=f"{maker}-{turn}"))

    threads = [threading.Thread(target=work, args=(maker,)) for maker in makers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = current(store)
    assert found is not None
    # Promoting what is promoted already is no move, so that there may be fewer than twelve.
    made = [(each.model_version, each.promoted_at) for each in all_moves(found)]
    assert len(set(made)) == len(made)
    assert all(a[0] != b[0] for a, b in pairwise(made))
    assert len(found.before) == len(made) - 1


def test_a_move_whose_answer_was_lost_is_known_as_ours(
    store: ModelStore, s3: Any, published: tuple[str, str], move: Make
) -> None:
    """Sent again, it is refused; the pointer is found where we put it, or where others put it since."""
    first, second = published
    ours = move(first)

    def carried_out() -> None:
        store.put_pointer(to_bytes(pointed(None, ours)), None)

    def and_moved_on() -> None:
        seen = store.pointer()
        assert seen is not None
        store.put_pointer(to_bytes(pointed(current(store), move(second, at="ours"))), seen[1])
        promote(store, move(first, at="others'"))

    done = promote(ModelStore(Meddling(s3, carried_out), store.location), ours)
    assert done.moved
    assert done.pointer == current(store)
    assert promote(ModelStore(Meddling(s3, and_moved_on), store.location), move(second, at="ours")).moved
    found = current(store)
    assert found is not None
    assert [each.model_version for each in all_moves(found)] == [first, second, first]


def test_a_pointer_that_never_rests_is_given_up(
    store: ModelStore,
    s3: Any,
    published: tuple[str, str],
    move: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody else moves it before each of our attempts; then we say so."""
    monkeypatch.setattr(promotion, "check_published", lambda *_: None)

    def others() -> None:
        found = current(store)
        turn = 0 if found is None else len(all_moves(found))
        promote(store, move(("a" if turn % 2 else "b") * 12, at=str(turn)))

    busy = ModelStore(Meddling(s3, *[others] * 20), store.location)
    with pytest.raises(ConflictError):
        promote(busy, move(published[0]))


@pytest.mark.parametrize("content", [b"", b"x" * 5_000_000, b'{"format": 7}'])
def test_a_pointer_of_garbage_is_neither_followed_nor_overwritten(
    store: ModelStore, s3: Any, published: tuple[str, str], move: Make, content: bytes
) -> None:
    """It is named, with what to do."""
    s3.put_object(Bucket="artifacts", Key="papers/current.json", Body=content)
    for change in (lambda: promote(store, move(published[0])), lambda: back(store, move)):
        with pytest.raises(DamagedError, match=r"s3://artifacts/papers/current.json: .*delete the object"):
            change()
    found = store.pointer()
    assert found is not None
    assert found[0][:10] == content[:10]
