"""The platform that an artifact is for, and what pip, compilers and Lambda call it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Arch: TypeAlias = Literal["x86_64", "arm64"]
ARCHITECTURES: Final[tuple[Arch, ...]] = ("x86_64", "arm64")

Python: TypeAlias = Literal["3.11", "3.12", "3.13"]
PYTHONS: Final[tuple[Python, ...]] = ("3.11", "3.12", "3.13")

_AMAZON_LINUX_2: Final = 26
_AMAZON_LINUX_2023: Final = 34
_OLDEST_GLIBC: Final = 17
"""Of manylinux2014; what we compile ourselves asks for no more."""


@dataclass(frozen=True, slots=True)
class Target:
    """A Lambda runtime on one kind of processor.

    Attributes:
        arch: What Lambda calls the processor.
        python: Version of the runtime, such as ``3.13``.
    """

    arch: Arch
    python: Python

    @property
    def machine(self) -> str:
        """What Linux calls the processor."""
        return "aarch64" if self.arch == "arm64" else self.arch

    @property
    def glibc(self) -> int:
        """Minor version of the runtime's glibc 2: Amazon Linux 2 for Python 3.11, 2023 from 3.12 on."""
        return _AMAZON_LINUX_2 if self.python == "3.11" else _AMAZON_LINUX_2023

    @property
    def triple(self) -> str:
        """What Zig calls the platform, with the oldest glibc of all runtimes."""
        return f"{self.machine}-linux-gnu.2.{_OLDEST_GLIBC}"

    def wheel_platforms(self) -> list[str]:
        """List the platform tags of the wheels that run there, as pip wants them: it derives none itself."""
        newest_first = range(self.glibc, _OLDEST_GLIBC - 1, -1)
        return [*(f"manylinux_2_{minor}_{self.machine}" for minor in newest_first), self._manylinux2014]

    @property
    def _manylinux2014(self) -> str:
        return f"manylinux2014_{self.machine}"

    def __str__(self) -> str:
        return f"Python {self.python} on {self.arch}"
