"""Files that are kept as they are: each a ZIP named by the digest of what is in it, for its owner only.

The ZIP holds `contents.json`, a list of its members with their SHA-256 and sizes; the digest of that list is
the name of the ZIP. So whatever is read is checked against the name, and the same contents are one file.
"""

import hashlib
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.errors import AssistantError

LIST = "contents.json"
_SUFFIX = ".zip"
_PIECE = 1 << 20  # bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP knows
_PACKED_ALREADY = (".pdf", ".xlsx", ".png")
# What reading a damaged ZIP raises; one flipped bit may ask for a password or for a way of packing that there
# is none of (RuntimeError).
_UNREADABLE = (OSError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError)


class DamagedError(AssistantError):
    """What lies there is not what was kept."""


@dataclass(frozen=True)
class Opened:
    """A file of the vault, opened: what it says of itself, and its members by name."""

    path: Path
    about: dict[str, Any]
    members: dict[str, dict[str, Any]]  # sha256, size

    def read(self, name: str) -> bytes:
        """One member, checked."""
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """One member, checked in full before its first piece is given."""
        for _ in self._checked(name):
            pass
        return self._checked(name)

    def _checked(self, name: str) -> Iterator[bytes]:
        total = hashlib.sha256()
        try:
            with zipfile.ZipFile(self.path) as packed, packed.open(name) as content:
                while piece := content.read(_PIECE):
                    total.update(piece)
                    yield piece
        except _UNREADABLE as error:
            raise _damaged(self.path) from error
        if total.hexdigest() != self.members[name]["sha256"]:
            raise _damaged(self.path)


def put(folder: Path, about: Mapping[str, Any], members: Mapping[str, bytes]) -> Path:
    """Writes the members, unless they lie there already; gives the path of their file within `folder`."""
    listed = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in members.items()
    }
    contents = json.dumps(
        {"about": dict(about), "members": listed}, ensure_ascii=False, sort_keys=True
    ).encode()
    place = place_of(hashlib.sha256(contents).hexdigest())
    if not (folder / place).exists():
        _write(folder / place, {LIST: contents, **members})
    return place


def opened(path: Path) -> Opened:
    """The file at `path`; raises DamagedError where it is gone or its list is not the one it was named by."""
    try:
        with zipfile.ZipFile(path) as packed:
            contents = packed.read(LIST)
    except _UNREADABLE as error:
        raise _damaged(path) from error
    if hashlib.sha256(contents).hexdigest() != path.stem:
        raise _damaged(path)
    said = json.loads(contents)
    return Opened(path, said["about"], said["members"])


def place_of(digest: str) -> Path:
    """Where the file of that digest lies within its folder."""
    return Path(digest[:2]) / f"{digest}{_SUFFIX}"


def files_in(folder: Path) -> Iterator[Path]:
    """All files in a vault, also those that were never finished."""
    return (path for path in folder.glob("*/*") if path.is_file())


def _write(target: Path, members: Mapping[str, bytes]) -> None:
    """Writes a ZIP whole or not at all. Two who write the same one after the other do no harm."""
    for parent in (target.parent.parent, target.parent):
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as output:
            with zipfile.ZipFile(output, "w") as packed:
                for name, content in members.items():
                    entry = zipfile.ZipInfo(name, _EPOCH)
                    dense = name.endswith(_PACKED_ALREADY)
                    packed.writestr(entry, content, zipfile.ZIP_STORED if dense else zipfile.ZIP_DEFLATED)
            output.flush()
            os.fsync(output.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _damaged(path: Path) -> DamagedError:
    return DamagedError(
        f"{path.name} is gone or damaged: it is not what was kept.", "Bring it back from a backup."
    )
