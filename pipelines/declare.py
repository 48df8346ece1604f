"""Writes what people declare (sources, tasks) into a settings file, keeping their comments and order."""

from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from connectors.errors import UsageError, did_you_mean
from pipelines.settings import SourceSettings


def add_source(config: Path, name: str, source: SourceSettings) -> None:
    """Declares a source under `[sources.<name>]`; raises UsageError if the name is taken."""
    _add(config, "sources", name, source.model_dump(exclude_defaults=True))


def add_task(config: Path, name: str, task: dict[str, Any]) -> None:
    """Declares a task under `[tasks."<name>"]`; raises UsageError if the name is taken."""
    _add(config, "tasks", name, task)


def remove_source(config: Path, name: str) -> None:
    """Takes a source out of the file; its tables stay. Raises UsageError if it is not there."""
    document = _read(config)
    section = document.get("sources", {})
    if name not in section:
        raise UsageError(f"{config} declares no source «{name}».", did_you_mean(name, section))
    del section[name]
    _write(config, document)


def _add(config: Path, section: str, name: str, values: dict[str, Any]) -> None:
    document = _read(config)
    existing = document.setdefault(section, tomlkit.table(is_super_table=True))
    if name in existing:
        raise UsageError(
            f"{config} already declares «{name}» under [{section}].",
            "Choose another name, or edit the entry there.",
        )
    existing[name] = _table(values)
    _write(config, document)


def _table(values: dict[str, Any]) -> Table:
    table = tomlkit.table()
    for key, value in values.items():
        if value is not None:
            table[key] = _table(value) if isinstance(value, dict) else value
    return table


def _read(config: Path) -> tomlkit.TOMLDocument:
    if not config.exists():
        return tomlkit.document()
    return tomlkit.parse(config.read_text(encoding="utf-8"))


def _write(config: Path, document: tomlkit.TOMLDocument) -> None:
    config.parent.mkdir(parents=True, exist_ok=True)
    unfinished = config.with_name(config.name + ".part")
    unfinished.write_text(tomlkit.dumps(document), encoding="utf-8")
    unfinished.replace(config)
