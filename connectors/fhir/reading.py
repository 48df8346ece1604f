"""Resources out of files: NDJSON line by line, Bundles one file at a time.

JSON has no line to stop at inside a Bundle, so a Bundle is parsed whole: memory grows with the largest Bundle
file (usually one patient), never with the number of files or the length of an NDJSON export.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import orjson

from connectors.connector import Rejected
from connectors.fhir.references import References, Resource
from connectors.fhir.resources import MAPPED, Row, coded
from connectors.storage import SourceFile, bare_suffix, local_copy, open_bytes, readable

LINES = (".ndjson", ".jsonl")
SUFFIXES = (*LINES, ".json")
_SHOWN = 10_000  # characters of a broken record that are kept
_TYPE = re.compile(r'"resourceType"\s*:\s*"(\w+)"')
_NO_REFERENCES = References()

# A resource with the references of its Bundle.
Found = tuple[Resource, References]


def read_resources(path: Path, label: str) -> Iterator[Found | Rejected]:
    """Every resource of one file (`.gz` and `.zst` too), and what is no resource."""
    with readable(path, label), open_bytes(path) as stream:
        if bare_suffix(label) in LINES or _starts_with_whole_line(path):
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield from _parsed(line, number, label)
        else:
            yield from _parsed(stream.read(), 1, label)


def read_medications(files: list[SourceFile]) -> dict[str, Row]:
    """(code, system, text) of the Medication resources of a bulk export, for prescriptions that refer to
    them. Only files named after the type are looked at; memory grows with the number of medications.
    """
    known: dict[str, Row] = {}
    for file in files:
        if re.match(r"Medication(?![A-Za-z])", Path(file.label).name):
            with local_copy(file) as path:
                for found in read_resources(path, file.label):
                    if not isinstance(found, Rejected) and found[0].get("resourceType") == "Medication":
                        known[str(found[0].get("id"))] = coded(found[0].get("code"))
    return known


def broken(label: str, number: int, reason: str, text: str) -> Rejected:
    """A rejected piece, for the table of the type it names or, failing that, its file is named after."""
    named = _TYPE.search(text) or re.match(r"([A-Za-z]+)", Path(label).name)
    mapped = MAPPED.get(named.group(1).rstrip("0123456789")) if named else None
    return Rejected(label, number, reason, text[:_SHOWN], mapped.table if mapped else "")


def _starts_with_whole_line(path: Path) -> bool:
    """Whether a `.json` file is NDJSON by another name, or a Bundle on one line."""
    with open_bytes(path) as stream:
        try:
            orjson.loads(stream.readline())
        except orjson.JSONDecodeError:
            return False
    return True


def _parsed(text: bytes, number: int, label: str) -> Iterator[Found | Rejected]:
    try:
        resource = orjson.loads(text)
    except orjson.JSONDecodeError:
        yield broken(label, number, "not valid JSON, or cut off", text.decode("utf-8", "replace").strip())
        return
    if not isinstance(resource, dict):
        yield broken(label, number, "JSON, but not a resource", text.decode("utf-8", "replace").strip())
    elif resource.get("resourceType") == "Bundle":
        entries = [entry for entry in resource.get("entry") or () if isinstance(entry, dict)]
        references = References.of_bundle(entries)
        resources = [entry["resource"] for entry in entries if isinstance(entry.get("resource"), dict)]
        # Medications first: prescriptions refer to them from anywhere in the Bundle.
        resources.sort(key=lambda one: one.get("resourceType") != "Medication")
        yield from ((one, references) for one in resources)
    else:
        yield resource, _NO_REFERENCES
