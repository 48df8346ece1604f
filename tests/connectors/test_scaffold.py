"""What `sda connector new` writes works as written."""

import subprocess
import sys
from pathlib import Path

import pytest

from connectors.errors import UsageError
from connectors.scaffold import new_connector


def test_a_new_connector_passes_its_test_as_written(tmp_path: Path) -> None:
    written = new_connector("web-shop", tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == {
        "pyproject.toml", "tests/test_web_shop.py", "web_shop/README.md", "web_shop/__init__.py",
        "web_shop/options.py", "web_shop/source.py",
    }  # fmt: skip
    assert all("template" not in path.read_text("utf-8").lower() for path in written)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout


@pytest.mark.parametrize("name", ["", "1st", "My Shop", "class", "../up", "a.b"])
def test_a_name_that_cannot_be_one_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be a connector's name"):
        new_connector(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["files", "json", "polars"])
def test_a_name_that_would_hide_a_module_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="taken"):
        new_connector(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    new_connector("shop", tmp_path)
    with pytest.raises(UsageError, match="already"):
        new_connector("shop", tmp_path)
    assert len(new_connector("bank", tmp_path)) == 5
