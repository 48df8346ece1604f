"""Which connectors there are: those in this package, and those that installed packages bring.

A package brings one by an entry point in the group `smart_data_assistant.connectors`:

    [project.entry-points."smart_data_assistant.connectors"]
    my_shop = "my_shop:CONNECTOR"
"""

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from typing import Any

from pydantic import BaseModel, ValidationError

import connectors as package
from connectors.connector import Connector
from connectors.errors import AssistantError, UsageError, did_you_mean

GROUP = "smart_data_assistant.connectors"
_NOT_A_SOURCE = {"template"}  # what `sda connector new` copies


def connectors() -> dict[str, Connector]:
    """Every connector that works, by name; those shipped come first."""
    found = {**_shipped()}
    for entry in _brought():
        connector = _loaded(entry)
        if isinstance(connector, Connector):
            found.setdefault(entry.name, connector)
    return found


def broken_connectors() -> dict[str, str]:
    """Entry points that do not work, by name, each with the reason; the others are not disturbed by them."""
    shipped = _shipped()
    broken = {}
    for entry in _brought():
        loaded = _loaded(entry)
        if entry.name in shipped:
            broken[entry.name] = f"{entry.value}: the name is taken by a connector that is shipped"
        elif isinstance(loaded, str):
            broken[entry.name] = loaded
    return broken


def connector_named(name: str) -> Connector:
    """The connector called `name`; raises UsageError with a suggestion, or AssistantError if it is broken."""
    known = connectors()
    if name in known:
        return known[name]
    if reason := broken_connectors().get(name):
        raise AssistantError(
            f"The connector «{name}» does not work: {reason}.", "Update or remove its package."
        )
    raise UsageError(f"There is no connector «{name}».", did_you_mean(name, known))


def options_of(connector: Connector, given: dict[str, Any]) -> BaseModel:
    """The connector's options made from `given`; raises UsageError that names the wrong ones."""
    try:
        return connector.options.model_validate(given)
    except ValidationError as error:
        known = connector.options.model_fields
        problems, remedies = [], []
        for one in error.errors(include_url=False, include_context=False, include_input=False):
            name = ".".join(map(str, one["loc"]))
            problems.append(f"«{name}» {_said(one['type'], one['msg'])}")
            if one["type"] == "extra_forbidden":
                remedies.append(did_you_mean(name, known))
        raise UsageError(
            f"Options of the connector «{connector.name}»: {'; '.join(problems)}.", " ".join(remedies)
        ) from error


def _said(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "is not one of its options"
    return "is missing" if kind == "missing" else message.removeprefix("Value error, ")


def _shipped() -> dict[str, Connector]:
    folders = sorted(one.name for one in iter_modules(package.__path__) if one.ispkg)
    return {
        name: import_module(f"connectors.{name}").CONNECTOR for name in folders if name not in _NOT_A_SOURCE
    }


def _brought() -> list[EntryPoint]:
    return sorted(entry_points(group=GROUP), key=lambda entry: entry.name)


def _loaded(entry: EntryPoint) -> Connector | str:
    """The connector, or in words why there is none."""
    try:
        loaded = entry.load()
    except Exception as error:  # noqa: BLE001 - a stranger's module may raise anything
        return f"{entry.value} cannot be imported ({type(error).__name__}: {error})"
    return loaded if isinstance(loaded, Connector) else f"{entry.value} is not a Connector"
