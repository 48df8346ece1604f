"""Preferences: a reader changes what is theirs, and nothing else."""

from datetime import date
from decimal import Decimal

import pytest
from starlette.testclient import TestClient

from dashboards.service.app import service
from dashboards.subscriptions.returns import suppressions
from pipelines.mailing import AccountSettings, PlanSettings
from pipelines.store import Delivery, Store, now
from tests.dashboards.service.conftest import House, Open


def form(entry: object, action: str, **fields: object) -> dict[str, object]:
    return {"subscription": str(entry.id), "action": action, **fields}  # type: ignore[attr-defined]


def test_all_subscriptions_of_the_address_are_there_and_nobody_elses(house: House, visit: Open) -> None:
    ann = house.reader()
    house.reader("ANN@acme.example", report="credit-portfolio")
    house.reader("bob@acme.example", report="patient-risk")
    house.reader(report="patient-risk", account="acme")
    page = visit(house.links(ann).preferences).text
    assert page.count('class="card" id="s') == 2
    assert "a…@acme.example" in page


def test_what_is_chosen_is_saved_and_shown(house: House, visit: Open) -> None:
    ann = house.reader()
    wishes = form(
        ann,
        "save",
        schedule="mondays 07:30",
        timezone="Asia/Shanghai",
        language="zh",
        formats=["xlsx", "pdf"],
    )
    answer = visit(house.links(ann).preferences, wishes)
    assert answer.status_code == 200
    assert "已保存" in answer.text
    saved = house.now(ann)
    assert (saved.schedule, saved.timezone, saved.language, saved.formats) == (
        "30 7 * * 1",
        "Asia/Shanghai",
        "zh",
        ["pdf", "xlsx"],
    )
    assert visit(house.links(ann).preferences).text.count("checked") == 2


def test_a_page_sent_back_as_it_was_changes_nothing(house: House, visit: Open) -> None:
    ann = house.reader(schedule="17 3 2 */5 *", formats=["pdf"], language="zh")
    before = {name: getattr(ann, name) for name in ("schedule", "timezone", "formats", "created_at")}
    shown = form(ann, "save", schedule="17 3 2 */5 *", timezone=ann.timezone, language="zh", formats=["pdf"])
    assert visit(house.links(ann).preferences, shown).status_code == 200
    after = house.now(ann)
    assert {name: getattr(after, name) for name in before} == before


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("schedule", "whenever <b>I</b> like", "This time was not understood"),
        ("schedule", "every 15 minutes", "This choice is not possible"),
        ("schedule", "* 8 * * *", "This choice is not possible"),
        ("timezone", "Mars/Olympus", "There is no such time zone"),
    ],
)
def test_what_is_not_understood_is_told_where_it_was_typed(
    house: House, visit: Open, field: str, value: str, words: str
) -> None:
    ann = house.reader()
    answer = visit(house.links(ann).preferences, form(ann, "save", **{field: value}))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert value.replace("<", "&lt;").replace(">", "&gt;") in answer.text
    assert "<b>" not in answer.text
    assert house.now(ann).schedule == ann.schedule


@pytest.mark.parametrize("wish", [{"language": "fr"}, {"language": "<script>"}])
def test_what_cannot_be_chosen_on_the_page_is_refused(
    house: House, visit: Open, wish: dict[str, str]
) -> None:
    ann = house.reader()
    assert visit(house.links(ann).preferences, form(ann, "save", **wish)).status_code == 422
    assert house.now(ann).language == "en"


def test_a_reader_can_change_neither_role_nor_rows(house: House, visit: Open) -> None:
    ann = house.reader(attributes={"depot": ["D01"]}, cut='{"depot": ["D01"]}')
    wishes = form(ann, "save", role="caseworker", attributes="{}", cut="", account="x", email="x@x.example")
    visit(house.links(ann).preferences, wishes)
    after = house.now(ann)
    assert (after.role, after.attributes, after.account, after.email) == (
        "subscriber",
        {"depot": ["D01"]},
        "",
        "ann@acme.example",
    )


def test_pausing_resuming_leaving_and_coming_back(house: House, visit: Open) -> None:
    ann = house.reader()
    link = house.links(ann).preferences
    states = []
    for action in ("pause", "resume", "leave", "return"):
        assert visit(link, form(ann, action)).status_code == 200
        states.append(house.now(ann).status)
    assert states == ["paused", "active", "cancelled", "active"]


def test_what_the_house_ended_stays_ended(house: House, visit: Open) -> None:
    ann = house.reader(status="cancelled")
    link = house.links(ann).preferences
    assert 'value="return"' not in visit(link).text
    for action in ("return", "resume", "save", "pause"):
        assert visit(link, form(ann, action)).status_code == 422
        assert house.now(ann).status == "cancelled"


def test_all_can_be_left_at_once(house: House, visit: Open) -> None:
    ann, more, bob = house.reader(), house.reader(report="patient-risk"), house.reader("bob@acme.example")
    assert visit(house.links(ann).preferences, {"action": "leave-all"}).status_code == 200
    assert [house.now(each).status for each in (ann, more, bob)] == ["cancelled", "cancelled", "active"]


@pytest.mark.parametrize("action", ["pause", "leave", "save", "no-such-action"])
def test_no_form_reaches_another_readers_subscription(house: House, visit: Open, action: str) -> None:
    ann, bob = house.reader(), house.reader("bob@acme.example")
    answer = visit(house.links(ann).preferences, form(bob, action, language="zh"))
    assert answer.status_code == 400
    assert house.now(bob).status == "active"
    assert house.now(bob).language == "en"


def test_an_issue_that_is_held_and_an_address_that_is_blocked_are_told(house: House, visit: Open) -> None:
    ann = house.reader()
    with Store(house.settings).session() as session:
        session.add(Delivery(subscription_id=ann.id, period=now(), state="held"))
    assert "Held back" in visit(house.links(ann).preferences).text
    suppressions.suppress(house.settings, ann.email, "bounce", "550 no such mailbox", None)
    page = visit(house.links(ann).preferences).text
    assert "Nothing is sent to this address" in page
    assert "550" not in page


def test_a_plan_that_ended_is_told_and_a_calendar_that_is_gone_breaks_nothing(house: House) -> None:
    account = AccountSettings(plan="small", start=date(2025, 1, 1), end=date(2025, 12, 31))
    settings = house.settings.model_copy(
        update={"accounts": {"acme": account}, "plans": {"small": PlanSettings(title="Small")}}
    )
    ann = house.reader(account="acme", calendar="no-such-calendar")
    client = TestClient(service(settings), base_url=settings.service_url)
    page = client.get(house.links(ann).preferences)
    assert page.status_code == 200
    assert "On hold" in page.text
    assert "The plan Small ended on" in page.text


def test_only_the_files_of_the_plan_are_offered_and_taken(house: House) -> None:
    account = AccountSettings(plan="small", start=date(2026, 1, 1))
    plan = PlanSettings(formats=["pdf"], price=Decimal(9))
    settings = house.settings.model_copy(update={"accounts": {"acme": account}, "plans": {"small": plan}})
    ann = house.reader(account="acme")
    client = TestClient(service(settings), base_url=settings.service_url)
    link = house.links(ann).preferences
    assert client.get(link).text.count('type="checkbox"') == 1
    client.post(link, data=form(ann, "save", formats=["pdf", "csv"]))
    assert house.now(ann).formats == ["pdf"]
