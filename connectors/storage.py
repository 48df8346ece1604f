"""Finding files (one, a folder, a glob; local, `s3://`, `https://`), knowing which changed, opening them."""

import io
import shutil
import tempfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from connectors.errors import AssistantError, did_you_mean

COMPRESSIONS = (".gz", ".zst")
_WILD = "*?["


@dataclass(frozen=True)
class SourceFile:
    """One file to read.

    `label` names it relative to the source's path, so that it stays the same when a folder is moved.
    `fingerprint` changes when the content does (size and time, or the server's etag); empty: unknown.
    """

    address: str
    label: str
    fingerprint: str

    @property
    def remote(self) -> bool:
        return "://" in self.address


def bare_suffix(name: str) -> str:
    """The suffix that says the format: `.csv` for `a.csv` and for `a.csv.gz`."""
    path = PurePosixPath(name.lower())
    return PurePosixPath(path.stem).suffix if path.suffix in COMPRESSIONS else path.suffix


def find_files(path: str, suffixes: Collection[str] = ()) -> list[SourceFile]:
    """The files behind a path, a folder or a glob, sorted by label.

    In a folder (searched with its sub-folders) only names ending in one of `suffixes` count; hidden files and
    those beginning with an underscore never do. Raises AssistantError when nothing is found.
    """
    found, by_name = _remote_files(path) if "://" in path else _local_files(path)
    if by_name:
        return found  # taken whatever it is called
    wanted = [file for file in found if _is_data(file.label, suffixes)]
    if not wanted:
        kinds = f" of a known kind ({', '.join(sorted(suffixes))})" if suffixes else ""
        raise AssistantError(f"There are no files{kinds} at «{path}».", "Check the path or the pattern.")
    return sorted(wanted, key=lambda file: file.label)


def unread(files: list[SourceFile], seen: dict[str, str], whole: bool = False) -> list[SourceFile]:
    """The files that are new or changed since `seen` (label -> fingerprint); with `whole`, all if any is."""
    changed = [file for file in files if not file.fingerprint or seen.get(file.label) != file.fingerprint]
    return files if whole and changed else changed


