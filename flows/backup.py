"""Backup of a home: one tar file that `flows.restore` opens again, here or elsewhere."""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from filelock import FileLock

from connectors.errors import AssistantError, UsageError
from pipelines.settings import Settings
from pipelines.signing import is_own_choice, key_file
from pipelines.store import now
from pipelines.warehouse import catalog_file

FORMAT = 1
MANIFEST, CHECKSUMS = "manifest.json", "checksums.json"
# Parts of a home that are copied as they lie: they are written whole and never changed.
_FOLDERS = ("lake/data", "models", "contracts", "archive")


class Hashed:
    """A file being read, and the SHA-256 of what was read of it."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self.sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        part = self._content.read(size)
        self.sum.update(part)
        return part


@dataclass(frozen=True)
class Backup:
    """What a backup file holds, and what it cannot hold because it lies elsewhere."""

    file: str
    made_at: str
    product: str
    covers: list[str]
    leaves_out: list[str]
    files: int
    bytes: int


def back_up(settings: Settings, file: Path) -> Backup:
    """Writes a backup of the home to `file` (.tar, .tar.gz or .tar.zst), whole or not at all.

    Writers of the warehouse wait meanwhile (its file lock is held), readers do not. The store is copied
    before the catalog and the files it names, so that everything it points to is inside. The file holds
    personal data and keys: only its owner may read it.
    """
    if not settings.home.is_dir():
        raise UsageError(f"There is no home at {settings.home}.", "Set SDA_HOME to the one to back up.")
    unfinished = file.with_name(file.name + ".part")
    try:
        with FileLock(settings.home / "warehouse.lock"):
            written = _write(settings, file, unfinished)
        unfinished.replace(file)
    except OSError as error:
        raise AssistantError(
            f"The backup could not be written: {error.strerror}.", "Choose a place with room for it."
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    covers, leaves_out = coverage(settings)
    return Backup(
        str(file),
        f"{now():%Y-%m-%dT%H:%M:%SZ}",
        version("smart-data-assistant"),
        covers,
        leaves_out,
        written,
        file.stat().st_size,
    )


def coverage(settings: Settings) -> tuple[list[str], list[str]]:
    """What a backup of this home holds, and what lies elsewhere and needs a backup of its own."""
    parts = {
        "operational store": settings.database and "PostgreSQL (pg_dump)",
        "warehouse catalog": settings.catalog and "PostgreSQL (pg_dump)",
        "warehouse data": settings.storage and f"{settings.storage} (versioned by the object storage)",
        "signing key": is_own_choice(settings) and "SDA_SIGNING_KEY",
    }
    covers = [part for part, elsewhere in parts.items() if not elsewhere]
    leaves_out = [f"{part}: in {elsewhere}" for part, elsewhere in parts.items() if elsewhere]
    return [*covers, "models", "settings", "contracts", "archive of issues"], leaves_out


def _write(settings: Settings, file: Path, unfinished: Path) -> int:
    """Writes all members, between the format at the beginning and their checksums at the end."""
    sums: dict[str, str] = {}
    with _tar_for_writing(file, unfinished) as tar, tempfile.TemporaryDirectory() as folder:
        _add_text(tar, MANIFEST, json.dumps({"format": FORMAT, "made_at": now().isoformat()}))
        for name, source in _databases(settings):
            copy = _copied(source, Path(folder) / "copy.sqlite")
            sums[f"home/{name}"] = _add(tar, copy, f"home/{name}")
            copy.unlink()
        for name, path in _files(settings):
            sums[name] = _add(tar, path, name)
        _add_text(tar, CHECKSUMS, json.dumps(sums))
    return len(sums)


def _databases(settings: Settings) -> Iterator[tuple[str, Path]]:
    if not settings.database and (store := settings.home / "store.sqlite").exists():
        yield "store.sqlite", store
    if not settings.catalog and (catalog := catalog_file(settings)).exists():
        yield catalog.relative_to(settings.home).as_posix(), catalog


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Names in the backup and paths of the files that are copied as they lie."""
    home, config = settings.home, settings.config
    for folder in (folder for folder in _FOLDERS if folder != "lake/data" or not settings.storage):
        for path in sorted((home / folder).rglob("*")):
            place = path.relative_to(home)
            unfinished = any(part.startswith(".") for part in place.parts)
            if path.is_file() and path.suffix != ".lock" and not unfinished:
                yield f"home/{place.as_posix()}", path
    if key_file(settings).exists():
        yield f"home/{key_file(settings).name}", key_file(settings)
    if settings.local_config.exists():
        yield f"home/{settings.local_config.name}", settings.local_config
    if config.exists():
        yield f"settings/{config.name}", config
    for path in sorted((config.parent / "contracts").glob("*.toml")):
        yield f"settings/contracts/{path.name}", path


def _copied(source: Path, target: Path) -> Path:
    """A consistent copy of a SQLite file that others may be writing (its online backup interface)."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    return target


def _add(tar: tarfile.TarFile, path: Path, name: str) -> str:
    """Adds one file and gives its SHA-256."""
    with path.open("rb") as content:
        hashed = Hashed(content)
        tar.addfile(tar.gettarinfo(str(path), name), hashed)
        return hashed.sum.hexdigest()


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text.encode())
    tar.addfile(entry, io.BytesIO(text.encode()))


@contextmanager
def _tar_for_writing(file: Path, unfinished: Path) -> Iterator[tarfile.TarFile]:
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with (
        os.fdopen(descriptor, "wb") as plain,
        _packing(file, plain) as stream,
        tarfile.open(fileobj=stream, mode="w|") as tar,
    ):
        yield tar


def _packing(file: Path, plain: IO[bytes]) -> Any:
    """The stream that packs as the name of the file says: .tar, .tar.gz (.tgz) or .tar.zst."""
    if file.name.endswith((".tar.gz", ".tgz")):
        import gzip

        return gzip.GzipFile(fileobj=plain, mode="wb", compresslevel=6)
    if file.name.endswith(".tar.zst"):
        import zstandard

        return zstandard.ZstdCompressor(level=3).stream_writer(plain, closefd=False)
    if file.suffix != ".tar":
        raise UsageError(f"«{file.name}» is no name for a backup.", "End it in .tar, .tar.gz or .tar.zst.")
    return nullcontext(plain)
