"""Scores in the warehouse and in files, and the reasons behind them."""

import gc
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analytics import registry
from analytics.cases import Cases
from analytics.flat import flat_cases, numbered
from analytics.model import Model, Predictions
from analytics.prediction import Reasons, columns_of, predict
from analytics.reasons import strongest_reasons
from analytics.rescoring import case_of
from analytics.scoring import score, score_entities, score_file
from analytics.staging import staging
from analytics.task import Exposure, Flat, Meaning, Task
from analytics.training import train
from connectors.errors import AssistantError, UsageError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.analytics.conftest import patients


def test_every_case_is_scored_once_and_the_highest_have_reasons(home: Settings, served: Task) -> None:
    result = score(home, served, reasons=20)
    assert (result.rows, result.as_of) == (1_200, "2026-01-02")
    scored = Warehouse(home).query("SELECT * FROM predictions.made ORDER BY score DESC, entity_id")
    assert scored["entity_id"].n_unique() == 1_200
    assert scored["as_of"].unique().to_list() == [datetime(2026, 1, 2)]
    assert scored["model_version"].unique().to_list() == [result.model_version]
    explained = scored.filter(pl.col("reasons").is_not_null())
    assert explained.height == 20
    assert explained["score"].min() >= scored["score"][20]  # type: ignore[operator]
    reasons = json.loads(explained["reasons"][0])
    assert {reason["feature"] for reason in reasons} <= {"dose [mg/l]", "城市", "smoker", "born"}
    assert reasons == sorted(reasons, key=lambda reason: -abs(reason["contribution"]))


def test_scoring_a_day_again_replaces_it_and_keeps_other_days(home: Settings, served: Task) -> None:
    score(home, served)
    score(home, served, as_of=date(2026, 1, 3))
    score(home, served)
    days = Warehouse(home).query(
        "SELECT as_of, count(*) AS n FROM predictions.made GROUP BY as_of ORDER BY 1"
    )
    assert days["n"].to_list() == [1_200, 1_200]


def predicted(home: Settings, task: Task, batches: list[Cases], reasons: Reasons) -> pl.DataFrame:
    """What the model in service predicts of the batches."""
    model = registry.load(home, registry.required(home, task))
    with staging(home, columns_of(model, task.exposure)) as stage:
        predict(model, batches, stage, reasons, task.exposure)
        return stage.frame()


def test_batches_give_what_one_batch_gives(home: Settings, served: Task) -> None:
    cases = flat_cases(served, patients(700, seed=5).drop("ill", "truth"))
    whole = predicted(home, served, [cases], 30)
    pieces = [cases.part(0, 100), cases.part(100, 250), cases.part(350, 350)]
    assert_frame_equal(predicted(home, served, pieces, 30), whole)
    assert whole["reasons"].count() == 30
    assert whole.filter(pl.col("reasons").is_not_null())["score"].min() >= whole["score"].top_k(31)[30]
    everyone = predicted(home, served, pieces, "all")
    assert everyone["reasons"].count() == 700
    assert everyone.filter(whole["reasons"].is_not_null())["reasons"].equals(whole["reasons"].drop_nulls())
    assert predicted(home, served, [cases], 0)["reasons"].count() == 0
    assert predicted(home, served, [], 30).columns == whole.columns
    assert list((home.home / "tmp").glob("staged-*")) == []


def test_a_prediction_says_which_outcomes_cannot_be_ruled_out_and_what_is_at_stake(
    home: Settings, served: Task
) -> None:
    rows = patients(400, seed=6).drop("ill", "truth")
    task = replace(served, exposure=Exposure("dose [mg/l]", share=0.4, unit="EUR"))
    found = predicted(home, task, [flat_cases(task, rows)], 0)
    assert set(found["label_set"]) <= {"no", "yes", "no|yes", ""}
    assert found.filter(pl.col("score") > 0.9)["label_set"].unique().to_list() == ["yes"]
    at_stake = found["score"] * rows["dose [mg/l]"] * 0.4
    assert found["expected_loss"].null_count() == rows["dose [mg/l]"].null_count() > 0
    assert found["expected_loss"].drop_nulls().to_list() == pytest.approx(at_stake.drop_nulls().to_list())
    without = predicted(
        home, replace(task, exposure=Exposure("gone", 0.4, "EUR")), [flat_cases(task, rows)], 0
    )
    assert without["expected_loss"].null_count() == 400


