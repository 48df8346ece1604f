"""A report is declared in `assistant.toml` or in a file of its own; what is wrong there is told in words."""

from pathlib import Path

import pytest

from connectors.errors import UsageError
from pipelines.settings import Settings, load_settings

OWN = """
task = "finance.credit_default"
title = "Wöchentlich"
sections = ["figures", "ranking"]
only = { channel = "online", purpose = ["car", "home"] }
recipients = ["risk@example.com"]
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file with one report, which is in a file."""
    monkeypatch.setenv("SDA_HOME", str(tmp_path / "var"))
    path = tmp_path / "assistant.toml"
    path.write_text('[reports.weekly]\nfile = "reports/weekly.toml"\n')
    (tmp_path / "reports").mkdir()
    return path


def loaded(config: Path, text: str) -> Settings:
    (config.parent / "reports" / "weekly.toml").write_text(text)
    return load_settings(config)


def test_a_report_in_a_file_is_as_one_in_the_settings(config: Path) -> None:
    in_a_file = loaded(config, OWN).reports["weekly"]
    config.write_text("[reports.weekly]\n" + OWN)
    assert load_settings(config).reports["weekly"] == in_a_file
    assert in_a_file.only == {"channel": ["online"], "purpose": ["car", "home"]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("titel = 'x'", "weekly.toml: unknown entry «titel». Did you mean title?"),
        ("title = ", "weekly.toml is not valid TOML"),
        ("file = 'other.toml'", "names no other file"),
        ("domain = 'medical'\ntask = 'finance.credit_default'", "about one thing"),
        ("table = 'finance.loans'\ntask = 'finance.credit_default'", "about one thing"),
        ("attachments = ['docx']", "entry «attachments.0»"),
        ("timezone = 'Europe/Berln'", "Did you mean Europe/Berlin"),
        ('title = "a\\nBcc: b@example.com"', "one line"),
        ("account = 'nobody'", "nobody"),
    ],
)
def test_what_is_wrong_in_the_file_is_told(config: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        loaded(config, text)
    assert told in str(error.value)


def test_a_file_that_is_not_there_is_told(config: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        load_settings(config)


def test_beside_a_file_nothing_is_said(config: Path) -> None:
    config.write_text('[reports.weekly]\nfile = "reports/weekly.toml"\ntitle = "x"\n')
    with pytest.raises(UsageError, match="in that file"):
        loaded(config, OWN)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[reports.a]\nrecipient = []", "unknown entry «reports.a.recipient». Did you mean recipients"),
        ("[mail]\nlink_day = 3", "unknown entry «mail.link_day». Did you mean link_days"),
        ("[sources.a]\nconnector = 'files'\ndomain = 'a'\nkeys = []", "Did you mean key"),
    ],
)
def test_an_unknown_entry_is_answered_with_the_nearest_one(config: Path, text: str, told: str) -> None:
    config.write_text(text)
    with pytest.raises(UsageError) as error:
        load_settings(config)
    assert told in str(error.value)
