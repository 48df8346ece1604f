"""The mail as a mail program reads it: parsed back with the standard library."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from io import BytesIO

import pytest
from PIL import Image

from dashboards.reports import html
from dashboards.reports.mail import POLICY, Envelope, compose
from dashboards.reports.render import Issue, render, standalone
from tests.dashboards.lake import CASES
from tests.dashboards.reports.conftest import NAMES, Built

ENVELOPE = Envelope(
    sender="Bank <reports@bank.example>",
    recipient="ana@bank.example",
    message_id="<credit.1@bank.example>",
    date=datetime(2026, 11, 2, 6, tzinfo=UTC),
    list_id="<credit-portfolio.bank.example>",
)
EVERY_ISSUE = pytest.mark.parametrize(
    ("name", "language"), [(name, language) for name in NAMES for language in ("en", "zh")]
)


class Page(HTMLParser):
    """What a test asks of a page: its pictures, links and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.pictures: list[dict[str, str | None]] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "img":
            self.pictures.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


def received(issue: Issue, envelope: Envelope = ENVELOPE) -> EmailMessage:
    message = message_from_bytes(compose(issue, envelope).as_bytes(policy=POLICY), policy=default)
    assert isinstance(message, EmailMessage)
    return message


@EVERY_ISSUE
def test_the_parts_are_nested_as_mail_programs_expect(built: Built, name: str, language: str) -> None:
    message = received(render(built(name, language)))
    assert not message.defects
    assert message.get_content_type() == "multipart/mixed"
    body, sheet = message.iter_parts()
    assert [part.get_content_type() for part in body.iter_parts()] == ["text/plain", "multipart/related"]
    assert sheet.get_filename() == f"{name}-2026-10-31-ranking.csv"
    assert sheet.get_content_disposition() == "attachment"


@EVERY_ISSUE
def test_every_picture_is_found_by_its_id_and_shown_at_its_size(
    built: Built, name: str, language: str
) -> None:
    message = received(render(built(name, language)))
    page = Page(message.get_body(("html",)).get_content())
    related = {part["Content-ID"].strip("<>"): part for part in message.walk() if part["Content-ID"]}
    assert page.pictures
    for picture in page.pictures:
        image = Image.open(BytesIO(related[str(picture["src"]).removeprefix("cid:")].get_content()))
        width, height = int(str(picture["width"])), int(str(picture["height"]))
        assert image.width / image.height == pytest.approx(width / height, rel=0.01)
        assert picture["alt"]
    assert len(related) == len(page.pictures)


@EVERY_ISSUE
def test_the_page_is_small_and_uses_nothing_that_mail_programs_drop(
    built: Built, name: str, language: str
) -> None:
    issue = render(built(name, language))
    page = Page(issue.html)
    assert len(issue.html.encode()) < 90_000
    assert not page.tags & {"script", "link", "svg", "iframe", "form", "video"}
    assert not re.search(
        r"display:\s*(flex|grid)|position:|url\(|https?://(?!127\.0\.0\.1:8501/)", issue.html
    )


@EVERY_ISSUE
def test_text_html_and_sheet_tell_the_same(built: Built, name: str, language: str) -> None:
    report = built(name, language)
    message = received(render(report))
    text = message.get_body(("plain",)).get_content()
    page = Page(message.get_body(("html",)).get_content())
    sheet = next(message.iter_attachments()).get_payload(decode=True)
    rows = sheet.decode("utf-8-sig").splitlines()
    best = str(report.tables[0].frame["entity_id"][0])
    assert sheet.startswith(b"\xef\xbb\xbf")
    assert len(rows) == CASES + 1
    assert rows[1].startswith(best)
    for chart in report.charts:
        assert chart.sentence in text
        assert chart.sentence in page.text
    assert best in text
    assert best in page.text
    assert report.summary in text
    assert message["Subject"].startswith(report.title)


def test_the_same_issue_is_the_same_bytes(built: Built) -> None:
    first, second = render(built("credit-portfolio", "zh")), render(built("credit-portfolio", "zh"))
    assert compose(first, ENVELOPE).as_bytes(policy=POLICY) == compose(second, ENVELOPE).as_bytes(
        policy=POLICY
    )


def test_chinese_is_chinese_and_nothing_is_left_in_english(built: Built) -> None:
    text = render(built("patient-risk", "zh")).text
    assert "评分最高的患者" in text
    assert not re.search(r"\b(the|score|cases|patients|changes)\b", text, re.IGNORECASE)


def test_a_report_with_very_many_long_rows_is_cut_to_the_limit(built: Built) -> None:
    report = built("credit-portfolio", "en")
    table = report.tables[0]
    long = replace(
        table, most=CASES, frame=table.frame.with_columns(why=table.frame["why"] + " and so on" * 30)
    )
    issue = render(replace(report, sections=(long,)))
    assert len(issue.html.encode()) <= html.LIMIT
    assert issue.attachments[0].content.count(b"\r\n") == CASES + 1


def test_a_page_of_its_own_needs_nothing_beside_it(built: Built) -> None:
    page = Page(standalone(built("fleet-daily", "en")))
    assert all(str(picture["src"]).startswith("data:image/png;base64,") for picture in page.pictures)


@pytest.mark.parametrize(
    "recipient", ["a@b.example\r\nBcc: all@b.example", "a@b.example, c@d.example", "nobody", "a b@c.example"]
)
def test_an_address_that_is_none_makes_no_mail(built: Built, recipient: str) -> None:
    issue = render(built("fleet-daily", "en"))
    with pytest.raises(ValueError, match=r".+"):
        compose(issue, replace(ENVELOPE, recipient=recipient))
