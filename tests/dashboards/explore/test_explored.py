"""What a view says in words and in charts, without a page: ranges, picks, changes, two versions."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.catalog import shipped_tasks
from analytics.flat import flat_task
from dashboards.explore import cases
from dashboards.explore.board import Board
from dashboards.explore.figure import SAME, Figure
from dashboards.explore.view import Range, View
from dashboards.queries.explore import histogram
from dashboards.queries.explore_figures import drawn as sample_of
from dashboards.queries.explore_figures import spread
from dashboards.queries.reading import reader
from dashboards.screens.explore import drawn, versions
from dashboards.screens.explore.day import moment_of, named
from dashboards.screens.explore.explored import Explored, Subject, permitted
from dashboards.screens.explore.told import filters_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown, masked
from pipelines.contract import Column, Contract
from pipelines.settings import Settings

TASK = shipped_tasks()["finance.credit_default"]
SCHEMA = {
    "entity_id": "VARCHAR",
    "score": "DOUBLE",
    "band": "VARCHAR",
    "amount": "INTEGER",
    "day": "DATE",
    "kind": "VARCHAR",
}
DATABASE = duckdb.connect(config={"threads": 1})
COLUMNS = tuple(Shown(name, label={"en": name.title()}) for name in ("amount", "day", "kind"))


def _explored(view: View, language: str = "en") -> Explored:
    board: Any = Board("key", SCHEMA, origin=None)  # type: ignore[arg-type]
    subject = Subject(TASK, "", Shown("entity_id"), COLUMNS)
    return Explored(Here(Settings(), language), subject, board, view, (), datetime(2026, 10, 30), view)


def test_filters_are_said_as_people_say_them() -> None:
    view = (
        View(search="*9", work="open")
        .choosing("kind", ["a_b", "c", "d", "e", ""])
        .choosing("band", ["high"])
        .within("amount", Range("1000", ""))
        .within("score", Range("0.1", "0.25"))
        .within("day", Range("", "2026-10-30"))
    )
    told = filters_in_words(_explored(view))

    assert [each.text for each in told] == [
        "number with «9» in it",
        "Band: High",
        "Kind: a b, c, d and 2 more",
        "Amount: from 1,000",
        "Day: up to Oct 30, 2026",
        "Score: 10.0% – 25.0%",
        "without what is snoozed or done",
    ]
    for each in told:  # each lets go of its own filter alone
        assert len(filters_in_words(_explored(each.without))) == len(told) - 1


@pytest.mark.parametrize(
    ("role", "column", "shown", "finds"),
    [
        ("caseworker", "mail", "ada@example.com", True),
        ("analyst", "mail", "a…@example.com", False),  # people name their rows by what they like
        ("analyst", "box", "ada@example.com", True),
        ("engineer", "box", "#", False),
        ("engineer", "", "#", False),
    ],
)
def test_nobody_searches_by_a_name_of_cases_that_is_masked_for_them(
    home: Settings, monkeypatch: pytest.MonkeyPatch, role: str, column: str, shown: str, finds: bool
) -> None:
    contract = Contract("own.post", (Column("mail", personal="contact"), Column("box")))
    monkeypatch.setattr(cases, "contracts", lambda _settings: {contract.table: contract})
    task = flat_task(
        "own.late", {"table": contract.table, "target": "late", "kind": "binary", "entity": column}
    )
    here = Here(home.model_copy(update={"role": role}), "en")
    vars(here)["contracts"] = {contract.table: contract}
    entity = Shown("entity_id", contract.table, column)

    seen = masked(here, pl.DataFrame({"entity_id": ["ada@example.com"]}), [entity])["entity_id"].item()
    assert seen.startswith(shown)
    view, gone = permitted(here, Subject(task, "", entity), SCHEMA, View(search="ada@"))
    assert (bool(view.search), "entity_id" in gone) == (finds, not finds)


@settings(max_examples=20)
@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=60), st.data())
def test_a_picked_bin_holds_the_cases_that_its_bar_counts(amounts: list[int], data: st.DataObject) -> None:
    with DATABASE.cursor() as connection:
        frame = pl.DataFrame({"entity_id": [str(n) for n in range(len(amounts))], "amount": amounts})
        connection.register("cases", frame.to_arrow())
        chart = drawn.bins_of(_explored(View()), "amount", histogram(reader(connection), View(), "amount", 7))
    bar = data.draw(st.sampled_from(chart.data.rows(named=True)))
    low, _to, high = bar["pick"].partition("..")
    explored = _explored(View().within("amount", Range(low, high)))

    assert sum(float(low) <= amount <= float(high) for amount in amounts) == bar["cases"]
    assert [drawn.is_within(explored, "amount", pick) for pick in chart.data["pick"]].count(True) == 1
    assert not any(drawn.is_within(_explored(View()), "amount", pick) for pick in chart.data["pick"])


def test_further_values_are_one_bar_that_stands_for_none() -> None:
    counted = pl.DataFrame(
        {
            "value": ["a", None, None],
            "cases": [5, 3, 2],
            "mean_score": [0.1] * 3,
            "is_rest": [False, False, True],
        }
    )
    chart = drawn.categories(_explored(View().choosing("kind", [""])), "kind", counted)

    assert chart.data["value"].to_list() == ["a", "(none)", "(others)"]
    assert chart.data["pick"].to_list() == ["a", "", drawn.REST]
    assert chart.data["chosen"].to_list() == [False, True, False]
    assert chart.sentence == "Most are «a»: 5 of 10 (50.0%)."


@settings(max_examples=20)
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=50))
def test_a_spread_counts_each_case_once(scores: list[float]) -> None:
    edges = [-3.0, -1.0, 0.0, 2.5, 4.0]
    with DATABASE.cursor() as connection:
        connection.register("cases", pl.DataFrame({"score": scores}).to_arrow())
        found = spread(reader(connection), View(), "score", edges)

    inside = [score for score in scores if -3 <= score <= 4]
    by_hand = [sum(low <= score < high for score in inside) for low, high in pairwise(edges)]
    by_hand[-1] += inside.count(4.0)
    assert found == by_hand


def test_a_sample_is_always_the_same_and_of_the_view() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE cases AS SELECT 'L' || n AS entity_id, n % 3 AS amount FROM range(900) AS t (n)"
        )
        view = View().choosing("amount", ["1"])
        one, two = (sample_of(reader(connection), view, 50) for _again in range(2))

    assert one == two
    assert len(set(one)) == 50
    assert all(int(entity[1:]) % 3 == 1 for entity in one)
    assert one != sorted(one, key=lambda entity: int(entity[1:]))  # not the first ones


def test_two_versions_are_compared_case_by_case() -> None:
    both = pl.DataFrame(
        {
            "entity_id": ["a", "b", "c", "d"],
            "score": [0.1, 0.2, 0.3, 0.4],
            "band": ["low", "low", "high", "high"],
            "other_score": [0.2, 0.2, 0.3, 0.5],
            "other_band": ["high", "low", "high", "very high"],
        }
    )
    told = versions._in_words(_explored(View()), both, "v2", "v1")

    assert told.startswith("Of 4 cases, 2 (50.0%) stand in another band under v1 than under v2.")
    assert "Mean score: 25.0% by v2, 30.0% by v1." in told
    spread_of_both = versions._spread(_explored(View()), both, "v2", "v1")
    assert spread_of_both.group_by("side").agg(pl.col("share").sum())["share"].to_list() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("kind", "now", "before", "change"),
    [
        ("integer", 14.0, 12.0, "+2"),
        ("percent", 0.5, 0.4, "+10.0"),
        ("number", 3.0, 3.0, SAME),
        ("money", None, 1.0, ""),
    ],
)
def test_a_change_has_its_sign(kind: Any, now: float | None, before: float, change: str) -> None:
    figure = Figure("x", "count(*)", lambda _: "X", kind, "EUR")
    assert figure.change(now, before, "en") == change


@given(st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), min_size=1, unique=True))
def test_a_moment_is_found_again_by_its_name(moments: list[datetime]) -> None:
    moments += [datetime.combine(moments[0] + timedelta(days=1), datetime.min.time())]
    for moment in moments:
        assert moment_of(moments, named(moment)) == moment
    assert moment_of(moments, "") == moments[0]
    assert moment_of(moments, date(1999, 1, 1).isoformat()) is None
