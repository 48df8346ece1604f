"""Writes a new connector: a copy of the living example in `connectors/template`, renamed, with its test."""

import keyword
import re
from importlib.util import find_spec
from pathlib import Path

from connectors.errors import UsageError
from connectors.registry import connectors

_TEMPLATE = Path(__file__).parent / "template"
_TEST = "test_template.py"
_PROJECT = """\
[build-system]
requires = ["setuptools>=68"]
build-backend = "setuptools.build_meta"

[project]
name = "{package}"
version = "0.1.0"
dependencies = ["smart-data-assistant"]

[project.entry-points."smart_data_assistant.connectors"]
{module} = "{module}:CONNECTOR"

[tool.setuptools]
packages = ["{module}"]

[tool.pytest.ini_options]
pythonpath = ["."]
"""


def new_connector(name: str, folder: Path) -> list[Path]:
    """Writes a package with a working connector called `name` into `folder`; returns the files.

    Its test passes as written (`pytest folder`), and `pip install -e folder` makes the assistant know it.
    Raises UsageError for a name that cannot be one, or if there is something already.
    """
    module = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", module) or keyword.iskeyword(module):
        raise UsageError(f"«{name}» cannot be a connector's name.", "Use small letters, digits and _ .")
    if module in connectors() or find_spec(module) is not None:
        raise UsageError(f"The name «{module}» is taken by an installed module.", "Choose another name.")
    if (folder / module).exists():
        raise UsageError(f"There is a «{module}» in {folder} already.", "Choose another name or folder.")
    written = [_write(folder / "pyproject.toml", _project(module))] if not _has_project(folder) else []
    for example in sorted([*_TEMPLATE.glob("*.py"), _TEMPLATE / "README.md"]):
        target = (
            folder / "tests" / f"test_{module}.py"
            if example.name == _TEST
            else folder / module / example.name
        )
        written.append(_write(target, _renamed(example.read_text("utf-8"), module)))
    return written


def _has_project(folder: Path) -> bool:
    return (folder / "pyproject.toml").exists()


def _project(module: str) -> str:
    return _PROJECT.format(module=module, package=f"sda-connector-{module.replace('_', '-')}")


def _renamed(text: str, module: str) -> str:
    """The example's text under its new name, its imports no longer from within `connectors`."""
    class_name = "".join(part.capitalize() for part in module.split("_"))
    text = text.replace(" `sda connector new` copies this folder.", "")
    text = text.replace("connectors.template", module)
    return text.replace("Template", class_name).replace("template", module)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path
