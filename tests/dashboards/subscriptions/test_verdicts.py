"""What is held, skipped or told instead of an issue: plans, doubts, conditions, addresses; rehearsals."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from dashboards.subscriptions.readers import book
from dashboards.subscriptions.returns import suppressions
from dashboards.subscriptions.sending import issues
from dashboards.subscriptions.sending.journal import Entry, Journal
from dashboards.subscriptions.sending.outbox import deliver
from pipelines.mailing import AccountSettings, PlanSettings, ReportSettings
from pipelines.settings import Settings
from pipelines.store import Check, Delivery, Store, Subscription, now
from tests.dashboards.subscriptions.conftest import DAILY, REPORT, Server

WEEK, DAY = timedelta(days=7), timedelta(days=1)


def with_account(settings: Settings, **given: object) -> Settings:
    """The house has a customer, by default with a plan for everything."""
    plan = PlanSettings(interval="month", **given.pop("plan", {}))  # type: ignore[arg-type]
    account = AccountSettings(plan="all", start=date(2026, 1, 1), **given)  # type: ignore[arg-type]
    return settings.model_copy(update={"plans": {"all": plan}, "accounts": {"acme": account}})


def enter(settings: Settings, name: str, **values: object) -> int:
    """A subscription as the book would have it, without asking the book."""
    given = {"report": REPORT, "schedule": DAILY, "email": f"{name}@acme.example", **values}
    with Store(settings).session() as session:
        entry = Subscription(**given)
        session.add(entry)
        session.flush()
        return entry.id


def kinds(server: Server) -> list[str]:
    return [str(mail["Subject"]).split(":")[0] for mail in server.box.mails]


def states(settings: Settings, kind: str = "issue") -> list[str]:
    found = Journal(settings).listing(kind=kind, limit=None)
    return [delivery.state for delivery, _ in found if delivery.state != "skipped"]


def test_an_issue_that_the_plan_does_not_allow_is_held_with_one_polite_notice(
    mailing: Settings, server: Server
) -> None:
    ended = with_account(mailing, end=date(2026, 2, 1), contact="office@acme.example")
    enter(ended, "ana", account="acme")
    moment = now() + WEEK
    (foreseen,) = deliver(ended, moment, dry_run=True)
    assert (foreseen.state, "ended" in foreseen.answer) == ("lapsed", True)
    assert sorted(result.state for result in deliver(ended, moment)) == ["held", "sent"]
    deliver(ended, moment + DAY)
    assert states(ended) == ["held", "held"]
    assert states(ended, "notice") == ["sent"]
    (mail,) = server.box.mails
    assert "office@acme.example" in mail.as_string()
    renewed = with_account(mailing)
    (result,) = deliver(renewed, moment + DAY)
    assert (result.kind, result.state) == ("issue", "sent")
    assert states(renewed) == ["sent"]  # the newest; the one before it was skipped
    assert deliver(renewed, moment + DAY) == []


def test_a_rehearsal_counts_the_issues_that_it_foresees(mailing: Settings, server: Server) -> None:
    small = with_account(mailing, plan={"issues": 2})
    for name in ("ana", "bo", "cy"):
        enter(small, name, account="acme", created_at=now() - 2 * DAY)
    foreseen = [each.state for each in deliver(small, dry_run=True)]
    done = [each.state for each in deliver(small) if each.kind == "issue"]
    assert (foreseen, done) == (["due", "due", "held"], ["sent", "sent", "held"])


def test_a_plan_decides_which_files_come_and_how_many_rows(
    mailing: Settings, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    real = issues.render
    monkeypatch.setattr(issues, "render", lambda report, *rest: asked.append(rest[:2]) or real(report, *rest))
    settings = with_account(mailing, plan={"formats": ["pdf", "csv"], "rows": 5})
    enter(settings, "ana", account="acme", formats=["xlsx", "pdf"])
    enter(settings, "bo", formats=["xlsx"])
    assert {result.state for result in deliver(settings, now() + WEEK)} == {"sent"}
    assert sorted(asked, key=str) == [(("pdf",), 5), (("xlsx",), None)]
    metered = {s.email: d.account for d, s in Journal(settings).listing(["sent"])}
    assert metered == {"ana@acme.example": "acme", "bo@acme.example": ""}


def test_readers_are_told_once_that_an_issue_is_held_for_its_data(mailing: Settings, server: Server) -> None:
    from dashboards.reports.declared import tasks_of

    telling = {REPORT: ReportSettings(sections=["figures"])}
    mailing = mailing.model_copy(update={"reports": telling})
    enter(mailing, "ana")
    enter(mailing, "wei", language="zh")
    with Store(mailing).session() as session:
        (task,) = tasks_of(mailing, REPORT)
        session.add(Check(task=task, version="v", as_of=now(), verdict="act", summary="It has moved."))
    moment = now() + WEEK
    results = deliver(mailing, moment)
    assert sorted((result.kind, result.state) for result in results) == [
        *[("issue", "held")] * 2,
        *[("notice", "sent")] * 2,
    ]
    deliver(mailing, moment + DAY)
    assert len(server.box.mails) == 2
    assert {mail["Content-Language"] for mail in server.box.mails} == {"en", "zh-Hans"}
    assert len(set(server.box.ids)) == 2
    quiet = mailing.model_copy(
        update={"reports": {"quiet": ReportSettings(domain="logistics", tell_subscribers=False)}}
    )
    enter(quiet, "bo", report="quiet")
    deliver(quiet, moment + DAY)
    assert len(server.box.mails) == 2


def test_a_condition_that_does_not_hold_skips_the_issue_and_says_why(
    mailing: Settings, server: Server
) -> None:
    enter(mailing, "ana", only_if=["rows > 1e9"])
    enter(mailing, "bo", only_if=["has rows"])
    (ana, bo) = deliver(mailing, now() + WEEK, dry_run=True)
    assert [(ana.state, "rows" in ana.answer), (bo.state, bo.answer)] == [("skipped", True), ("due", "")]
    results = {result.email[:2]: result for result in deliver(mailing, now() + WEEK)}
    assert (results["an"].state, results["an"].answer) == ("skipped", ana.answer)
    assert results["bo"].state == "sent"
    assert len(server.box.mails) == 1


def test_an_address_that_bounced_for_good_gets_nothing_more(mailing: Settings, server: Server) -> None:
    enter(mailing, "ana")
    server.box.faults.rcpt = ["550 5.1.1 no such user"]
    (failed,) = deliver(mailing, now() + WEEK)
    assert failed.state == "failed"
    assert "5.1.1" in suppressions.reason(mailing, "ana@acme.example")
    (foreseen,) = deliver(mailing, now() + WEEK + DAY, dry_run=True)
    assert foreseen.state == "suppressed"
    (skipped,) = deliver(mailing, now() + WEEK + DAY)
    assert skipped.state == "skipped"
    assert skipped.answer == foreseen.answer
    assert server.box.mails == []


def test_who_has_not_confirmed_gets_the_question_and_nothing_else(mailing: Settings, server: Server) -> None:
    number = enter(mailing, "ana", status="pending")
    asked = now()
    Journal(mailing).enter([Entry(number, asked, kind="confirmation")])
    (result,) = deliver(mailing, now() + WEEK)
    assert (result.kind, result.state) == ("confirmation", "sent")
    assert "/confirm/" in server.box.contents[0].decode().replace("=\r\n", "")
    assert deliver(mailing, now() + WEEK) == []
    with Store(mailing).session() as session:
        session.execute(update(Subscription).values(status="active"))
        session.execute(update(Delivery).values(state="queued"))
    (late,) = deliver(mailing, asked, dry_run=True)
    assert (late.kind, late.state) == ("confirmation", "skipped")


def test_a_new_issue_is_compared_with_the_one_this_reader_got_last(
    mailing: Settings, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    asked = []
    real = issues.build
    monkeypatch.setattr(
        issues, "build", lambda *a, since=None, **k: asked.append(since) or real(*a, since=since, **k)
    )
    enter(mailing, "ana")
    deliver(mailing, now() + WEEK)
    enter(mailing, "bo")
    deliver(mailing, now() + WEEK + DAY)
    assert asked[0] is None
    assert len(asked) == 3  # one issue each: they are compared with different ones
    ((sent, _),) = Journal(mailing).listing(["sent"], email="bo@acme.example")
    (before,) = [since for since in asked[1:] if since is not None]
    assert before.snapshot == sent.snapshot_id
    known = Journal(mailing).sent_last()[sent.subscription_id]
    with Store(mailing).session() as session:
        session.get_one(Subscription, sent.subscription_id).attributes = {"depot": ["D05"]}
    changed = Journal(mailing).sent_last()[sent.subscription_id]
    assert known.rows is not None
    assert changed == replace(known, rows=None)  # those of other rows say nothing about these


def test_what_was_sent_can_be_made_again_to_the_byte(mailing: Settings, server: Server) -> None:
    from dashboards.subscriptions.keeping import archive

    enter(mailing, "ana", formats=["pdf"])
    (result,) = deliver(mailing, now() + WEEK)
    assert result.delivery is not None
    assert archive.mail(mailing, result.delivery) == server.box.contents[0]
    delivery = Journal(mailing).show(result.delivery)[0]
    assert delivery.size == len(server.box.contents[0])


def test_a_rehearsal_writes_and_sends_nothing(mailing: Settings, server: Server) -> None:
    number = enter(mailing, "ana", language="zh", formats=["xlsx"], attributes={"depot": ["D01"]})
    (due,) = deliver(mailing, now() + WEEK, dry_run=True)
    document = due.as_json()
    assert document["subscription"] == number
    told = ("email", "report", "language", "formats", "attributes", "state", "answer")
    assert [document[name] for name in told] == [
        *("ana@acme.example", REPORT, "zh", ["xlsx"], {"depot": ["D01"]}, "due", "")
    ]
    assert Journal(mailing).listing() == []
    assert server.box.mails == []
    book.cancel(mailing, number)
    assert deliver(mailing, now() + WEEK, dry_run=True) == []


def test_one_subscription_that_settings_made_impossible_keeps_no_other_back(
    mailing: Settings, server: Server
) -> None:
    enter(mailing, "ana")
    enter(mailing, "bo", calendar="gone", schedule="0 7 * * 1-5")
    enter(mailing, "cy", report="gone")
    results = {result.email[:2]: result for result in deliver(mailing, now() + WEEK)}
    assert results["an"].state == "sent"
    assert (results["bo"].state, "gone" in results["bo"].answer) == ("failed", True)
    assert (results["cy"].state, "gone" in results["cy"].answer) == ("queued", True)
