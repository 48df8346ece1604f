"""The carrier's report where routes and orders are planned: on the page, in the mail, on paper."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import duckdb
import fastexcel
import polars as pl
import pytest
from click.testing import CliRunner

from dashboards.domains.logistics import report as fleet_daily
from dashboards.domains.logistics.driver_sheets import driver_sheets
from dashboards.domains.logistics.plan_sections import plan_sections, plans_ahead
from dashboards.queries.reading import Read, reader
from dashboards.queries.routes import PlanRows
from dashboards.reports import pdf
from dashboards.reports.build import build
from dashboards.reports.desk import Desk
from dashboards.reports.mail import sealed
from dashboards.reports.printed import printed
from dashboards.reports.reader import Reader
from dashboards.reports.render import render
from dashboards.reports.report import Headlines, Paragraph, Report, Table
from flows.cli import sda
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted
from tests.dashboards import planned
from tests.dashboards.reports.conftest import PERIOD
from tests.dashboards.reports.pdf_text import texts
from tests.dashboards.reports.test_mail import ENVELOPE, received

Written = Callable[..., Report]


@pytest.fixture(scope="session")
def carrier(scored: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The scored home with plans, forecasts and proposals in its lake; only to be read."""
    folder = tmp_path_factory.mktemp("carrier")
    shutil.copytree(scored.home, folder / "var")
    settings = scored.model_copy(update={"home": folder / "var"})
    Warehouse(settings).write(_furnish)
    return settings


def _furnish(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("DELETE FROM logistics.depots WHERE depot_id = 'D1'")
    for table, rows in planned.logistics_rows().items():
        for row in rows:
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})", [*row.values()])
    planned.furnish_plans(connection)


@pytest.fixture(scope="session")
def written(carrier: Settings) -> Written:
    @cache
    def of(language: str = "en") -> Report:
        return build(carrier, "fleet-daily", Reader(language, "subscriber", "Asia/Shanghai"), period=PERIOD)

    return of


def table(report: Report, name: str) -> Table:
    return next(each for each in report.tables if each.name == name)


def test_the_plan_stands_beside_what_is_done_today(written: Written) -> None:
    _, figures = (each for each in written().sections if isinstance(each, Headlines))
    assert {each.label: (each.value, each.change) for each in figures.figures} == {
        "Distance": ("100 km", "25 km less (-20%)"),
        "Hours on the road": ("8.0 h", "as today"),
        "Cost": ("EUR 400", "as today"),
        "CO₂": ("21 kg", "as today"),
        "Late stops": ("1", "2 less"),
    }
    [opening] = (
        each
        for each in written().sections
        if isinstance(each, Paragraph) and each.title == "Routes of Nov 2, 2026"
    )
    assert "Compared with the plan in use" in opening.text  # of its one depot
    assert "capacity 1" in opening.text
    assert "8 stops are planned on 2 routes for Nov 2, 2026. Not served: 1." in written().summary
    assert written().charts[0].kind == "map"


def test_what_is_not_served_is_said_with_the_rule_that_binds(written: Written) -> None:
    [row] = table(written(), "not-served").frame.rows(named=True)
    assert (row["stop_id"], row["binds"]) == ("02-8", "capacity")
    assert row["why"] == "It needs 950 kg; the largest vehicle holds 800 kg."
    assert table(written("zh"), "not-served").frame["why"].to_list() == [
        "需要 950 kg；最大的车辆只能装 800 kg。"
    ]


def test_proposals_are_sentences_in_the_mail_and_figures_in_the_workbook(written: Written) -> None:
    issue = render(written(), ("xlsx",))
    told = (
        "Order 40 of Article 0 <i> today, because 12 on hand and 3 on order do not exceed the reorder point "
        "of 22; demand expected before an order of tomorrow arrives: 31."
    )
    assert told in issue.text
    assert told.replace("<i>", "&lt;i&gt;") in issue.html
    book = next(each for each in issue.attachments if each.name == "fleet-daily-2026-10-31.xlsx")
    place = [each.name for each in issue.report.tables].index("proposals")
    sheet = fastexcel.read_excel(book.content).load_sheet(place).to_polars()
    assert sheet.height == 1  # what is not to be ordered is no proposal
    assert sheet.select("Order", "Cost (EUR)", "May run out", "Proposal").rows() == [
        (40.0, 120.0, 0.82, told)
    ]
    parts = ZipFile(BytesIO(book.content))
    assert b"<autoFilter" in parts.read(f"xl/worksheets/sheet{place + 1}.xml")
    assert b'formatCode="#,##0"' in parts.read("xl/styles.xml") or b'numFmtId="3"' in parts.read(
        "xl/styles.xml"
    )


