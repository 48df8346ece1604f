"""A cut shows one reader's rows and nobody else's: held against the same question answered in Polars."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import AssistantError
from pipelines.cut_views import cut_statements
from pipelines.records import insert
from pipelines.row_cut import Link, RowCut, Rule
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, columns_of, quoted

# A place has people, a person visits a doctor, a visit has notes and a score: each refers to the one before.
# Whose the doctors' fees are nobody says, so they are nobody's.
SCHEMAS: dict[str, dict[str, Any]] = {
    "own.countries": {"country_id": pl.String},
    "own.places": {"place_id": pl.String, "region": pl.String, "country_id": pl.String},
    "own.people": {"person_id": pl.String, "place_id": pl.String, "club": pl.String},
    "own.doctors": {"doctor_id": pl.String},
    "own.visits": {"visit_id": pl.Int64, "person_id": pl.String, "doctor_id": pl.String, "cost": pl.Float64},
    "own.notes": {"note_id": pl.Int64, "visit_id": pl.String},
    "own.fees": {"fee_id": pl.Int64, "doctor_id": pl.String},
    "own.rates": {"rate": pl.Float64},
    "own.diary": {"person_id": pl.String},
    "predictions.own_visits": {"entity_id": pl.String, "score": pl.Float64},
}
LINKS = (
    Link("own.places", "country_id", "own.countries", ("country_id",)),
    Link("own.people", "place_id", "own.places", ("place_id",)),
    Link("own.visits", "person_id", "own.people", ("person_id",)),
    Link("own.visits", "doctor_id", "own.doctors", ("doctor_id",)),
    Link("own.notes", "visit_id", "own.visits", ("visit_id",)),
    Link("own.fees", "doctor_id", "own.doctors", ("doctor_id",)),
    Link("predictions.own_visits", "entity_id", "own.visits", ("person_id", "visit_id"), "/"),
)
COLUMNS = {"region": "own.places", "club": "own.people", "cost": "own.visits"}
Rows = dict[str, pl.DataFrame]

_words = st.sampled_from(
    [
        "",
        "D0",
        "D01",
        "D01 ",
        "d01",
        "O'Neill",
        'say "x"',
        "a,b",
        "a;b",
        "北京",
        "😀 é",
        "é",
        "%",
        "_",
        "1.0",
        "NULL",
    ]
)


def _some(draw: st.DrawFn, values: Sequence[Any], *, null: bool = True) -> Any:
    return draw(st.sampled_from([*values, None] if null and values else [*values] or [None]))


@st.composite
def lakes(draw: st.DrawFn) -> Rows:
    """A few rows of every table; any reference may be missing, null, or lead to nothing."""

    def table(name: str, rows: list[tuple[Any, ...]]) -> None:
        found[name] = pl.DataFrame(rows, schema=SCHEMAS[name], orient="row")

    found: Rows = {}
    ids = draw(st.lists(_words, unique=True, max_size=4))
    table("own.countries", [(each,) for each in ids[:2]])
    table(
        "own.places",
        [(each, _some(draw, draw(st.lists(_words, max_size=3))), _some(draw, ids)) for each in ids],
    )
    people = [f"{each}{n}" for each in [*ids, "x"] for n in (1, 11)]
    table(
        "own.people",
        [
            (each, _some(draw, [*ids, "nowhere"]), _some(draw, draw(st.lists(_words, max_size=2))))
            for each in people
        ],
    )
    table("own.doctors", [("K1",), ("K11",), (None,)])
    visits = [
        (n, _some(draw, [*people, "nobody"]), _some(draw, ["K1", "K11"]), _some(draw, [1.0, 10.0, 0.1]))
        for n in range(draw(st.integers(0, 12)))
    ]
    table("own.visits", visits)
    table("own.notes", [(n, _some(draw, [str(each[0]) for each in visits])) for n in range(6)])
    table("own.fees", [(1, "K1"), (2, "K11")])
    table("own.rates", [(1.1,), (None,)])
    table("own.diary", [(each,) for each in people])
    table(
        "predictions.own_visits",
        [(f"{each[1]}/{each[0]}", 0.5) for each in visits] + [(None, 0.1), ("/", 0.2)],
    )
    return found


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    chosen = draw(st.lists(st.sampled_from(sorted(COLUMNS)), unique=True, min_size=1, max_size=3))
    values = {
        name: draw(st.lists(st.sampled_from(["1.0", "10.0", "1"]) if name == "cost" else _words, max_size=3))
        for name in chosen
    }
    return tuple(Rule(name, COLUMNS[name], name, tuple(values[name])) for name in chosen)


def expected(rows: Rows, asked: tuple[Rule, ...]) -> dict[str, pl.DataFrame]:
    """What the cut must show: each row is put beside all it belongs to, and then looked at on its own."""
    holds = pl.all_horizontal(
        [
            pl.col(rule.column).cast(pl.String).is_in(list(rule.values)).fill_null(value=False)
            for rule in asked
        ]
    )
    tables = {rule.table for rule in asked}
    places, people, visits = rows["own.places"], rows["own.people"], rows["own.visits"]
    inhabited = people.join(places.drop("country_id"), on="place_id", how="left")
    visited = visits.join(inhabited, on="person_id", how="left")
    shown = {name: frame.clear() for name, frame in rows.items()} | {"own.rates": rows["own.rates"]}

    def some(name: str, key: str, of: pl.Series) -> pl.DataFrame:
        return rows[name].filter(pl.col(key).is_in(of.drop_nulls().implode()))

    mine = visited.filter(holds) if "own.visits" in tables else None
    if mine is None:
        persons = (inhabited if "own.people" in tables else places).filter(holds)
        key = "person_id" if "own.people" in tables else "place_id"
        mine = visited.filter(pl.col(key).is_in(persons[key].drop_nulls().implode()))
    shown["own.visits"] = some("own.visits", "visit_id", mine["visit_id"])
    named = [
        f"{row['person_id']}/{row['visit_id']}"
        for row in mine.iter_rows(named=True)
        if row["person_id"] is not None
    ]
    shown["predictions.own_visits"] = some(
        "predictions.own_visits", "entity_id", pl.Series(named, dtype=pl.String)
    )
    shown["own.notes"] = some("own.notes", "visit_id", mine["visit_id"].cast(pl.String))
    shown["own.doctors"] = some("own.doctors", "doctor_id", mine["doctor_id"])
    own = [pl.col(rule.column).is_in(list(rule.values)) for rule in asked if rule.table != "own.visits"]
    if tables == {"own.places"}:
        shown["own.places"] = places.filter(*own)
        shown["own.people"] = some("own.people", "place_id", shown["own.places"]["place_id"])
    elif "own.visits" not in tables:
        shown["own.people"] = some("own.people", "person_id", inhabited.filter(holds)["person_id"])
        shown["own.places"] = some("own.places", "place_id", shown["own.people"]["place_id"])
    else:
        shown["own.people"] = some("own.people", "person_id", mine["person_id"])
        shown["own.places"] = some("own.places", "place_id", shown["own.people"]["place_id"])
    shown["own.countries"] = some("own.countries", "country_id", shown["own.places"]["country_id"])
    return shown


@contextmanager
def cut_through(rows: Rows, cut: RowCut) -> Iterator[duckdb.DuckDBPyConnection]:
    """The cut through rows in memory (quicker filled than a lake) as `Warehouse.reading` makes it."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("ATTACH ':memory:' AS whole; USE whole")
        _fill(connection, rows)
        lake = {name: columns_of(connection, name) for name in rows}
        connection.execute("ATTACH ':memory:' AS cut")
        for statement in cut_statements(cut, lake, "whole", "cut"):
            connection.execute(statement)
        connection.execute("USE cut")
        yield connection


