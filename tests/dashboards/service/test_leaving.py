"""Leaving with one click, coming back, confirming: only a POST changes anything, once is enough."""

import re

import pytest
from sqlalchemy import select

from dashboards.subscriptions.keeping.links import confirm_link
from dashboards.subscriptions.readers import book
from pipelines.store import Audit, Store, now
from tests.dashboards.service.conftest import House, Open

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
AGAIN = {"Subscribe": "Again"}


def test_one_click_ends_the_subscription_without_a_cookie_or_a_redirect(house: House, visit: Open) -> None:
    ann, other = house.reader(), house.reader(report="patient-risk")
    answer = visit(house.links(ann).unsubscribe, ONE_CLICK)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "You have left" in answer.text
    assert house.now(ann).status == "cancelled"
    assert house.now(other).status == "active"
    with Store(house.settings).session() as session:
        [audit] = session.scalars(select(Audit))
    assert (audit.who, audit.action, audit.detail) == ("reader", "subscription.cancelled", str(ann.id))


def test_a_mail_program_may_send_the_form_as_multipart(house: House, visit: Open) -> None:
    """RFC 8058, 3.2: multipart/form-data SHOULD be used, urlencoded MAY be."""
    ann = house.reader()
    body = (
        b'--mail\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--mail--\r\n'
    )
    answer = visit(
        house.links(ann).unsubscribe,
        {},
        content=body,
        headers={"Content-Type": "multipart/form-data; boundary=mail"},
    )
    assert answer.status_code == 200
    assert house.now(ann).status == "cancelled"


def test_opening_the_page_changes_nothing_however_often(house: House, visit: Open) -> None:
    ann = house.reader()
    for _ in range(3):
        page = visit(house.links(ann).unsubscribe)
        assert page.status_code == 200
        assert 'method="post"' in page.text
    assert house.now(ann).status == "active"


@pytest.mark.parametrize("form", [{}, {"List-Unsubscribe": "Two-Clicks"}, {"anything": "else"}])
def test_a_form_that_says_nothing_changes_nothing(house: House, visit: Open, form: dict[str, str]) -> None:
    ann = house.reader()
    assert visit(house.links(ann).unsubscribe, form).status_code == 400
    assert house.now(ann).status == "active"


def test_leaving_twice_is_leaving_once(house: House, visit: Open) -> None:
    ann = house.reader()
    answers = [visit(house.links(ann).unsubscribe, ONE_CLICK) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].text == answers[1].text
    with Store(house.settings).session() as session:
        assert len(session.scalars(select(Audit)).all()) == 1


def test_who_left_by_mistake_comes_back_as_before(house: House, visit: Open) -> None:
    ann = house.reader(attributes={"depot": ["D01"]}, cut='{"depot": ["D01"]}', language="zh")
    link = house.links(ann).unsubscribe
    visit(link, ONE_CLICK)
    assert "重新订阅" in visit(link).text
    answer = visit(link, AGAIN)
    assert answer.status_code == 200
    back = house.now(ann)
    assert (back.status, back.attributes, back.schedule, back.language) == (
        "active",
        {"depot": ["D01"]},
        "0 8 * * 1-5",
        "zh",
    )
    assert back.created_at > ann.created_at  # what passed meanwhile is not due


def test_the_way_back_needs_no_second_question_under_double_opt_in(house: House, visit: Open) -> None:
    strict = house.settings.model_copy(
        update={"mail": house.settings.mail.model_copy(update={"double_opt_in": True})}
    )
    from starlette.testclient import TestClient

    from dashboards.service.app import service

    ann = house.reader()
    link = house.links(ann).unsubscribe
    client = TestClient(service(strict), base_url=strict.service_url)
    client.post(link, data=ONE_CLICK)
    client.post(link, data=AGAIN)
    assert house.now(ann).status == "active"


def test_who_was_taken_off_the_list_does_not_come_back_by_an_old_link(house: House, visit: Open) -> None:
    ann = house.reader()
    link = house.links(ann).unsubscribe
    visit(link, ONE_CLICK)
    visit(link, AGAIN)
    house.change(ann, status="cancelled")
    assert "Subscribe again" not in visit(link).text
    visit(link, AGAIN)
    assert house.now(ann).status == "cancelled"


def test_who_was_taken_off_the_list_after_leaving_does_not_come_back_either(
    house: House, visit: Open
) -> None:
    ann = house.reader()
    link = house.links(ann).unsubscribe
    visit(link, ONE_CLICK)
    book.cancel(house.settings, ann.id, who="ops")
    visit(link, ONE_CLICK)
    visit(link, AGAIN)
    assert house.now(ann).status == "cancelled"


def test_a_report_that_is_gone_can_still_be_left(house: House, visit: Open) -> None:
    ann = house.reader(report="no-such-report")
    link = house.links(ann).unsubscribe
    assert "no-such-report" in visit(link).text
    assert visit(link, ONE_CLICK).status_code == 200
    assert house.now(ann).status == "cancelled"
    back = visit(link, AGAIN)
    assert back.status_code == 409
    assert house.now(ann).status == "cancelled"


@pytest.mark.parametrize("status", ["pending", "paused"])
def test_whatever_is_not_ended_can_be_left(house: House, visit: Open, status: str) -> None:
    ann = house.reader(status=status)
    visit(house.links(ann).unsubscribe, ONE_CLICK)
    assert house.now(ann).status == "cancelled"


def test_pages_show_no_whole_address_and_no_link_to_anywhere_else(house: House, visit: Open) -> None:
    ann = house.reader()
    page = visit(house.links(ann).unsubscribe).text
    assert "ann@acme.example" not in page
    assert "a…@acme.example" in page
    assert re.findall(r'(?:href|src|action)="(?!mailto:)[^"#]+"', page) == []


def test_a_new_reader_says_yes_by_the_button_only(house: House, visit: Open) -> None:
    ann = house.reader(status="pending", confirmed_at=None)
    link = confirm_link(house.settings, ann, now())
    assert "Yes, send it to me" in visit(link).text
    assert house.now(ann).status == "pending"
    visit(link, {"anything": "else"})
    assert house.now(ann).status == "pending"
    assert visit(link, {"confirm": "yes"}).status_code == 200
    assert house.now(ann).status == "active"
    assert house.now(ann).confirmed_at is not None
    confirmed_at = house.now(ann).confirmed_at
    assert visit(link, {"confirm": "yes"}).status_code == 200
    assert house.now(ann).confirmed_at == confirmed_at


def test_an_ended_subscription_is_not_confirmed(house: House, visit: Open) -> None:
    ann = house.reader(status="cancelled")
    assert visit(confirm_link(house.settings, ann, now()), {"confirm": "yes"}).status_code == 410
    assert house.now(ann).status == "cancelled"
