from pathlib import Path

import pytest

from smartcat.cli.lambda_package import locked_wheels as locks
from smartcat.cli.lambda_package.contents import distributions
from smartcat.cli.lambda_package.errors import PackageError
from smartcat.cli.lambda_package.locked_wheels import LockedWheel, differing, locked_wheels

ROOT = Path(__file__).resolve().parents[5]
A, B = "a" * 64, "b" * 64


def test_the_lock_that_ships_is_that_of_the_tests() -> None:
    """It is the part of constraints.txt that a package may hold: `make lock` writes both."""
    constraints = (ROOT / "constraints.txt").read_text("utf-8")
    assert locks.own_lock() == locks.extract(constraints, "constraints.txt")


@pytest.mark.parametrize("engine", ["compiled", "sklearn"])
def test_every_distribution_of_a_package_is_locked(engine: str) -> None:
    """By version and checksum, whichever engine is chosen, with boto3 or without."""
    names = distributions(engine, with_boto3=True)  # type: ignore[arg-type]
    wheels = locked_wheels(names, locks.own_lock(), locks.OWN_LOCK)
    assert [locks.normalized(name) for name in names] == [wheel.name for wheel in wheels]
    assert all(wheel.sha256 for wheel in wheels)


@pytest.mark.parametrize(
    "text",
    [
        f"x-y==1.0 --hash=sha256:{A} --hash=sha256:{B}\n",
        f"# a\n--index-url https://b\nX_y == 1.0 \\\n --hash=sha256:{A} \\\n --hash=sha256:{B}\n  # via\n",
        f"x.y==1.0 ; python_version >= '3.11' \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}\nother>=3",
    ],
)
def test_a_lock_is_read_as_pip_tools_and_uv_write_it(text: str) -> None:
    """Continued lines, markers, comments, options and other requirements; names in any spelling."""
    (wheel,) = locked_wheels(["x.y"], text, "lock")
    assert wheel == LockedWheel("x-y", "1.0", (A, B))
    assert wheel.to_line() == f"x-y==1.0 --hash=sha256:{A} --hash=sha256:{B}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "lock: x is missing, with its version and SHA-256 checksums"),
        ("x>=1\n", "lock: x is missing"),
        ("x==1\n", "lock: x has no SHA-256 checksum"),
        (f"x==1 --hash=md5:{A[:32]}\n", "lock: x has no SHA-256 checksum"),
        (f"x==1 --hash=sha256:{A[:-1]}\n", "lock: x has no SHA-256 checksum"),
        (f"x==1 --hash=sha256:{A} --find-links http://evil\n", "lock: x has no SHA-256 checksum"),
        (f"x==1 --hash=sha256:{A}\nx==2 --hash=sha256:{B}\n", "lock: x is there twice"),
    ],
)
def test_what_is_not_held_to_one_version_and_checksum_is_refused(text: str, said: str) -> None:
    """One line names the file and the distribution."""
    with pytest.raises(PackageError, match=said):
        locked_wheels(["x"], text, "lock")


def test_another_version_that_is_installed_here_is_named() -> None:
    """What is packaged is what was locked; whoever runs another version is told."""
    (own,) = locked_wheels(["pydantic"], locks.own_lock(), locks.OWN_LOCK)
    older = LockedWheel("pydantic", "2.0", (A,))
    assert differing([own, LockedWheel("no-such-thing", "1", (A,))]) == []
    assert differing([older]) == [(older, own.version)]
