"""A house with a few readers and an issue in its archive, and a browser's view of the pages."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboards.charts.paper import Picture
from dashboards.reports.enclosed import Attachment
from dashboards.reports.mail import sealed
from dashboards.reports.reader import Reader, attributes_of
from dashboards.reports.render import GAP, Issue
from dashboards.reports.report import Report
from dashboards.service.app import service
from dashboards.subscriptions.keeping import archive
from dashboards.subscriptions.keeping.envelopes import envelope_for
from dashboards.subscriptions.keeping.links import Links, links_for
from pipelines.settings import Settings
from pipelines.store import Delivery, Store, Subscription, now

PERIOD = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
PNG = bytes.fromhex("89504e470d0a1a0a") + b"painted"
CSV = Attachment("fleet-daily-2026-11-01-plan.csv", "text/csv", "stop,place\n1,仓库 «A»\n".encode() * 400)
PDF = Attachment("fleet-daily-2026-11-01.pdf", "application/pdf", b"%PDF-1.7 " + bytes(range(256)) * 40)


def an_issue(language: str = "en", words: str = "All lorries are on time.", **more: Any) -> Issue:
    """An issue as `render` makes one, without a lake."""
    report = Report(
        name="fleet-daily",
        title={"en": "Fleet, day by day", "zh": "车队日报"}[language],
        summary=words,
        organisation="Acme",
        language=language,
        timezone="UTC",
        period=more.pop("period", PERIOD),
        as_of=PERIOD.replace(day=1),
        snapshot=7,
        model_version="v3",
        link="http://127.0.0.1:8501/logistics",
        model_link="http://127.0.0.1:8501/logistics?view=model",
        facts=(),
        values={"rows": 12.0, "urgent": 3.0},
    )
    page = f'<html><body><p>{words}</p><img src="cid:chart.fleet@report">{GAP}</body></html>'
    picture = {"chart.fleet@report": Picture(PNG, 600, 300)}
    issue = Issue(report.title, report, page, f"{words}\n", picture, (CSV, PDF), (CSV, PDF), "a" * 24)
    return replace(issue, **more)


@dataclass(frozen=True)
class House:
    """Settings, and what a test does with them."""

    settings: Settings

    def reader(self, email: str = "ann@acme.example", **wishes: Any) -> Subscription:
        """A subscription in the book."""
        given = {"report": "fleet-daily", "schedule": "0 8 * * 1-5", "timezone": "Europe/Berlin", **wishes}
        with Store(self.settings).session() as session:
            entry = Subscription(email=email, **given)
            session.add(entry)
        return entry

    def now(self, entry: Subscription) -> Subscription:
        """The same subscription as it stands now."""
        with Store(self.settings).session() as session:
            return session.get_one(Subscription, entry.id)

    def change(self, entry: Subscription, **values: Any) -> None:
        """What the house itself does with a subscription, unasked."""
        with Store(self.settings).session() as session:
            for name, value in values.items():
                setattr(session.get_one(Subscription, entry.id), name, value)

    def sent(
        self,
        entry: Subscription,
        issue: Issue | None = None,
        key: str = "key",
        role: str = "subscriber",
        attributes: Mapping[str, Any] | None = None,
        period: datetime = PERIOD,
    ) -> tuple[Delivery, bytes]:
        """A delivery that left, and the mail."""
        issue = issue or an_issue(entry.language)
        reader = Reader(entry.language, role, attributes=attributes_of(attributes or {}))
        kept = archive.keep(self.settings, issue, reader, key)
        message_id = f"<{entry.id}.{period:%Y%m%d}@localhost>"
        mail = sealed(issue).mail(envelope_for(self.settings, entry, period, message_id))
        with Store(self.settings).session() as session:
            delivery = Delivery(
                subscription_id=entry.id,
                period=period,
                state="sent",
                message_id=message_id,
                issue_key=kept.key,
                digest=hashlib.sha256(mail).hexdigest(),
                size=len(mail),
            )
            session.add(delivery)
        return delivery, mail

    def links(self, entry: Subscription, period: datetime | None = None) -> Links:
        return links_for(self.settings, entry, period or now())


@pytest.fixture
def house(home: Settings) -> House:
    return House(home.model_copy(update={"name": "Acme", "owner": "reports@acme.example"}))


Open = Callable[..., Any]


@pytest.fixture
def visit(house: House) -> Open:
    """`visit(link)` opens a page, `visit(link, fields)` sends a form to it."""
    client = TestClient(service(house.settings), base_url=house.settings.service_url)

    def opened(link: str, form: Mapping[str, Any] | None = None, **more: Any) -> Any:
        if form is None:
            return client.get(link, follow_redirects=False, **more)
        return client.post(link, data=dict(form), follow_redirects=False, **more)

    return opened
