"""The clinic's tabs: wards, care gaps, cohorts, sites; who sees what, and what is said where nothing is."""

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from analytics import held_out
from pipelines.medical.contracts import LOINC, SNOMED
from pipelines.settings import Settings, load_settings
from pipelines.store import Audit, ModelVersion, Store
from pipelines.warehouse import Warehouse, quoted
from tests.dashboards.screens.conftest import CASES, NAME_OF_NOBODY, TODAY, Offered, Visit, plain

YEARS = 4


@pytest.fixture(scope="module")
def hospital(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The furnished home with visits on two wards for years, a few blood pressures, deaths and stays."""
    folder = tmp_path_factory.mktemp("hospital")
    shutil.copytree(furnished / "var", folder / "var")
    home = Settings(home=folder / "var", config=folder / "assistant.toml", threads=2)
    visits = [
        {"encounter_id": f"E{n}-{year}", "patient_id": f"P{n:03d}", "class": "AMB", "status": "finished",
         "started_at": TODAY - timedelta(days=365 * year + 10 + n), "organization_id": f"ward-{n % 2}"}
        for n in range(CASES) for year in range(YEARS + 1)
    ]  # fmt: skip
    pressures = [
        {"observation_id": f"O{n}", "patient_id": f"P{n:03d}", "code": "8480-6", "code_system": LOINC,
         "effective_at": datetime(2024, 3, 1), "issued_at": datetime(2024, 3, 1), "status": "final"}
        for n in range(10)
    ]  # fmt: skip
    old = [
        {"condition_id": f"old{n}", "patient_id": f"P{n:03d}", "code": "38341003", "code_system": SNOMED,
         "recorded_at": datetime(2023, 1 + n % 12, 5), "clinical_status": "active"}
        for n in range(20)
    ]  # fmt: skip

    def add(connection: duckdb.DuckDBPyConnection) -> None:
        for table, rows in (("encounters", visits), ("observations", pressures), ("conditions", old)):
            connection.register("given", pl.DataFrame(rows).to_arrow())
            connection.execute(f"INSERT INTO {quoted(f'medical.{table}')} BY NAME SELECT * FROM given")
            connection.unregister("given")

    Warehouse(home).write(add)
    return folder


@pytest.fixture
def ward_home(hospital: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SDA_HOME", str(hospital / "var"))
    monkeypatch.setenv("SDA_CONFIG", str(hospital / "assistant.toml"))
    return load_settings()


def _tables(app: AppTest) -> list[pl.DataFrame]:
    return [pl.from_pandas(each.value) for each in app.dataframe]


def test_wards_count_their_patients_and_list_the_highest(
    ward_home: Settings, visit: Visit, offered: Offered
) -> None:
    app = visit("medical", tab="wards")

    wards, patients = _tables(app)
    assert not app.exception
    assert sorted(wards["Ward"]) == ["ward-0", "ward-1"]
    assert sum(int(count) for count in wards["Patients"]) == CASES
    assert patients["Score"].is_sorted(descending=True)
    assert "Name" not in patients.columns  # an analyst does not see names
    app.selectbox("choose-ward").set_value("ward-1").run()
    own = _tables(app)[1]["Patient"]
    assert {int(name[1:]) % 2 for name in own} == {1}
    assert offered["round-sheet"]().startswith(b"%PDF")
    offered["export-round-parquet"]()
    with Store(ward_home).session() as session:
        exports = session.query(Audit).where(Audit.action.like("export.%")).order_by(Audit.id)
        taken = [(audit.action, json.loads(audit.detail)) for audit in exports]
    assert [(action, detail["filters"]) for action, detail in taken[-2:]] == [
        ("export.round", ["Data as of: Oct 30, 2026", "ward-1"]),
        ("export.table", ["Data as of: Oct 30, 2026", "ward-1"]),
    ]
    app.button("list-f.ward=ward-1").click().run()
    assert [*app.query_params] == ["f.ward"]
    assert "ward-1" in app.query_params["f.ward"]


def test_a_ward_shows_names_to_who_may_see_them_as_text(
    ward_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDA_ROLE", "caseworker")
    seen = _tables(visit("medical", tab="wards"))[1]
    assert set(seen["Name"]) == {NAME_OF_NOBODY}

    monkeypatch.setenv("SDA_ROLE", "engineer")
    app = visit("medical", tab="wards")
    assert not app.exception
    assert all(name.startswith("#") for name in _tables(app)[1]["Patient"])
    assert "Choose a row" not in plain(app)


def test_without_wards_it_is_said(full_home: Settings, visit: Visit) -> None:
    assert "No visit names a ward" in plain(visit("medical", tab="wards"))


def test_care_gaps_count_and_list_who_is_overdue(ward_home: Settings, visit: Visit) -> None:
    app = visit("medical", tab="gaps")

    counts, listed = _tables(app)
    assert not app.exception
    assert counts["Care gap"].to_list() == ["Hypertension: Blood pressure"]
    assert counts["All wards"].to_list() == ["20 of 20"]
    assert listed.height == 20
    assert (listed["Last done"] == "never").sum() == 10
    app.multiselect("choose-ward").set_value(["ward-0"]).run()
    assert set(_tables(app)[1]["Ward"]) == {"ward-0"}
    assert app.query_params["ward"] == "ward-0"
    assert set(_tables(visit("medical", tab="gaps", ward="ward-0"))[1]["Ward"]) == {"ward-0"}
    left = visit("medical", tab="gaps", ward=["ward-77", "ward-0"])
    assert set(_tables(left)[1]["Ward"]) == {"ward-0"}
    assert [each.value for each in left.warning] == ["Ward: there is no «ward-77» here (any more)."]
    left.button("drop-gone-ward").click().run()
    assert left.query_params["ward"] == "ward-0"
    assert "NICE guideline NG136" in plain(app)


def test_care_gaps_are_cut_as_the_page_is(ward_home: Settings, visit: Visit) -> None:
    counts = _tables(visit("medical", tab="gaps", **{"only.ward": "ward-1"}))[0]

    assert counts["All wards"].to_list() == ["10 of 10"]


def test_no_gap_is_made_up_where_nothing_is_recorded(full_home: Settings, visit: Visit) -> None:
    assert "No patient in care" in plain(visit("medical", tab="gaps"))


def test_cohorts_are_followed_from_the_day_that_is_chosen(ward_home: Settings, visit: Visit) -> None:
    app = visit("medical", tab="cohorts")
    app.selectbox("choose-diagnosis").set_value("hypertension").run()
    app.selectbox("choose-by").set_value("gender").run()

    [figures] = _tables(app)
    assert not app.exception
    # From the oldest day that has a year of records before it; 18 were diagnosed by then.
    assert sum(int(count) for count in figures["Patients"]) == CASES - 18
    assert sorted(figures["Group"]) == ["female", "male"]
    assert "Log-rank test" in plain(app)
    app.selectbox("choose-until").set_value("readmission").run()
    assert "Too few patients" in plain(app)


def test_cohorts_need_a_past(full_home: Settings, visit: Visit) -> None:
    assert "no records of an earlier time" in plain(visit("medical", tab="cohorts"))


def test_sites_are_judged_by_cases_the_model_never_saw(
    ward_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_out, "held_out", _never_seen)

    app = visit("medical", tab="sites")

    [table] = _tables(app)
    assert not app.exception
    assert table["Ward"].to_list() == ["ward-0", "ward-1"]
    assert "never learned from" in plain(app)
    assert sum(int(cases) for cases in table["Cases"]) == 2 * CASES


def _never_seen(_settings: Settings, task: Any) -> tuple[ModelVersion, pl.DataFrame]:
    chance = np.random.default_rng(1)
    scores = chance.uniform(0.1, 0.6, 2 * CASES)
    frame = pl.DataFrame(
        {
            "entity_id": [f"P{n:03d}" for n in range(CASES)] * 2,
            "as_of": [datetime(2024, 12, 1)] * CASES + [datetime(2025, 12, 1)] * CASES,
            "score": scores,
            "label": (chance.random(2 * CASES) < scores).astype(float),
        }
    )
    return ModelVersion(task=task.name, version="v1"), frame


def test_a_model_whose_files_are_gone_is_told_in_words(full_home: Settings, visit: Visit) -> None:
    app = visit("medical", tab="sites")

    assert not app.exception
    assert "Nothing can be compared" in plain(app)


def test_tabs_speak_chinese(ward_home: Settings, visit: Visit) -> None:
    app = visit("medical", tab="cohorts", lang="zh")

    assert not app.exception
    assert _tables(app)[0].columns[:3] == ["组", "患者", "事件数"]