def _fill(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    for name, frame in rows.items():
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(name.partition('.')[0])}")
        connection.register("frame", frame.to_arrow())
        connection.execute(f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT * FROM frame")
        connection.unregister("frame")


def _cut(*asked: Rule, links: tuple[Link, ...] = LINKS) -> RowCut:
    return RowCut(asked, links, frozenset({"own.rates"}))


def _all(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> dict[str, list[tuple[Any, ...]]]:
    return {name: _rows(connection.execute(f"FROM {quoted(name)}").pl()) for name in names}


def _rows(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return sorted(frame.rows(), key=repr)


@given(rows=lakes(), asked=rules())
@settings(max_examples=40)
def test_a_cut_shows_exactly_the_readers_rows(rows: Rows, asked: tuple[Rule, ...]) -> None:
    with cut_through(rows, _cut(*asked)) as connection:
        seen = _all(connection, rows)

    assert seen == {name: _rows(frame) for name, frame in expected(rows, asked).items()}


@given(rows=lakes(), club=_words)
@settings(max_examples=10)
def test_no_table_shows_a_row_to_whom_nothing_belongs(rows: Rows, club: str) -> None:
    with cut_through(rows, _cut(Rule("club", "own.people", "club", (f"{club} of nobody",)))) as connection:
        seen = _all(connection, rows)

    assert {name for name, found in seen.items() if found} <= {"own.rates"}


def test_a_prediction_about_several_rows_is_of_those_who_may_see_them_all() -> None:
    rows = {
        "own.sales": pl.DataFrame({"shop": ["a", "a", "b", "c"], "region": ["N", "S", "N", None]}),
        "predictions.own_sales": pl.DataFrame({"entity_id": ["a", "b", "c"]}),
    }
    links = (Link("predictions.own_sales", "entity_id", "own.sales", ("shop",), every=True),)

    with cut_through(rows, _cut(Rule("region", "own.sales", "region", ("N",)), links=links)) as connection:
        assert _all(connection, rows)["predictions.own_sales"] == [("b",)]


def test_of_equally_short_ways_all_must_lead_to_the_reader() -> None:
    rows = {
        "own.accounts": pl.DataFrame({"account": ["a", "b"], "owner": ["me", "you"]}),
        "own.transfers": pl.DataFrame({"sent": ["a", "a", "b", None], "got": ["a", "b", "a", "a"]}),
    }
    links = tuple(Link("own.transfers", name, "own.accounts", ("account",)) for name in ("sent", "got"))

    with cut_through(rows, _cut(Rule("owner", "own.accounts", "owner", ("me",)), links=links)) as connection:
        assert _all(connection, rows)["own.transfers"] == [("a", "a")]


def test_tables_that_refer_in_a_circle_are_cut_by_one_of_them_or_not_at_all() -> None:
    rows = {
        "own.hens": pl.DataFrame({"hen": [1, 2], "from_egg": [10, 20], "farm": ["x", "y"]}),
        "own.eggs": pl.DataFrame({"egg": [10, 20], "from_hen": [2, 1], "colour": ["red", "white"]}),
    }
    links = (
        Link("own.hens", "from_egg", "own.eggs", ("egg",)),
        Link("own.eggs", "from_hen", "own.hens", ("hen",)),
    )
    farm, colour = Rule("farm", "own.hens", "farm", ("x",)), Rule("colour", "own.eggs", "colour", ("red",))

    with cut_through(rows, _cut(farm, links=links)) as connection:
        assert _all(connection, rows) == {"own.hens": [(1, 10, "x")], "own.eggs": [(20, 1, "white")]}
    with (
        pytest.raises(AssistantError, match="refer to one another"),
        cut_through(rows, _cut(farm, colour, links=links)),
    ):
        pass


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A lake with two people in it, each with a visit, and one row that has no name of its own."""
    folder = tmp_path_factory.mktemp("cut")
    warehouse = Warehouse(Settings(home=folder / "var", config=folder / "assistant.toml", threads=1))
    rows = {
        "own.people": pl.DataFrame({"person_id": ["p1", "p2"], "club": ["A", "B"]}),
        "own.visits": pl.DataFrame({"visit_id": [1, 2], "person_id": ["p1", "p2"], "ward": ["W1", "W2"]}),
        "own.nameless": pl.DataFrame({"club": ["B", "A", "A"]}),
        "predictions.own_nameless": pl.DataFrame({"entity_id": ["0", "1", "2"]}),
        "meta.loads": pl.DataFrame({"load_id": ["l1"]}),
    }
    warehouse.write(lambda connection: _fill(connection, rows))
    return warehouse


CLUB_A = _cut(Rule("club", "own.people", "club", ("A",)))


def test_queries_of_two_part_names_see_the_cut_alone(lake: Warehouse) -> None:
    with lake.reading(cut=CLUB_A) as connection:
        tables = connection.execute(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables "
            "WHERE table_catalog = current_database() AND table_schema <> '␟keys'"
        ).fetchall()
        assert sorted(name for (name,) in tables) == lake.tables()
        assert columns_of(connection, "own.visits") == lake.columns("own.visits")
        assert connection.execute("SELECT person_id FROM own.visits").fetchall() == [("p1",)]
        assert connection.execute("FROM meta.loads").fetchall() == []


def test_a_cut_is_of_its_snapshot_and_leaves_others_alone(lake: Warehouse) -> None:
    before = lake.snapshot()
    more = pl.DataFrame({"person_id": ["p3"], "club": ["A"]})
    lake.write(lambda connection: insert(connection, "own.people", more, more.columns))
    count = "SELECT count(*) FROM own.people"

    with lake.reading(before, CLUB_A) as then, lake.reading(cut=CLUB_A) as now, lake.reading() as whole:
        counted = [each.execute(count).fetchone() for each in (then, now, whole)]
    assert counted == [(1,), (2,), (3,)]
    lake.write(lambda connection: connection.execute("DELETE FROM own.people WHERE person_id = 'p3'"))


def test_a_cut_is_gone_when_its_last_reader_leaves(lake: Warehouse) -> None:
    with lake.reading(cut=CLUB_A) as first:
        with lake.reading(cut=CLUB_A):
            pass
        assert first.execute("SELECT count(*) FROM own.visits").fetchone() == (1,)
    with lake.reading() as connection:
        catalogs = connection.execute("SELECT database_name FROM duckdb_databases()").fetchall()
    assert not [name for (name,) in catalogs if "cut" in name]


def test_many_readers_of_few_cuts_do_not_get_in_each_others_way(lake: Warehouse) -> None:
    cuts = [_cut(Rule("club", "own.people", "club", clubs)) for clubs in (("A",), ("A", "B"), ("C",))]

    def count(turn: int) -> tuple[Any, ...] | None:
        with lake.reading(cut=cuts[turn % 3]) as connection:
            return connection.execute("SELECT count(*) FROM own.visits").fetchone()

    with ThreadPoolExecutor(6) as pool:
        counted = list(pool.map(count, range(36)))
    assert counted == [(1,), (2,), (0,)] * 12


def test_a_row_without_a_name_is_known_by_its_number(lake: Warehouse) -> None:
    links = (Link("predictions.own_nameless", "entity_id", "own.nameless", ("rowid",), every=True),)
    cut = _cut(Rule("club", "own.nameless", "club", ("A",)), links=links)

    with lake.reading(cut=cut) as connection:
        assert connection.execute("FROM predictions.own_nameless").fetchall() == [("1",), ("2",)]
        assert connection.execute("SELECT rowid FROM own.nameless").fetchall() == [(1,), (2,)]


def test_rows_are_cut_by_what_is_said_of_them_elsewhere(lake: Warehouse) -> None:
    newest = "SELECT person_id AS key, ward AS value FROM own.visits"
    cut = _cut(Rule("ward", "own.people", "ward", ("W2",), newest, ("person_id",)))

    with lake.reading(cut=cut) as connection:
        assert connection.execute("SELECT person_id FROM own.people").fetchall() == [("p2",)]
        assert connection.execute("SELECT visit_id FROM own.visits").fetchall() == [(2,)]


def test_rows_are_named_by_several_keys_or_by_their_number(lake: Warehouse) -> None:
    pairs = "SELECT '2-p2' AS key, 'mine' AS value UNION ALL SELECT '1-p2', 'mine'"
    both = _cut(Rule("list", "own.visits", "list", ("mine",), pairs, ("visit_id", "person_id"), "-"))
    with lake.reading(cut=both) as connection:
        assert connection.execute("SELECT visit_id FROM own.visits").fetchall() == [(2,)]

    links = (Link("predictions.own_nameless", "entity_id", "own.nameless", ("rowid",), every=True),)
    first = _cut(
        Rule("list", "own.nameless", "list", ("mine",), "SELECT '1' AS key, 'mine' AS value", ("rowid",)),
        links=links,
    )
    with lake.reading(cut=first) as connection:
        assert connection.execute("SELECT rowid FROM own.nameless").fetchall() == [(1,)]
        assert connection.execute("FROM predictions.own_nameless").fetchall() == [("1",)]


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (Rule("ward", "own.wards", "ward", ("W",)), "no table own.wards"),
        (Rule("club", "own.people", "clubb", ("A",)), "own.people has no column «clubb»"),
        (Rule("ward", "own.people", "ward", ("W",), "SELECT 1 AS key FROM own.gone", ("club",)), "by ward"),
    ],
)
def test_what_the_lake_does_not_have_is_told(lake: Warehouse, rule: Rule, problem: str) -> None:
    with pytest.raises(AssistantError, match=problem), lake.reading(cut=_cut(rule)):
        pass
    with lake.reading() as connection:  # and nothing is left behind
        catalogs = connection.execute("SELECT database_name FROM duckdb_databases()").fetchall()
    assert not [name for (name,) in catalogs if "cut" in name]


def test_the_same_rows_have_the_same_digest_and_others_another() -> None:
    other = _cut(Rule("club", "own.people", "club", ("A", "B")))

    assert CLUB_A.digest == _cut(Rule("club", "own.people", "club", ("A",))).digest
    assert CLUB_A.digest != other.digest
