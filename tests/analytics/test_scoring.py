"""Scores in the warehouse and in files, and the reasons behind them."""

import json
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics import registry
from analytics.explanation import explain_one, worded
from analytics.flat import flat_cases
from analytics.prediction import predicted
from analytics.scoring import score, score_entities, score_file
from analytics.task import Feature, Meaning, Task
from analytics.training import train
from connectors.errors import AssistantError, UsageError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.analytics.conftest import patients


@pytest.fixture
def served(home: Settings, ill: Task) -> Task:
    """The task over patients with a model in service."""
    train(home, ill)
    return ill


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


def test_batches_give_what_one_batch_gives(home: Settings, served: Task) -> None:
    model = registry.load(home, registry.required(home, served))
    cases = flat_cases(served, patients(700, seed=5).drop("ill", "truth"))
    whole = predicted(model, [cases], 30)
    pieces = predicted(model, [cases.part(0, 100), cases.part(100, 250), cases.part(350, 350)], 30)
    assert pieces.equals(whole)
    assert whole["reasons"].count() == 30
    assert predicted(model, [cases], "all")["reasons"].count() == 700
    assert predicted(model, [cases], 0)["reasons"].count() == 0
    assert predicted(model, []).columns == whole.columns


def test_the_reasons_of_one_case_are_those_of_its_row(home: Settings, served: Task) -> None:
    score(home, served, reasons="all")
    stored = Warehouse(home).query("SELECT reasons FROM predictions.made WHERE entity_id = 'P000011'").item()
    found = explain_one(home, served, "P000011")
    assert [(r.feature, r.contribution) for r in found] == [
        (entry["feature"], entry["contribution"]) for entry in json.loads(stored)
    ]
    with pytest.raises(AssistantError, match="nothing is known of «P999999»"):
        explain_one(home, served, "P999999")


def test_reasons_speak_the_words_of_the_task() -> None:
    words = Meaning({}, {}, {})
    info = {"dti": Feature({"en": "Debt to income", "zh": "负债收入比"}, "%")}
    task = Task("t", "binary", words, "", "", "", "", feature_info=info)
    reason = worded(task, {"feature": "dti", "value": 41.5, "contribution": -0.2})
    assert reason.in_words() == "Debt to income: 41.5 %, lowers the score"
    assert reason.in_words("zh") == "负债收入比：41.5 %，降低评分"
    unknown = worded(task, {"feature": "other", "value": None, "contribution": 0.1})
    assert unknown.in_words() == "other: not known, raises the score"


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
    assert scored.columns == ["entity_id", "score", "lower", "upper", "band", "reasons"]
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
        "A,inf,Atlantis,yes,1980-01-01\nB,?,,no,31.12.1980\nC,much,Brno,no,1980-01-01\nD,1.5,Brno,no,\n",
        encoding="utf-8",
    )
    result = score_file(home, served, given, output)
    scored = pl.read_csv(output)
    assert scored["entity_id"].to_list() == ["A", "B", "C", "D"]
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
    assert explain_one(home, EVENTS, "5")[0].feature == "price"  # long ago, but known
    with pytest.raises(UsageError, match="--entities"):
        score_file(home, EVENTS, entities, output)
    entities.write_text("who\n5\n")
    with pytest.raises(UsageError, match="no column «entity_id»"):
        score_entities(home, EVENTS, entities, output)
    entities.write_text("entity_id\n")
    with pytest.raises(AssistantError, match="names no case"):
        score_entities(home, EVENTS, entities, output)
