"""Who subscribed to a view gets the cases that pass it and are theirs, and nothing else, ever."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from analytics.row_cuts import row_cut
from connectors.errors import AssistantError, UsageError
from dashboards.explore.subscribed import Cases, rule_of
from dashboards.explore.view import Range, View, view_of
from dashboards.queries.reading import reader
from dashboards.reports import viewed
from dashboards.reports.build import build
from dashboards.reports.declared import report_settings
from dashboards.reports.reader import Reader, attributes_of
from dashboards.reports.render import render
from dashboards.reports.report import Paragraph
from dashboards.reports.source import Since
from dashboards.subscriptions.accounts.limits import check_view
from dashboards.subscriptions.readers.wishes import checked
from pipelines.finance.contracts import PURPOSES
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.dashboards import lake as sample

REPORT = "credit-portfolio"
PERIOD = datetime(2026, 11, 2, 6, tzinfo=UTC)
WISHES = {"purpose": [*PURPOSES[:4], ""], "currency": ["EUR", "USD", "GBP"], "channel": ["", "branch"]}


@pytest.fixture(scope="module")
def cases(scored: Settings) -> pl.DataFrame:
    """The newest cases beside their loan and customer, joined here and not by the page's SQL."""
    warehouse = Warehouse(scored)
    predictions = warehouse.query("FROM predictions.finance_credit_default").filter(as_of=sample.LAST_DAY)
    loans, customers = warehouse.query("FROM finance.loans"), warehouse.query("FROM finance.customers")
    owned = loans.join(customers, on="customer_id", how="left", suffix="_of_customer")
    return predictions.join(owned, left_on="entity_id", right_on="loan_id", how="left")


def wanted_values(column: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(WISHES[column]), max_size=2, unique=True)


@st.composite
def views(draw: st.DrawFn) -> View:
    view = View(search=draw(st.sampled_from(["", "L", "*1", "nobody"])))
    view = view.choosing(
        "band", draw(st.lists(st.sampled_from(["low", "high", "very high", ""]), max_size=2))
    )
    for column in WISHES:
        view = view.choosing(column, draw(wanted_values(column)))
    low, high = sorted(draw(st.tuples(st.integers(0, 9), st.integers(0, 9))))
    ends = draw(st.sampled_from([Range(), Range(f"{low / 10}", f"{high / 10}"), Range(f"{low / 10}", "")]))
    return view.within("score", ends)


def passing(cases: pl.DataFrame, view: View) -> pl.DataFrame:
    """The cases of a view, found by Polars."""
    for column, wanted in view.choices:
        value = pl.col(column).cast(pl.String)
        none = value.is_null() | (value == "") if "" in wanted else pl.lit(value=False)
        cases = cases.filter(value.is_in([each for each in wanted if each]).fill_null(value=False) | none)
    for column, ends in view.ranges:
        low, high = float(ends.low or "-inf"), float(ends.high or "inf")
        cases = cases.filter(pl.col(column).is_between(low, high))
    number, part = pl.col("entity_id").str.to_lowercase(), view.search.strip("*").lower()
    if part:
        is_there = number.str.contains(part, literal=True)
        cases = cases.filter(is_there if view.search.startswith("*") else number.str.starts_with(part))
    return cases


@pytest.fixture(scope="module")
def whole(scored: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, Cases, dict[str, str]]]:
    """The lake as it is, the newest cases in it, and their columns."""
    with Warehouse(scored).reading() as connection:
        task = viewed.task_of(scored, REPORT, report_settings(scored, REPORT))
        found = viewed.cases_now(scored, task, reader(connection))
        yield connection, found, found.schema(reader(connection))


@tried(max_examples=25, deadline=None)
@given(view=views())
def test_the_keys_of_a_view_are_the_cases_that_pass_it(
    whole: tuple[duckdb.DuckDBPyConnection, Cases, dict[str, str]], cases: pl.DataFrame, view: View
) -> None:
    connection, found, schema = whole
    rule = rule_of(view, found, schema)
    keys = connection.execute(f"SELECT key FROM ({rule.sql}) WHERE value = $shown", {"shown": rule.values[0]})
    assert sorted(key for (key,) in keys.fetchall()) == sorted(passing(cases, view)["entity_id"])


@tried(max_examples=3, deadline=None)
@given(view=views(), purposes=wanted_values("purpose"))
def test_a_reader_sees_what_passes_the_view_and_is_theirs(
    scored: Settings, cases: pl.DataFrame, view: View, purposes: list[str]
) -> None:
    given_ = report_settings(scored, REPORT)
    warehouse = Warehouse(scored)
    with warehouse.reading() as whole:
        rule = viewed.rule(scored, REPORT, given_, view, "subscriber", reader(whole))
    cut = row_cut(scored, given_.parameters, [("purpose", purposes)] if purposes else [], [rule])
    mine = passing(cases, view)
    mine = mine.filter(pl.col("purpose").is_in(purposes)) if purposes else mine

    with warehouse.reading(cut=cut) as connection:
        read = reader(connection)
        shown = read("SELECT DISTINCT entity_id FROM predictions.finance_credit_default", None)["entity_id"]
        loans = read("SELECT loan_id FROM finance.loans", None)["loan_id"]
        customers = read("SELECT customer_id FROM finance.customers", None)["customer_id"]

    assert set(shown) == set(mine["entity_id"])
    assert set(loans) == set(mine["entity_id"])
    assert set(customers) == set(mine["customer_id"].drop_nulls())


