"""Given cases scored again: as scoring does, with other values, by any version."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analytics import registry
from analytics.cases import Cases
from analytics.rescoring import cases_of, changed, kept_snapshot, rescored
from analytics.scoring import score
from analytics.task import Task
from connectors.errors import AssistantError, UsageError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.analytics.conftest import load_table, patients

COLUMNS = ["entity_id", "score", "lower", "upper", "band"]
SOME = ["P000007", "P000003", "P000500"]


def test_unchanged_cases_get_what_scoring_stored(home: Settings, served: Task) -> None:
    score(home, served)
    cases = cases_of(home, served, SOME)
    stored = Warehouse(home).query(f"SELECT {', '.join(COLUMNS)} FROM predictions.made")
    wanted = pl.DataFrame({"entity_id": SOME}).join(stored, on="entity_id", how="left", maintain_order="left")

    found = rescored(home, served, cases, {})
    assert_frame_equal(found, wanted, rel_tol=1e-12)
    assert_frame_equal(
        rescored(home, served, cases, {}, registry.required(home, served).version), wanted, rel_tol=1e-12
    )


def test_changed_features_are_read_as_the_model_reads_them(home: Settings, served: Task) -> None:
    cases = cases_of(home, served, SOME)
    _, model = registry.serving(home, served)
    rows = cases.features.with_columns(
        pl.col("dose [mg/l]") * 2, pl.lit("北京").alias("城市"), pl.lit(value=True).alias("smoker")
    )
    wanted = model.predict(Cases(cases.keys, rows))
    found = rescored(
        home, served, cases, {"dose [mg/l]": lambda dose: dose * 2, "城市": "北京", "smoker": True}
    )
    assert found["score"].to_list() == wanted.score.tolist()
    assert found["band"].to_list() == wanted.band
    assert (found["lower"] <= found["score"]).all()
    assert not np.allclose(found["score"], rescored(home, served, cases, {})["score"])


def test_a_value_may_become_unknown(home: Settings, served: Task) -> None:
    cases = cases_of(home, served, SOME)
    assert changed(cases, {"dose [mg/l]": None}).features["dose [mg/l]"].null_count() == 3
    assert rescored(home, served, cases, {"dose [mg/l]": None, "城市": None})["score"].is_finite().all()


def test_who_is_not_known_is_left_out_and_a_wrong_feature_is_told(home: Settings, served: Task) -> None:
    assert cases_of(home, served, ["nobody", SOME[0], SOME[0]]).keys["entity_id"].to_list() == SOME[:1]
    assert len(cases_of(home, served, [])) == 0
    with pytest.raises(UsageError, match="no feature «smokes»") as told:
        rescored(home, served, cases_of(home, served, SOME), {"smokes": True})
    assert "smoker" in told.value.remedy
    with pytest.raises(AssistantError, match="no model version «v0»"):
        rescored(home, served, cases_of(home, served, SOME), {}, "v0")


def test_a_case_is_seen_as_the_lake_knew_it(home: Settings, served: Task) -> None:
    before = Warehouse(home).snapshot()
    stored = rescored(home, served, cases_of(home, served, SOME), {})
    load_table(home, "clinic.patients", patients(1_200, seed=9).drop("truth"))

    assert kept_snapshot(home, before) == before
    assert kept_snapshot(home, before + 1_000) is None
    again = cases_of(home, served, SOME, snapshot=before)
    assert_frame_equal(rescored(home, served, again, {}), stored, rel_tol=1e-12)
    now = rescored(home, served, cases_of(home, served, SOME), {})
    assert not now["score"].equals(stored["score"])
