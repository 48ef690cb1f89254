"""A set that may err to one side and never grows: which names were certainly not seen. Pure."""

from __future__ import annotations

import hashlib
from typing import Final

_BITS: Final = 1 << 27
_PROBES: Final = 4


class MaybeSeen:
    """A Bloom filter of 16 MiB: after a million names it doubts a new one once in a million times.

    Whoever is told "maybe" asks somebody who knows.
    """

    def __init__(self) -> None:
        self._bits = bytearray(_BITS // 8)

    def add(self, name: str) -> bool:
        """Note a name.

        Args:
            name: Any text.

        Returns:
            False where it was certainly not noted before, True where it may have been.
        """
        digest = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=4 * _PROBES).digest()
        seen = True
        for start in range(0, 4 * _PROBES, 4):
            byte, bit = divmod(int.from_bytes(digest[start : start + 4]) % _BITS, 8)
            if not self._bits[byte] >> bit & 1:
                seen = False
                self._bits[byte] |= 1 << bit
        return seen
