"""The book takes what is right and says what is not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import AssistantError, UsageError
from dashboards.subscriptions import book
from pipelines.settings import ReportSettings, Settings

REPORT = "fleet-daily"


def test_what_is_not_given_comes_from_the_reports_settings(home: Settings) -> None:
    given_report = ReportSettings(
        domain="logistics", language="zh", schedule="0 6 * * *", timezone="Asia/Shanghai"
    )
    settings = home.model_copy(update={"reports": {REPORT: given_report}})
    entry = book.add(settings, "Ana@Carrier.EXAMPLE", REPORT)
    assert (entry.email, entry.language, entry.schedule, entry.timezone, entry.role) == (
        "Ana@carrier.example", "zh", "0 6 * * *", "Asia/Shanghai", "subscriber",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"email": "nobody"}, "not an e-mail address"),
        ({"email": "a@b.example\nBcc: c@d.example"}, "not an e-mail address"),
        ({"report": "fleet-dayli"}, "Did you mean fleet-daily"),
        ({"schedule": "every now and then"}, "not a schedule"),
        ({"timezone": "Europe/Londn"}, "Europe/London"),
        ({"language": "fr"}, "no language"),
        ({"role": "king"}, "no role"),
    ],
)
def test_a_wrong_entry_is_refused_in_words(home: Settings, wrong: dict[str, str], complaint: str) -> None:
    wishes = {"email": "a@b.example", "report": REPORT, **wrong}
    with pytest.raises(UsageError, match=complaint):
        book.add(home, **wishes)
    assert book.listing(home) == []


def test_the_same_address_has_a_report_once_until_it_cancels(home: Settings) -> None:
    first = book.add(home, "a@b.example", REPORT)
    with pytest.raises(UsageError, match="already has"):
        book.add(home, "a@B.example", REPORT)
    book.cancel(home, first.id)
    again = book.add(home, "a@b.example", REPORT, language="zh")
    assert (again.id, again.status, again.language) == (first.id, "active", "zh")
    assert again.created_at > first.created_at


def test_a_recipient_of_the_settings_who_cancelled_stays_out(home: Settings) -> None:
    report = ReportSettings(domain="logistics", recipients=["a@b.example", "c@d.example"])
    settings = home.model_copy(update={"reports": {REPORT: report}})
    entered = book.subscribe_recipients(settings)
    book.cancel(settings, entered[0].id)
    assert book.subscribe_recipients(settings) == []
    assert [each.status for each in book.listing(settings)] == ["cancelled", "active"]


def test_an_import_enters_all_lines_or_none(home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "﻿Email,report,language\na@b.example,fleet-daily,zh\n\nx,fleet-daily,\na@b.example,fleet-daily,\n",
        "utf-8",
    )
    with pytest.raises(UsageError, match=r"line 4: «x».*line 5: .*twice"):
        book.import_csv(home, file)
    assert book.listing(home) == []
    file.write_text('email,report,schedule\na@b.example,fleet-daily,"0 6 * * 1,3"\n', "utf-8")
    assert [each.schedule for each in book.import_csv(home, file)] == ["0 6 * * 1,3"]


@pytest.mark.parametrize(
    "text", ["", "email\na@b.example\n", "email,report,colour\na@b.example,fleet-daily,red\n"]
)
def test_an_import_with_wrong_columns_is_refused(home: Settings, tmp_path: Path, text: str) -> None:
    file = tmp_path / "people.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError, match="column"):
        book.import_csv(home, file)


def test_an_unknown_number_is_answered_with_where_to_look(home: Settings) -> None:
    with pytest.raises(AssistantError, match="subscription list"):
        book.pause(home, 99)


@given(st.text(max_size=40))
def test_no_accepted_address_can_break_out_of_a_header(text: str) -> None:
    try:
        address = book.check_email(text)
    except UsageError:
        return
    assert not set(address) & set("\r\n<>,; \t\0")
    assert address.count("@") == 1
