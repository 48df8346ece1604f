"""A report as a file of each form."""

from email import message_from_bytes
from pathlib import Path

import pytest

from connectors.errors import UsageError
from dashboards.reports.forms import FORMS, write_report
from pipelines.settings import Settings

FIRST_BYTES = {"html": b"<!doctype html>", "csv": b"\xef\xbb\xbf", "xlsx": b"PK", "eml": b"Subject: "}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_can_be_written(scored: Settings, tmp_path: Path, form: str) -> None:
    file = write_report(scored, "fleet-daily", form, tmp_path / "new", language="zh")
    assert file.name == f"fleet-daily-2026-10-31-zh.{form}"
    assert file.read_bytes().startswith(FIRST_BYTES[form])


def test_the_mail_as_a_file_is_a_mail(scored: Settings, tmp_path: Path) -> None:
    mail = message_from_bytes(write_report(scored, "fleet-daily", "eml", tmp_path).read_bytes())
    assert mail["To"] == "reader@localhost"


def test_a_form_there_is_not_is_answered_with_those_there_are(scored: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="html, csv, xlsx, eml"):
        write_report(scored, "fleet-daily", "pdf", tmp_path)
    assert not list(tmp_path.iterdir())
