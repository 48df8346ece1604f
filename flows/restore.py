"""Restore of a home from a backup file: everything or nothing, and nothing outside the home."""

import json
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

import zstandard

from connectors.errors import AssistantError, UsageError
from flows.backup import CHECKSUMS, FORMAT, MANIFEST, Hashed

_UNFINISHED = ".restoring"
_KEPT_ASIDE = "restored-settings"


@dataclass(frozen=True)
class Restored:
    """Where a backup was restored to; `settings_in` is where its settings and contracts were written."""

    home: str
    files: int
    settings_in: str


def restore(file: Path, home: Path, config: Path, *, force: bool = False) -> Restored:
    """Puts the home of a backup at `home`, and its settings at `config` if nothing is there.

    Settings that exist already stay as they are; those of the backup are then left in the home. Raises
    UsageError for a home that holds something (unless `force`, which replaces it) and AssistantError for a
    file that is damaged or no backup; the home is then as it was.
    """
    if not file.is_file():
        raise UsageError(f"There is no file {file}.")
    if not force and home.exists() and any(path.name != _UNFINISHED for path in home.iterdir()):
        raise UsageError(
            f"{home} is not empty.", "Name another folder with --home, or replace it with --force."
        )
    unfinished = home / _UNFINISHED
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        files = _unpack(file, unfinished)
        _replace(home, unfinished / "home")
        settings_in = _place_settings(unfinished / "settings", home, config)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Restored(str(home), files, str(settings_in))


def _unpack(file: Path, folder: Path) -> int:
    """Writes the members of the backup below `folder`; gives their number."""
    sums: dict[str, str] = {}
    expected = None
    try:
        with (
            file.open("rb") as plain,
            _unpacked(plain) as stream,
            tarfile.open(fileobj=stream, mode="r|") as tar,
        ):
            _check_manifest(tar)
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None:
                    raise _no_backup(file, f"it holds «{member.name}», which is no plain file")
                if member.name == CHECKSUMS:
                    expected = json.loads(content.read())
                elif member.name != MANIFEST:
                    sums[member.name] = _write(folder / _safe(file, member.name), content, member.mode)
    except (tarfile.TarError, EOFError, zlib.error, zstandard.ZstdError, ValueError) as error:
        raise _no_backup(file, type(error).__name__) from None
    except OSError as error:
        raise AssistantError(f"The backup could not be restored: {error.strerror or error}.") from error
    if sums != expected:
        raise _no_backup(file, "it is cut off" if expected is None else "its checksums are wrong")
    return len(sums)


def _write(target: Path, content: IO[bytes], mode: int) -> str:
    """Writes one member and gives its SHA-256. What only its owner could read stays so."""
    target.parent.mkdir(parents=True, exist_ok=True)
    hashed = Hashed(content)
    target.touch(mode=0o666 if mode & 0o077 else 0o600)
    with target.open("wb") as output:
        shutil.copyfileobj(hashed, output)
    return hashed.sum.hexdigest()


def _check_manifest(tar: tarfile.TarFile) -> None:
    first = tar.next()
    content = tar.extractfile(first) if first and first.name == MANIFEST else None
    if content is None:
        raise tarfile.TarError
    written = json.loads(content.read())["format"]
    if written > FORMAT:
        raise AssistantError(f"This backup was made by a later version (format {written}).", "Update first.")


def _safe(file: Path, name: str) -> PurePosixPath:
    """A member's path, which may lead nowhere but below `home/` and `settings/`."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.parts[:1] not in (("home",), ("settings",)):
        raise _no_backup(file, f"it holds «{name}», which does not belong there")
    return path


def _replace(home: Path, restored: Path) -> None:
    restored.mkdir(exist_ok=True)
    for old in home.iterdir():
        if old.name != _UNFINISHED:
            shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    for new in restored.iterdir():
        new.rename(home / new.name)


def _place_settings(restored: Path, home: Path, config: Path) -> Path:
    if not restored.is_dir():
        return config.parent
    target = config.parent if not config.exists() else home / _KEPT_ASIDE
    for path in sorted(path for path in restored.rglob("*") if path.is_file()):
        named = (
            config.name if path.suffix == ".toml" and path.parent == restored else path.relative_to(restored)
        )
        place = target / named
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            path.rename(place)
    return target


@contextmanager
def _unpacked(plain: IO[bytes]) -> Iterator[IO[bytes]]:
    """The tar inside the file, whatever it is packed with (told by its first bytes, not by its name)."""
    start = plain.read(4)
    plain.seek(0)
    stream: Any = plain
    if start.startswith(b"\x1f\x8b"):
        import gzip

        stream = gzip.GzipFile(fileobj=plain)
    elif start == b"\x28\xb5\x2f\xfd":
        stream = zstandard.ZstdDecompressor().stream_reader(plain)
    yield stream


def _no_backup(file: Path, why: str) -> AssistantError:
    return AssistantError(f"{file} is damaged or no backup of this product: {why}.", "Nothing was changed.")
