"""Documents on paper: every text as written, pages as numbered, the same bytes every time."""

import struct
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
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
from dashboards.reports.pdf import pages, pdf
from dashboards.wording import say
from tests.dashboards.charts.examples import every_kind
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
@example("#panic()")
@example("*x* _y_ @ref <label> = heading")
@example('#include "/etc/passwd" // nothing')
@example("$x^2$ \\u{41} [#sys.inputs] -- ... '\"`")
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
    assert content.count(b"D:20261102060000") == content.count(b"D:2") > 0


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
