"""Models changed by somebody who knows the format, and makes checksums, version and answers agree again."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from smartcat.classifier.golden import make_golden
from smartcat.classifier.manifest import MANIFEST, Manifest, parse_manifest
from smartcat.classifier.model import Model, content_version
from smartcat.classifier.model_arrays import ARRAY_NAMES
from smartcat.classifier.rule import Link, Rule
from smartcat.classifier.sklearn_engine import SklearnScorer

if TYPE_CHECKING:
    from pathlib import Path


class Forgery:
    """A model directory in memory.

    Attributes:
        manifest: What its manifest holds, to be changed.
        arrays: What its other files hold, to be changed.
    """

    def __init__(self, model: Path) -> None:
        self.manifest: dict[str, Any] = json.loads((model / MANIFEST).read_bytes())
        self.arrays = {name: (model / name).read_bytes() for name in ARRAY_NAMES if (model / name).exists()}

    def seal(self) -> Forgery:
        """Make checksums, sizes and version agree with the arrays."""
        for name, content in self.arrays.items():
            said = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            self.manifest["files"][name] = said
        # What the schema refuses needs no version.
        with suppress(Exception):
            self.manifest["model_version"] = self._version(parse_manifest(self._json(), ""))
        return self

    def try_seal(self) -> Forgery:
        """Do so where the manifest still has the shape for it."""
        with suppress(KeyError, TypeError, AttributeError):
            self.seal()
        return self

    def gild(self) -> Forgery:
        """Make the golden documents agree with the arrays, as far as anything can be computed."""
        with suppress(Exception):
            manifest = parse_manifest(self._json(), "")
            documents = [(document.name, document.pages) for document in manifest.golden]
            answers = make_golden(SklearnScorer(self._model(manifest)), documents)
            self.manifest["golden"] = [document.model_dump(mode="json") for document in answers]
        return self

    def write(self, path: Path) -> Path:
        """Write the directory anew."""
        path.mkdir(exist_ok=True)
        for file in path.iterdir():
            file.unlink()
        for name, content in self.arrays.items():
            (path / name).write_bytes(content)
        (path / MANIFEST).write_bytes(self._json())
        return path

    def _json(self) -> bytes:
        # A lone surrogate is escaped; NaN and infinities are written as JavaScript does.
        return json.dumps(self.manifest).encode()

    def _model(self, manifest: Manifest) -> Model:
        intercept = memoryview(self.arrays["intercept.f32"]).cast("f").tolist()
        return Model(
            spec=manifest.spec,
            columns=manifest.columns,
            precision=manifest.precision,
            kept=manifest.kept,
            arrays=self.arrays,
            rule=Rule(
                labels=manifest.labels,
                intercept=tuple(intercept[: len(manifest.labels)]),
                link=Link(**manifest.link.model_dump()),
                thresholds=manifest.thresholds,
                min_known_shares=manifest.familiar,
                min_known_features=manifest.evidence,
                segmentation=manifest.stacks.parameters(),
                pooling=None if manifest.pooling is None else manifest.pooling.pooling(),
                gate=None if manifest.gate is None else manifest.gate.gate(),
            ),
        )

    def _version(self, manifest: Manifest) -> str:
        model = self._model(manifest)
        return content_version(
            spec=model.spec,
            columns=model.columns,
            precision=model.precision,
            rule=model.rule,
            checksums={name: file.sha256 for name, file in manifest.files.items()},
        )
