"""Wards, cohorts and sites of the clinic, found once more in Polars and with loops."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.catalog import task_named
from dashboards.queries.cases import events
from dashboards.queries.medical import EVENTS, patients_sql
from dashboards.queries.medical_cohorts import Cohort, first_day, followed
from dashboards.queries.medical_gaps import gaps_by_ward, overdue
from dashboards.queries.medical_sites import wards_at
from dashboards.queries.medical_wards import by_ward, highest_of_ward
from dashboards.queries.reading import reader
from pipelines.medical.care_gaps import catalogue
from pipelines.medical.value_sets import value_set
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.dashboards.lake import LAST_DAY
from tests.sample_data.lake import forget_after, lake, sample, task_of

START, UNTIL = datetime(2023, 4, 30), date(2026, 9, 30)
ZERO, LAST = datetime(2023, 4, 30, 23, 59, 59), datetime(2026, 9, 30, 23, 59, 59)
TABLES = sample("medical").tables
Exit = tuple[str, int, bool]  # group, days, happened


def _counted(exits: list[Exit]) -> list[tuple[str, int, int, int]]:
    ways = Counter(exits)
    keys = sorted({(name, days) for name, days, _happened in exits})
    return [(name, days, ways[name, days, True], ways[name, days, False]) for name, days in keys]


def _first(condition: str) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for row in TABLES["conditions"].iter_rows(named=True):
        known = row["verification_status"] not in ("refuted", "entered-in-error")
        if known and value_set(condition).contains(row["code_system"], row["code"]):
            found[row["patient_id"]] = min(found.get(row["patient_id"], datetime.max), row["recorded_at"])
    return found


def _exit(name: str, zero: datetime, happened: datetime | None, died: datetime | None) -> Exit | None:
    if died is not None and died <= zero:
        return None
    end = min(each for each in (happened, died, LAST) if each is not None)
    return name, (end.date() - zero.date()).days, happened is not None and end == happened


def _in_care() -> dict[str, dict[str, Any]]:
    seen = TABLES["encounters"].filter(
        pl.col("started_at") <= ZERO, pl.col("started_at") > ZERO - timedelta(days=730)
    )
    own = TABLES["patients"].filter(pl.col("patient_id").is_in(seen["patient_id"].unique().to_list()))
    return {row["patient_id"]: row for row in own.iter_rows(named=True)}


def _age(row: dict[str, Any], at: datetime) -> str:
    born = row["birth_date"]
    age = at.year - born.year - ((at.month, at.day) < (born.month, born.day))
    return next(
        (name for name, end in (("0–29", 30), ("30–44", 45), ("45–59", 60), ("60–74", 75)) if age < end),
        "75+",
    )


def _ask(cohort: Cohort) -> list[tuple[str, int, int, int]]:
    found = followed(reader(lake("medical")), task_of("medical"), cohort)
    return sorted(found.select("name", "time", "events", "censored").rows())


def test_time_to_a_first_diagnosis_by_age() -> None:
    first = _first("hypertension")
    exits = [
        _exit(_age(row, ZERO), ZERO, first.get(patient), row["deceased_at"])
        for patient, row in _in_care().items()
        if first.get(patient, datetime.max) > ZERO
    ]

    cohort = Cohort("diagnosis", START, UNTIL, "age", "hypertension")
    assert _ask(cohort) == _counted([each for each in exits if each])


def test_time_to_death_with_and_without_a_condition_known_at_the_start() -> None:
    first = _first("type-2-diabetes")
    exits = [
        _exit(
            "with" if first.get(patient, datetime.max) <= ZERO else "without",
            ZERO,
            row["deceased_at"],
            row["deceased_at"],
        )
        for patient, row in _in_care().items()
    ]

    cohort = Cohort("death", START, UNTIL, "condition", present="type-2-diabetes")
    assert _ask(cohort) == _counted([each for each in exits if each])


def test_time_to_readmission_after_the_first_discharge() -> None:
    stays: dict[str, list[tuple[datetime, datetime]]] = {}
    for row in TABLES["encounters"].filter(pl.col("class") == "IMP").iter_rows(named=True):
        stays.setdefault(row["patient_id"], []).append((row["started_at"], row["ended_at"]))
    died = dict(TABLES["patients"].select("patient_id", "deceased_at").iter_rows())
    gender = dict(TABLES["patients"].select("patient_id", "gender").iter_rows())
    exits = []
    for patient, own in stays.items():
        ends = [ended for _started, ended in own if ZERO < ended <= LAST]
        if ends:
            again = [started for started, _ended in own if started > min(ends)]
            exits.append(_exit(gender[patient], min(ends), min(again, default=None), died[patient]))

    cohort = Cohort("readmission", START, UNTIL, "gender")
    assert _ask(cohort) == _counted([each for each in exits if each])


@pytest.mark.parametrize(
    "cohort",
    [
        Cohort("diagnosis", START, UNTIL, "condition", "type-2-diabetes", "prediabetes"),
        Cohort("death", START, UNTIL, "age"),
    ],
    ids=["diagnosis", "death"],
)
def test_who_is_in_which_group_follows_from_what_was_known_at_the_start(cohort: Cohort) -> None:
    def sizes(read: Any) -> dict[str, int]:
        found = followed(read, task_of("medical"), cohort)
        return dict(found.group_by("name").agg((pl.col("events") + pl.col("censored")).sum()).rows())

    connection = lake("medical")
    expected = sizes(reader(connection))
    connection.execute("BEGIN")
    try:
        forget_after(connection, "medical", ZERO)
        assert sizes(reader(connection)) == expected
        assert len(expected) > 1
    finally:
        connection.execute("ROLLBACK")


def test_groups_by_score_are_the_bands_of_that_moment(scored: Settings) -> None:
    task, read = task_named("medical.disease_onset", scored), Warehouse(scored).query
    table = task.predictions_table.split(".")[1]
    bands = read(f"SELECT * FROM predictions.{table} WHERE as_of = $as_of", {"as_of": LAST_DAY})

    found = followed(read, task, Cohort("death", LAST_DAY, date(2026, 12, 1), "band"))

    sizes = dict(found.group_by("name").agg((pl.col("events") + pl.col("censored")).sum()).rows())
    assert sizes == dict(bands.group_by("band").len().rows())


def test_sites_are_the_organisation_of_the_newest_visit_until_the_moment() -> None:
    moments = (datetime(2023, 10, 1), datetime(2025, 10, 1))
    found = wards_at(reader(lake("medical")), moments)

    expected = set()
    for moment in moments:
        until = TABLES["encounters"].filter(pl.col("started_at") <= moment)
        newest = until.sort("started_at", "encounter_id").group_by("patient_id").last()
        expected |= {
            (row[0], moment, row[1]) for row in newest.select("patient_id", "organization_id").rows()
        }
    assert set(found.select("entity_id", "as_of", "site").rows()) == expected


def test_wards_count_the_scored_patients_once(scored: Settings) -> None:
    task, read = task_named("medical.disease_onset", scored), Warehouse(scored).query
    sql = patients_sql(task)
    everybody = read(sql, {"as_of": LAST_DAY})

    counts = by_ward(read, sql, LAST_DAY)
    few = highest_of_ward(read, sql, LAST_DAY, None, 7)

    assert counts["cases"].sum() == everybody.height
    assert counts["expected"].sum() == pytest.approx(everybody["score"].sum())
    ranked = everybody.sort(["score", "entity_id"], descending=[True, False])
    assert few["entity_id"].to_list() == ranked["entity_id"].head(7).to_list()  # no visit names a ward here


DAY = datetime(2025, 6, 30)
NEXT = DAY + timedelta(days=1)
SCORED = f"(SELECT patient_id AS entity_id, TIMESTAMP '{DAY}' AS as_of FROM medical.patients)"


def test_the_wards_of_a_past_day_are_those_of_that_day() -> None:
    patients = TABLES["patients"]["patient_id"].sort().to_list()
    visits = [  # what everybody had since, what only some had on the day itself
        *((each, "later", NEXT, "moved", "finished") for each in patients),
        *((each, "that-day", NEXT - timedelta(seconds=1), "new", "finished") for each in patients[::3]),
        *((each, "unnamed", NEXT - timedelta(hours=1), None, "finished") for each in patients[::5]),
        *((each, "cancelled", NEXT - timedelta(hours=2), "never", "cancelled") for each in patients[::2]),
    ]
    names = ("patient_id", "encounter_id", "started_at", "organization_id", "status")
    planted = pl.DataFrame(visits, names, orient="row").with_columns(
        pl.col("encounter_id") + "-" + pl.col("patient_id")
    )
    connection = lake("medical")
    connection.execute("BEGIN")
    try:
        connection.register("given", planted)
        connection.execute("INSERT INTO medical.encounters BY NAME FROM given")
        read = reader(connection)
        found = read(patients_sql(task_of("medical"), SCORED), {"as_of": DAY})
        behind = pl.concat(overdue(read, DAY, gap) for gap in catalogue().gaps)
        counts = gaps_by_ward(read, DAY)
    finally:
        connection.execute("ROLLBACK")

    known = pl.concat([TABLES["encounters"].select(names), planted]).filter(pl.col("started_at") < NEXT)
    named = known.filter(pl.col("organization_id").is_not_null(), pl.col("status") != "cancelled")
    newest = named.sort("started_at", "encounter_id").group_by("patient_id").last()
    wards = dict(newest.select("patient_id", "organization_id").rows())
    assert dict(found.select("entity_id", "ward").rows()) == {each: wards.get(each) for each in patients}
    seen = dict(known.group_by("patient_id").agg(pl.max("started_at")).rows())
    assert dict(found.select("entity_id", "last_seen_at").rows()) == {
        each: seen.get(each) for each in patients
    }
    assert behind.height
    assert all(ward == wards[patient] for patient, ward in behind.select("patient_id", "ward").rows())
    late = Counter(wards[patient] for patient in behind["patient_id"])
    assert dict(counts.group_by("ward").agg(pl.sum("overdue")).filter(pl.col("overdue") > 0).rows()) == late
    assert {"new", "ward-1"} <= late.keys()


def test_the_states_on_the_case_page_are_those_of_the_scored_day() -> None:
    told = {each.table: each for each in EVENTS}
    ended = TABLES["conditions"].filter(pl.col("abated_at").is_not_null())
    condition = ended.row(0, named=True)
    stay = TABLES["encounters"].filter(pl.col("ended_at") > pl.col("started_at")).row(0, named=True)
    read = reader(lake("medical"))

    def state(table: str, patient: str, at: datetime, until: datetime) -> set[str]:
        wanted = told[table]
        found = events(read, wanted, patient, until, 10_000).filter(pl.col(wanted.at) == at)
        return set(found[wanted.value])

    moment = timedelta(seconds=1)
    for until, expected in (
        (condition["abated_at"], "active"),
        (condition["abated_at"] + moment, "resolved"),
    ):
        given = (condition["patient_id"], condition["recorded_at"], until)
        assert state("medical.conditions", *given) == {expected}
    for until, expected in ((stay["ended_at"], "in-progress"), (stay["ended_at"] + moment, "finished")):
        given = (stay["patient_id"], stay["started_at"], until)
        assert state("medical.encounters", *given) == {expected}

    # A result counts from when the laboratory gave it, not from when it was taken.
    results = TABLES["observations"].filter(pl.col("value").is_not_null())
    late = results.filter(pl.col("issued_at") > pl.col("effective_at")).row(0, named=True)
    own = results.filter(pl.col("patient_id") == late["patient_id"])
    told_by = pl.max_horizontal("effective_at", "issued_at")
    listed = {
        until: events(read, told["medical.observations"], late["patient_id"], until, 10_000).height
        for until in (late["issued_at"], late["issued_at"] + moment)
    }
    assert listed == {until: own.filter(told_by < until).height for until in listed}
    assert len({*listed.values()}) == 2


def test_the_first_day_is_that_of_the_first_visit() -> None:
    assert first_day(reader(lake("medical"))) == TABLES["encounters"]["started_at"].min().date()  # type: ignore[union-attr]
