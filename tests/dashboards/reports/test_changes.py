"""What changed since the issue before: held against the same counts in Polars, over snapshots that go."""

from collections.abc import Callable
from datetime import timedelta

import duckdb
import polars as pl
import pytest

from analytics.catalog import task_named
from dashboards.reports.build import build
from dashboards.reports.reader import Reader
from dashboards.reports.report import Paragraph, Report, Table
from dashboards.reports.source import Since
from pipelines.access import pseudonym
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted
from tests.dashboards.lake import CASES, DAY_BEFORE, LAST_DAY
from tests.dashboards.reports.conftest import PERIOD

NAME, TASK = "credit-portfolio", "finance.credit_default"


def issue(settings: Settings, since: Since | None = None, reader: Reader | None = None) -> Report:
    return build(settings, NAME, reader or Reader("en"), period=PERIOD, since=since)


def told(report: Report) -> str:
    [paragraph] = (
        each
        for each in report.sections
        if isinstance(each, Paragraph) and each.title == "What changed since the last issue"
    )
    return paragraph.text


def table(report: Report, name: str) -> Table:
    return next(each for each in report.tables if each.name == name)


@pytest.fixture
def predictions(lake: Settings) -> str:
    return quoted(task_named(TASK, lake).predictions_table)


@pytest.fixture
def write(lake: Settings, predictions: str) -> Callable[..., None]:
    """Runs SQL on the predictions, called `{predictions}` in it."""

    def run(*statements: str) -> None:
        def work(connection: duckdb.DuckDBPyConnection) -> None:
            for each in statements:
                connection.execute(each.format(predictions=predictions))

        Warehouse(lake).write(work)

    return run


def rescored(write: Callable[..., None]) -> None:
    """The last day scored anew: three cases gone, two new ones, ten in the highest band."""
    last = f"as_of = TIMESTAMP '{LAST_DAY}'"
    write(
        f"DELETE FROM {{predictions}} WHERE {last} AND entity_id IN ('L-00000', 'L-00001', 'L-00002')",
        "INSERT INTO {predictions} BY NAME SELECT * REPLACE ('L-9' || entity_id AS entity_id) "
        f"FROM {{predictions}} WHERE {last} AND entity_id IN ('L-00003', 'L-00004')",
        f"UPDATE {{predictions}} SET score = 0.97, band = 'very_high' WHERE {last} "
        "AND entity_id BETWEEN 'L-00010' AND 'L-00019'",
    )


def at(settings: Settings, snapshot: int, predictions: str) -> pl.DataFrame:
    sql = f"SELECT entity_id, score, band FROM {predictions} WHERE as_of = ?"
    return Warehouse(settings).query(sql, [LAST_DAY], snapshot=snapshot)


def test_the_issue_before_is_the_one_that_was_sent(
    lake: Settings, predictions: str, write: Callable[..., None]
) -> None:
    sent = Warehouse(lake).snapshot()
    rescored(write)
    report = issue(lake, Since(sent, LAST_DAY))
    before, now = at(lake, sent, predictions), at(lake, report.snapshot, predictions)
    pairs = now.join(before, on="entity_id", suffix="_before")
    moved = pairs.filter(pl.col("band") != pl.col("band_before"))

    assert told(report) == f"Since Oct 31, 2026: 2 new, 3 gone, {moved.height} moved to another band."
    assert report.values["changed"] == 2 + 3 + moved.height
    moves = table(report, "moves").frame
    assert moves.filter(pl.col("from") == "(new)")["cases"].sum() == 2
    assert moves.filter(pl.col("to") == "(gone)")["cases"].sum() == 3
    assert moves["cases"].sum() == report.values["changed"]
    movers = table(report, "movers").frame
    expected = pairs.with_columns(by=(pl.col("score") - pl.col("score_before")).abs()).sort(
        "by", "entity_id", descending=[True, False]
    )
    assert movers["entity_id"].to_list() == expected.head(10)["entity_id"].to_list()
    assert movers["change"].abs().to_list() == pytest.approx((100 * expected["by"]).head(10).to_list())
    assert not movers["why"].str.contains("–").any()


def test_nothing_new_is_said_in_so_many_words(scored: Settings) -> None:
    report = issue(scored, Since(Warehouse(scored).snapshot(), LAST_DAY))
    assert told(report).startswith("Since Oct 31, 2026 no case was added or dropped")
    assert report.values["changed"] == 0
    assert {each.name for each in report.tables} == {"ranking"}


def test_a_snapshot_that_is_gone_is_made_up_for(lake: Settings, write: Callable[..., None]) -> None:
    sent = Warehouse(lake).snapshot()
    rescored(write)
    with Warehouse(lake).maintaining() as connection:
        connection.execute(f"CALL ducklake_expire_snapshots('lake', versions => [{sent}])")
    by_moment = issue(lake, Since(sent, DAY_BEFORE))  # known to the present snapshot as well
    assert told(by_moment).startswith("Since Oct 30, 2026: 2 new, 3 gone")
    neither = issue(lake, Since(sent, LAST_DAY - timedelta(days=40)))
    assert told(neither) == told(by_moment) == told(issue(lake))


def test_of_a_first_issue_it_is_said_that_it_is_the_first(lake: Settings, write: Callable[..., None]) -> None:
    write(f"DELETE FROM {{predictions}} WHERE as_of = TIMESTAMP '{DAY_BEFORE}'")
    report = issue(lake)
    assert told(report) == "This is the first issue; the next one will say what has changed."
    assert "changed" not in report.values  # all of it is new


def test_who_moved_is_masked_like_all_cases(scored: Settings) -> None:
    seen, masked = (
        table(issue(scored, reader=Reader("zh", role)), "movers").frame for role in ("analyst", "engineer")
    )
    assert masked["entity_id"].to_list() == [pseudonym(scored, each) for each in seen["entity_id"]]


def test_a_reader_is_told_of_changes_among_the_own_rows(
    lake: Settings, predictions: str, write: Callable[..., None]
) -> None:
    sent = Warehouse(lake).snapshot()
    rescored(write)
    report = issue(lake, Since(sent, LAST_DAY), Reader(attributes=(("purpose", ("car",)),)))
    own = Warehouse(lake).query("SELECT loan_id FROM finance.loans WHERE purpose = 'car'")["loan_id"]
    assert set(table(report, "movers").frame["entity_id"]) <= set(own)
    before, now = (
        at(lake, snapshot, predictions).filter(pl.col("entity_id").is_in(own.to_list()))
        for snapshot in (sent, report.snapshot)
    )
    moved = now.join(before, on="entity_id").filter(pl.col("band") != pl.col("band_right")).height
    gone = before.join(now, on="entity_id", how="anti").height
    assert report.values["changed"] == moved + gone > 0
    assert report.values["rows"] == now.height < CASES
