"""Bounds of the model format, shared by its reader and by those who write models. Imports nothing."""

from __future__ import annotations

from typing import Final

MAX_LABEL_CHARS: Final = 200
MAX_LABELS: Final = 5000
MAX_TRANSITIONS_PER_LABEL: Final = 4
"""Most transitions within documents of a page stream, for each label: each costs time on every page."""
MAX_MODEL_BYTES: Final = 2**30
"""Most bytes of a model's arrays together: an engine may need four times as much memory for int8 weights."""
MAX_TABLE_BYTES: Final = 2**20
"""Most bytes of a model's character tables."""
MAX_WIDTH: Final = 2**24
"""Most hash buckets of all parts together: an engine may look features up in 4 bytes a bucket, 64 MiB."""
MAX_MANIFEST_BYTES: Final = 4 * 2**20
MAX_MANIFEST_NAMES: Final = 50_000
"""Most names of fields: the most labels and trials make 33,000. Each wrong one is an error in memory."""
MAX_GOLDEN_CHARS: Final = 2**17
"""Most characters of all golden documents together: they are classified at every load."""
MAX_COUNT: Final = 2**53
"""Largest count: up to here a float is exact."""
