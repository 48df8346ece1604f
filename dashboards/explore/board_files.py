"""Where boards lie: `<home>/cache/boards`, whole files that never change, for nobody else to read.

They can be made again at any time: no backup holds them, and the least used give way to new ones.
"""

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock

from pipelines.settings import Settings, writable_home

MOST_BOARDS = 64
MOST_BYTES = 20 * 1024**3  # of all together
_SUFFIX, _UNFINISHED, _LOCK = ".duckdb", ".unfinished-", ".lock"


def folder_of(settings: Settings) -> Path:
    """The folder of the boards, made if it is not there, for its owner alone."""
    folder = writable_home(settings.home) / "cache" / "boards"
    folder.mkdir(parents=True, exist_ok=True)
    folder.parent.chmod(0o700)
    return folder


def path_of(settings: Settings, key: str) -> Path:
    """The file of the board `<digest of its origin>-<digest of the state of its data>`."""
    return settings.home / "cache" / "boards" / f"{key}{_SUFFIX}"


def all_of(settings: Settings, origin: str = "") -> list[Path]:
    """The boards that there are (of one origin), the one used last first."""
    found = []
    for path in (settings.home / "cache" / "boards").glob(f"{origin}*{_SUFFIX}"):
        with suppress(FileNotFoundError):  # another process took it away
            if not path.name.startswith("."):
                found.append((path.stat().st_mtime, path))
    return [path for _used, path in sorted(found, reverse=True)]


def making(settings: Settings, origin: str) -> FileLock:
    """Held by who makes a board of this origin: the others on this machine wait for it."""
    return FileLock(folder_of(settings) / f"{origin[0]}{_LOCK}")  # sixteen files, whatever is asked for


def unfinished(settings: Settings, key: str) -> Path:
    """Where a board is written until it is whole."""
    return folder_of(settings) / f"{_UNFINISHED}{key}-{uuid4().hex[:8]}{_SUFFIX}"


def publish(settings: Settings, written: Path, key: str) -> None:
    """Puts a whole board into its place, and takes away those that it replaces or that have no room."""
    written.chmod(0o600)
    path = path_of(settings, key)
    written.replace(path)
    for older in all_of(settings, key.partition("-")[0]):
        if older != path:
            older.unlink(missing_ok=True)
    _make_room(settings, path)


def used(path: Path) -> None:
    """Notes that a board was looked at, where that can be noted."""
    with suppress(OSError):
        os.utime(path)


def remove_unfinished(settings: Settings, origin: str) -> None:
    """Removes what a maker that was killed left behind; called by who holds `making`."""
    for left in folder_of(settings).glob(f"{_UNFINISHED}{origin}*"):
        left.unlink(missing_ok=True)


def remove_all_unfinished(settings: Settings) -> None:
    """The same of all origins, each once nobody makes a board of it."""
    for left in list(folder_of(settings).glob(f"{_UNFINISHED}*")):
        with making(settings, left.name.removeprefix(_UNFINISHED)):
            left.unlink(missing_ok=True)


def _make_room(settings: Settings, kept: Path) -> None:
    room, count = MOST_BYTES, 0
    for path in all_of(settings):
        with suppress(FileNotFoundError):
            room, count = room - path.stat().st_size, count + 1
            if path != kept and (room < 0 or count > MOST_BOARDS):
                path.unlink()
