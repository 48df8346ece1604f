"""All contracts: those the domains ship, and those inferred and edited for a home's own tables."""

import importlib
import pkgutil
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import tomlkit
from pydantic import TypeAdapter, ValidationError

import pipelines
from connectors.errors import UsageError, did_you_mean
from pipelines.contract import Column, Contract, Trait
from pipelines.settings import Settings

# Takes the typed rows of a batch with their `_row`; gives back the rows and the problems it found
# (`_row`, `rule`, `column`, `reason`).
Transform = Callable[[pl.DataFrame], tuple[pl.DataFrame, pl.DataFrame]]

FOLDER = "contracts"


def contracts(settings: Settings) -> dict[str, Contract]:
    """Every contract by table name. A file beside `assistant.toml` wins over a shipped contract."""
    written = {
        path.stem: _read(path) for folder in _folders(settings) for path in sorted(folder.glob("*.toml"))
    }
    return {**shipped_contracts(), **written}


def contract_of(table: str, settings: Settings) -> Contract:
    """The contract of `table`; raises UsageError with the nearest names if there is none."""
    known = contracts(settings)
    if table not in known:
        raise UsageError(f"There is no contract for table «{table}».", did_you_mean(table, known))
    return known[table]


@cache
def shipped_contracts() -> dict[str, Contract]:
    """The contracts of the domains, found by import."""
    return {contract.table: contract for module in _domain_modules() for contract in module.CONTRACTS}


@cache
def transforms() -> dict[str, Transform]:
    """What a domain does to a table's typed rows before they are checked as a set (unit conversion)."""
    return {
        table: transform
        for module in _domain_modules()
        for table, transform in getattr(module, "TRANSFORMS", {}).items()
    }


@cache
def traits() -> dict[str, Trait]:
    """What is said of a table's rows beside their columns, by `domain.table.name`."""
    return {
        name: trait for module in _domain_modules() for name, trait in getattr(module, "TRAITS", {}).items()
    }


def save_contract(contract: Contract, folder: Path) -> Path:
    """Writes a contract to `<folder>/<domain>.<table>.toml`, where people may edit it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{contract.table}.toml"
    unfinished = path.with_suffix(".part")
    unfinished.write_text(contract_to_toml(contract), encoding="utf-8")
    return unfinished.replace(path)


def contracts_folder(settings: Settings, source: str) -> Path:
    """Where the inferred contract of a source's table belongs: beside the file that declares the source."""
    declared_locally = source in tomllib.loads(_text(settings.local_config)).get("sources", {})
    if declared_locally or not settings.config.exists():
        return settings.home / FOLDER
    return settings.config.parent / FOLDER


def contract_to_toml(contract: Contract) -> str:
    """The contract as TOML; entries at their default are left out, so that it reads well."""
    document = tomlkit.document()
    document.add("table", tomlkit.item(contract.table))
    for name in ("description", "known_at"):
        if getattr(contract, name):
            document.add(name, tomlkit.item(getattr(contract, name)))
    document.add("key", tomlkit.item(list(contract.key)))
    if contract.reference_data:
        document.add("reference_data", tomlkit.item(contract.reference_data))
    columns = tomlkit.aot()
    for column in contract.columns:
        columns.append(tomlkit.item(_given(column)))
    document.add("columns", columns)
    return tomlkit.dumps(document)


def contract_from_toml(text: str, where: str) -> Contract:
    """Reads a contract; raises UsageError naming `where` and the entry that is wrong."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where} is not valid TOML: {error}.", "Correct that line.") from None
    _refuse_unknown(given, Contract, where)
    for column in given.get("columns", []):
        _refuse_unknown(column, Column, f"{where}, column «{column.get('name')}»")
    try:
        return TypeAdapter(Contract).validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{where}: entry «{place}»: {first['msg']}.", "See docs/contracts.md.") from None


def _refuse_unknown(given: dict[str, Any], kind: type[Column | Contract], where: str) -> None:
    known = [field.name for field in fields(kind)]
    for name in given:
        if name not in known:
            raise UsageError(f"{where}: unknown entry «{name}».", did_you_mean(name, known))


def _given(column: Column) -> dict[str, Any]:
    default = asdict(Column(name=column.name))
    given = {k: v for k, v in asdict(column).items() if k in ("name", "type") or v != default[k]}
    return {k: list(v) if isinstance(v, tuple) else v for k, v in given.items()}


def _folders(settings: Settings) -> Iterator[Path]:
    yield settings.home / FOLDER
    yield settings.config.parent / FOLDER


def _read(path: Path) -> Contract:
    return contract_from_toml(_text(path), str(path))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _domain_modules() -> Iterator[Any]:
    for found in pkgutil.iter_modules(pipelines.__path__):
        folder = Path(pipelines.__path__[0]) / found.name
        if found.ispkg and (folder / "contracts.py").exists():
            yield importlib.import_module(f"pipelines.{found.name}.contracts")