def test_the_note_says_what_the_orders_follow_from(written: Written) -> None:
    note = next(
        each
        for each in written().sections
        if isinstance(each, Paragraph) and each.title == "What the proposals follow from"
    )
    assert "Orders proposed: 1, for EUR 120 in all, from the stock of Oct 31, 2026." in note.text
    # 2 articles x 7 days x 6; asked for 3 + day % 7 on the six days in seven that had demand
    assert "expects 84 units over the next 7 days; 78 were asked for in the 7 days up to Oct 31" in note.text
    assert "would have cost 20.0% less" in note.text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_mail_carries_a_page_for_each_driver(written: Written, language: str) -> None:
    issue = render(written(language))
    attached = received(sealed(issue).mail(ENVELOPE)).iter_attachments()
    assert [(part.get_filename(), part.get_content_type()) for part in attached] == [
        ("fleet-daily-2026-10-31-routes.pdf", "application/pdf")
    ]
    paper = next(each.content for each in issue.attachments if each.kind == "application/pdf")
    first, second = texts(paper)
    for number, (page, vehicle) in enumerate(zip((first, second), planned.VEHICLES, strict=True)):
        assert vehicle in page
        assert not re.search(r"\d/\d$", page)
        stops = [f"02-{4 * number + place}" for place in range(4)]
        assert [page.index(stop) for stop in stops] == sorted(page.index(stop) for stop in stops)
    # 08:50 in Berlin is 07:50 in UTC, nine minutes earlier and sixteen later
    assert "08:5008:41–09:0608:30–09:20" in first
    late = {"en": "5minlate", "zh": "晚5分钟"}[language]
    assert late in second
    assert late not in first


@pytest.mark.parametrize(("role", "seen"), [("subscriber", False), ("engineer", False), ("caseworker", True)])
def test_paper_and_page_show_of_a_customer_what_the_role_may_see(
    carrier: Settings, role: str, seen: bool
) -> None:
    with Warehouse(carrier).reading() as connection:
        desk = replace(
            desk_at(reader(connection), planned.DAY - timedelta(days=1)), reader=Reader("en", role, "UTC")
        )
        plans = plans_ahead(desk)
    said = "".join(texts(pdf.pdf(driver_sheets(desk, plans))))
    *_, unserved = plan_sections(desk, plans)
    assert isinstance(unserved, Table)
    assert ("".join(planned.CUSTOMER.split()) in said) is seen
    assert ("".join(planned.STREET.split()) in said) is seen
    assert ("Namesandaddressesarehidden" in said) is not seen
    assert (planned.CUSTOMER in unserved.frame["customer"].to_list()) is seen


def test_a_plan_that_serves_nothing_is_reported_without_routes_and_paper(
    carrier: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(desk: Desk) -> list[PlanRows]:
        return [
            replace(each, routes=each.routes.clear(), stops=each.stops.clear()) for each in plans_ahead(desk)
        ]

    monkeypatch.setattr(fleet_daily, "plans_ahead", nothing)
    report = build(carrier, "fleet-daily", Reader("en", "subscriber", "UTC"), period=PERIOD)
    assert "vehicles" not in {each.name for each in report.tables}
    assert not report.documents
    assert "attached" not in next(each.text for each in report.sections if isinstance(each, Paragraph))
    assert pdf.pdf(printed(report))
    assert render(report)


@pytest.mark.parametrize(("count", "numbers"), [(15, [""]), (23, [""]), (40, ["1/2", "2/2"])])
def test_only_a_route_too_long_for_a_page_goes_on_on_a_second(
    carrier: Settings, count: int, numbers: list[str]
) -> None:
    with Warehouse(carrier).reading() as connection:
        desk = desk_at(reader(connection), planned.DAY - timedelta(days=1))
        [plan] = plans_ahead(desk)
    pages = texts(pdf.pdf(driver_sheets(desk, [stretched(plan, count)])))
    assert len(pages) == len(numbers)
    assert all(page.endswith(number) for page, number in zip(pages, numbers, strict=True))
    assert "".join(pages).count("deliver") == count


def test_a_plan_for_a_day_that_is_over_is_not_reported(carrier: Settings) -> None:
    with Warehouse(carrier).reading() as connection:
        assert plans_ahead(desk_at(reader(connection), planned.DAY)) == []


def desk_at(read: Read, day: date) -> Desk:
    """A desk with data up to the end of `day`, for someone who sees everything."""
    as_of = datetime.combine(day, time(23, 59))
    settings, reader = Settings(name="Carrier"), Reader("en", "caseworker", "UTC")
    return Desk(settings=settings, read=read, reader=reader, as_of=as_of, period=PERIOD)


def stretched(plan: PlanRows, count: int) -> PlanRows:
    """The first route with `count` stops."""
    one = plan.stops.head(1)
    stops = pl.concat([one.with_columns(position=pl.lit(number, pl.Int64)) for number in range(1, count + 1)])
    return replace(plan, routes=plan.routes.head(1), stops=stops)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_whole_report_can_be_printed(written: Written, language: str) -> None:
    report = written(language)
    said = "".join(texts(pdf.pdf(printed(report))))
    for words in (report.title, report.summary, *(chart.sentence for chart in report.charts)):
        assert "".join(words.split()) in said
    for fact in report.facts:
        assert "".join(fact.value.split()) in said
    assert str(report.tables[-1].frame["entity_id"][0]) in said


def test_the_command_writes_the_report_and_the_drivers_pages(
    carrier: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SDA_HOME", str(carrier.home))
    asked = ["report", "fleet-daily", "--format", "pdf", "--output", str(tmp_path), "--json"]
    answer = CliRunner().invoke(sda, asked)
    assert answer.exit_code == 0, answer.output
    files = [Path(file) for file in json.loads(answer.stdout)["files"]]
    stem = "fleet-daily-2026-10-31"
    assert [file.name for file in files] == [f"{stem}.pdf", f"{stem}-routes.pdf"]
    assert "Fleetdaily" in texts(files[0].read_bytes())[0]
    assert len(texts(files[1].read_bytes())) == len(planned.VEHICLES)
