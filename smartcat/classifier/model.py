"""A model and the version that identifies it. Knows no files, no text and no NumPy."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

from smartcat.classifier.model_arrays import weights_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.classifier.manifest import Manifest
    from smartcat.classifier.model_arrays import ArrayName, Column, Precision
    from smartcat.classifier.rule import Rule
    from smartcat.classifier.spec import FeatureSpec


@dataclass(frozen=True, eq=False)
class Model:
    """A linear classifier over hashed features, ready to be scored by an engine.

    Attributes:
        spec: How text becomes features.
        columns: What the score columns after the labels' mean, in the order of
            :data:`smartcat.classifier.model_arrays.COLUMNS`.
        precision: How weights are stored: float32, or int8 times a float32 scale a column.
        kept: Number of features that have weights; all others are unknown to the model.
        arrays: Each array as little-endian bytes in C order; see
            :func:`smartcat.classifier.model_arrays.array_shapes`. The features are global indices, ascending;
            weights are feature-major; idf is above 0. Beside them ``unicode.bin``, which is not an array and
            has no fixed size.
        rule: Labels and what turns their scores into decisions.
        model_version: Short hash of all of the above; models of equal versions give equal decisions.
        manifest: What the model directory records about the model; ``None`` for a model that was never saved.
    """

    spec: FeatureSpec
    columns: tuple[Column, ...]
    precision: Precision
    kept: int
    arrays: Mapping[ArrayName, bytes | memoryview]
    rule: Rule
    model_version: str = ""
    manifest: Manifest | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """One label a class, at least two."""
        return self.rule.labels

    @property
    def weights_name(self) -> ArrayName:
        """Name of the array that holds the weights."""
        return weights_name(self.precision)

    @property
    def all_columns(self) -> int:
        """Number of score columns, labels first."""
        return len(self.labels) + len(self.columns)


def content_version(
    *, spec: FeatureSpec, columns: tuple[str, ...], precision: str, rule: Rule, checksums: Mapping[str, str]
) -> str:
    """Return the version of a model, a hash of its content.

    Args:
        spec: How text becomes features.
        columns: See :class:`Model`.
        precision: See :class:`Model`.
        rule: See :class:`Model`; its intercept is among the arrays.
        checksums: SHA-256 in hexadecimal of each stored file, by name.

    Returns:
        12 hexadecimal digits; models that may decide differently have different versions.
    """
    content: dict[str, Any] = {
        "spec": spec.model_dump(mode="json"),
        "columns": list(columns),
        "precision": precision,
        "labels": list(rule.labels),
        "link": [rule.link.above, rule.link.below, rule.link.knee, rule.link.growth],
        "thresholds": list(rule.thresholds),
        "familiar": list(rule.min_known_shares),
        "evidence": list(rule.min_known_features),
        "stacks": astuple(rule.segmentation),
        "checksums": dict(checksums),
    }
    # Models from before these were learned keep their versions.
    if rule.pooling is not None:
        content["pooling"] = astuple(rule.pooling)
    if rule.gate is not None:
        content["gate"] = astuple(rule.gate)
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
