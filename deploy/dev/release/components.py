"""The packages of requirements-run.lock that a release stands on: a CycloneDX list, and their licences."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

_PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_TEXT = re.compile(r"(?:^|/)(?:LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Component:
    """One package, with the hashes of all its files that may be installed."""

    name: str
    version: str
    hashes: tuple[str, ...]


def read_lock(text: str) -> Sequence[Component]:
    """Return the packages of a lock file."""
    found: list[Component] = []
    for entry in re.split(r"\n(?=[a-z0-9])", text):
        pin = _PIN.match(entry)
        if pin:
            found.append(Component(name=pin[1], version=pin[2], hashes=tuple(_HASH.findall(entry))))
    return found


def bill_of_materials(version: str, components: Sequence[Component], *, at: str) -> dict[str, Any]:
    """Return a CycloneDX 1.6 document.

    Args:
        version: of Keyback.
        components: what it stands on.
        at: when it was made, ISO 8601; the same input makes the same document.
    """
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'keyback/{version}/{at}')}",
        "version": 1,
        "metadata": {
            "timestamp": at,
            "component": {
                "type": "application",
                "name": "keyback",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": [_describe(one) for one in components],
    }


def licences(components: Sequence[Component]) -> str:
    """Return the name, version, licence and licence texts of each package that is installed here."""
    parts = []
    for one in components:
        texts = "\n\n".join(_texts(one.name))
        parts.append(f"{'=' * 78}\n{one.name} {one.version}: {_licence(one.name)}\n\n{texts}".rstrip() + "\n")
    return "\n".join(parts)


def _describe(one: Component) -> dict[str, Any]:
    described: dict[str, Any] = {
        "type": "library",
        "name": one.name,
        "version": one.version,
        "purl": f"pkg:pypi/{one.name}@{one.version}",
        "properties": [{"name": "keyback:sha256", "value": each} for each in one.hashes],
    }
    licence = _licence(one.name)
    if licence:
        described["licenses"] = [{"license": {"name": licence}}]
    return described


def _licence(name: str) -> str:
    """Return what a package says of its licence; empty where it is not installed on this system."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    classified = [
        entry.rpartition(" :: ")[2]
        for entry in about.get_all("Classifier", [])
        if entry.startswith("License :: ")
    ]
    written = [*about.get_all("License-Expression", []), ", ".join(classified), *about.get_all("License", [])]
    return next((text.partition("\n")[0] for text in written if text), "")


def _texts(name: str) -> Iterator[str]:
    try:
        files = metadata.files(name) or []
    except metadata.PackageNotFoundError:
        return
    for path in files:
        if _TEXT.search(str(path)):
            yield Path(str(path.locate())).read_text(encoding="utf-8", errors="replace").strip()
