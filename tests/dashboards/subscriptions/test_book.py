"""The book takes what is right, says what is not, and asks the reader where it has to."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from connectors.errors import AssistantError, UsageError
from dashboards.subscriptions.readers import book, entries, opt_in
from pipelines.mailing import AccountSettings, MailSettings, PlanSettings, ReportSettings
from pipelines.notices import standing
from pipelines.settings import Settings
from pipelines.store import ArchivedIssue, Audit, Delivery, Notice, Store, Subscription, now

REPORT = "fleet-daily"


@pytest.fixture
def house(home: Settings) -> Settings:
    """Settings with an account `acme`: three readers, two reports, one issue a day, no CSV."""
    plan = PlanSettings(
        reports=[REPORT, "own"], at_most="daily", recipients=3, formats=["pdf", "xlsx"], title="Gold"
    )
    return home.model_copy(
        update={
            "plans": {"gold": plan},
            "accounts": {
                "acme": AccountSettings(plan="gold", start=date(2026, 1, 31), domains=["acme.example"]),
                "gone": AccountSettings(plan="gold", start=date(2020, 1, 1), end=date(2020, 12, 31)),
            },
            "reports": {"own": ReportSettings(domain="logistics", account="acme", languages=["en"])},
            "mail": MailSettings(allowed_domains=["acme.example", "b.example", "d.example"]),
        }
    )


def test_what_is_not_given_comes_from_the_reports_settings(home: Settings) -> None:
    given_report = ReportSettings(
        domain="logistics", language="zh", schedule="0 6 * * *", timezone="Asia/Shanghai"
    )
    settings = home.model_copy(update={"reports": {REPORT: given_report}})
    entry = book.add(settings, "Ana@Carrier.EXAMPLE", REPORT)
    assert (entry.email, entry.language, entry.schedule, entry.timezone, entry.role) == (
        "Ana@carrier.example", "zh", "0 6 * * *", "Asia/Shanghai", "subscriber",
    )  # fmt: skip


def test_all_wishes_are_kept(house: Settings) -> None:
    entry = book.add(
        house, "ann@acme.example", REPORT, account="acme", reference="K-7", schedule="weekdays 08:00",
        timezone="America/New_York", language="zh", formats=["XLSX", "pdf"], role="caseworker",
        attributes={"depot": ["D05", "D01", "D05"]}, calendar="DE", on_holiday="next", catch_up="all",
    )  # fmt: skip
    kept = book.show(house, entry.id)
    assert (kept.account, kept.reference, kept.schedule, kept.formats) == (
        "acme", "K-7", "0 8 * * 1-5", ["pdf", "xlsx"],
    )  # fmt: skip
    assert kept.attributes == {"depot": ["D01", "D05"]}
    assert kept.cut == '{"depot": ["D01", "D05"]}'
    assert (kept.calendar, kept.on_holiday, kept.catch_up, kept.status) == ("DE", "next", "all", "active")


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"email": "nobody"}, "not an e-mail address"),
        ({"email": "a@b.example\nBcc: c@d.example"}, "not an e-mail address"),
        ({"email": "a@elsewhere.example"}, r"mail\.allowed_domains"),
        ({"email": "a@b.example", "account": "acme"}, r"accounts\.acme\.domains"),
        ({"report": "fleet-dayli"}, "Did you mean fleet-daily"),
        ({"schedule": "every now and then"}, "not a schedule"),
        ({"timezone": "Europe/Londn"}, "Europe/London"),
        ({"language": "fr"}, "no language"),
        ({"report": "own", "email": "a@acme.example", "language": "zh"}, r"reports\.own\.languages"),
        ({"role": "king"}, "no role"),
        ({"calendar": "DEE"}, "DE"),
        ({"on_holiday": "never"}, "next"),
        ({"catch_up": "some"}, "latest"),
        ({"formats": ["docx"]}, "no format «docx»"),
        ({"attributes": {"depo": "D01"}}, "Did you mean depot"),
        ({"attributes": {"depot": []}}, "no value"),
        ({"attributes": {"depot": [None]}}, "no value"),
        ({"attributes": {"depot": "D\x0001"}}, "one line"),
        ({"only_if": ["the moon is full"]}, "moon"),
        ({"reference": "x" * 201}, "one line"),
        ({"account": "acne"}, "Did you mean acme"),
        (
            {"report": "patient-risk", "email": "a@acme.example", "account": "acme"},
            "does not have the report",
        ),
        ({"email": "a@acme.example", "account": "acme", "formats": ["csv"]}, "no csv files"),
        ({"email": "a@acme.example", "account": "acme", "schedule": "every 15 minutes"}, "more often"),
        ({"account": "gone"}, r"ended on 2020-12-31.*accounts\.gone"),
    ],
)
def test_a_wrong_entry_is_refused_in_words(house: Settings, wrong: dict[str, Any], complaint: str) -> None:
    wishes = {"email": "a@b.example", "report": REPORT, **wrong}
    with pytest.raises(UsageError, match=f"(?s){complaint}"):
        book.add(house, **wishes)
    assert book.listing(house) == []


def test_the_same_reader_has_a_report_once_until_it_is_cancelled(home: Settings) -> None:
    first = book.add(home, "a@b.example", REPORT)
    with pytest.raises(UsageError, match="already has"):
        book.add(home, "A@B.example", REPORT)
    book.add(home, "a@b.example", REPORT, attributes={"depot": "D01"})
    book.cancel(home, first.id)
    again = book.add(home, "a@b.example", REPORT, language="zh")
    assert (again.id, again.status, again.language) == (first.id, "active", "zh")
    assert again.created_at > first.created_at


def test_an_accounts_number_is_for_one_subscription_and_free_when_that_is_cancelled(house: Settings) -> None:
    first = book.add(house, "a@acme.example", REPORT, account="acme", reference="7")
    with pytest.raises(UsageError, match="id «7» is that of subscription 1"):
        book.add(house, "b@acme.example", REPORT, account="acme", reference="7")
    book.add(house, "c@b.example", REPORT, reference="7")
    book.cancel(house, first.id)
    assert book.add(house, "b@acme.example", REPORT, account="acme", reference="7").reference == "7"
    assert book.show(house, first.id).reference == ""


def test_readers_beyond_the_plan_are_refused_and_leave_nothing_behind(house: Settings) -> None:
    for name in ("a", "b", "c"):
        book.add(house, f"{name}@acme.example", REPORT, account="acme")
    book.add(house, "A@acme.example", "own", account="acme")  # the same reader
    with pytest.raises(UsageError, match="for 3 readers; these would be 4"):
        book.add(house, "d@acme.example", REPORT, account="acme")
    assert len(book.listing(house, account="acme")) == 4


def test_a_change_keeps_the_rest_and_is_checked_with_it(house: Settings) -> None:
    entry = book.add(house, "a@acme.example", REPORT, account="acme", attributes={"depot": "D01"})
    changed = book.change(house, entry.id, who="ann", language="zh", formats=["pdf"])
    assert (changed.language, changed.formats, changed.attributes) == ("zh", ["pdf"], {"depot": ["D01"]})
    assert changed.created_at == entry.created_at
    assert book.change(house, entry.id, schedule="mondays 07:30").created_at > entry.created_at
    assert book.change(house, entry.id, attributes={}).cut == ""
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"formats": ["csv"]}, "no csv"),
        ({"email": "x@y.example"}, "cannot be changed"),
    ]
    for wish, complaint in wrong:
        with pytest.raises(UsageError, match=complaint):
            book.change(house, entry.id, **wish)
    other = book.add(house, "a@acme.example", REPORT, account="acme", attributes={"depot": "D02"})
    with pytest.raises(UsageError, match="already has"):
        book.change(house, other.id, attributes={})
    with Store(house).session() as session:
        assert session.scalars(select(Audit.action).where(Audit.who == "ann")).all() == [
            "subscription.change"
        ]


def test_a_cancelled_subscription_is_neither_changed_resumed_nor_confirmed(home: Settings) -> None:
    number = book.add(home, "a@b.example", REPORT).id
    book.cancel(home, number)
    for act in (book.change, book.pause, book.resume, book.confirm):
        with pytest.raises(AssistantError, match="was cancelled.*subscription add"):
            act(home, number)


@pytest.mark.parametrize("number", [99, 0, -1, 2**31, 2**80])
def test_an_unknown_number_is_answered_with_where_to_look(home: Settings, number: int) -> None:
    with pytest.raises(AssistantError, match="subscription list"):
        book.pause(home, number)


def test_recipients_of_the_settings_are_entered_for_the_reports_account_whatever_its_plan(
    house: Settings,
) -> None:
    report = house.reports["own"].model_copy(update={"recipients": [f"{n}@acme.example" for n in "abcde"]})
    settings = house.model_copy(update={"reports": {"own": report}})
    entered = book.subscribe_recipients(settings)
    assert [(each.account, each.report) for each in entered] == [("acme", "own")] * 5
    book.cancel(settings, entered[0].id)
    assert book.subscribe_recipients(settings) == []
    assert [each.status for each in book.listing(settings)] == ["cancelled", *["active"] * 4]


def test_a_reader_of_the_house_gets_no_second_mail_when_the_report_becomes_an_accounts(
    house: Settings,
) -> None:
    book.add(house, "a@acme.example", "own")
    report = house.reports["own"].model_copy(update={"recipients": ["A@acme.example", "b@acme.example"]})
    entered = book.subscribe_recipients(house.model_copy(update={"reports": {"own": report}}))
    assert [(each.email, each.account) for each in entered] == [("b@acme.example", "acme")]


def test_two_runs_that_enter_the_recipients_at_once_both_go_on(
    house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = house.reports["own"].model_copy(update={"recipients": ["a@acme.example"]})
    settings, wished = house.model_copy(update={"reports": {"own": report}}), book._wished

    def just_before_another_run(settings: Settings) -> tuple[list[Subscription], dict[str, list[str]]]:
        monkeypatch.setattr(book, "_wished", wished)
        found = wished(settings)
        assert len(book.subscribe_recipients(settings)) == 1
        return found

    monkeypatch.setattr(book, "_wished", just_before_another_run)
    assert book.subscribe_recipients(settings) == []
    assert len(book.listing(settings)) == 1


def test_a_wrong_recipient_of_the_settings_is_told_to_the_owner_and_keeps_nobody_waiting(
    home: Settings,
) -> None:
    wrong = ReportSettings(domain="logistics", recipients=["ann", "b@b.example"])
    right = ReportSettings(domain="logistics", recipients=["b@b.example"])
    gone = ReportSettings(domain="weather", recipients=["b@b.example"])
    settings = home.model_copy(update={"reports": {"own": wrong, "gone": gone, "other": right}})
    assert [each.report for each in book.subscribe_recipients(settings)] == ["own", "other"]
    assert standing(home, book.NOTICE) == {"own", "gone"}
    with Store(home).session() as session:
        told = {each.about: each.message for each in session.scalars(select(Notice))}
    assert "«ann» is not an e-mail address" in told["own"]
    assert "no domain is called «weather»" in told["gone"]
    book.subscribe_recipients(home.model_copy(update={"reports": {"own": right}}))
    assert standing(home, book.NOTICE) == set()


def test_a_condition_on_a_figure_that_the_report_does_not_have_is_refused(home: Settings) -> None:
    entry = book.add(home, "a@b.example", REPORT, only_if=["Urgent ≥ 3", "has rows", "urgent >= 3"])
    assert entry.only_if == ["urgent >= 3", "has rows"]
    with Store(home).session() as session:
        session.add(
            ArchivedIssue(
                key="k", report=REPORT, title="", language="en", role="subscriber", period=now(), as_of=now(),
                snapshot_id=1, path="", size=1, values={"rows": 1, "late": 2},
            )
        )  # fmt: skip
    assert book.change(home, entry.id, language="zh").only_if == ["urgent >= 3", "has rows"]
    with pytest.raises(UsageError, match="no figure «lat».*late"):
        book.change(home, entry.id, only_if=["lat > 0"])


@pytest.fixture
def asking(house: Settings) -> Settings:
    """The same house with double opt-in."""
    return house.model_copy(update={"mail": MailSettings(double_opt_in=True)})


def confirmations(settings: Settings) -> int:
    with Store(settings).session() as session:
        query = select(func.count(Delivery.id)).where(Delivery.kind == "confirmation")
        return session.execute(query).scalar_one()


def test_with_double_opt_in_a_reader_is_asked_before_anything_is_due(asking: Settings) -> None:
    entry = book.add(asking, "a@b.example", REPORT)
    assert (entry.status, confirmations(asking)) == ("pending", 1)
    for act in (book.resume, book.pause):
        with pytest.raises(AssistantError, match="waits for its reader"):
            act(asking, entry.id)
    confirmed = book.confirm(asking, entry.id)
    assert confirmed.status == "active"
    assert confirmed.confirmed_at == confirmed.created_at > entry.created_at
    assert book.confirm(asking, entry.id).confirmed_at == confirmed.confirmed_at


def test_adding_again_asks_again_once_a_day(asking: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    first = book.add(asking, "a@b.example", REPORT)
    again = book.add(asking, "a@b.example", REPORT, language="zh")
    assert (again.id, again.language, again.status, confirmations(asking)) == (first.id, "zh", "pending", 1)
    for hours, asked in ((23, 1), (25, 2), (26, 2)):
        monkeypatch.setattr(entries, "now", lambda hours=hours: first.created_at + timedelta(hours=hours))
        book.add(asking, "a@b.example", REPORT)
        assert confirmations(asking) == asked


def test_who_left_is_asked_anew(asking: Settings) -> None:
    entry = book.add(asking, "a@b.example", REPORT)
    book.confirm(asking, entry.id)
    book.cancel(asking, entry.id)
    again = book.add(asking, "a@b.example", REPORT)
    assert (again.id, again.status, again.confirmed_at) == (entry.id, "pending", None)


def test_a_confirmation_is_entered_with_the_subscription_or_not_at_all(
    asking: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_given: object) -> Delivery:
        raise AssistantError("The disk is full.")

    monkeypatch.setattr(opt_in, "confirmation", breaks)
    with pytest.raises(AssistantError, match="disk"):
        book.add(asking, "a@b.example", REPORT)
    assert book.listing(asking) == []
