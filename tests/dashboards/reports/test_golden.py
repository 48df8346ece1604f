"""Forms that were looked at and found good: what changes them shows here, letter by letter.

`REWRITE_GOLDEN=1 pytest tests/dashboards/reports/test_golden.py` writes them anew; look at what changed.
Pictures and the size of the PDF are left out: they depend on the font that a machine has.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from dashboards.reports.mail import letter_of, seal
from dashboards.reports.pdf import pdf
from dashboards.reports.printed import printed
from dashboards.reports.render import Issue, render
from tests.dashboards.reports.example import example
from tests.dashboards.reports.pdf_text import texts
from tests.dashboards.reports.test_mail import ENVELOPE, PNG

GOLDEN = Path(__file__).parent / "golden"
FORMS = ("html", "txt", "csv", "eml", "pdf.txt", "xlsx.json")


@cache
def forms(language: str) -> Mapping[str, bytes]:
    """Each form of the example, by the end of its file name."""
    issue = render(example(language), ("xlsx", "csv"))
    xlsx, csv = (file.content for file in issue.files)
    members = ZipFile(BytesIO(xlsx))
    digests = {
        name: hashlib.sha256(members.read(name)).hexdigest()
        for name in members.namelist()
        if not name.startswith("docProps/app")  # names the program's release
    }
    return {
        "html": issue.html.encode(),
        "txt": issue.text.encode(),
        "csv": csv,
        "eml": _mail(issue),
        "pdf.txt": "\n".join([*texts(pdf(printed(example(language)))), ""]).encode(),
        "xlsx.json": (json.dumps(digests, indent=1) + "\n").encode(),
    }


def _mail(issue: Issue) -> bytes:
    letter = letter_of(issue)
    files = tuple(file for file in letter.attachments if file.kind == "text/csv")
    pictures = dict.fromkeys(letter.pictures, PNG)
    return seal(replace(letter, pictures=pictures, attachments=files, key="0" * 24)).mail(ENVELOPE)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_what_it_was_when_it_was_looked_at(form: str, language: str) -> None:
    file, made = GOLDEN / f"example.{language}.{form}", forms(language)[form]
    if os.environ.get("REWRITE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_bytes(made)
    assert made.decode().splitlines() == file.read_bytes().decode().splitlines()
    assert made == file.read_bytes()
