"""Past issues and files: exactly what was sent, and only to whom it may be shown today."""

import hashlib
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from dashboards.subscriptions.keeping import archive
from dashboards.subscriptions.keeping.links import file_link
from pipelines.store import Subscription, now
from tests.dashboards.service.conftest import CSV, PDF, PERIOD, PNG, House, Open, an_issue


def places(house: House, entry: Subscription, number: int) -> dict[str, str]:
    archive_link = house.links(entry).archive
    return {
        "read": f"{archive_link}/{number}/read",
        "mail": f"{archive_link}/{number}/mail",
        "file": f"{archive_link}/{number}/file/0",
    }


def test_past_issues_are_listed_newest_first_and_each_link_works(house: House, visit: Open) -> None:
    ann = house.reader()
    for day in range(3):
        house.sent(ann, key=f"key-{day}", period=PERIOD + timedelta(days=day))
    link = house.links(ann).archive
    page = visit(link).text
    days = [page.index(text) for text in ("Nov 4, 2026", "Nov 3, 2026", "Nov 2, 2026")]
    assert days == sorted(days)
    token = link.rsplit("/", 1)[1]
    hrefs = [part.partition('"')[0] for part in page.split('href="')[1:]]
    inside = [href for href in hrefs if href.startswith(token)]
    assert len(inside) == 3 * 4  # to read, two files, the mail
    for href in inside:
        assert visit(link.removesuffix(token) + href).status_code == 200


def test_the_mail_and_its_files_are_those_that_were_sent(house: House, visit: Open) -> None:
    ann = house.reader()
    delivery, mail = house.sent(ann)
    saved = visit(places(house, ann, delivery.id)["mail"])
    assert hashlib.sha256(saved.content).hexdigest() == delivery.digest
    assert saved.content == mail
    assert saved.headers["content-type"] == "message/rfc822"
    attached = {
        part.get_filename(): part.get_payload(decode=True)
        for part in message_from_bytes(saved.content, policy=policy.default).walk()
        if part.get_content_disposition() == "attachment"
    }
    for number, file in enumerate((CSV, PDF)):
        answer = visit(f"{house.links(ann).archive}/{delivery.id}/file/{number}")
        assert answer.content == file.content == attached[file.name]
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="{file.name}"')
        assert answer.headers["content-length"] == str(file.size)
    assert visit(f"{house.links(ann).archive}/{delivery.id}/file/2").status_code == 404


def test_an_issue_is_read_in_a_sandbox_with_its_pictures_and_ones_own_links(
    house: House, visit: Open
) -> None:
    from base64 import b64encode

    ann = house.reader()
    delivery, _mail = house.sent(ann)
    page = visit(places(house, ann, delivery.id)["read"])
    policy_words = page.headers["content-security-policy"]
    assert policy_words.startswith("sandbox")
    assert "allow-scripts" not in policy_words
    assert "default-src 'none'" in policy_words
    assert b64encode(PNG).decode() in page.text
    assert "cid:" not in page.text
    assert house.links(ann, PERIOD).unsubscribe in page.text
    assert "ann@acme.example" in page.text


def test_another_readers_issue_is_not_there(house: House, visit: Open) -> None:
    ann, bob = house.reader(), house.reader("bob@acme.example")
    theirs, _mail = house.sent(bob)
    for place in places(house, ann, theirs.id).values():
        assert visit(place).status_code == 404
    for number in (0, 99, 2**31, 10**30):
        assert visit(places(house, ann, number)["read"]).status_code == 404


@pytest.mark.parametrize(
    ("made_for", "now_is"),
    [
        ({"role": "analyst"}, {"role": "engineer"}),
        ({"role": "caseworker"}, {"role": "subscriber"}),
        ({"attributes": {"depot": ["D01", "D02"]}}, {"attributes": {"depot": ["D01"]}}),
        ({"attributes": {}}, {"attributes": {"depot": ["D01"]}}),
        ({"attributes": {"depot": ["D01"]}}, {"attributes": {"depot": ["D01"], "region": ["N"]}}),
    ],
)
def test_an_issue_that_shows_more_than_one_may_see_today_is_named_but_not_shown(
    house: House, visit: Open, made_for: dict[str, object], now_is: dict[str, object]
) -> None:
    ann = house.reader()
    delivery, _mail = house.sent(ann, **made_for)  # type: ignore[arg-type]
    house.change(ann, role=made_for.get("role", "subscriber"))
    assert visit(places(house, ann, delivery.id)["read"]).status_code == 200
    house.change(ann, **now_is)
    assert "made for somebody who may see more" in visit(house.links(ann).archive).text
    for place in places(house, ann, delivery.id).values():
        assert visit(place).status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "²", "99999999999", "9" * 5000])
