"""One file, whatever it is: picks the reader by format, unpacks archives, turns trouble into clear errors."""

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from connectors.errors import AssistantError
from connectors.files.delimited import read_delimited
from connectors.files.excel import read_excel
from connectors.files.options import FilesOptions
from connectors.files.typed import read_json, read_parquet
from connectors.files.workbench import FileToRead
from connectors.source import Pieces
from connectors.storage import COMPRESSIONS, bare_suffix, open_bytes, readable

SUFFIXES = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".psv": "csv", ".data": "csv", ".dat": "csv",
    ".parquet": "parquet", ".pq": "parquet",
    ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".xlsx": "excel", ".xls": "excel", ".xlsb": "excel", ".xlsm": "excel", ".ods": "excel",
    ".zip": "zip",
}  # fmt: skip
_READERS: dict[str, Callable[[FileToRead], Pieces]] = {
    "csv": read_delimited,
    "parquet": read_parquet,
    "json": read_json,
    "jsonl": read_json,
    "excel": read_excel,
}
_STREAMS_COMPRESSED = {"csv", "json", "jsonl"}


def read_file(path: Path, label: str, options: FilesOptions) -> Pieces:
    """Streams one local file's batches and rejected pieces; raises AssistantError if it cannot be read."""
    with tempfile.TemporaryDirectory(prefix="sda-") as folder, readable(path, label):
        scratch = Path(folder)
        kind = _kind(label, options)
        if kind == "zip":
            yield from _members(path, label, options, scratch)
            return
        if path.suffix in COMPRESSIONS and kind not in _STREAMS_COMPRESSED:
            path = _decompressed(path, scratch)
        yield from _READERS[kind](FileToRead(path, label, options, scratch))


def _kind(label: str, options: FilesOptions) -> str:
    suffix = bare_suffix(label)
    if suffix == ".zip" or options.format == "auto":
        return SUFFIXES.get(suffix, "csv")
    return options.format


def _members(path: Path, label: str, options: FilesOptions, scratch: Path) -> Pieces:
    """Every data file in the archive, each copied out under a name of ours (never the archive's path)."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise AssistantError(
            f"«{label}» is not a zip archive that can be read.", "Is it complete?"
        ) from error
    with archive:
        members = [member for member in archive.infolist() if _is_data(member, options)]
        if not members:
            raise AssistantError(
                f"There is no data file in «{label}».", "It should hold CSV, JSON, Parquet, ..."
            )
        for number, member in enumerate(members):
            if member.flag_bits & 0x1:
                raise AssistantError(f"«{label}» is protected by a password.", "Unpack it first.")
            copy = scratch / f"{number}{''.join(PurePosixPath(member.filename).suffixes[-2:])}"
            try:
                with archive.open(member) as source, copy.open("wb") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
            except zipfile.BadZipFile as error:
                raise AssistantError(
                    f"«{label}» is damaged at «{member.filename}».", "Fetch it again."
                ) from error
            yield from read_file(copy, f"{label}/{member.filename}", options)
            copy.unlink()


def _is_data(member: zipfile.ZipInfo, options: FilesOptions) -> bool:
    name = PurePosixPath(member.filename)
    if member.is_dir() or any(part.startswith((".", "__MACOSX")) and part != ".." for part in name.parts):
        return False
    known = SUFFIXES.get(bare_suffix(name.name), "")
    return (known or options.format) not in {"", "auto", "zip"} or name.suffix == ".txt"


def _decompressed(path: Path, scratch: Path) -> Path:
    target = scratch / path.stem
    with open_bytes(path) as source, target.open("wb") as out:
        shutil.copyfileobj(source, out, 1 << 20)
    return target
