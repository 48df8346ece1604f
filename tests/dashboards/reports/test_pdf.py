"""Documents on paper: every text as written, pages as numbered, the same bytes every time."""

import re
import struct
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import example as tried
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.charts.chart import Chart
from dashboards.reports.document import (
    Beside,
    Block,
    Cell,
    Document,
    Drawing,
    Facts,
    Figures,
    Grid,
    GridColumn,
    Heading,
    Part,
    Words,
)
from dashboards.reports.enclosed import Enclosed
from dashboards.reports.pdf import pages, pdf
from dashboards.reports.printed import printed
from dashboards.reports.report import Column, Table
from dashboards.wording import say
from tests.dashboards.charts.examples import every_kind
from tests.dashboards.reports.example import carriers, example
from tests.dashboards.reports.pdf_text import texts

MADE = datetime(2026, 11, 2, 6, tzinfo=UTC)
CHARTS = every_kind(say("en"))
# What people, streets and goods are called: letters that our fonts have, and all that is markup somewhere.
LETTERS = st.sampled_from("abz019 ÄéßŁ唐桂英街号#*_`$@<>\\/~=-+[](){}\"'&%!?:;,.|^")
NAMES = st.text(LETTERS, min_size=1, max_size=24).filter(str.strip)


def part(*blocks: Block, title: str = "Title") -> Part:
    return Part(title, "", "head", "foot", blocks)


def document(*parts: Part, few_pages: bool = False, language: str = "en") -> Document:
    return Document("test", "Test", "Carrier & Söhne", language, MADE, parts, few_pages)


def stops(count: int) -> Grid:
    rows = tuple((Cell(str(number)), Cell("Customer", "Street")) for number in range(1, count + 1))
    return Grid((GridColumn("#", "right"), GridColumn("Who", share=1)), rows)


@settings(max_examples=60)
@given(NAMES)
@tried("#panic()")
@tried("*x* _y_ @ref <label> = heading")
@tried('#include "/etc/passwd" // nothing')
@tried("$x^2$ \\u{41} [#sys.inputs] -- ... '\"`")
def test_every_text_is_printed_as_it_is_written(name: str) -> None:
    everywhere = (
        Heading(name),
        Words(name, "notice", name),
        Words(name, "quiet"),
        Facts(((name, name),)),
        Figures(((name, name, name),)),
        Grid((GridColumn(name),), ((Cell(name, name),),)),
        Beside((Words(name),), (Words(name),)),
    )
    made = document(Part(name, name, name, name, everywhere))
    said = "".join(texts(pdf(made)))
    assert said.count("".join(name.split())) >= 4 + 14


@settings(max_examples=60)
@given(st.text(max_size=30))
def test_no_text_whatever_keeps_a_document_from_being_printed(text: str) -> None:
    made = document(part(Words(text), Grid((GridColumn(text),), ((Cell(text, text),),)), title=text))
    assert pdf(made).startswith(b"%PDF-")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_same_document_is_the_same_bytes_and_knows_one_moment(language: str) -> None:
    made = document(part(Drawing(CHARTS[0]), stops(3)), language=language)
    content = pdf(made)
    assert content == pdf(made)
    assert content.count(b"(D:20261102060000") == content.count(b"(D:20") > 0


def test_a_long_table_goes_on_under_its_head_on_numbered_pages() -> None:
    first, *others = texts(pdf(document(part(stops(75)))))
    assert len(others) == 2
    assert first.endswith("foot1/3")
    for number, page in enumerate(others, 2):
        assert page.startswith("headCarrier&Söhne#Who")
        assert page.endswith(f"foot{number}/3")


def test_each_part_has_pages_of_its_own_numbered_only_where_one_is_not_enough() -> None:
    made = document(part(stops(40), title="Long"), part(stops(2), title="Short"), few_pages=True)
    long, rest, short = texts(pdf(made))
    assert (long[-7:], rest[-7:]) == ("foot1/2", "foot2/2")
    assert "Short" in short
    assert short.endswith("2CustomerStreetfoot")


def test_tight_rows_bring_more_onto_a_page() -> None:
    loose, tight = stops(33), Grid(stops(33).columns, stops(33).rows, tight=True)
    assert [len(texts(pdf(document(part(grid))))) for grid in (loose, tight)] == [2, 1]


@pytest.mark.parametrize("chart", [each for each in CHARTS if each.kind in ("line", "map", "gantt")])
def test_charts_are_lines_not_dots(chart: Chart) -> None:
    content = pdf(document(part(Drawing(chart), Drawing(chart, 0.5, bare=True))))
    assert b"/Subtype/Image" not in content
    assert chart.title.replace(" ", "") in texts(content)[0]


def test_pages_can_be_looked_at() -> None:
    first, second = pages(document(part(stops(40))), ppi=30)
    assert {first[:4], second[:4]} == {b"\x89PNG"}
    assert struct.unpack(">II", first[16:24]) == (248, 351)  # A4 at 30 dots to the inch


def test_a_report_says_on_its_first_page_what_it_is_made_from_and_where_to_find_what() -> None:
    document = printed(example(cases=60))
    first, *others = texts(pdf(document))
    order = ["Example,weekly", "12of30carriers", "logistics.late20261101-1", "Contents", "Carriers", "1/4"]
    assert [first.index(words) for words in order] == sorted(first.index(words) for words in order)
    assert len(others) == 3
    short = texts(pdf(printed(example("zh", carriers("zh", 5)))))
    assert len(short) == 1
    assert "目录" not in short[0]


def test_the_paper_has_more_rows_than_the_mail_and_says_how_many_there_are() -> None:
    sheets = Enclosed(has_sheets=True)
    report = example("en", replace(carriers(cases=400), total=5_000_000))
    assert "200of5,000,000rows;thefilehasthefirst400." in "".join(texts(pdf(printed(report, sheets))))
    assert "200of5,000,000rows." in "".join(texts(pdf(printed(report))))
    whole = "".join(texts(pdf(printed(example("en", carriers(cases=60))))))
    assert "rows" not in whole
    assert whole.count("Latetwice") == 30


def test_a_page_can_be_read_aloud_and_kept() -> None:
    content = pdf(printed(example()))
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    assert b"/Lang(en-GB)" in content or b"/Lang (en-GB)" in content
    assert content.count(b"/Alt") >= 2  # of each chart
    assert b"/Marked true" in content


def test_names_of_every_script_are_set_and_emoji_by_their_name() -> None:
    said = "".join(texts(pdf(printed(example("en", carriers())))))
    assert "(deliverytruck)Fast" in said
    assert "唐桂英,解放路5号" in said
    assert "<script>alert(1)</script>" in said
    for name in ("مؤسسة", "שלום"):
        assert name in said or name[::-1] in said


def test_a_table_of_long_texts_does_not_fill_a_hundred_pages() -> None:
    frame = pl.DataFrame({"a": ["x " * 500] * 900}).with_columns(b="a")
    table = Table("t", "T", (Column("a", "A"), Column("b", "B")), frame)
    pages_of_it = texts(pdf(printed(example("en", replace(table, most=900)))))
    assert 5 < len(pages_of_it) < 30
    shown = re.search(r"(\d+)of900rows\.", "".join(pages_of_it))
    assert shown is not None
    assert 50 < int(shown[1]) < 200
