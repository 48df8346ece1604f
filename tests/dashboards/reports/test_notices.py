"""Short mails beside the issues: what they say, in both languages, and how one leaves."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dashboards.reports import notices
from dashboards.reports.mail import Letter, seal
from dashboards.reports.notices import About
from pipelines.store import Subscription
from tests.dashboards.reports.example import PERIOD
from tests.dashboards.reports.test_mail import ENVELOPE, assert_fit_for_transport, body, received
from tests.dashboards.reports.test_page import Page

CONFIRM = "https://bank.example/confirm/token"
WHY = {"en": "The plan Basic ended on Nov 3, 2026.", "zh": "套餐已结束。"}


def about(language: str, title: str = "Portfolio <weekly>") -> About:
    to = Subscription(email=ENVELOPE.recipient, report="p", language=language, timezone="Asia/Shanghai")
    return About(to, title, "Nord & Süd")


MADE: dict[str, tuple[Callable[[About], Letter], dict[str, list[str]]]] = {
    "held": (
        lambda given: notices.held(given, PERIOD),
        {"en": ["Nov 23, 2026 15:00 (Asia/Shanghai) is held"], "zh": ["2026年11月23日 15:00", "暂缓"]},
    ),
    "plan": (
        lambda given: notices.plan(given, WHY[given.language], "desk@bank.example"),
        {"en": [WHY["en"], "desk@bank.example"], "zh": [WHY["zh"], "desk@bank.example"]},
    ),
    "confirmation": (
        lambda given: notices.confirmation(given, CONFIRM, PERIOD + timedelta(days=14), "08:00"),
        {"en": [CONFIRM, "Dec 7, 2026", "08:00"], "zh": [CONFIRM, "2026年12月7日", "08:00"]},
    ),
    "test": (
        lambda given: notices.test(given, PERIOD),
        {"en": ["This is a test"], "zh": ["测试邮件"]},
    ),
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", MADE)
def test_a_notice_says_the_same_in_html_and_text_and_how_to_leave(kind: str, language: str) -> None:
    make, expected = MADE[kind]
    mail = seal(make(about(language))).mail(ENVELOPE)
    message = received(mail)
    assert_fit_for_transport(mail)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip
    page, text = Page(body(message, "html")), body(message, "plain")
    for words in expected[language]:
        assert words in text
        assert words in page.text + " ".join(page.links)
    for said in (page.text, text):
        assert "Portfolio <weekly>" in said
        assert ENVELOPE.recipient in said
    assert "Portfolio <weekly>" in message["Subject"]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert ENVELOPE.list_unsubscribe in page.links
    assert len(mail) < 20_000


def test_a_confirmation_is_not_for_somebody_who_is_subscribed() -> None:
    made = notices.confirmation(about("en"), CONFIRM, PERIOD)
    text = body(received(seal(made).mail(ENVELOPE)), "plain")
    assert "You get this mail because ana@bank.example was given for this report." in text
    assert "is subscribed" not in text


def test_the_same_notice_is_the_same_bytes_and_another_has_other_boundaries() -> None:
    first, again = (notices.held(about("en"), PERIOD) for _ in range(2))
    assert seal(first).mail(ENVELOPE) == seal(again).mail(ENVELOPE)
    assert notices.held(about("zh"), PERIOD).key != first.key