def test_every_form_of_an_issue_and_its_link_agree(scored: Settings, cases: pl.DataFrame) -> None:
    view = view_of("f.band=high&f.band=medium&f.band=low&r.amount=2000..&sort=-amount")
    attributes = attributes_of({"view": view.query(), "currency": "EUR"})
    expected = set(passing(cases, view).filter(currency="EUR")["entity_id"])
    assert expected
    assert len(expected) < cases.height

    report = build(
        scored, REPORT, Reader(attributes=attributes, formats=("xlsx", "csv", "pdf")), period=PERIOD
    )

    assert report.values["rows"] == len(expected)
    told = {fact.value for fact in report.facts}
    assert any(
        each.startswith("Currency EUR; Band: High, ") and "Amount: from 2,000" in each for each in told
    )
    asked = parse_qs(urlsplit(report.link).query)
    assert asked.pop("only.currency") == ["EUR"]
    assert view_of(urlsplit(report.link).query) == view
    ranking = next(table for table in report.tables if table.name == "ranking")
    assert set(ranking.frame["entity_id"]) == expected
    issue = render(report, ("xlsx", "csv"), None)
    files = {file.name: file.content for file in issue.files}
    book = next(content for name, content in files.items() if name.endswith("xlsx"))
    in_book = pl.read_excel(book, sheet_id=0)
    sheet = next(sheet for sheet in in_book.values() if sheet.columns[0] == ranking.columns[0].heading)
    assert set(sheet.to_series(0)) == expected


def test_changes_are_those_of_the_cases_that_pass_now(scored: Settings, cases: pl.DataFrame) -> None:
    view = view_of("f.band=high&f.band=very+high")
    snapshot = Warehouse(scored).snapshot()
    since = Since(snapshot, sample.DAY_BEFORE)

    report = build(scored, REPORT, Reader(attributes=attributes_of({"view": view.query()})), since=since)

    passed = passing(cases, view)["entity_id"]
    before = (
        Warehouse(scored)
        .query("FROM predictions.finance_credit_default")
        .filter(pl.col("entity_id").is_in(passed.implode()), as_of=sample.DAY_BEFORE)
    )
    told = next(each.text for each in report.sections if isinstance(each, Paragraph) and "Since" in each.text)
    assert f"{passed.len() - before.height} new, 0 gone" in told


@pytest.mark.parametrize(
    ("view", "told"),
    [
        ("f.colour=red", "no such column"),
        ("f.label_set=1", "list no such column"),  # the page would drop it behind the mail's link
        ("f.entity_id=L0001", "does not filter by «entity_id»"),
        ("f.full_name=Ada", "does not see"),
        ("f.band=hihg", "no band «hihg»"),
        ("r.amount=much..", "no value to compare"),
        ("r.amount=100", "no filter"),
        ("sort=-amount", "cuts nothing"),
        ("work=mine", "cuts nothing"),
        ("", "cuts nothing"),
        ("band=high", "no filter of a view"),
    ],
)
def test_a_view_that_cannot_be_kept_to_is_refused(scored: Settings, view: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        checked(scored, "ann@example.org", REPORT, {"attributes": {"view": [view]}})
    if not view.startswith("f.band"):  # of a band that is gone an issue shows nothing
        with pytest.raises(AssistantError):
            build(scored, REPORT, Reader(attributes=attributes_of({"view": view})))


def test_who_sees_no_numbers_picks_nobody_by_number(scored: Settings) -> None:
    given_, view = report_settings(scored, REPORT), "q=L0001"
    assert viewed.trouble(scored, REPORT, given_, "subscriber", attributes_of({"view": view})) == ""
    told = viewed.trouble(scored, REPORT, given_, "engineer", attributes_of({"view": view}))
    assert "sees no numbers" in told


@pytest.mark.parametrize(
    ("view", "told"),
    [
        ("f.purpose=car&f.currency=EUR&f.band=&f.city=", ""),
        ("f.purpose=cra", "Nobody has the purpose «cra». Did you mean car"),
        ("f.term_months=abc", "Nobody has the term_months «abc»"),
        ("f.city=x'+OR+1=1+--", "Nobody has the city «x' OR 1=1 --»"),
        ("f.currency=USD", ""),
        ("q=Z9", ""),  # may come yet
    ],
)
def test_a_value_that_nobody_has_is_said_when_it_is_wished_for(
    scored: Settings, view: str, told: str
) -> None:
    entry = checked(scored, "ann@example.org", REPORT, {"attributes": {"view": view}})  # as a delivery asks
    if not told:
        check_view(scored, entry)
        return
    with pytest.raises(UsageError) as error:
        check_view(scored, entry)
    assert told in str(error.value)


def test_a_view_is_entered_the_one_way(scored: Settings) -> None:
    address = "http://here/finance?lang=zh&q=L0&f.band=very+high&f.band=high&day=2026-10-30&vs=day:2026-10-29"
    entry = checked(scored, "ann@example.org", REPORT, {"attributes": {"view": address}})

    assert entry.attributes == {"view": ["f.band=high&f.band=very+high&q=L0"]}
    with pytest.raises(UsageError, match="2 views"):
        checked(scored, "ann@example.org", REPORT, {"attributes": {"view": ["f.band=high", "q=L"]}})
    with pytest.raises(UsageError, match="lists no cases"):
        checked(scored, "ann@example.org", "data-quality", {"attributes": {"view": "q=L"}})


def test_a_lost_view_has_a_reason(scored: Settings) -> None:
    given_ = report_settings(scored, REPORT)

    def ask(view: str) -> str:
        return viewed.trouble(scored, REPORT, given_, "subscriber", attributes_of({"view": view}))

    assert ask("f.purpose=car") == ""
    assert "no such column" in ask("f.colour=red")
    assert viewed.trouble(scored, REPORT, given_, "subscriber", ()) == ""
