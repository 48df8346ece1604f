"""The shipped tasks keep the contract of a task: every feature spoken of, nothing from the future."""

from datetime import date, datetime, timedelta

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analytics.dataset import ALSO, newest_events
from analytics.events import COLUMNS, MOST_EVENTS, events_of
from analytics.task import Task
from tests.sample_data.lake import (
    TASKS,
    distort_after,
    features,
    forget_after,
    lake,
    population,
)

MOMENTS = {
    "finance.credit_default": (datetime(2023, 9, 4, 11, 17), datetime(2025, 2, 14, 15, 2)),
    "medical.disease_onset": (datetime(2023, 10, 1), datetime(2025, 10, 1)),
    "logistics.late_delivery": (datetime(2025, 9, 10, 13, 40), datetime(2026, 6, 5, 9, 5)),
    "logistics.vehicle_breakdown": (datetime(2026, 5, 25), datetime(2026, 8, 31)),
    "logistics.stop_arrival": (datetime(2026, 9, 9, 9, 40), datetime(2026, 10, 14, 8, 5)),
}
# The last day, and as of when its candidates are scored: at its end, or as far as a filling day has gone.
END_OF_DAY = date(2026, 10, 30), datetime(2026, 10, 30, 23, 59, 59)
LATEST = {"logistics.stop_arrival": (date(2026, 10, 31), datetime(2026, 10, 31, 8, 59))}
PROTECTED = {"age_years", "gender", "marital_status", "dependants"}  # of people, not of vehicles
PLANNED = {"drive", "serve_home", "serve_shop", "serve_office", "serve_site"}  # known before they happen
WITH_EVENTS = [name for name, task in TASKS.items() if task.events]


def events(connection: duckdb.DuckDBPyConnection, task: Task, cases: pl.DataFrame) -> pl.DataFrame:
    connection.register("population", cases.select("entity_id", "as_of"))
    found = connection.execute(newest_events(task)).pl()
    connection.unregister("population")
    return found


def seen(connection: duckdb.DuckDBPyConnection, task: Task, cases: pl.DataFrame) -> pl.DataFrame:
    """The events that each case may know, with the place of the case."""
    found = events_of(cases, events(connection, task, cases))
    runs = list(zip(found.starts.tolist(), found.stops.tolist(), strict=True))
    frames = [found.table[a:b].with_columns(case=pl.lit(place)) for place, (a, b) in enumerate(runs)]
    return pl.concat(frames)


def case_of(name: str) -> tuple[Task, duckdb.DuckDBPyConnection]:
    """The task and the lake of its domain."""
    return TASKS[name], lake(TASKS[name].domain)


@pytest.mark.parametrize("name", TASKS)
def test_features_come_once_per_case_and_each_is_described_in_both_languages(name: str) -> None:
    task, connection = case_of(name)
    cases = population(connection, task).sample(500, seed=1).sort("entity_id", "as_of")
    found = features(connection, task, cases)
    assert_frame_equal(found.select("entity_id", "as_of"), cases.select("entity_id", "as_of"))
    assert set(found.columns) - {"entity_id", "as_of"} == set(task.feature_info)
    for column, feature in task.feature_info.items():
        assert feature.label["en"]
        assert feature.label["zh"]
        assert feature.protected == (column in PROTECTED and name != "logistics.vehicle_breakdown")
        if feature.monotone:
            assert found[column].dtype.is_numeric() or found[column].dtype == pl.Boolean


@pytest.mark.parametrize("name", TASKS)
def test_bands_rise_and_cover_every_probability(name: str) -> None:
    limits = [band.upper for band in TASKS[name].bands]
    assert limits == sorted(set(limits))
    if TASKS[name].kind != "regression":
        assert limits[0] > 0
        assert limits[-1] == 1.0


@pytest.mark.parametrize("name", TASKS)
def test_no_feature_knows_the_future(name: str) -> None:
    task, connection = case_of(name)
    everyone = population(connection, task)
    for moment in MOMENTS[name]:
        cases = everyone.filter(pl.col("as_of") <= moment).sort("as_of").tail(3000)
        assert len(cases) > 500
        before = features(connection, task, cases)
        for alter in (forget_after, distort_after):
            connection.execute("BEGIN")
            alter(connection, task.domain, moment)
            assert_frame_equal(features(connection, task, cases), before)
            connection.execute("ROLLBACK")


@pytest.mark.parametrize("name", WITH_EVENTS)
def test_every_type_of_event_is_spoken_of_in_both_languages(name: str) -> None:
    task, connection = case_of(name)
    cases = population(connection, task)
    found = events(connection, task, cases)
    assert set(COLUMNS) == set(found.columns)
    assert found["entity_id"].is_in(cases["entity_id"].unique().implode()).all()
    assert found.drop("value", "text").null_count().row(0) == (0, 0, 0, 0)
    ahead = found.filter(pl.col("event_time") > pl.col("known_at"))
    assert set(ahead["event_type"]) <= PLANNED
    assert set(found["event_type"]) <= set(task.event_info)
    assert len(set(found["event_type"])) > 5
    for feature in task.event_info.values():
        assert feature.label.keys() == {"en", "zh"}
        assert all(feature.label.values())


@pytest.mark.parametrize("name", WITH_EVENTS)
def test_no_event_knows_the_future(name: str) -> None:
    task, connection = case_of(name)
    everyone = population(connection, task)
    for moment in MOMENTS[name]:
        cases = everyone.filter(pl.col("as_of") <= moment).sort("as_of").tail(1500)
        before = seen(connection, task, cases)
        assert before.height > 3 * cases.height
        for alter in (forget_after, distort_after):
            connection.execute("BEGIN")
            alter(connection, task.domain, moment)
            assert_frame_equal(seen(connection, task, cases), before)
            connection.execute("ROLLBACK")


