"""Bounds that the model's format and those who write for it share. Imports nothing."""

from __future__ import annotations

from typing import Final

MAX_LABEL_CHARS: Final = 200
MAX_LABELS: Final = 5000
MAX_ARRAY_BYTES: Final = 2**31
MAX_MANIFEST_BYTES: Final = 4 * 2**20
