"""Files that were made for somebody to take away: each under an address nobody can guess, for a short time.

Streamlit holds what a page hands out in memory. A list of ten million cases does not belong there, so its
file stays on disk, and the server sends it from there (`dashboards.server`). Nobody else can read it: the
lake may be encrypted, and what was taken from it lies no more openly.
"""

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from os import SEEK_END
from pathlib import Path
from threading import Lock, Timer
from typing import IO, BinaryIO, TypeVar

from dashboards.explore.sealed import new_key, open_sealed
from pipelines.settings import Settings, writable_home

ADDRESS = "exports"  # exports/TOKEN/NAME, beside the pages: the dashboard may live under a path of its host
KEPT = 15 * 60  # seconds
_FOLDER = "tmp/exports"
Written = TypeVar("Written")


@dataclass(frozen=True)
class HandedOut:
    """A file on disk, the name it is saved under, and until when it is there (seconds of the epoch)."""

    path: Path
    key: bytes = field(repr=False)
    name: str
    mime: str
    size: int  # bytes
    until: float

    def open(self) -> BinaryIO:
        """What was written; raises FileNotFoundError where it has just been removed."""
        return open_sealed(self.path, self.key, "r")


_files: dict[str, HandedOut] = {}
_guard = Lock()


def hand_out(
    settings: Settings, name: str, mime: str, write: Callable[[IO[bytes]], Written]
) -> tuple[str, Written]:
    """Writes a file with `write` and gives its address on the dashboard's server, and what `write` gave.

    Only this process can read it. It is removed when its time is past; what a server that ended left
    behind, by the next one that hands something out, or by upkeep.
    """
    folder = writable_home(settings.home) / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    remove_past(settings)
    token = secrets.token_urlsafe(24)
    path, key = folder / token, new_key()
    try:
        with open_sealed(path, key, "w") as file:
            written = write(file)
            size = file.seek(0, SEEK_END)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    with _guard:
        _files[token] = HandedOut(path, key, name, mime, size, time.time() + KEPT)
    removal = Timer(max(KEPT, 0), _remove, (token, path))
    removal.daemon = True
    removal.start()
    return f"{ADDRESS}/{token}/{name}", written


def handed_out(token: str) -> HandedOut | None:
    """The file of that token; None where there is none (any more)."""
    with _guard:
        found = _files.get(token)
    return found if found and found.until > time.time() and found.path.exists() else None


def is_there(address: str) -> bool:
    """Whether what `hand_out` gave this address to can still be had."""
    return handed_out(address.split("/")[1]) is not None


def remove_past(settings: Settings) -> int:
    """Removes files past their time, also those of servers that ended; how many."""
    last, gone = time.time() - KEPT, 0
    for path in (settings.home / _FOLDER).glob("*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < last:
                _remove(path.name, path)
                gone += 1
    return gone


def _remove(token: str, path: Path) -> None:
    with _guard:
        _files.pop(token, None)
    path.unlink(missing_ok=True)
