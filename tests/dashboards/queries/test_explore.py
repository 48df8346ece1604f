"""What a view shows of a board: against the same in Polars, with any values and any filters."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards.explore.view import Range, View, view_of
from dashboards.queries import explore
from dashboards.queries.explore_figures import there
from dashboards.queries.explore_filters import readable, unknown
from dashboards.queries.explore_prefixes import CODE, code_of
from dashboards.queries.reading import Read, reader

KINDS = {
    "entity_id": "VARCHAR", "score": "DOUBLE", "band": "VARCHAR", "amount": "DECIMAL(12, 2)",
    "term": "INTEGER", "applied_at": "TIMESTAMP", "born": "DATE", "open": "BOOLEAN", "nothing": "DOUBLE",
}  # fmt: skip
SORTABLE = [*KINDS]
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "entity_id": st.text("aAbL0%_\\*", min_size=1, max_size=3),
            "score": st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1, allow_subnormal=False),
            "band": st.sampled_from(["low", "high", "", "<b>", None]),
            "amount": st.none() | st.integers(-500, 500).map(lambda cents: cents / 4),
            "term": st.none() | st.integers(-3, 40),
            "applied_at": st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 3)),
            "born": st.none() | st.dates(date(1990, 1, 1), date(1990, 3, 1)),
            "open": st.none() | st.booleans(),
        }
    ),
    max_size=25,
)
EASY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def laid_out(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[dict[str, Any]], *, coded: bool = False
) -> tuple[Read, pl.DataFrame]:
    """The rows as a board, and the same as a frame, each with its place in the table."""
    body = ", ".join(f"{name} {kind}" for name, kind in KINDS.items())
    connection.execute(f"CREATE OR REPLACE TABLE cases ({body})")
    if rows:
        ranked = sorted(rows, key=lambda row: (-row["score"], row["entity_id"]))  # as a board lies
        listed = [tuple(row.get(name) for name in KINDS) for row in ranked]
        connection.executemany(f"INSERT INTO cases VALUES ({', '.join('?' * len(KINDS))})", listed)
    frame = connection.execute("SELECT *, rowid AS place FROM cases").pl()
    if coded:
        code = f"{code_of('entity_id')} AS {CODE}"
        connection.execute(f"CREATE OR REPLACE TABLE cases AS SELECT *, {code} FROM cases")
    return reader(connection), frame


def pages(read: Read, view: View, size: int, excluded: Sequence[str] = ()) -> list[str]:
    """The identifiers of all pages, one after the other."""
    found, after = [], None
    while True:
        page = explore.page(read, view, ["entity_id"], size, excluded, after)
        found += page.rows["entity_id"].to_list()
        if page.next is None:
            return found
        assert page.rows.height == size
        after = page.next


@EASY
@given(rows=ROWS, by=st.sampled_from(SORTABLE), down=st.booleans(), size=st.integers(1, 7))
def test_pages_show_every_case_once_in_order(
    connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]], by: str, down: bool, size: int
) -> None:
    read, frame = laid_out(connection, rows)
    expected = frame.sort(
        by, "entity_id", "place", descending=[down and by != "entity_id", down and by == "entity_id", False],
        nulls_last=True,
    )  # fmt: skip
    if by == "entity_id":
        expected = frame.sort("entity_id", "place", descending=[down, False], nulls_last=True)
    assert pages(read, View(sort=f"-{by}" if down else by), size) == expected["entity_id"].to_list()


@EASY
@given(
    rows=ROWS,
    bands=st.lists(st.sampled_from(["low", "high", "", "<b>", "gone'"]), max_size=2),
    terms=st.lists(st.sampled_from(["12", "", "x", "3.0"]), max_size=2),
    low=st.sampled_from(["", "-3", "0.5", "1e999", "nan", "ten"]),
    high=st.sampled_from(["", "4", "20.25", "-inf", "--"]),
    search=st.sampled_from(["", "a", "L0", "*0", "%", "*_", "\\", "*", "B*"]),
    excluded=st.lists(st.sampled_from(["a", "L", "0", "'"]), max_size=2),
    coded=st.booleans(),
)
def test_filters_that_combine_show_what_polars_shows(
    connection: duckdb.DuckDBPyConnection,
    rows: list[dict[str, Any]],
    bands: list[str],
    terms: list[str],
    low: str,
    high: str,
    search: str,
    excluded: list[str],
    coded: bool,
) -> None:
    read, frame = laid_out(connection, rows, coded=coded)
    view = View(search=search, sort="entity_id").choosing("band", bands).choosing("term", terms)
    view = view.within("amount", Range(low, high)).within("term", Range(low, high))
    keeps = frame.filter(~pl.col("entity_id").is_in(excluded))
    if bands:
        met = pl.col("band").is_in(bands)
        keeps = keeps.filter(met | pl.col("band").is_null() if "" in bands else met)
    if terms:
        whole = [12] * ("12" in terms) + [3] * ("3.0" in terms)
        met = pl.col("term").is_in(whole).fill_null(value=False)
        keeps = keeps.filter(met | pl.col("term").is_null() if "" in terms else met)
    for column in ("amount", "term"):
        number = pl.col(column).cast(pl.Float64)
        if low in ("-3", "0.5"):
            keeps = keeps.filter(number >= float(low))
        if high in ("4", "20.25"):  # the infinite is no number
            keeps = keeps.filter(number <= float(high))
    part, lowered = search.strip("*").lower(), pl.col("entity_id").str.to_lowercase()
    if search.startswith("*") and part:
        keeps = keeps.filter(lowered.str.contains(part, literal=True))
    elif part:
        keeps = keeps.filter(lowered.str.starts_with(part))
    expected = sorted(keeps["entity_id"])
    assert sorted(pages(read, view, 4, excluded)) == expected
    assert explore.count(read, view, excluded) == len(expected)


@EASY
@given(
    ids=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0*"), min_size=1), min_size=1),
    place=st.integers(0, 20),
    letters=st.integers(1, 12),
)
def test_beginnings_of_any_identifiers_are_found_as_their_text_is(
    connection: duckdb.DuckDBPyConnection, ids: list[str], place: int, letters: int
) -> None:
    read, _frame = laid_out(connection, [{"entity_id": each, "score": 0.5} for each in ids], coded=True)
    beginning = ids[place % len(ids)][:letters].strip()  # as it is read from an address
    sql = "SELECT entity_id FROM cases WHERE starts_with(lower(entity_id), lower($beginning))"
    expected = read(sql, {"beginning": beginning})["entity_id"].to_list()
    assert sorted(pages(read, View(search=beginning), 7)) == sorted(expected)


@EASY
@given(
    rows=ROWS,
    column=st.sampled_from(["score", "amount", "term", "applied_at", "born"]),
    most=st.integers(1, 9),
)
def test_bins_hold_every_value_and_their_range_finds_the_same_cases(
    connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]], column: str, most: int
) -> None:
    read, frame = laid_out(connection, rows)
    bins = explore.histogram(read, View(), column, most)
    known = frame[column].drop_nulls()
    assert bins["cases"].sum() == known.len()
    assert bins.height <= most
    assert bins.is_empty() == known.is_empty()
    for cases, wanted in bins.select("cases", "range").iter_rows():
        low, _to, high = wanted.partition("..")
        if column not in ("score", "amount"):  # of which an edge may lie between two numbers
            assert explore.count(read, View().within(column, Range(low, high))) == cases


@EASY
@given(rows=ROWS, most=st.integers(0, 4), chosen=st.booleans())
def test_values_are_counted_most_first_and_the_rest_is_one_row(
    connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]], most: int, chosen: bool
) -> None:
    read, frame = laid_out(connection, rows)
    view = view_of("f.band=high&f.open=true" if chosen else "")
    if chosen:  # the filter on the column itself does not count, that on another does
        frame = frame.filter(pl.col("open"))
    found = explore.by_value(read, view, "band", most)
    counted = frame.group_by("band").agg(pl.len().alias("cases"), pl.col("score").mean().alias("mean"))
    ranked = counted.sort(pl.col("cases") * -1, "band", nulls_last=True)
    first, rest = found.filter(~pl.col("is_rest")), found.filter("is_rest")
    assert first.select("value", "cases").rows() == ranked.head(most).select("band", "cases").rows()
    assert first["mean_score"].to_list() == pytest.approx(ranked.head(most)["mean"].to_list())
    assert rest["cases"].sum() == ranked.tail(-most if most else ranked.height)["cases"].sum()
    assert rest.height == int(ranked.height > most)


def test_what_a_view_asks_for_in_vain_is_said() -> None:
    view = view_of(
        "f.gone=1&r.amount=ten..20&r.born=1990-13-01..&r.open=0..1&sort=-lost&f.band=none&r.score=.."
    )
    assert unknown(view, KINDS) == ["gone", "amount: ten", "born: 1990-13-01", "open: 0", "open: 1", "lost"]
    kept = view_of("f.gone=1&r.amount=..20&sort=-lost&f.band=none")
    assert readable(view, KINDS) == kept
    assert unknown(view_of("r.score=-inf..1e999&r.amount=nan..inf"), KINDS) == [
        *("amount: nan", "amount: inf", "score: -inf", "score: 1e999")
    ]
    assert unknown(view_of("r.applied_at=2026-01-01T10:00%2B02:00..2026-01-02&sort=score"), KINDS) == []


def test_a_day_is_the_whole_of_it_and_an_offset_is_respected(connection: duckdb.DuckDBPyConnection) -> None:
    moments = [datetime(2026, 1, 1, 8), datetime(2026, 1, 1, 23, 59, 59, 999999), datetime(2026, 1, 2)]
    rows = [{"entity_id": str(n), "score": 0.5, "applied_at": at} for n, at in enumerate(moments)]
    read, _frame = laid_out(connection, rows)
    assert pages(read, view_of("r.applied_at=..2026-01-01&sort=entity_id"), 9) == ["0", "1"]
    assert pages(read, view_of("r.applied_at=2026-01-01T10:00%2B02:00..2026-01-01T10:00%2B02:00"), 9) == ["0"]
    assert explore.count(read, view_of("r.applied_at=0001-01-01..9999-12-31")) == 3


def test_a_column_of_only_nulls_and_one_of_fifty_thousand_values(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    laid_out(connection, [])
    connection.execute(
        "INSERT INTO cases BY NAME SELECT 'L' || n AS entity_id, 0.5 AS score, 'place ' || n AS band "
        "FROM range(50_000) AS _(n) UNION ALL SELECT 'M', 0.5, 'place 7'"
    )
    read = reader(connection)
    assert explore.histogram(read, View(), "nothing").is_empty()
    assert explore.histogram(read, View(), "band").is_empty()
    assert explore.histogram(read, View(), "score").rows() == [(0.495, 0.505, 50_001, "0.495..0.505")]
    assert explore.by_value(read, View(), "nothing").rows() == [(None, 50_001, 0.5, False)]
    top = explore.by_value(read, View(), "band", 3)
    assert top["value"].to_list() == ["place 7", "place 0", "place 1", None]
    assert top["cases"].to_list() == [2, 1, 1, 49_997]
    assert explore.values(read, "band", "PLACE 4999", 3) == ["place 4999", "place 49990", "place 49991"]
    assert pages(read, view_of("sort=nothing&q=L4999"), 4) == ["L4999", *(f"L4999{n}" for n in range(10))]
    assert set(there(read, "band", ["place 49999", "place 7", "place 50000"])) == {"place 49999", "place 7"}
    assert set(there(read, "score", [".5", "5e-1", "0.25", "half"])) == {
        ".5",
        "5e-1",
    }  # one number, as one likes
