"""The shipped tasks keep the contract of a task: every feature spoken of, nothing from the future."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.sample_data.lake import (
    DOMAINS,
    distort_after,
    features,
    forget_after,
    lake,
    population,
    task_of,
)

MOMENTS = {
    "finance": (datetime(2023, 9, 4, 11, 17), datetime(2025, 2, 14, 15, 2)),
    "medical": (datetime(2023, 10, 1), datetime(2025, 10, 1)),
    "logistics": (datetime(2025, 9, 10, 13, 40), datetime(2026, 6, 5, 9, 5)),
}
PROTECTED = {"age_years", "gender", "marital_status", "dependants"}


@pytest.mark.parametrize("domain", DOMAINS)
def test_features_come_once_per_case_and_each_is_described_in_both_languages(domain: str) -> None:
    task, connection = task_of(domain), lake(domain)
    cases = population(connection, task).sample(500, seed=1).sort("entity_id", "as_of")
    found = features(connection, task, cases)
    assert_frame_equal(found.select("entity_id", "as_of"), cases.select("entity_id", "as_of"))
    assert set(found.columns) - {"entity_id", "as_of"} == set(task.feature_info)
    for name, feature in task.feature_info.items():
        assert feature.label["en"]
        assert feature.label["zh"]
        assert feature.protected == (name in PROTECTED)
        if feature.monotone:
            assert found[name].dtype.is_numeric() or found[name].dtype == pl.Boolean


@pytest.mark.parametrize("domain", DOMAINS)
def test_bands_rise_and_cover_every_probability(domain: str) -> None:
    limits = [band.upper for band in task_of(domain).bands]
    assert limits == sorted(set(limits))
    assert limits[0] > 0
    assert limits[-1] == 1.0


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_feature_knows_the_future(domain: str) -> None:
    task, connection = task_of(domain), lake(domain)
    everyone = population(connection, task)
    for moment in MOMENTS[domain]:
        cases = everyone.filter(pl.col("as_of") <= moment).sort("as_of").tail(3000)
        assert len(cases) > 500
        before = features(connection, task, cases)
        for alter in (forget_after, distort_after):
            connection.execute("BEGIN")
            alter(connection, domain, moment)
            assert_frame_equal(features(connection, task, cases), before)
            connection.execute("ROLLBACK")


@pytest.mark.parametrize("domain", DOMAINS)
def test_features_do_read_the_past(domain: str) -> None:
    """The counterpart of the test above: altering what was known does change what is seen."""
    task, connection = task_of(domain), lake(domain)
    moment = MOMENTS[domain][1]
    cases = population(connection, task).filter(pl.col("as_of") <= moment).sort("as_of").tail(300)
    before = features(connection, task, cases)
    connection.execute("BEGIN")
    distort_after(connection, domain, moment - timedelta(days=200))
    assert not features(connection, task, cases).equals(before)
    connection.execute("ROLLBACK")


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_settled_label_never_changes_as_data_arrive(domain: str) -> None:
    task, connection = task_of(domain), lake(domain)
    everyone = population(connection, task)
    connection.execute("BEGIN")
    forget_after(connection, domain, datetime(2026, 1, 15, 12))
    earlier = population(connection, task)
    connection.execute("ROLLBACK")
    assert 500 < len(earlier) < len(everyone)
    assert_frame_equal(earlier.join(everyone, on=["entity_id", "as_of", "label"], how="semi"), earlier)


@pytest.mark.parametrize("domain", DOMAINS)
def test_cases_whose_future_is_not_complete_are_left_out(domain: str) -> None:
    task, connection = task_of(domain), lake(domain)
    last_day = connection.execute(task.last_day).fetchall()[0][0]
    assert last_day == date(2026, 10, 30)
    latest = population(connection, task)["as_of"].max()
    assert latest.date() + timedelta(days=task.meaning.horizon_days) <= last_day


@pytest.mark.parametrize("domain", DOMAINS)
def test_candidates_of_a_day_are_scored_at_its_end_with_the_same_features(domain: str) -> None:
    task, connection = task_of(domain), lake(domain)
    day = date(2026, 10, 30)
    candidates = connection.execute(task.candidates, {"as_of": day}).pl()
    assert len(candidates) > 100
    assert candidates["entity_id"].is_unique().all()
    assert candidates["as_of"].unique().to_list() == [datetime(2026, 10, 30, 23, 59, 59)]
    assert len(features(connection, task, candidates)) == len(candidates)


@pytest.mark.parametrize("domain", ["finance", "logistics"])
def test_a_case_scored_later_has_the_features_of_its_own_moment(domain: str) -> None:
    """Applications and shipments are judged as they were made: training and scoring see the same."""
    task, connection = task_of(domain), lake(domain)
    cases = population(connection, task).sample(300, seed=2).sort("entity_id")
    later = cases.with_columns(as_of=pl.lit(datetime(2026, 10, 30, 23, 59, 59)))
    own, seen_later = features(connection, task, cases), features(connection, task, later)
    assert_frame_equal(own.drop("as_of"), seen_later.drop("as_of"))


@pytest.mark.parametrize("domain", DOMAINS)
def test_an_empty_lake_gives_no_cases_and_no_day(domain: str) -> None:
    task, connection = task_of(domain), lake(domain)
    connection.execute("BEGIN")
    forget_after(connection, domain, datetime(1980, 1, 1))
    assert population(connection, task).is_empty()
    assert connection.execute(task.last_day).fetchall() == [(None,)]
    connection.execute("ROLLBACK")


@pytest.mark.parametrize("domain", DOMAINS)
def test_who_is_not_known_has_no_features(domain: str) -> None:
    task, connection = task_of(domain), lake(domain)
    known = population(connection, task).head(1)
    stranger = known.with_columns(entity_id=pl.lit("nobody"))
    found = features(connection, task, pl.concat([known, stranger]))
    assert found["entity_id"].to_list() == known["entity_id"].to_list()