def test_a_number_that_no_issue_can_have_is_not_there(house: House, visit: Open, number: str) -> None:
    ann = house.reader()
    house.sent(ann)
    link = house.links(ann).archive
    assert visit(f"{link}/{number}/read").status_code == 404
    assert visit(f"{link}/1/file/{number}9").status_code == 404
    assert visit(f"{link}?from={number}").status_code == 200


def test_who_has_left_sees_no_past_issues_and_who_pauses_does(house: House, visit: Open) -> None:
    ann = house.reader()
    delivery, _mail = house.sent(ann)
    house.change(ann, status="paused")
    assert visit(places(house, ann, delivery.id)["mail"]).status_code == 200
    house.change(ann, status="cancelled")
    assert visit(house.links(ann).archive).status_code == 410
    for place in places(house, ann, delivery.id).values():
        assert visit(place).status_code == 404


def test_what_is_kept_no_longer_or_damaged_is_said(house: House, visit: Open) -> None:
    ann = house.reader(language="zh")
    delivery, _mail = house.sent(ann)
    file = next((house.settings.home / "archive").rglob("*.zip"))
    content = file.read_bytes()
    file.write_bytes(content[:-200])
    assert "其文件已损坏" in visit(house.links(ann).archive).text
    file.write_bytes(content)
    archive.expire(house.settings, now() + timedelta(days=500))
    assert "已不再保留" in visit(house.links(ann).archive).text
    assert visit(places(house, ann, delivery.id)["read"]).status_code == 404


def test_a_mail_that_cannot_be_made_again_is_explained(house: House, visit: Open) -> None:
    ann = house.reader()
    delivery, _mail = house.sent(ann)
    link = places(house, ann, delivery.id)["mail"]
    visit(house.links(ann).preferences, {"subscription": str(ann.id), "action": "pause"})
    assert visit(link).status_code == 200  # nothing of the mail depends on it
    from pipelines.store import Delivery, Store

    with Store(house.settings).session() as session:
        session.get_one(Delivery, delivery.id).digest = "0" * 64
    answer = visit(link)
    assert answer.status_code == 409
    assert "cannot be made again" in answer.text


def test_long_lists_have_pages(house: House, visit: Open) -> None:
    ann = house.reader()
    for day in range(53):
        house.sent(ann, period=PERIOD + timedelta(days=day))
    first = visit(house.links(ann).archive)
    assert first.text.count("<li>") == 50
    assert 'href="?from=50"' in first.text
    rest = visit(house.links(ann).archive + "?from=50")
    assert rest.text.count("<li>") == 3
    assert "?from=" not in rest.text
    assert visit(house.links(ann).archive + "?from=-1%27").status_code == 200


def test_a_large_file_is_fetched_by_its_link_until_it_expires(house: House, visit: Open) -> None:
    house.sent(house.reader(), an_issue(attachments=()))
    for file in (CSV, PDF):
        answer = visit(file_link(house.settings, "key", file.name, now()))
        assert answer.content == file.content
    ended = now() - timedelta(days=house.settings.mail.link_days)
    assert visit(file_link(house.settings, "key", CSV.name, ended)).status_code == 410
    assert visit(file_link(house.settings, "key", "other.csv", now())).status_code == 410
    assert visit(file_link(house.settings, "no such key", CSV.name, now())).status_code == 410
    archive.expire(house.settings, now() + timedelta(days=500))
    gone = visit(file_link(house.settings, "key", CSV.name, now()))
    assert gone.status_code == 410
    assert "no longer here" in gone.text


def test_names_of_files_in_any_script_reach_the_disk_whole(house: House, visit: Open) -> None:
    from dataclasses import replace

    named = replace(CSV, name='报告 "2026"\r\nX: y.csv')
    house.sent(house.reader(), an_issue(files=(named,), attachments=()))
    answer = visit(file_link(house.settings, "key", named.name, now()))
    assert answer.content == CSV.content
    header = answer.headers["content-disposition"]
    assert "\r" not in header
    assert "%E6%8A%A5%E5%91%8A%20%222026%22%0D%0AX%3A%20y.csv" in header
