"""What a mail shows: every text as written, pictures at their size, ever less where there is no room."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO

import fastexcel
import polars as pl
import pytest
from hypothesis import example as tried
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dashboards.reports import html, text
from dashboards.reports.enclosed import Attachment
from dashboards.reports.page import GAP, page
from dashboards.reports.render import Issue, render, standalone
from dashboards.reports.report import Column, Fact, Headline, Headlines, Paragraph, Report, Section, Table
from tests.dashboards.reports.example import NAMES, PERIOD, carriers, example
from tests.dashboards.reports.pdf_text import texts

VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """What a test asks of a page: its pictures, links and text, and whether its tags fit together."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.pictures: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.classes: set[str] = set()
        self.cells: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(content)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.classes |= set((given.get("class") or "").split())
        if tag == "img":
            self.pictures.append(given)
        if tag == "a":
            self.links.append(str(given["href"]))
        if tag == "td":
            self.cells.append(("", given))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["style"]:
            return
        self.text += data
        if self.cells:
            self.cells[-1] = (self.cells[-1][0] + data, self.cells[-1][1])


def of(*sections: Section) -> Issue:
    return render(example("en", *sections))


def test_every_picture_is_there_and_shown_at_its_size() -> None:
    issue = render(example())
    pictures = Page(issue.html).pictures
    assert {str(each["src"]).removeprefix("cid:") for each in pictures} == set(issue.pictures)
    assert len(pictures) == 2  # the chart without data is told in words
    for each in pictures:
        image = Image.open(BytesIO(issue.pictures[str(each["src"]).removeprefix("cid:")].png))
        width, height = int(str(each["width"])), int(str(each["height"]))
        assert image.width / image.height == pytest.approx(width / height, rel=0.01)
        assert image.width >= 2 * width
        assert each["alt"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_uses_nothing_that_mail_programs_drop(language: str) -> None:
    content = render(example(language), ("csv",)).html
    shown = Page(content)
    assert not shown.tags & {"script", "link", "svg", "iframe", "form", "video", "object"}
    assert not re.search(r"display:\s*(flex|grid)|position:|url\(|@import|var\(", content)
    assert not [link for link in shown.links if not link.startswith("http://127.0.0.1:8501/")]
    assert content.startswith(f'<!doctype html><html lang="{ {"en": "en", "zh": "zh-Hans"}[language] }"')
    assert content.count(GAP) == 1


def test_each_colour_has_one_for_dark_screens_in_both_ways_programs_ask_for_it() -> None:
    content = render(example()).html
    coloured = {"page", "sheet", "ink", "quiet", "rule", "card", "note", "link"}
    assert coloured <= Page(content).classes | {"link"}
    for name in coloured:
        for way in ("", "[data-ogsc] ", "[data-ogsb] "):
            assert f"{way}.{name} {{" in content


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=30))
@tried("<script>alert(1)</script>")
@tried(GAP)
@tried("--></style><b>")
@tried("\"'&amp;")
def test_every_text_is_shown_as_it_is_written(name: str) -> None:
    """In all places at once; `page` around it is made of nothing else."""
    frame = pl.DataFrame({"a": [name], "b": [1.0]})
    table = Table("t", name, (Column("a", name), Column("b", "B", "number", unit=name)), frame)
    figures = Headlines((Headline(name, name, name),), name)
    words = (Paragraph(name, name), Paragraph(name, name, "notice"))
    report = replace(
        example("en", table, figures, *words), title=name, summary=name, organisation=name,
        facts=(Fact(name, name),),
    )  # fmt: skip
    issue = render(report)
    shown = Page(issue.html)
    assert shown.text.count(name) >= 18
    assert issue.html.count(GAP) == 1
    assert not shown.tags & {"script", "b"}
    assert text.page(report).count(name) >= 1


def test_names_from_right_to_left_stay_in_their_cell() -> None:
    issue = of(carriers())
    directions = {content: given.get("dir") for content, given in Page(issue.html).cells}
    for name in NAMES:
        expected = "rtl" if name in ("مؤسسة النور (دبي)", "שלום בע״מ!") else None
        assert directions[name] == expected, name
    assert "\u2068שלום בע״מ!\u2069" in issue.text
    assert "\u202e" not in issue.text  # an override would turn round the rest of its line


@pytest.mark.parametrize(
    ("formats", "rows", "total", "told"),
    [
        ((), None, None, "10 of 30 rows."),
        (("pdf",), None, None, "10 of 30 rows."),
        (("csv",), None, None, "10 of 30 rows; the file has all of them."),
        (("xlsx",), 20, None, "10 of 30 rows; the file has the first 20."),
        (("xlsx",), 10, None, "10 of 30 rows."),
        (("csv",), None, 5_000_000, "10 of 5,000,000 rows; the file has the first 30."),
    ],
)
def test_a_cut_table_says_how_many_rows_there_are_and_where(
    formats: tuple[str, ...], rows: int | None, total: int | None, told: str
) -> None:
    issue = render(example("en", replace(carriers(), total=total)), formats, rows)
    assert told in Page(issue.html).text
    assert told in issue.text.splitlines()


