"""The platform of a package, and its names for pip, compilers and Lambda. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Arch: TypeAlias = Literal["x86_64", "arm64"]
ARCHITECTURES: Final[tuple[Arch, ...]] = ("x86_64", "arm64")

Python: TypeAlias = Literal["3.11", "3.12", "3.13"]

_AMAZON_LINUX_2: Final = 26
_AMAZON_LINUX_2023: Final = 34
_OLDEST_GLIBC: Final = 17
"""The glibc of manylinux2014; the engine that we compile requires no newer one."""


@dataclass(frozen=True, slots=True)
class Target:
    """A Lambda runtime on a processor architecture.

    Attributes:
        arch: Lambda's name of the architecture.
        python: Version of the runtime, such as ``3.13``.
    """

    arch: Arch
    python: Python

    @property
    def machine(self) -> str:
        """Linux's name of the architecture."""
        return "aarch64" if self.arch == "arm64" else self.arch

    @property
    def glibc(self) -> int:
        """Minor version of the runtime's glibc 2: Amazon Linux 2 for Python 3.11, 2023 from 3.12 on."""
        return _AMAZON_LINUX_2 if self.python == "3.11" else _AMAZON_LINUX_2023

    @property
    def triple(self) -> str:
        """Zig's name of the platform, with the oldest glibc of all runtimes."""
        return f"{self.machine}-linux-gnu.2.{_OLDEST_GLIBC}"

    def wheel_platforms(self) -> list[str]:
        """Return the platform tags of wheels that run there, newest first; pip derives none by itself."""
        newest_first = range(self.glibc, _OLDEST_GLIBC - 1, -1)
        return [*(f"manylinux_2_{minor}_{self.machine}" for minor in newest_first), self._manylinux2014]

    @property
    def _manylinux2014(self) -> str:
        return f"manylinux2014_{self.machine}"

    def __str__(self) -> str:
        return f"Python {self.python} on {self.arch}"
