"""The command line as a whole: help at once, one line for an error, one document for a program."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from flows.answer import table
from flows.cli import SECTIONS
from pipelines.settings import Settings
from tests.flows.conftest import Sda

COMMANDS = [name for names in SECTIONS.values() for name in names]
HEAVY = (
    "prefect",
    "streamlit",
    "polars",
    "duckdb",
    "dlt",
    "lightgbm",
    "sklearn",
    "matplotlib",
    "plotly",
    "pydantic",
)


def test_help_lists_every_command_with_what_it_does(sda: Sda) -> None:
    result = sda("--help")
    assert result.exit_code == 0
    for name in COMMANDS:
        assert f"  {name} " in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(sda: Sda, name: str) -> None:
    result = sda(name, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from flows.cli import sda\n"
        "try: sda.main(['--help'])\n"
        f"except SystemExit: print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_the_installed_command_answers_and_tells_wrong_usage_by_its_status() -> None:
    program = Path(sys.executable).with_name("sda")
    good = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    wrong = subprocess.run([program, "ingets"], capture_output=True, text=True, check=False)
    assert (good.returncode, wrong.returncode) == (0, 2)
    assert "ingest" in wrong.stderr
    assert wrong.stdout == ""


def test_an_error_for_people_is_one_line_without_a_traceback(sda: Sda) -> None:
    result = sda("ingest", "nothing-of-that-name")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "Error: There is no source «nothing-of-that-name». There are none yet."
    ]


def test_wrong_settings_are_told_with_file_and_entry(sda: Sda, tmp_path: Path) -> None:
    (tmp_path / "assistant.toml").write_text("timezone = 'Europe/Berln'\n")
    result = sda("status")
    assert result.exit_code == 2
    assert "assistant.toml" in result.stderr
    assert "Europe/Berlin" in result.stderr


def test_an_unexpected_error_leaves_its_way_but_no_record_value(
    sda: Sda, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = {"name": "Jane Doe", "born": "1980-05-04"}

    def broken(_: object) -> None:
        raise ValueError(f"could not convert {record}")

    monkeypatch.setattr("flows.status.status", broken)
    result = sda("status")
    logs = [path.read_text() for path in (tmp_path / "var" / "logs").iterdir()]
    assert result.exit_code == 1
    assert "ValueError" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert len(logs) == 1
    assert "in broken" in logs[0]
    assert "Jane" not in logs[0] + result.output


def test_trouble_that_hides_the_home_as_well_is_one_line(sda: Sda, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Settings:
        raise TypeError("Jane Doe")

    monkeypatch.setattr("pipelines.settings.load_settings", broken)
    result = sda("status")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "TypeError" in result.stderr


@pytest.mark.parametrize(
    "command",
    [("init",), ("status",), ("ingest", "orders"), ("train",), ("deliver",), ("quarantine", "list")],
)
def test_a_home_that_cannot_be_written_is_one_clear_line(
    sda: Sda, shop: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setenv("SDA_HOME", str(tmp_path / "taken"))
    result = sda(*command)
    assert result.exit_code == 1
    assert result.stderr.strip().splitlines()[-1].startswith("Error: The home folder ")
    assert "SDA_HOME" in result.stderr


def test_numbers_to_be_typed_again_have_no_commas() -> None:
    head, row = table([{"id": 1041, "rows": 5000}]).splitlines()
    assert (head.split(), row.split()) == (["id", "rows"], ["1041", "5,000"])


def test_rows_of_a_table_need_not_have_the_same_columns() -> None:
    lines = table([{"task": "a", "auroc": 0.5}, {"task": "b", "mae": 2.0}]).splitlines()
    assert [line.split() for line in lines] == [
        ["task", "auroc", "mae"],
        ["a", "0.5", "-"],
        ["b", "-", "2"],
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("init",),
        ("source", "list"),
        ("connector", "list"),
        ("ingest",),
        ("quarantine", "list"),
        ("task", "list"),
        ("train",),
        ("score",),
        ("subscription", "list"),
        ("delivery", "list"),
        ("deliver", "--dry-run"),
        ("flow", "list"),
        ("status",),
        ("doctor",),
    ],
    ids=" ".join,
)
def test_json_is_one_document_even_in_an_empty_home(sda: Sda, arguments: tuple[str, ...]) -> None:
    sda("init")
    result = sda(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    json.loads(result.stdout)
