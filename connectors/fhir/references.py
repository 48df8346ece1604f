"""FHIR references turned into plain ids: relative, absolute, `urn:uuid:`, conditional, contained, logical."""

from typing import Any

Resource = dict[str, Any]


class References:
    """Resolves references; inside a Bundle also those to entries by `fullUrl` or by identifier."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    @classmethod
    def of_bundle(cls, entries: list[Resource]) -> "References":
        """Knows every entry of a Bundle; an entry without an id is known by its `fullUrl`."""
        known = cls()
        for entry in entries:
            resource, url = entry.get("resource") or {}, entry.get("fullUrl") or ""
            kind = resource.get("resourceType")
            resource.setdefault("id", _last_part(url) or None)
            if url:
                known._ids[url] = resource["id"]
            for identifier in resource.get("identifier") or ():
                if isinstance(identifier, dict):
                    asked = f"{kind}?identifier={identifier.get('system', '')}|{identifier.get('value')}"
                    known._ids[asked] = resource["id"]
        return known

    def id_of(self, reference: Resource | None) -> str | None:
        """The id a reference points to. Where the target is not here, what identifies it there: the last
        part of the address, or the value of the identifier that was asked for.
        """
        if not reference:
            return None
        address = reference.get("reference")
        if not address:
            logical = reference.get("identifier") or {}
            return logical.get("value")
        return self._ids.get(address) or _last_part(address)


def _last_part(address: str) -> str:
    """`Patient/12`, `https://host/fhir/Patient/12/_history/3`, `urn:uuid:12`, `#12`,
    `Patient?identifier=system|12`: all of them say 12.
    """
    if "?" in address:
        return address.rpartition("|" if "|" in address else "=")[2]
    if address.startswith(("urn:", "#")):
        return address.replace("#", ":").rpartition(":")[2]
    return address.partition("/_history/")[0].rstrip("/").rpartition("/")[2]
