"""Care gaps: the catalogue that ships, and who is overdue, found once more row by row."""

from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from connectors.errors import UsageError
from pipelines.medical.care_gaps import care_gaps_sql, catalogue
from pipelines.medical.contracts import LOINC, SNOMED
from pipelines.medical.value_sets import value_set
from tests.sample_data.lake import forget_after, lake, sample

DAY = date(2025, 6, 30)
END = datetime(2025, 6, 30, 23, 59, 59)
Due = dict[tuple[str, str], tuple[datetime | None, date, bool]]


def due(connection: duckdb.DuckDBPyConnection, day: date = DAY) -> Due:
    rows = connection.execute(care_gaps_sql(catalogue()), {"as_of": day}).pl()
    return {
        (row["patient_id"], row["gap"]): (row["last_at"], row["due_on"], row["overdue"])
        for row in rows.iter_rows(named=True)
    }


@contextmanager
def resolved_in_part() -> Iterator[duckdb.DuckDBPyConnection]:
    """A lake in which a third of the conditions abated before the day, and a third after it: all three are
    called resolved today, but those that are still there.
    """
    connection = lake("medical")
    connection.execute("BEGIN")
    try:
        for part, abated in enumerate(("2025-06-30 23:59:59", "2025-07-01")):
            connection.execute(
                "UPDATE medical.conditions "
                "SET clinical_status = 'resolved', abated_at = CAST(? AS TIMESTAMP) "
                "WHERE recorded_at <= TIMESTAMP '2025-06-01' AND hash(condition_id) % 3 = ?",
                [abated, part],
            )
        yield connection
    finally:
        connection.execute("ROLLBACK")


def by_hand(conditions: pl.DataFrame) -> Due:
    """The same, from the sample's tables, with loops."""
    patients, found = _in_care(), Due()
    done, since = _done(), _known_conditions(conditions)
    for gap in catalogue().gaps.values():
        codes = [code for system, code in catalogue().examinations[gap.examination].codes if system == LOINC]
        for (patient, condition), began in since.items():
            if condition == gap.condition and patient in patients:
                last = max((at for code in codes for at in done.get((patient, code), [])), default=None)
                on = _months_later(max(began, last or began), gap.months)
                found[patient, gap.name] = (last, on, on < DAY)
    return found


def _months_later(moment: datetime, months: int) -> date:
    year, month = divmod(12 * moment.year + moment.month - 1 + months, 12)
    return date(year, month + 1, min(moment.day, monthrange(year, month + 1)[1]))


def _in_care() -> set[str]:
    tables = sample("medical").tables
    seen = {
        row["patient_id"]
        for row in tables["encounters"].iter_rows(named=True)
        if END - timedelta(days=730) < row["started_at"] <= END
    }
    died = tables["patients"].filter(pl.col("deceased_at") <= END)["patient_id"]
    return seen - set(died)


def _done() -> dict[tuple[str, str], list[datetime]]:
    done: dict[tuple[str, str], list[datetime]] = {}
    for row in sample("medical").tables["observations"].iter_rows(named=True):
        known = max(row["effective_at"], row["issued_at"] or row["effective_at"])
        if known <= END and row["status"] not in ("cancelled", "entered-in-error", "registered"):
            done.setdefault((row["patient_id"], row["code"]), []).append(row["effective_at"])
    return done


def _known_conditions(conditions: pl.DataFrame) -> dict[tuple[str, str], datetime]:
    since: dict[tuple[str, str], datetime] = {}
    for row in conditions.iter_rows(named=True):
        over = row["abated_at"] <= END if row["abated_at"] else row["clinical_status"] == "resolved"
        if row["recorded_at"] > END or over or row["verification_status"] == "refuted":
            continue
        for condition in {gap.condition for gap in catalogue().gaps.values()}:
            if value_set(condition).contains(row["code_system"], row["code"]):
                key = (row["patient_id"], condition)
                since[key] = min(since.get(key, datetime.max), row["recorded_at"])
    return since


def test_who_is_due_what_and_since_when() -> None:
    everybody = due(lake("medical"))
    assert everybody == by_hand(sample("medical").tables["conditions"])

    with resolved_in_part() as connection:
        found = due(connection)
        assert found == by_hand(connection.execute("FROM medical.conditions").pl())

    assert len(everybody) / 2 < len(found) < len(everybody)  # who was cured since is still counted
    assert {overdue for _last, _on, overdue in found.values()} == {True, False}
    assert len({gap for _patient, gap in found}) > 5


def test_nothing_of_a_later_day_is_known() -> None:
    with resolved_in_part() as connection:
        expected = due(connection)
        forget_after(connection, "medical", END)
        assert due(connection) == expected


def test_a_lake_without_procedures_and_reports_is_judged_by_what_it_has() -> None:
    sql = care_gaps_sql(catalogue(), ["medical.observations"])

    assert lake("medical").execute(f"SELECT count(*) FROM ({sql})", {"as_of": DAY}).fetchone() == (
        len(due(lake("medical"))),
    )
    nothing = care_gaps_sql(catalogue(), [])
    assert lake("medical").execute(f"SELECT count(last_at) FROM ({nothing})", {"as_of": DAY}).fetchone() == (
        0,
    )


def test_a_procedure_counts_from_when_it_took_place_and_one_not_done_does_not() -> None:
    connection = lake("medical")
    patient = next(patient for patient, gap in due(connection) if gap == "diabetes-feet")
    connection.execute("BEGIN")
    try:
        for name, at, status in (("a", "2025-05-02", "completed"), ("b", "2025-06-03", "not-done")):
            connection.execute(
                "INSERT INTO medical.procedures BY NAME SELECT $name AS procedure_id, "
                "$patient AS patient_id, '401191002' AS code, $system AS code_system, "
                "CAST($at AS TIMESTAMP) AS started_at, "
                "$status AS status",
                {"name": name, "patient": patient, "system": SNOMED, "at": at, "status": status},
            )
        last, on, overdue = due(connection)[patient, "diabetes-feet"]
    finally:
        connection.execute("ROLLBACK")

    assert last == datetime(2025, 5, 2)
    assert on >= date(2026, 5, 2)
    assert not overdue


def test_the_catalogue_that_ships_names_sources_and_codes() -> None:
    for gap in catalogue().gaps.values():
        assert gap.source
        assert catalogue().examinations[gap.examination].codes
    for examination in catalogue().examinations.values():
        assert set(examination.label) == {"en", "zh"}
        assert {system for system, _code in examination.codes} <= {LOINC, SNOMED}


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ('condition = "type-2-diabets"\nexamination = "x"\nmonths = 6', "no value set"),
        ('condition = "copd"\nexamination = "y"\nmonths = 6', "not there"),
        ('condition = "copd"\nexamination = "x"\nmonths = 0', "no number of months"),
        ('condition = "copd"\nexamination = "x"\nmonths = "six"', "no number of months"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_words(tmp_path: Path, rule: str, problem: str) -> None:
    file = tmp_path / "gaps.toml"
    file.write_text(
        '[examinations.x]\nlabel = { en = "X", zh = "X" }\nloinc = ["1"]\n'
        f'[gaps.one]\n{rule}\nsource = "us"\n'
    )

    with pytest.raises(UsageError, match=problem):
        catalogue(file)
