"""Cases from the lake: the same whole or in parts, with events only where somebody reads them."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analytics.cases import Cases
from analytics.dataset import candidate_cases, candidate_parts, cases_on, named_cases, settled_cases
from analytics.task import Flat, Meaning, Task
from connectors.errors import AssistantError
from pipelines.settings import Settings
from tests.analytics.conftest import Ingested, made_task, patients

DAY = date(2026, 3, 1)
WORDS = {"en": "-", "zh": "-"}
MACHINES = Task(
    name="plant.failure",
    kind="binary",
    meaning=Meaning(WORDS, WORDS, WORDS),
    population="SELECT machine AS entity_id, as_of, label, also_stopped FROM plant.checks",
    features=(
        "SELECT population.*, machines.age FROM population"
        " JOIN plant.machines AS machines ON machines.machine = population.entity_id"
    ),
    candidates="SELECT machine AS entity_id, CAST($as_of AS TIMESTAMP) AS as_of FROM plant.machines",
    last_day="SELECT DATE '2026-03-01'",
    events=(
        "SELECT machine AS entity_id, seen_at AS known_at, seen_at AS event_time, code AS event_type,"
        " 1.0 AS value, NULL AS text FROM plant.faults WHERE machine IN (SELECT entity_id FROM population)"
    ),
)
UNREADABLE = "SELECT error('events were read')"


@pytest.fixture
def plant(home: Settings, ingested: Ingested) -> Settings:
    """Seven machines with a fault a day, each checked on two days."""
    names = [f"M{number}" for number in range(7)]
    ingested("plant.machines", pl.DataFrame({"machine": names, "age": range(7)}))
    days = [datetime(2026, 2, 1) + timedelta(days=place) for place in range(40)]
    faults = pl.DataFrame({"machine": names}).join(pl.DataFrame({"seen_at": days, "code": "F1"}), how="cross")
    ingested("plant.faults", faults)
    checked = pl.DataFrame({"as_of": [datetime(2026, 2, 5), datetime(2026, 2, 9, 12)]})
    checks = pl.DataFrame({"machine": names}).join(checked, how="cross")
    outcomes = {"label": [0, 1] * 6 + [None, 1], "also_stopped": [1, None] * 7}
    ingested("plant.checks", checks.with_columns(**{name: pl.Series(v) for name, v in outcomes.items()}))
    return home


def seen(cases: Cases) -> list[int]:
    assert cases.events is not None
    return (cases.events.stops - cases.events.starts).tolist()


def test_a_settled_case_sees_the_events_known_by_its_moment_and_its_further_outcomes(plant: Settings) -> None:
    cases = settled_cases(plant, MACHINES)
    assert len(cases) == 13
    assert seen(cases) == [5, 9] * 6 + [9]
    assert cases.also is not None
    assert cases.also.columns == ["also_stopped"]
    assert cases.also["also_stopped"].to_list() == [1, None] * 6 + [None]
    assert cases.features.columns == ["age"]


def test_parts_are_the_whole_cut_in_pieces(plant: Settings) -> None:
    whole, parts = candidate_cases(plant, MACHINES, DAY), list(candidate_parts(plant, MACHINES, DAY, rows=3))
    assert [len(part) for part in parts] == [3, 3, 1]
    assert_frame_equal(pl.concat([part.keys for part in parts]), whole.keys)
    assert_frame_equal(pl.concat([part.features for part in parts]), whole.features)
    assert [count for part in parts for count in seen(part)] == seen(whole) == [29] * 7
    assert [part.events.table.height for part in parts if part.events] == [3 * 29, 3 * 29, 29]
    assert {part.snapshot_id for part in parts} == {whole.snapshot_id}


def test_events_nobody_reads_are_not_asked_for(plant: Settings) -> None:
    task = Task(**{**vars(MACHINES), "events": UNREADABLE})
    keys = pl.DataFrame({"entity_id": ["M1"], "as_of": [datetime(2026, 2, 9)]})
    for cases in (
        settled_cases(plant, task, events=False),
        candidate_cases(plant, task, DAY, events=False),
        cases_on(plant, task, DAY, ["M3"], events=False),
        named_cases(plant, task, keys, events=False),
        *candidate_parts(plant, task, DAY, events=False),
    ):
        assert len(cases)
        assert cases.events is None
    with pytest.raises(Exception, match="events were read"):
        settled_cases(plant, task)


def test_nobody_to_score_gives_no_part(plant: Settings) -> None:
    nobody = Task(**{**vars(MACHINES), "candidates": f"{MACHINES.candidates} WHERE FALSE"})
    assert list(candidate_parts(plant, nobody, DAY)) == []


def test_a_table_that_is_not_there_is_told_in_plain_words(home: Settings) -> None:
    for read in (
        lambda: settled_cases(home, MACHINES),
        lambda: candidate_cases(home, MACHINES, DAY),
        lambda: list(candidate_parts(home, MACHINES, DAY)),
    ):
        with pytest.raises(AssistantError, match="needs a table that is not there"):
            read()


@pytest.mark.parametrize("open_rows", [0, 5_000])
def test_parts_of_a_flat_table_are_its_open_rows_or_else_all(
    home: Settings, ingested: Ingested, open_rows: int
) -> None:
    rows = patients(12_000).drop("truth")
    ill = pl.when(pl.int_range(pl.len()) >= open_rows).then("ill").alias("ill")
    ingested("clinic.patients", rows.with_columns(ill))
    task = made_task(home, "clinic.patients", Flat("ill", entity="patient no"))
    whole = candidate_cases(home, task, DAY)
    parts = list(candidate_parts(home, task, DAY, rows=2_048))
    assert len(parts) > 1
    assert all(part.labels is None for part in parts)
    assert len(whole) == (open_rows or 12_000)
    joined = pl.concat([part.keys.hstack(part.features) for part in parts])
    assert_frame_equal(joined, whole.keys.hstack(whole.features))