def test_a_table_of_predictions_of_an_older_version_is_widened(home: Settings, served: Task) -> None:
    def older(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("CREATE SCHEMA predictions")
        connection.execute(
            "CREATE TABLE predictions.made AS SELECT 'P1' AS entity_id, TIMESTAMP '2025-01-01' AS as_of, "
            "0.5::DOUBLE AS score, 0.4::DOUBLE AS lower, 0.6::DOUBLE AS upper, 'low' AS band, "
            "NULL::VARCHAR AS reasons, 'v1' AS model_version, 1::BIGINT AS snapshot_id, "
            "TIMESTAMP '2025-01-02' AS scored_at"
        )

    Warehouse(home).write(older)
    score(home, served)
    kept = Warehouse(home).query(
        "SELECT year(as_of) AS year, count(*) AS n, count(label_set) AS sets FROM predictions.made "
        "GROUP BY ALL ORDER BY year"
    )
    assert kept.rows() == [(2025, 1, 0), (2026, 1_200, 1_200)]


def test_the_memory_of_scoring_does_not_grow_with_the_rows(
    home: Settings, served: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.scoring.BATCH", 100)
    alive: list[int] = []
    original = Model.predict

    def rows_in_memory() -> int:
        gc.collect()
        # By `type`: `isinstance` asks for `__class__`, and a proxy of what is gone raises.
        return sum(len(each) for each in gc.get_objects() if type(each) is Cases)

    def counted(model: Model, cases: Cases) -> Predictions:
        alive.append(rows_in_memory() - before)
        return original(model, cases)

    monkeypatch.setattr(Model, "predict", counted)
    before = rows_in_memory()
    assert score(home, served, reasons=10).rows == 1_200
    assert len(alive) == 12
    assert max(alive) <= 310  # the batch, the one before, and ten to explain


def test_rows_of_a_file_without_an_identifier_are_numbered_through() -> None:
    parts = list(numbered([pl.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": [3]})]))
    task = Task("t", "binary", Meaning({}, {}, {}), "", "", "", "", flat=Flat("b"))
    assert [key for part in parts for key in flat_cases(task, part).keys["entity_id"]] == ["1", "2", "3"]


def test_the_reasons_of_one_case_are_those_of_its_row(home: Settings, served: Task) -> None:
    score(home, served, reasons="all")
    stored = Warehouse(home).query("SELECT reasons FROM predictions.made WHERE entity_id = 'P000011'").item()
    model = registry.load(home, registry.required(home, served))
    assert strongest_reasons(model, case_of(home, served, "P000011"))[0] == json.loads(stored)
    with pytest.raises(AssistantError, match="nothing is known of «P999999»"):
        case_of(home, served, "P999999")


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_a_new_file_is_scored(home: Settings, served: Task, tmp_path: Path, suffix: str) -> None:
    rows = patients(300, seed=8).drop("ill", "truth").with_columns(extra=pl.lit("ignored"))
    given, output = tmp_path / f"new.{suffix}", tmp_path / f"scores.{suffix}"
    write = {"csv": rows.write_csv, "parquet": rows.write_parquet, "jsonl": rows.write_ndjson}
    read = {"csv": pl.read_csv, "parquet": pl.read_parquet, "jsonl": pl.read_ndjson}
    write[suffix](given)
    result = score_file(home, served, given, output, reasons=10)
    scored = read[suffix](output)
    assert result.rows == scored.height == 300
    assert scored.columns == ["entity_id", "score", "lower", "upper", "band", "label_set", "reasons"]
    assert scored["entity_id"].to_list() == rows["patient no"].to_list()
    model = registry.load(home, registry.required(home, served))
    assert scored["score"].to_numpy() == pytest.approx(model.predict(flat_cases(served, rows)).score)
    assert scored["reasons"].count() == 10


def test_unseen_and_unreadable_values_are_scored_as_unknown(
    home: Settings, served: Task, tmp_path: Path
) -> None:
    given, output = tmp_path / "new.csv", tmp_path / "scores.csv"
    given.write_text(
        "patient no,dose [mg/l],城市,smoker,born\n"
        "A,inf,Atlantis,yes,1980-01-01\nB,?,,no,31.12.1980\nC,much,Brno,no,1980-01-01\n"
        "D,1.5,Brno,no,\n E ,1.5,  Brno ,no,\n",
        encoding="utf-8",
    )
    result = score_file(home, served, given, output)
    scored = pl.read_csv(output)
    assert scored["entity_id"].to_list() == ["A", "B", "C", "D", "E"]
    assert scored["score"][4] == scored["score"][3]  # blanks make no other category, as in what was learned
    assert scored["score"].is_between(0, 1).all()
    assert result.notes == ("«dose [mg/l]»: 2 values not understood",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("patient no,dose,城市,smoker,born\nA,1,Brno,no,1980-01-01\n", r"«dose \[mg/l\]» is missing"),
        ("no,dose [mg/l],城市,smoker,born\nA,1,Brno,no,1980-01-01\n", "«patient no» is missing"),
        (
            "patient no,dose [mg/l],城市,smoker,born\nA,1,Brno,no,1980-01-01\nB,2,Brno,no,1980-01-01,x,y\n",
            "record 3 cannot be read: too many fields",
        ),
        ("patient no,dose [mg/l],城市,smoker,born\nA,a,Brno,no,1980-01-01\n", "holds no number at all"),
        ("", "empty"),
    ],
)
def test_a_file_that_cannot_be_scored_is_refused_and_leaves_no_output(
    home: Settings, served: Task, tmp_path: Path, text: str, words: str
) -> None:
    given, output = tmp_path / "new.csv", tmp_path / "scores.csv"
    given.write_text(text, encoding="utf-8")
    with pytest.raises(AssistantError, match=words):
        score_file(home, served, given, output)
    assert list(tmp_path.glob("scores*")) == []


def test_wrong_files_and_names_are_told_before_anything_is_read(
    home: Settings, served: Task, tmp_path: Path
) -> None:
    with pytest.raises(AssistantError, match="There is no file"):
        score_file(home, served, tmp_path / "none.csv", tmp_path / "out.csv")
    with pytest.raises(UsageError, match="must end in .csv, .parquet, .jsonl"):
        score_file(home, served, tmp_path / "none.csv", tmp_path / "out.doc")
    with pytest.raises(UsageError, match="does not exist"):
        score_file(home, served, tmp_path / "none.csv", tmp_path / "no" / "out.csv")
    with pytest.raises(UsageError, match="one table.*--input"):
        score_entities(home, served, tmp_path / "none.csv", tmp_path / "out.csv")


WORDS = {"en": "x", "zh": "x"}
EVENTS = Task(
    name="shop.return",
    kind="binary",
    meaning=Meaning(WORDS, WORDS, WORDS),
    population="SELECT id AS entity_id, placed_at AS as_of, returned AS label FROM shop.orders -- all",
    features="""
        SELECT population.entity_id, population.as_of, orders.price, count(clicks.placed_at) AS clicks
        FROM population JOIN shop.orders AS orders ON CAST(orders.id AS VARCHAR) = population.entity_id
        LEFT JOIN shop.clicks AS clicks ON clicks.id = orders.id AND clicks.placed_at <= population.as_of
        GROUP BY ALL
    """,
    candidates="""
        SELECT id AS entity_id, CAST($as_of AS TIMESTAMP) AS as_of FROM shop.orders WHERE placed_at >= $as_of
    """,
    last_day="SELECT CAST(max(placed_at) AS DATE) FROM shop.orders",
)


def test_a_task_over_several_tables_is_trained_scored_and_asked_by_name(
    home: Settings, ingested: object, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    price = random.uniform(0, 10, 600)
    orders = pl.DataFrame(
        {
            "id": range(600),
            "placed_at": [datetime(2026, 1, 1 + n // 60, n // 10 % 6) for n in range(600)],
            "price": price,
            "returned": (random.random(600) < price / 10).astype(int),
        }
    )
    ingested("shop.orders", orders)  # type: ignore[operator]
    ingested("shop.clicks", orders.select("id", "placed_at").sample(900, with_replacement=True, seed=1))  # type: ignore[operator]
    result = train(home, EVENTS)
    assert result.rows["split"] == "time"
    assert result.metrics["test"]["auroc"] > 0.75
    assert score(home, EVENTS).rows == 60
    entities, output = tmp_path / "who.csv", tmp_path / "scores.csv"
    entities.write_text("entity_id,as_of\n5,2026-01-05\n599,\n7000,\n")
    found = score_entities(home, EVENTS, entities, output, reasons="all")
    assert found.notes == ("1 of 3 cases are not known and left out: 7000",)
    scored = pl.read_csv(output, schema_overrides={"entity_id": pl.String})
    assert scored["entity_id"].to_list() == ["5", "599"]
    model = registry.load(home, registry.required(home, EVENTS))
    long_ago = case_of(home, EVENTS, "5")  # but known
    assert strongest_reasons(model, long_ago)[0][0]["feature"] == "price"
    with pytest.raises(UsageError, match="--entities"):
        score_file(home, EVENTS, entities, output)
    entities.write_text("who\n5\n")
    with pytest.raises(UsageError, match="no column «entity_id»"):
        score_entities(home, EVENTS, entities, output)
    entities.write_text("entity_id\n")
    with pytest.raises(AssistantError, match="names no case"):
        score_entities(home, EVENTS, entities, output)
