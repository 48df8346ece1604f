"""A file that a person brings from the dashboard: kept, sampled, declared, loaded, and made a task.

The same functions as behind the command line; what is declared goes to the home's own settings file, so
that a tracked `assistant.toml` is never touched.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import polars as pl
import pyarrow as pa

from analytics.catalog import tasks
from analytics.flat import propose_task
from analytics.proposal import Proposal
from analytics.task import Flat, Task
from connectors.connector import origin_of
from connectors.errors import AssistantError
from connectors.files.options import FilesOptions
from connectors.files.reading import SUFFIXES, read_file
from pipelines.catalog import FOLDER, save_contract
from pipelines.contract import Contract
from pipelines.declare import add_source, add_task, remove_source
from pipelines.inference import infer_contract
from pipelines.ingest import ingest
from pipelines.results import LoadResult
from pipelines.settings import Settings, SourceSettings, load_settings

DOMAIN = "own"
SAMPLE_ROWS = 20_000
ACCEPTED = tuple(sorted(suffix.removeprefix(".") for suffix in SUFFIXES))


def keep_upload(settings: Settings, name: str, content: bytes) -> Path:
    """Writes an uploaded file to `<home>/uploads` under a plain name; a later one of that name replaces it.

    Raises AssistantError for an empty file.
    """
    if not content:
        raise AssistantError(f"The file {name} is empty.", "Choose a file with a header and some rows.")
    folder = settings.home / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (plain_name(Path(name).stem) + Path(name).suffix.lower())
    unfinished = path.with_suffix(path.suffix + ".part")
    unfinished.write_bytes(content)
    return unfinished.replace(path)


def plain_name(text: str) -> str:
    """A name for files, sources and tables: letters (of any script), digits and underscores."""
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    return re.sub(r"[\W_]+", "_", folded).strip("_")[:60] or "file"


def table_of(path: Path) -> str:
    """The table that an uploaded file fills."""
    return f"{DOMAIN}.{path.stem}"


def sample(path: Path) -> tuple[pl.DataFrame, str]:
    """The first records of a file, and its decimal mark. Raises AssistantError where it holds no record."""
    frames: list[pl.DataFrame] = []
    decimal, rows = ".", 0
    for piece in read_file(path, str(path), FilesOptions.model_validate({"path": str(path)})):
        if isinstance(piece, pa.Table):
            decimal = origin_of(piece).decimal
            frames.append(pl.DataFrame(pl.from_arrow(piece)))
            rows += frames[-1].height
        if rows >= SAMPLE_ROWS:
            break
    if not rows:
        raise AssistantError(f"{path.name} holds no records.", "Choose a file with a header and some rows.")
    return pl.concat(frames, how="diagonal_relaxed").head(SAMPLE_ROWS), decimal


def inferred(path: Path, records: pl.DataFrame, decimal: str) -> Contract:
    """The contract that the sample suggests for the file's table."""
    return infer_contract(table_of(path), records, decimal_mark=decimal)


def load(settings: Settings, path: Path, contract: Contract) -> LoadResult:
    """Declares the file as a source under its contract and ingests it; a second time it is read as it is now.

    Raises AssistantError where the load was stopped.
    """
    name = f"{DOMAIN}_{path.stem}"
    save_contract(contract, settings.home / FOLDER)
    declared = SourceSettings(
        connector="files",
        domain=DOMAIN,
        table=path.stem,
        key=list(contract.key),
        mode="replace",
        options={"path": _beside(settings, path)},
    )
    if settings.sources.get(name) != declared:
        if name in settings.sources:
            remove_source(settings.local_config, name)
        add_source(settings.local_config, name, declared)
    path.touch()  # a file read before is read again, under the contract as it is now
    result = ingest(_again(settings), [name], accept_row_count=True)[0]
    if result.error:
        raise AssistantError(result.error)
    return result


def propose(settings: Settings, path: Path, flat: Flat) -> Proposal:
    """The task that predicts `flat.target` of the file's table."""
    return propose_task(settings, f"{DOMAIN}.{path.stem}.{plain_name(flat.target)}", table_of(path), flat)


def declare(settings: Settings, proposal: Proposal) -> tuple[str, Settings]:
    """Writes the task down; gives back its name and the settings that know it.

    The same task is not written twice; one that differs from the task of that name gets a number.
    """
    entry = {name: value for name, value in proposal.entry.items() if value}
    name = next(name for name in _names(proposal.name) if settings.tasks.get(name, entry) == entry)
    if name not in settings.tasks:
        add_task(settings.local_config, name, entry)
    return name, _again(settings)


def task_of(settings: Settings, name: str) -> Task:
    """A declared task."""
    return tasks(settings)[name]


def _names(name: str) -> Iterator[str]:
    """`name`, `name_2`, `name_3`, ..."""
    yield name
    yield from (f"{name}_{number}" for number in count(2))


def _again(settings: Settings) -> Settings:
    """The settings as they are written down now."""
    return load_settings(settings.config)


def _beside(settings: Settings, path: Path) -> str:
    """The path as it belongs into the settings: relative to their folder where the home lies in it."""
    folder = settings.config.parent
    return os.path.relpath(path, folder) if path.is_relative_to(folder) else str(path)
