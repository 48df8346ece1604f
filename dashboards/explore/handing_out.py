"""Files that were made for somebody to take away: each under an address nobody can guess, for a short time.

Streamlit holds what a page hands out in memory. A list of ten million cases does not belong there, so its
file stays on disk, and the server sends it from there (`dashboards.server`).
"""

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer
from typing import IO, TypeVar

from pipelines.settings import Settings, writable_home

ADDRESS = "/exports"  # /exports/TOKEN/NAME
KEPT = 15 * 60  # seconds
_FOLDER = "tmp/exports"
Written = TypeVar("Written")


@dataclass(frozen=True)
class HandedOut:
    """A file on disk, the name it is saved under, and until when it is there (seconds of the epoch)."""

    path: Path
    name: str
    mime: str
    until: float


_files: dict[str, HandedOut] = {}
_guard = Lock()


def hand_out(
    settings: Settings, name: str, mime: str, write: Callable[[IO[bytes]], Written]
) -> tuple[str, Written]:
    """Writes a file with `write` and gives its address on the dashboard's server, and what `write` gave.

    Nobody but this service may read it. It is removed when its time is past; what a server that ended left
    behind, by the next one that hands something out, or by upkeep.
    """
    folder = writable_home(settings.home) / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    remove_past(settings)
    token = secrets.token_urlsafe(24)
    path = folder / token
    path.touch(mode=0o600)
    try:
        with path.open("wb") as file:
            written = write(file)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    with _guard:
        _files[token] = HandedOut(path, name, mime, time.time() + KEPT)
    removal = Timer(max(KEPT, 0), _remove, (token, path))
    removal.daemon = True
    removal.start()
    return f"{ADDRESS}/{token}/{name}", written


def handed_out(token: str) -> HandedOut | None:
    """The file of that token; None where there is none (any more)."""
    with _guard:
        found = _files.get(token)
    return found if found and found.until > time.time() and found.path.exists() else None


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
