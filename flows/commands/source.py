"""`sda source`: what is loaded."""

import os
from pathlib import Path
from typing import Any

import click

from connectors.errors import UsageError
from flows.answer import Answer, answering, table


@click.group("source")
def command() -> None:
    """Declare what to load: add, list, remove."""


@command.command("add")
@click.argument("name")
@click.option("--connector", required=True, help="Kind of source, as in `sda connector list`.")
@click.option("--path", default="", help="File, folder, glob or address to read.")
@click.option("--domain", required=True, help="Domain the tables belong to, such as finance.")
@click.option("--table", "table_name", default="", help="Table to fill (fhir names its own).")
@click.option("--key", multiple=True, help="Column that identifies a row; may be repeated.")
@click.option("--incremental", default="", help="Column that grows: only newer rows are read.")
@click.option("--mode", type=click.Choice(["append", "merge", "replace", "snapshot"]), default=None)
@click.option(
    "--option", "extra", multiple=True, metavar="NAME=VALUE", help="Any other option of the connector."
)
@answering
def add(
    name: str,
    connector: str,
    path: str,
    domain: str,
    table_name: str,
    key: tuple[str, ...],
    incremental: str,
    mode: str | None,
    extra: tuple[str, ...],
) -> Answer:
    """Write a source into assistant.toml."""
    from pipelines.declare import add_source
    from pipelines.ingest import open_source
    from pipelines.settings import load_settings, source_settings

    settings = load_settings()
    options: dict[str, Any] = {**pairs(extra)}
    if path:
        options["path"] = _from_config(path, settings.config)
    declared = source_settings(
        name,
        {
            "connector": connector,
            "domain": domain,
            "table": table_name,
            "key": list(key),
            "incremental": incremental,
            "mode": mode or "",
            "options": options,
        },
    )
    open_source(settings, declared)
    add_source(settings.config, name, declared)
    return Answer(
        {"name": name, **declared.model_dump(), "config": str(settings.config)},
        f"Source «{name}» is declared in {settings.config}. Load it with: sda ingest {name}",
    )


@command.command("list")
@answering
def list_() -> Answer:
    """Show the declared sources."""
    from pipelines.settings import load_settings

    sources = load_settings().sources
    rows = [
        {
            "name": name,
            "connector": source.connector,
            "table": f"{source.domain}.{source.table or '*'}",
            "key": source.key,
            "mode": source.mode or ("merge" if source.key else "by contract"),
            "from": source.options.get("path", ""),
        }
        for name, source in sources.items()
    ]
    document = [{"name": name, **source.model_dump()} for name, source in sources.items()]
    return Answer(document, table(rows, "No source is declared yet. See `sda source add --help`."))


@command.command("remove")
@click.argument("name")
@answering
def remove(name: str) -> Answer:
    """Take a source out of assistant.toml; its tables stay."""
    from pipelines.declare import remove_source
    from pipelines.settings import load_settings

    config = load_settings().config
    remove_source(config, name)
    return Answer({"removed": name}, f"Source «{name}» is no longer declared in {config}; its tables stay.")


def pairs(texts: tuple[str, ...]) -> dict[str, str]:
    """Options given as NAME=VALUE."""
    given = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise UsageError(f"«{text}» is not NAME=VALUE.", "Write for example --option delimiter=';'.")
        given[name] = value
    return given


def _from_config(path: str, config: Path) -> str:
    """A path as typed here, made relative to the settings file (addresses stay as they are)."""
    if "://" in path or Path(path).is_absolute() or path.startswith("~"):
        return path
    return Path(os.path.relpath(Path.cwd() / path, config.parent)).as_posix()
