"""The software bill of materials (SBOM) of a package: CycloneDX 1.6 in JSON. Pure, and always the same bytes.

Written here and not by a library: four kinds of fields, against seven more distributions to trust while
packaging. A test validates it against the official schema.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SUFFIX: Final = ".cdx.json"
"""CycloneDX's own ending of file names."""

_ROOT: Final = "function"


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a package.

    Attributes:
        name: Its name.
        version: Its version.
        purl_type: Where the name is registered, for its package URL: ``pypi``, or ``generic`` for nowhere.
        sha256: Checksum in hexadecimal of the file that it comes from; None if there is no one file.
        licence: An SPDX expression; None if it is not known.
        kind: CycloneDX's type of component.
    """

    name: str
    version: str
    purl_type: str = "pypi"
    sha256: str | None = None
    licence: str | None = None
    kind: str = "library"

    @property
    def purl(self) -> str:
        """The package URL."""
        return f"pkg:{self.purl_type}/{quote(self.name)}@{quote(self.version)}"

    def to_json(self) -> dict[str, Any]:
        """Return the component as CycloneDX has it."""
        shown: dict[str, Any] = {"type": self.kind, "bom-ref": self.purl, "name": self.name}
        shown |= {"version": self.version, "purl": self.purl}
        if self.sha256 is not None:
            shown["hashes"] = [{"alg": "SHA-256", "content": self.sha256}]
        if self.licence is not None:
            shown["licenses"] = [{"expression": self.licence}]
        return shown


def bill_of_materials(
    zip_sha256: str, version: str, components: Iterable[Component], properties: Mapping[str, str]
) -> bytes:
    """Return the bill of a package, without a time: it says what is in the zip, and the zip has none either.

    Args:
        zip_sha256: Checksum of the zip in hexadecimal; the bill's serial number follows from it.
        version: Version of smartcat.
        components: What is in it.
        properties: How it was built, by name.
    """
    parts = sorted(components, key=lambda each: each.purl)
    root: dict[str, Any] = {"type": "application", "bom-ref": _ROOT, "name": "smartcat function"}
    root |= {"version": version, "hashes": [{"alg": "SHA-256", "content": zip_sha256}]}
    root["properties"] = [
        {"name": f"smartcat:{name}", "value": value} for name, value in sorted(properties.items())
    ]
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'sha256:{zip_sha256}')}",
        "version": 1,
        "metadata": {"component": root},
        "components": [each.to_json() for each in parts],
        "dependencies": [
            {"ref": _ROOT, "dependsOn": [each.purl for each in parts]},
            *({"ref": each.purl} for each in parts),
        ],
    }
    return json.dumps(bill, indent=1).encode() + b"\n"
