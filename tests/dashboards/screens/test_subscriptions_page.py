"""The page on subscriptions: who gets what, a new one, the log, blocked addresses, the archive, plans."""

import shutil
from datetime import UTC, datetime
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboards.explore.saved import Keeper
from dashboards.screens import subscriptions as page
from dashboards.screens.here import Here
from dashboards.screens.parts import timing
from dashboards.screens.parts.mail_frame import framed
from dashboards.screens.parts.subscribers import rows_in_words
from dashboards.subscriptions.returns import suppressions
from dashboards.wording import say
from pipelines.settings import Settings, load_settings
from pipelines.store import Audit, Delivery, Store, Subscription
from tests.dashboards.screens import mailed as given
from tests.dashboards.screens.conftest import APP, Offered, plain

TABS = (
    "Who gets what",
    "New subscription",
    "What was sent",
    "Blocked addresses",
    "Past issues",
    "Plans and usage",
)


@pytest.fixture(scope="session")
def mailed(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a home that mails reports."""
    folder = tmp_path_factory.mktemp("mailed")
    shutil.copytree(furnished / "var", folder / "var")
    (folder / "assistant.toml").write_text(given.ACCOUNTS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SDA_HOME", str(folder / "var"))
        given.furnish_mails(load_settings(folder / "assistant.toml"))
    return folder


@pytest.fixture
def looked_at(mailed: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of it, for tests that only look."""
    monkeypatch.setenv("SDA_HOME", str(mailed / "var"))
    monkeypatch.setenv("SDA_CONFIG", str(mailed / "assistant.toml"))
    return load_settings()


@pytest.fixture
def house(mailed: Path, looked_at: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of it with a store for one test alone; the lake, which only is read, is the same for all."""
    for file in (mailed / "var").glob("store.sqlite*"):  # with what SQLite has not moved into it yet
        shutil.copy(file, tmp_path)
    monkeypatch.setenv("SDA_DATABASE", f"sqlite:///{tmp_path / 'store.sqlite'}")
    return load_settings()


def opened(tab: str, *, name: str = "", language: str = "en", **remembered: Any) -> AppTest:
    """The page with one tab open, by somebody who gave a name, where one is given."""
    app = AppTest.from_file(str(APP), default_timeout=180)
    app.query_params["lang"] = language
    app._page_hash = calc_hash("subscriptions")
    app.session_state[page.TABS] = TABS.index(tab)
    app.session_state["person"] = name
    for key, value in remembered.items():
        app.session_state[key.replace("_", "-")] = value
    return app.run()


def stored(settings: Settings, kind: type, number: int) -> Any:
    with Store(settings).session() as session:
        return session.get_one(kind, number)


def noted(settings: Settings) -> list[tuple[str, str]]:
    with Store(settings).session() as session:
        return [(each.who, each.action) for each in session.scalars(select(Audit).order_by(Audit.id))]


def outbox(settings: Settings) -> set[Path]:
    return set((settings.home / "outbox").glob("*.eml"))


def downloads(app: AppTest) -> list[str]:
    return [str(getattr(each, "label", "")) for each in app.get("download_button")]


def number_of(settings: Settings, state: str) -> int:
    with Store(settings).session() as session:
        return session.scalars(select(Delivery.id).where(Delivery.state == state)).first() or 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_tab_shows_what_there_is_in_both_languages(looked_at: Settings, language: str) -> None:
    app = opened(TABS[0], language=language)
    for tab in TABS:
        app.session_state[f"{page.TABS}-{language}"] = say(language)(tab)
        app.run()
        assert not app.error, tab
        assert len(app.dataframe) >= (tab != "Plans and usage"), tab


def test_without_anything_each_tab_says_what_to_do(home: Settings) -> None:
    expected = dict(
        zip(
            TABS,
            ("sda subscription import", "write the reader's address", "sda deliver", "No address is blocked",
             "is kept here for 400 days", "[accounts.NAME]"),
            strict=True,
        )
    )  # fmt: skip
    app = opened(TABS[0])
    for tab, words in expected.items():
        app.session_state[f"{page.TABS}-en"] = tab
        app.run()
        assert not app.error, tab
        assert words in plain(app), tab


def test_the_open_tab_stays_open_in_another_language(looked_at: Settings) -> None:
    app = opened("Blocked addresses")
    app.session_state["lang"] = "zh"
    assert "gone@example.com" in app.run().dataframe[0].value["地址"].to_numpy()


# --- who gets what


def test_subscriptions_are_listed_mine_or_all(looked_at: Settings) -> None:
    app = opened("Who gets what")
    readers = list(app.dataframe[0].value["Reader"])
    assert readers == ["ann@example.com", "ben@example.com", "nurse@example.com", "reader@example.com"]
    assert app.dataframe[0].value["When"][0] == "weekdays at 07:30"
    app.button_group("whose").set_value("mine").run()
    assert "Write your address" in plain(app)
    app.text_input("my-address").set_value("BEN@example.com").run()
    assert list(app.dataframe[0].value["Reader"]) == ["ben@example.com"]
    app.text_input("my-address").set_value("en@example.com").run()
    assert "No subscription is like that" in plain(app)


@pytest.mark.parametrize(("role", "sees"), [("analyst", False), ("caseworker", True)])
def test_a_view_by_names_is_told_to_who_sees_names(looked_at: Settings, role: str, sees: bool) -> None:
    here = Here(looked_at.model_copy(update={"role": role}), "en")
    attributes = {"view": ["f.full_name=Ada"]}
    entry = Subscription(report="credit-portfolio", role="caseworker", attributes=attributes)
    assert ("Ada" in rows_in_words(here, entry)) is sees


def test_only_somebody_with_a_name_pauses(house: Settings) -> None:
    number = 2
    app = opened("Who gets what", subscribers_chosen=number)
    assert "Credit portfolio → ann@example.com" in plain(app)
    assert app.button(f"pause-subscribers-{number}").disabled
    app.text_input("person").set_value(" Ida  Example ").run()
    app.button(f"pause-subscribers-{number}").click().run()
    assert stored(house, Subscription, number).status == "paused"
    assert noted(house)[-1] == ("Ida Example", "subscription.paused")
    assert "Nothing comes while it is not active" in plain(app)


def test_a_subscription_gets_another_time_in_words(house: Settings) -> None:
    app = opened("Who gets what", name="Ida", subscribers_chosen=2)
    app.text_input("subscribers-2-schedule").set_value("mondays 06:15").run()
    app.button("retime-subscribers-2").click().run()
    assert stored(house, Subscription, 2).schedule == "15 6 * * 1"


# --- a new one


def test_the_next_ten_follow_what_is_typed(looked_at: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "now", lambda: datetime(2027, 3, 30, 12, tzinfo=UTC))
    app = opened("New subscription")
    app.text_input("new-credit-portfolio-schedule").set_value("每天 02:30").run()
    app.selectbox("new-credit-portfolio-timezone").set_value("Australia/Lord_Howe").run()
    shown = app.dataframe[0].value
    assert list(shown["Clock"]) == ["02:30"] * 10
    # On April 4 the clocks go back by half an hour there, at 2 in the morning.
    assert list(shown["Offset"]) == ["UTC+11:00"] * 4 + ["UTC+10:30"] * 6
    assert "The clocks change meanwhile" in plain(app)
    assert "every day at 02:30" in plain(app)
    app.text_input("new-credit-portfolio-schedule").set_value("whenever").run()
    assert "«whenever» is not a schedule" in plain(app)
    assert not app.error
    app.text_input("new-credit-portfolio-schedule").set_value("on fresh data").run()
    assert "as soon as there are fresh data" in plain(app)


def test_a_subscription_is_made_as_it_was_chosen(house: Settings) -> None:
    keeper = Keeper(house, "logistics", "Ida")
    keeper.save("All of <b>today</b>", "sort=-score")  # cuts nothing, so is not offered
    late = keeper.save("Express", "f.service=express&work=open&sort=-score")
    app = opened("New subscription", name="Ida")
    app.selectbox("new-report").set_value("fleet-daily").run()
    assert app.selectbox("new-fleet-daily-view").options == ["Express"]
    app.selectbox("new-fleet-daily-view").set_value(late.id).run()
    assert "Service: express" in plain(app)
    assert "D1" in app.multiselect("new-fleet-daily-depot").options
    app.multiselect("new-fleet-daily-depot").set_value(["D1"])
    app.text_input("new-email").set_value("new@Example.org").run()
    app.button("subscribe").click().run()
    assert not app.error
    assert "new@example.org gets the report from now on" in plain(app)
    with Store(house).session() as session:
        made = session.scalars(select(Subscription).order_by(Subscription.id.desc())).first()
    assert made is not None
    assert (made.email, made.report, made.attributes) == (
        *("new@example.org", "fleet-daily"),
        {"depot": ["D1"], "view": ["f.service=express"]},
    )
    app.button("subscribe").click().run()
    assert "already has" in app.error[0].value


def test_nobody_is_given_more_than_the_dashboard_shows(
    looked_at: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = {"analyst": 3, "engineer": 1, "caseworker": 4}
    app = opened("New subscription")
    for role, readable in roles.items():
        monkeypatch.setenv("SDA_ROLE", role)
        app.run()
        assert len(app.selectbox("new-role-credit-portfolio").options) == readable


def test_what_is_wrong_or_not_in_the_plan_is_said_before_it_is_tried(looked_at: Settings) -> None:
    app = opened("New subscription", name="Ida")
    app.text_input("new-email").set_value("ann@example.org\r\nBcc: x@y.org").run()
    assert "is not an e-mail address" in plain(app)
    assert app.button("preview").disabled
    app.text_input("new-email").set_value("ann@example.org")
    app.selectbox("new-account").set_value("acme").run()
    assert app.button_group("new-formats-credit-portfolio-acme").options == ["PDF"]
    app.selectbox("new-report").set_value("fleet-daily").run()
    assert "does not have the report fleet-daily" in plain(app)


def test_the_preview_is_what_the_reader_would_get(looked_at: Settings) -> None:
    app = opened("New subscription")
    app.text_input("new-email").set_value("ann@example.org").run()
    app.button("preview").click().run()
    assert not app.error
    frame = app.get("iframe")[0].proto.srcdoc
    assert 'sandbox=""' in frame
    assert "45" in frame
    assert "cid:" not in frame
    assert app.get("image")
    app.button_group("new-language-credit-portfolio").set_value("zh").run()
    assert "make the preview again" in plain(app)
    assert not app.get("iframe")


def test_a_test_is_marked_as_one_and_is_no_delivery(house: Settings) -> None:
    with Store(house).session() as session:
        journal = len(session.scalars(select(Delivery)).all())
    app = opened("New subscription", name="Ida")
    app.text_input("new-email").set_value("tester@example.org").run()
    before = outbox(house)
    app.button("send-test").click().run()
    assert not app.error
    (file,) = outbox(house) - before
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = mail.get_body(("html",))
    assert body is not None
    assert mail["Subject"].startswith("Test: Credit portfolio")
    assert mail["Message-ID"].startswith("<test.")
    assert "List-Unsubscribe" not in mail
    assert "This is a test" in body.get_content()
    assert "tried out this report" in body.get_content()
    with Store(house).session() as session:
        assert len(session.scalars(select(Delivery)).all()) == journal
    app.session_state[f"{page.TABS}-en"] = "What was sent"
    tests = app.run().dataframe[-1].value
    assert (tests["Sent to"][0], tests["By"][0], tests["Taken"][0]) == ("tester@example.org", "Ida", "yes")


def test_no_test_goes_where_no_mail_may_go(house: Settings) -> None:
    app = opened("New subscription", name="Ida")
    app.text_input("new-email").set_value("gone@example.com").run()
    before = outbox(house)
    app.button("send-test").click().run()
    assert "Nothing is sent to gone@example.com" in app.error[0].value
    assert outbox(house) == before


# --- what was sent


def test_the_log_is_filtered_and_paged_by_the_database(looked_at: Settings, offered: Offered) -> None:
    app = opened("What was sent")
    every = pl.read_parquet(BytesIO(offered["export-deliveries-parquet"]()))
    assert every.height == given.MANY + len(given.FATES) + 1
    assert every.schema["Due"] == pl.Datetime("us", "UTC")
    assert f"Deliveries: {given.MANY + len(given.FATES) + 1}" in plain(app)
    assert len(app.dataframe[0].value) == 10
    app.button_group("delivery-states").set_value(["bounced"]).run()
    assert list(app.dataframe[0].value["Answer of the server"]) == ["550 5.1.1 no such user"]
    app.button_group("delivery-states").set_value(["unknown", "held"]).run()
    assert sorted(app.dataframe[0].value["State"]) == ["held back", "unclear"]
    app.text_input("delivery-address").set_value("ANN@").run()
    assert "No delivery is like that" in plain(app)


def test_an_unclear_mail_is_explained_and_sent_again_by_a_person(house: Settings) -> None:
    number = number_of(house, "unknown")
    app = opened("What was sent", deliveries_chosen=number)
    assert "may have arrived or not" in plain(app)
    assert app.button(f"resend-deliveries-{number}").disabled
    app.text_input("person").set_value("Ida").run()
    app.button(f"resend-deliveries-{number}").click().run()
    assert stored(house, Delivery, number).state == "queued"
    assert noted(house)[-1] == ("Ida", "delivery.resend")


def test_the_failed_ones_alone_are_sent_again(house: Settings) -> None:
    failed, unclear = number_of(house, "failed"), number_of(house, "unknown")
    app = opened("What was sent", name="Ida")
    app.button("resend-failed").click().run()
    assert stored(house, Delivery, failed).state == "queued"
    assert stored(house, Delivery, unclear).state == "unknown"
    assert "Failed:" not in plain(app)


def test_what_is_held_is_released_under_a_name(house: Settings) -> None:
    number = number_of(house, "held")
    app = opened("What was sent", name="Ida", deliveries_chosen=number)
    assert given.FATES["held"] in app.code[0].value
    app.button(f"release-deliveries-{number}").click().run()
    assert stored(house, Delivery, number).released_by == "Ida"


def test_the_mail_of_a_delivery_is_shown_only_to_a_role_that_may_see_it(
    house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(house).session() as session:
        delivery = session.get_one(Delivery, number_of(house, "sent"))
        delivery.issue_key = "hidden"
        number = delivery.id
    app = opened("What was sent", deliveries_chosen=number)
    app.toggle(f"look-{number}").set_value(True).run()
    assert "made for readers who see more" in app.error[0].value
    assert not app.get("iframe")
    monkeypatch.setenv("SDA_ROLE", "caseworker")
    app.run()
    assert "Credit portfolio" in app.get("iframe")[0].proto.srcdoc


# --- blocked addresses, archive, plans


def test_an_address_is_let_go_and_blocked_under_a_name(house: Settings) -> None:
    app = opened("Blocked addresses", name="Ida", suppressed_chosen="gone@example.com")
    app.button("lift").click().run()
    assert suppressions.listing(house) == []
    app.text_input("block-address").set_value("no such thing")
    app.button("block").click().run()
    assert "is not an e-mail address" in app.error[0].value
    app.text_input("block-address").set_value("left@example.com")
    app.button("block").click().run()
    assert [each.email for each in suppressions.listing(house)] == ["left@example.com"]
    assert noted(house)[-2:] == [("Ida", "suppression.lift"), ("Ida", "suppression.add")]


def test_the_archive_shows_what_this_role_may_see(looked_at: Settings) -> None:
    app = opened("Past issues", issues_chosen="shown")
    assert list(app.dataframe[0].value["Report"]) == ["Credit portfolio"]
    assert "this dashboard does: 1." in plain(app)
    assert any(label.startswith("credit-portfolio") for label in downloads(app))
    frame = app.get("iframe")[0].proto.srcdoc
    assert "Credit portfolio" in frame
    assert "unsubscribe" not in frame.lower()
    app.session_state["issues-chosen"] = "hidden"
    assert "made for readers who see more" in app.run().error[0].value


def test_what_is_taken_along_from_archive_and_accounts_is_noted(house: Settings, offered: Offered) -> None:
    opened("Past issues", name="Ida", issues_chosen="shown")
    assert offered["file-shown-0"]()
    opened("Plans and usage", name="Ida")
    assert offered["statement-csv"]()
    assert noted(house)[-2:] == [("Ida", "export.issue"), ("Ida", "export.statement")]


def test_an_account_shows_its_plan_and_what_it_used(house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    with Store(house).session() as session:
        for delivery in session.scalars(select(Delivery).where(Delivery.state == "sent").limit(7)):
            delivery.account, delivery.sent_at = "acme", now
    app = opened("Plans and usage")
    metrics = {each.label: each.value for each in app.metric}
    assert metrics["Issues"] == "7"
    assert "Acme Bank: Basic" in plain(app)
    assert "In force since Jan 1, 2026" in plain(app)
    assert downloads(app) == ["PDF", "CSV"]
    monkeypatch.setenv(
        "SDA_ACCOUNTS", '{"acme": {"plan": "basic", "start": "2020-01-01", "end": "2021-01-31"}}'
    )
    assert "The plan ended on Jan 31, 2021" in app.run().error[0].value


def test_the_frame_of_a_mail_runs_and_fetches_nothing() -> None:
    html = '<html><head></head><body><img src="cid:a@report"><script>x("</iframe>")</script></body></html>'
    shown = framed(html, {"a@report": b"PNG"}, 'A "title"')
    assert shown.count("<iframe") == 1
    assert shown.count("</iframe>") == 1
    assert 'sandbox=""' in shown
    assert "<script" not in shown
    assert "default-src &#x27;none&#x27;" in shown
    assert "data:image/png;base64,UE5H" in shown