@pytest.mark.parametrize("name", WITH_EVENTS)
def test_a_case_sees_the_same_events_alone_as_among_others(name: str) -> None:
    """The newest 128 are those of the case, not of the latest case of its entity."""
    task, connection = case_of(name)
    everyone = population(connection, task)
    chosen = everyone.filter(pl.col("entity_id").is_in(everyone["entity_id"].sample(40, seed=3).implode()))
    together = seen(connection, task, chosen)
    for key in range(0, len(chosen), 7):
        alone = seen(connection, task, chosen[key])
        assert_frame_equal(alone.drop("case"), together.filter(pl.col("case") == key).drop("case"))
    counts = together.group_by("case").len()["len"]
    assert counts.max() <= MOST_EVENTS  # type: ignore[operator]


@pytest.mark.parametrize("name", TASKS)
def test_further_outcomes_are_yes_no_or_unknown(name: str) -> None:
    task, connection = case_of(name)
    cases = population(connection, task)
    for column in (column for column in cases.columns if column.startswith(ALSO)):
        assert set(cases[column].drop_nulls()) == {0, 1}
        assert 0.005 < cases[column].drop_nulls().mean() < 0.3  # type: ignore[operator]


@pytest.mark.parametrize("name", TASKS)
def test_what_a_person_can_change_has_a_direction_or_choices(name: str) -> None:
    task, connection = case_of(name)
    found = features(connection, task, population(connection, task).head(50))
    for column, feature in task.feature_info.items():
        assert feature.actionable or not feature.change
        if feature.actionable:
            assert not feature.protected
            if feature.change:
                assert found[column].dtype.is_numeric() or found[column].dtype == pl.Boolean
            # What would lower the score is not what the rules forbid.
            assert feature.change * feature.monotone <= 0
    if task.kind == "binary":
        assert task.costs
        assert task.costs.miss > task.costs.false_alarm > 0
    if task.exposure:
        assert found[task.exposure.feature].dtype.is_numeric()


@pytest.mark.parametrize("name", TASKS)
def test_features_do_read_the_past(name: str) -> None:
    """The counterpart of the test above: altering what was known does change what is seen."""
    task, connection = case_of(name)
    moment = MOMENTS[name][1]
    cases = population(connection, task).filter(pl.col("as_of") <= moment).sort("as_of").tail(300)
    before = features(connection, task, cases)
    connection.execute("BEGIN")
    distort_after(connection, task.domain, moment - timedelta(days=200))
    assert not features(connection, task, cases).equals(before)
    connection.execute("ROLLBACK")


@pytest.mark.parametrize("name", TASKS)
def test_a_settled_label_never_changes_as_data_arrive(name: str) -> None:
    task, connection = case_of(name)
    everyone = population(connection, task)
    connection.execute("BEGIN")
    forget_after(connection, task.domain, MOMENTS[name][1] + timedelta(hours=12))
    earlier = population(connection, task)
    connection.execute("ROLLBACK")
    assert 500 < len(earlier) < len(everyone)
    assert_frame_equal(earlier.join(everyone, on=["entity_id", "as_of", "label"], how="semi"), earlier)


@pytest.mark.parametrize("name", TASKS)
def test_cases_whose_future_is_not_complete_are_left_out(name: str) -> None:
    task, connection = case_of(name)
    last_day = connection.execute(task.last_day).fetchall()[0][0]
    assert last_day == LATEST.get(name, END_OF_DAY)[0]
    latest = population(connection, task)["as_of"].max()
    assert latest.date() + timedelta(days=task.meaning.horizon_days) <= last_day


@pytest.mark.parametrize("name", TASKS)
def test_candidates_of_a_day_are_scored_at_its_end_with_the_same_features(name: str) -> None:
    task, connection = case_of(name)
    day, moment = LATEST.get(name, END_OF_DAY)
    candidates = connection.execute(task.candidates, {"as_of": day}).pl()
    assert len(candidates) > 50
    assert candidates["entity_id"].is_unique().all()
    assert candidates["as_of"].unique().to_list() == [moment]
    assert len(features(connection, task, candidates)) == len(candidates)


@pytest.mark.parametrize("name", ["finance.credit_default", "logistics.late_delivery"])
def test_a_case_scored_later_has_the_features_of_its_own_moment(name: str) -> None:
    """Applications and shipments are judged as they were made: training and scoring see the same."""
    task, connection = case_of(name)
    cases = population(connection, task).sample(300, seed=2).sort("entity_id")
    later = cases.with_columns(as_of=pl.lit(datetime(2026, 10, 30, 23, 59, 59)))
    own, seen_later = features(connection, task, cases), features(connection, task, later)
    assert_frame_equal(own.drop("as_of"), seen_later.drop("as_of"))


@pytest.mark.parametrize("name", TASKS)
def test_an_empty_lake_gives_no_cases_and_no_day(name: str) -> None:
    task, connection = case_of(name)
    connection.execute("BEGIN")
    forget_after(connection, task.domain, datetime(1980, 1, 1))
    assert population(connection, task).is_empty()
    assert connection.execute(task.last_day).fetchall() == [(None,)]
    connection.execute("ROLLBACK")


@pytest.mark.parametrize("name", TASKS)
def test_who_is_not_known_has_no_features(name: str) -> None:
    task, connection = case_of(name)
    known = population(connection, task).head(1)
    stranger = known.with_columns(entity_id=pl.lit("nobody"))
    found = features(connection, task, pl.concat([known, stranger]))
    assert found["entity_id"].to_list() == known["entity_id"].to_list()