def test_a_table_that_is_shown_whole_says_nothing_of_its_rows() -> None:
    issue = render(example("en", carriers(cases=10)), ("csv",))
    assert "rows" not in Page(issue.html).text


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "The files are too large for a mail; fetch them here until Dec 7, 2026:"),
        ("zh", "文件太大，无法随邮件发送；请于 2026年12月7日 前在此下载："),
    ],
)
def test_files_too_large_for_a_mail_are_linked(language: str, told: str) -> None:
    def link(file: Attachment) -> str:
        return f"https://files.example/{file.name}"

    report, until = example(language), PERIOD + timedelta(days=14)
    formats = ("xlsx", "csv")
    size = sum(file.size for file in render(report, formats).files)
    travels = render(report, formats, None, link, size, until)
    linked = render(report, formats, None, link, size - 1, until)
    names = [file.name for file in linked.files]
    assert names == [f"example-2026-11-22.{end}" for end in ("xlsx",)] + ["example-2026-11-22-carriers.csv"]
    assert travels.attachments == travels.files == linked.files
    assert linked.attachments == ()
    for name in names:
        assert f"https://files.example/{name}" in Page(linked.html).links
        assert f"https://files.example/{name}" in linked.text
        assert "files.example" not in travels.html + travels.text
    assert told in Page(linked.html).text
    assert told in linked.text
    assert re.search(r"carriers\.csv \(\d+ kB\)", Page(linked.html).text)


LONG = "Überlang & <voll> 表格 " * 500


def worst(rows: int, columns: int, letters: int, sections: int) -> Report:
    """A report far too long in every way at once."""
    words = LONG[:letters]
    names = [f"c{number}" for number in range(columns)]
    frame = pl.DataFrame({name: [words] * rows for name in names})
    table = Table("t", words, tuple(Column(name, words, wraps=True) for name in names), frame, most=rows)
    each: tuple[Section, ...] = (
        table,
        Paragraph(words, words),
        Headlines((Headline(words, words, words),) * 4),
    )
    facts = (Fact(words, words),) * 9
    return replace(example("en", *(each * sections)), title=words, summary=words, facts=facts)


@pytest.mark.parametrize(
    ("rows", "columns", "letters", "sections"),
    [(1000, 4, 20, 1), (30, 30, 10_000, 1), (3, 3, 200, 150), (40, 9, 10_000, 12), (1, 1, 12_000, 90)],
)
def test_the_worst_report_fits_into_a_mail(rows: int, columns: int, letters: int, sections: int) -> None:
    issue = render(worst(rows, columns, letters, sections))
    assert 20_000 < len(issue.html.encode()) <= html.LIMIT
    assert len(issue.text) < 120_000
    Page(issue.html)  # and its tags fit together


def test_a_report_cut_short_says_so() -> None:
    many = [Paragraph(f"Part {number}", "word " * 30) for number in range(2000)]
    shown = Page(of(*many).html).text
    parts = len(re.findall(r"Part \d+", shown))
    assert f"{2000 - parts:,} more parts of this report did not fit into a mail." in shown
    assert "Part 0" in shown
    assert "Open the dashboard" in shown  # the end of the page is there


def test_rows_go_before_words_do() -> None:
    report = example("en", carriers(cases=400, most=400))
    shown = Page(render(report, ("csv",)).html).text
    told = re.search(r"(\d+) of 400 rows; the file has all of them\.", shown)
    assert told is not None
    assert 10 <= int(told.group(1)) < 400
    assert "Late twice, far away; rain" in shown


def test_a_page_of_its_own_needs_nothing_beside_it() -> None:
    content = standalone(example())
    assert GAP not in content
    assert all(str(each["src"]).startswith("data:image/png;base64,") for each in Page(content).pictures)


def test_an_empty_page_is_a_page() -> None:
    assert Page(page("t", "p", "zh", None)).text == "tp"


def test_an_empty_table_is_told_in_words_in_every_form() -> None:
    issue = render(example("en", carriers(cases=0)), ("pdf", "xlsx", "csv"))
    pdf, xlsx, csv = (file.content for file in issue.files)
    assert "There are no rows." in Page(issue.html).text
    assert "There are no rows." in issue.text
    assert "Therearenorows." in "".join(texts(pdf))
    assert fastexcel.read_excel(xlsx).load_sheet(0).to_polars().height == 0
    assert csv.count(b"\r\n") == 1


def test_a_plan_may_allow_no_row_in_the_files() -> None:
    issue = render(example("en", carriers(cases=30)), ("pdf", "csv"), rows=0)
    assert "10 of 30 rows." in issue.text.splitlines()
    assert "0of30rows." in "".join(texts(issue.files[0].content))
    assert issue.files[1].content.count(b"\r\n") == 1
