"""What left is what the archive gives back, through everything that takes part in sending."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connectors.errors import AssistantError
from dashboards.reports.reader import Reader
from dashboards.reports.render import Attachment, Issue
from dashboards.reports.report import Report
from dashboards.subscriptions.keeping import archive
from dashboards.subscriptions.keeping.tokens import subject_of
from dashboards.subscriptions.readers import book
from dashboards.subscriptions.sending import issues
from dashboards.subscriptions.sending.issues import Issues, Wanted
from dashboards.subscriptions.sending.outbox import deliver
from pipelines.settings import Settings
from pipelines.store import Audit, Store, now


def test_a_late_issue_brings_links_to_its_files_that_still_work(
    lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought: list[tuple[str, datetime]] = []
    painted = issues.render

    def render(
        report: Report, formats: object, rows: object, link_for: Any, above: int, until: datetime
    ) -> Issue:
        brought.append((link_for(Attachment("table.csv", "text/csv", b"a")), until))
        return painted(report)

    monkeypatch.setattr(issues, "render", render)
    late = now() - timedelta(days=3 * lake.mail.link_days)
    still = now() + timedelta(days=lake.mail.link_days - 1)
    Issues(lake).sealed(Wanted("fleet-daily", Reader(timezone="UTC"), late, None))
    [(link, until)] = brought
    assert subject_of(lake, "file", link.rsplit("/", 1)[1], still).endswith("/table.csv")
    assert until > still


def test_each_mail_that_left_comes_back_from_the_archive_to_the_byte(lake: Settings) -> None:
    book.add(lake, "ann@acme.example", "fleet-daily", formats=["csv"])
    book.add(lake, "bob@acme.example", "fleet-daily", formats=["csv"])
    book.add(lake, "li@acme.example", "fleet-daily", language="zh")
    results = deliver(lake, first_issue=True)
    assert [result.state for result in results] == ["sent"] * 3
    for result in results:
        assert result.delivery is not None
        assert archive.mail(lake, result.delivery) == Path(result.answer).read_bytes()
    number, saved = results[0].delivery, lake.home / "saved.eml"
    assert number is not None
    assert archive.save_mail(lake, number, saved, "ann") == saved.stat().st_size
    assert saved.read_bytes() == Path(results[0].answer).read_bytes()
    assert saved.stat().st_mode & 0o077 == 0
    with Store(lake).session() as session:
        assert session.scalars(select(Audit.who).filter_by(action="delivery.mail")).all() == ["ann"]
    with pytest.raises(AssistantError, match="no delivery"):
        archive.save_mail(lake, 10**12, saved, "ann")
    with pytest.raises(AssistantError, match="cannot be written"):
        archive.save_mail(lake, number, lake.home / "no" / "such.eml", "ann")
    assert len(list((lake.home / archive.FOLDER).rglob("*.zip"))) == 2  # one for each language
