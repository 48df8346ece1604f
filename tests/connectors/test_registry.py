"""Connectors are found by themselves; a broken one is named and disturbs nobody."""

import re
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from pkgutil import iter_modules

import pytest

import connectors as package
from connectors import registry
from connectors.connector import Connector
from connectors.errors import AssistantError, UsageError, did_you_mean
from connectors.files.options import FilesOptions

FOLDERS = [one.name for one in iter_modules(package.__path__) if one.ispkg]
BROUGHT = [
    EntryPoint("shop", "tests.connectors.test_registry:SHOP", registry.GROUP),
    EntryPoint("gone", "no_such_module:CONNECTOR", registry.GROUP),
    EntryPoint("odd", "json:dumps", registry.GROUP),
    EntryPoint("files", "tests.connectors.test_registry:SHOP", registry.GROUP),
]
SHOP = Connector("shop", "a shop", FilesOptions, lambda options: options)


@pytest.fixture
def brought(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "entry_points", lambda group: BROUGHT)


def test_the_shipped_connectors_are_there() -> None:
    assert {"files", "fhir"} <= set(registry.connectors())
    assert "template" not in registry.connectors()


def test_packages_bring_connectors(brought: None) -> None:
    assert registry.connector_named("shop") is SHOP
    assert registry.connector_named("files").options is FilesOptions


def test_a_broken_one_is_named_and_the_others_work(brought: None) -> None:
    assert set(registry.broken_connectors()) == {"gone", "odd", "files"}
    with pytest.raises(
        AssistantError, match=r"«gone» does not work: no_such_module:CONNECTOR cannot be imported"
    ):
        registry.connector_named("gone")
    with pytest.raises(AssistantError, match="json:dumps is not a Connector"):
        registry.connector_named("odd")


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match="Did you mean files"):
        registry.connector_named("file")


def test_wrong_options_are_named() -> None:
    connector = registry.connector_named("files")
    assert registry.options_of(connector, {"path": "a.csv", "delimiter": "tab"}) == FilesOptions(
        path="a.csv", delimiter="\t"
    )
    with pytest.raises(UsageError, match=r"«delimitr» is not one of its options.* Did you mean delimiter"):
        registry.options_of(connector, {"path": "a.csv", "delimitr": ";"})
    with pytest.raises(UsageError, match="«path» is missing"):
        registry.options_of(connector, {})
    with pytest.raises(UsageError, match="«encoding» is not an encoding"):
        registry.options_of(connector, {"path": "a.csv", "encoding": "latin-77"})


@pytest.mark.parametrize("name", FOLDERS)
def test_every_connector_has_the_same_anatomy(name: str) -> None:
    folder = Path(package.__path__[0]) / name
    module = import_module(f"connectors.{name}")
    assert {"__init__.py", "source.py", "options.py", "README.md"} <= {path.name for path in folder.iterdir()}
    assert isinstance(module.CONNECTOR, Connector)
    assert module.CONNECTOR.name == name
    assert module.__doc__.count("\n") == 0
    readme = (folder / "README.md").read_text("utf-8")
    assert readme.startswith(f"# {name}\n")
    undocumented = [one for one in module.CONNECTOR.options.model_fields if f"`{one}`" not in readme]
    assert undocumented == []
    for path in folder.rglob("*.py"):
        text = path.read_text("utf-8")
        assert re.match(r'(#.*\n)*"""', text), f"{path.name} says nothing about itself"
        assert len(text.splitlines()) <= 250, f"{path.name} is long: split it by idea"


def test_every_connector_passes_the_contract_suite() -> None:
    tests = "\n".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    tested = set(re.findall(r"from connectors\.(\w+) import CONNECTOR", tests))
    assert set(FOLDERS) - {"template"} <= tested


def test_part_of_a_name_is_suggested() -> None:
    assert did_you_mean("default", ["default payment next month", "age"]).startswith("Did you mean default p")
    assert did_you_mean("", ["age"]) == "Known: age."
