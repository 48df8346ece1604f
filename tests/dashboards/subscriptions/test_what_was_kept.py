"""What left is what the archive gives back, through everything that takes part in sending."""

from pathlib import Path

from dashboards.subscriptions import archive, book
from dashboards.subscriptions.outbox import deliver
from pipelines.settings import Settings


def test_each_mail_that_left_comes_back_from_the_archive_to_the_byte(lake: Settings) -> None:
    book.add(lake, "ann@acme.example", "fleet-daily", formats=["csv"])
    book.add(lake, "bob@acme.example", "fleet-daily", formats=["csv"])
    book.add(lake, "li@acme.example", "fleet-daily", language="zh")
    results = deliver(lake, first_issue=True)
    assert [result.state for result in results] == ["sent"] * 3
    for result in results:
        assert result.delivery is not None
        assert archive.mail(lake, result.delivery) == Path(result.answer).read_bytes()
    assert len(list((lake.home / archive.FOLDER).rglob("*.zip"))) == 2  # one for each language
