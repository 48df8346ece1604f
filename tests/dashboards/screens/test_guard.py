"""No page shows a traceback, and no value of a record reaches the log."""

import ast
import logging
from pathlib import Path

import pytest

import dashboards
from connectors.errors import UsageError
from dashboards.queries import home
from dashboards.screens.parts.columns import code_in_words
from dashboards.screens.parts.figure import escaped
from pipelines.settings import Settings
from tests.dashboards.screens.conftest import Visit, words_of


def test_the_unexpected_gets_a_number_and_leaks_nothing(
    full_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("Jane Doe, 1970-01-01")

    monkeypatch.setattr(home, "last_load", broken)
    with caplog.at_level(logging.ERROR, logger="dashboards"):
        app = visit()

    said, logged = words_of(app), caplog.text
    assert "Something went wrong here" in said
    assert "Jane" not in said + logged
    assert "KeyError" in logged
    assert not app.exception


def test_what_a_person_can_put_right_is_said_with_its_remedy(
    full_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise UsageError("There is no «![x](http://a)».", "Run `sda a_b`, not <b>.")

    monkeypatch.setattr(home, "last_load", refused)
    said = words_of(visit())

    assert "There is no «!\\[x\\](http\\://a)»." in said
    assert "Run `sda a_b`, not \\<b\\>." in said


def test_wrong_settings_are_said_in_words(
    home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDA_TIMEZONE", "Mars/Olympus")
    app = visit()

    assert not app.exception
    assert "Mars/Olympus" in app.error[0].value


def test_an_unknown_language_in_the_address_is_ignored(full_home: Settings, visit: Visit) -> None:
    assert visit("home", lang="xx").title[0].value == "Today"


def test_data_cannot_format_the_page() -> None:
    assert escaped("<b>x</b> **y** [z](http://a) $1$ :red[a]") == (
        "\\<b\\>x\\</b\\> \\*\\*y\\*\\* \\[z\\](http\\://a) \\$1\\$ \\:red\\[a\\]"
    )


@pytest.mark.parametrize(
    ("code", "shown"),
    [("direct_debit", "direct debit"), ("Prague_1", "Prague_1"), ("car", "a car"), ("L_01", "L_01")],
)
def test_codes_become_words_and_names_stay(code: str, shown: str) -> None:
    assert code_in_words(code, {"car": "a car"}) == shown


def test_no_words_hide_inside_an_f_string() -> None:
    """The catalogue cannot see `_` there, so the words would never be translated."""
    for path in Path(dashboards.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                called = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
                assert not any(isinstance(name, ast.Name) and name.id == "_" for name in called), path