@contextmanager
def local_copy(file: SourceFile) -> Iterator[Path]:
    """A local path to the file's bytes: the file itself, or a temporary copy of a remote one."""
    if not file.remote:
        yield Path(file.address)
        return
    import fsspec

    with tempfile.TemporaryDirectory(prefix="sda-") as scratch:
        target = Path(scratch) / PurePosixPath(file.label).name
        with _said_clearly(file.address), fsspec.open(file.address, "rb") as remote, target.open("wb") as out:
            shutil.copyfileobj(remote, out, 1 << 20)
        yield target


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, decompressed while reading if its name ends in `.gz` or `.zst`.

    Arrow's reader is used because it raises OSError where a file was cut short; others stop there without
    a word.
    """
    import pyarrow as pa

    if path.suffix not in COMPRESSIONS:
        return path.open("rb")
    kind = {".gz": "gzip", ".zst": "zstd"}[path.suffix]
    return io.BufferedReader(pa.input_stream(str(path), compression=kind))


def drain(path: Path) -> None:
    """Reads a compressed file to its end, so that one that was cut short raises OSError."""
    if path.suffix in COMPRESSIONS:
        with open_bytes(path) as stream:
            while stream.read(1 << 20):
                pass


@contextmanager
def readable(path: Path, label: str) -> Iterator[None]:
    """Turns what a broken file makes libraries raise into one clear error that names the file."""
    import duckdb
    import pyarrow as pa
    import zstandard

    try:
        yield
    except (
        duckdb.Error,
        pa.ArrowInvalid,
        zstandard.ZstdError,
        zlib.error,
        EOFError,
        UnicodeError,
        OSError,
    ) as error:
        reason = str(error).strip().split("\n", 1)[0].replace(str(path), label) or type(error).__name__
        raise AssistantError(
            f"«{label}» cannot be read: {reason.rstrip('.')}.",
            "Is the file complete and of the kind its name says?",
        ) from error


def _is_data(label: str, suffixes: Collection[str]) -> bool:
    hidden = any(part.startswith((".", "_")) for part in PurePosixPath(label).parts)
    return not hidden and (not suffixes or bare_suffix(label) in suffixes)


def _local_files(path: str) -> tuple[list[SourceFile], bool]:
    """The files, and whether the path named one file itself."""
    place = Path(path).expanduser()
    if place.is_file():
        return [_local_file(place, place.parent)], True
    base, pattern = place, "**/*"
    if not place.is_dir():
        if not _is_wild(path):
            beside = [one.name for one in place.parent.iterdir()] if place.parent.is_dir() else []
            raise AssistantError(
                f"There is no file or folder «{path}».", did_you_mean(place.name, beside[:1000])
            )
        fixed = next(number for number, part in enumerate(place.parts) if _is_wild(part))
        base, pattern = Path(*place.parts[:fixed]), str(Path(*place.parts[fixed:]))
    return [_local_file(one, base) for one in base.glob(pattern) if one.is_file()], False


def _local_file(path: Path, base: Path) -> SourceFile:
    status = path.stat()
    label = path.relative_to(base).as_posix()
    return SourceFile(str(path), label, f"{status.st_size}-{status.st_mtime_ns}")


def _is_wild(path: str) -> bool:
    return any(letter in path for letter in _WILD)


def _remote_files(path: str) -> tuple[list[SourceFile], bool]:
    """The files, and whether the address named one file itself (web servers do not list folders)."""
    import fsspec

    with _said_clearly(path):
        system, inside = fsspec.core.url_to_fs(path)
        if path.startswith("http") or not (_is_wild(inside) or system.isdir(inside)):
            return [_remote_file(system, inside, PurePosixPath(inside).name, system.info(inside))], True
        base = inside
        if _is_wild(inside):
            base = inside[: min(inside.find(letter) for letter in _WILD if letter in inside)].rpartition("/")[
                0
            ]
            infos = system.glob(inside, detail=True)
        else:
            infos = system.find(inside, detail=True)
        return [
            _remote_file(system, name, name[len(base) :].lstrip("/"), info)
            for name, info in infos.items()
            if info.get("type") == "file"
        ], False


def _remote_file(system: Any, name: str, label: str, info: dict[str, Any]) -> SourceFile:
    marks = {key.lower(): value for key, value in info.items()}
    known = ("etag", "lastmodified", "mtime", "created", "digest")
    mark = next((marks[key] for key in known if marks.get(key)), "")
    address = system.unstrip_protocol(name)
    if not mark and address.startswith("http"):
        mark = _last_modified(address)
    return SourceFile(address, label.split("?", 1)[0], f"{marks.get('size')}-{mark}" if mark else "")


def _last_modified(address: str) -> str:
    """What the web server says about the file's age; fsspec itself asks only for an etag."""
    import requests

    answer = requests.head(address, allow_redirects=True, timeout=30)
    return str(answer.headers.get("Last-Modified", ""))


@contextmanager
def _said_clearly(address: str) -> Iterator[None]:
    """Network, permission and not-found errors, with the address but never with credentials."""
    shown = address.split("?", 1)[0]
    try:
        yield
    except FileNotFoundError as error:
        if isinstance(error.__cause__, OSError):  # fsspec says so of a server that does not answer as well
            raise AssistantError(
                f"«{shown}» cannot be reached.", "Check the address and the network, or try again later."
            ) from error
        raise AssistantError(f"There is nothing at «{shown}».", "Check the address.") from error
    except Exception as error:  # every remote file system raises its own kinds
        if isinstance(error, AssistantError):
            raise
        kind = type(error).__name__
        raise AssistantError(
            f"«{shown}» cannot be read ({kind}).", "Check the address, the network and the credentials."
        ) from error
