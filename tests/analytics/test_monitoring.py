"""A model in service is watched: drift, outcomes as they arrive, and what to expect before they do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import polars as pl
import pytest
from sqlalchemy import select

from analytics import feedback, monitoring, performance, registry
from analytics.cases import Cases
from analytics.evaluation import auroc
from analytics.flat import Flat, flat_task
from analytics.matrix import CodeBook, CodedColumn
from analytics.model import Predictions
from analytics.scoring import score
from analytics.task import Meaning, Task
from analytics.training import train
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.store import ModelVersion, Notice, Store
from pipelines.warehouse import Warehouse, quoted
from tests.analytics.conftest import Ingested, made_task, patients


def notices(home: Settings) -> list[tuple[str, str]]:
    with Store(home).session() as session:
        rows = session.scalars(select(Notice).where(Notice.resolved_at.is_(None)))
        return [(notice.kind, notice.about) for notice in rows]


def to_score(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.drop("truth").with_columns(ill=pl.lit(None, pl.String))


def test_the_life_of_a_model_under_watch(home: Settings, ingested: Ingested) -> None:
    learned = patients(1_500).drop("truth")
    ingested("clinic.patients", learned)
    task = made_task(home, "clinic.patients", Flat("ill", entity="patient no"))
    with pytest.raises(AssistantError, match="was not scored yet"):
        monitoring.check(home, task)
    train(home, task, seconds=1)
    assert monitoring.latest_check(home, task) is None

    def looked(news: pl.DataFrame) -> monitoring.Check:
        named = news.with_columns(**{"patient no": "N" + pl.col("patient no")})
        ingested("clinic.patients", pl.concat([learned, named], how="vertical_relaxed"))
        score(home, task, reasons=0)
        return monitoring.check(home, task)

    news = to_score(patients(800, seed=50))
    fine = looked(news)
    assert (fine.verdict, notices(home)) == ("fine", [])
    assert fine.detail["cases"] == 800
    assert {entry["feature"] for entry in fine.detail["features"]} == {
        "dose [mg/l]",
        "城市",
        "smoker",
        "born",
    }
    expected = fine.detail["estimated"]
    assert expected["note"].startswith("An estimate")
    truth = patients(800, seed=50)["truth"].to_numpy()
    low, high = expected["intervals"]["rate"]
    assert low - 0.05 < truth.mean() < high + 0.05

    broken = news.with_columns(
        pl.col("dose [mg/l]") * 1000, smoker=pl.lit(None, pl.Boolean), 城市=pl.lit("Lima")
    )
    act = looked(broken)
    assert (act.verdict, notices(home)) == ("act", [("drift", "made")])
    assert "«dose [mg/l]» has moved" in act.summary
    assert "«smoker» is missing in 100% of the cases (0% before)" in act.summary
    assert "«城市» has values never seen before in 100% of the cases" in act.summary
    assert "born" not in act.summary

    few = looked(broken.head(60))
    assert (few.verdict, notices(home)) == ("fine", [])
    assert few.detail["features"][0]["note"].startswith("too few")
    newest = monitoring.latest_check(home, task)
    assert newest is not None
    assert newest.id == few.id
    assert [each.verdict for each in monitoring.checks(home, task)] == ["fine", "act", "fine"]


def entry(feature: str, verdict: str, effect: float) -> dict[str, object]:
    moved = {"missing": 0.0, "missing_before": 0.0, "unseen": 0.0}
    return {"feature": feature, "verdict": verdict, "effect": effect, **moved}


@pytest.mark.parametrize(
    ("features", "score_says", "outcomes", "verdict"),
    [
        ([], "fine", "fine", "fine"),
        ([entry("leaned on", "act", 0.3)], "fine", "fine", "act"),
        ([entry("idle", "act", 0.3)], "fine", "fine", "watch"),
        ([entry("idle", "act", 0.6)], "fine", "fine", "act"),
        ([entry("leaned on", "watch", 0.15)], "fine", "fine", "watch"),
        ([], "act", "fine", "act"),
        ([], "watch", "act", "act"),
    ],
)
def test_the_verdict_of_a_model_follows_the_written_rule(
    features: list[dict[str, object]], score_says: str, outcomes: str, verdict: str
) -> None:
    importance = [{"feature": "leaned on", "share": 0.5}, {"feature": "idle", "share": 0.001}]
    seen = {
        "score": {"verdict": score_says},
        "features": features,
        "performance": {"verdict": outcomes, "note": ""},
    }
    row = ModelVersion(metrics={"importance": importance})
    assert monitoring._judged(seen, row).verdict == verdict


WORDS = Meaning({"en": "t"}, {"en": "loan"}, {"en": "t"}, horizon_days=90)
LOANS = Task(
    "t",
    "binary",
    WORDS,
    population="SELECT id AS entity_id, applied_at AS as_of, label FROM bank.loans",
    features="",
    candidates="",
    last_day="",
)
FIRST = datetime(2026, 1, 1)


@pytest.fixture
def bank(home: Settings, ingested: Ingested) -> ModelVersion:
    """The version «v1», trained when the first 100 loans were settled; tested at AUROC 0.8."""
    ingested("bank.loans", loans(100, np.zeros(100)))
    row = ModelVersion(
        task="t", version="v1", state="in_service", snapshot_id=Warehouse(home).snapshot(), path="",
        checksum="", metrics={"test": {"auroc": 0.8}},
    )  # fmt: skip
    registry.enter(home, row)
    return row


def loans(rows: int, labels: Sequence[float] | np.ndarray) -> pl.DataFrame:
    moments = [FIRST + timedelta(hours=number) for number in range(rows)]
    return pl.DataFrame({"id": [f"L{n}" for n in range(rows)], "applied_at": moments, "label": labels})


def predict(home: Settings, scores: np.ndarray, day: date, first: int = 0, version: str = "v1") -> None:
    frame = pl.DataFrame(
        {"entity_id": [f"L{first + n}" for n in range(len(scores))], "score": scores}
    ).with_columns(
        as_of=pl.lit(datetime(day.year, day.month, day.day), pl.Datetime("us")),
        band=pl.lit("low"),
        model_version=pl.lit(version),
        reasons=pl.lit(None, pl.String),
    )

    def put(connection: duckdb.DuckDBPyConnection) -> None:
        table = quoted(LOANS.predictions_table)
        connection.execute("CREATE SCHEMA IF NOT EXISTS predictions")
        connection.register("given", frame.to_arrow())
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table} AS FROM given LIMIT 0")
        connection.execute(f"INSERT INTO {table} BY NAME FROM given")

    Warehouse(home).write(put)


def test_outcomes_count_once_and_never_where_the_version_had_learned_them(
    home: Settings, bank: ModelVersion, ingested: Ingested
) -> None:
    random = np.random.default_rng(0)
    scores = random.uniform(0.02, 0.98, 1_000)
    labels = (random.random(1_000) < scores).astype(int)
    predict(home, scores, date(2026, 1, 10))
    predict(home, 1 - scores, date(2026, 3, 1))  # later: farther from the case, so it does not count
    predict(home, 1 - scores, date(2026, 1, 9), version="v0")
    assert performance.observed(home, LOANS, bank, ())["note"].startswith("too few: 0 outcomes")
    labels[:100] = 1 - labels[:100]  # settled before the training: an honest figure leaves them out
    ingested("bank.loans", loans(600, labels[:600]))
    found = performance.observed(home, LOANS, bank, ())
    assert found["cases"] == 500
    assert found["metrics"]["auroc"] == pytest.approx(auroc(labels[100:600], scores[100:600]))
    assert found["verdict"] == "fine"
    assert found["rate"]["observed"] == pytest.approx(labels[100:600].mean())
    assert sum(found["reliability"]["cases"]) == 500
    for number in (3, 200, 700, 800):  # learned, settled by the source, not settled: the last two count
        feedback.add(home, LOANS, f"L{number}", "outcome", "1", as_of=date(2026, 1, 10))
    assert performance.observed(home, LOANS, bank, ())["cases"] == 502


@pytest.mark.parametrize(
    ("come_true", "verdict", "words"),
    [
        (lambda scores, random: random.random(len(scores)) < 0.5, "act", "AUROC is"),
        (lambda scores, random: random.random(len(scores)) < scores * 0.7, "act", "were predicted"),
        (lambda scores, random: random.random(len(scores)) < scores, "fine", ""),
    ],
)
def test_predictions_that_stop_coming_true_are_seen(
    home: Settings, bank: ModelVersion, ingested: Ingested, come_true, verdict: str, words: str
) -> None:
    random = np.random.default_rng(1)
    scores = random.beta(1, 3, 1_500)
    labels = come_true(scores, random).astype(int)
    bank.metrics = {"test": {"auroc": auroc((random.random(1_500) < scores).astype(int), scores)}}
    predict(home, scores, date(2026, 1, 20))
    ingested("bank.loans", loans(1_500, labels))
    found = performance.observed(home, LOANS, bank, ())
    assert found["verdict"] == verdict
    assert words in found["note"]


def test_what_is_expected_is_what_calibrated_scores_come_to() -> None:
    random = np.random.default_rng(2)
    scores = random.beta(1, 4, 20_000)
    truths = (random.random(20_000) < scores).astype(float)
    expected = performance.estimated(LOANS, pl.DataFrame({"score": scores}), ())
    for name, value in {
        "auroc": auroc(truths, scores),
        "brier": float(np.mean((truths - scores) ** 2)),
        "rate": float(truths.mean()),
    }.items():
        low, high = expected["intervals"][name]
        assert low - 0.005 < value < high + 0.005
        assert expected["metrics"][name] == pytest.approx(value, abs=0.01)
    chances = random.dirichlet([1, 2, 3], 5_000)
    several = pl.DataFrame(chances, ["p_a", "p_b", "p_c"], orient="row")
    found = performance.estimated(replace(LOANS, kind="multiclass"), several, ("a", "b", "c"))
    assert found["metrics"]["accuracy"] == pytest.approx(chances.max(axis=1).mean(), abs=0.005)
    assert performance.estimated(replace(LOANS, kind="regression"), several, ()) == {}


@dataclass(frozen=True)
class Parrot:
    """A model that says what it reads."""

    code_book: CodeBook
    kind: str = "binary"
    event_book: None = None

    def predict(self, cases: Cases) -> Predictions:
        said = cases.features["amount"].to_numpy()
        return Predictions(said, said, said, ["low"] * len(said))


def test_a_day_of_scoring_is_held_against_past_days_of_scoring_and_not_against_the_training_rows(
    home: Settings, ingested: Ingested
) -> None:
    """Each day has one weekday and open cases are dearer than settled ones: neither is drift."""
    random = np.random.default_rng(0)
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(500)]
    rows = pl.DataFrame(
        {
            "id": np.arange(500 * 120),
            "day": [day for day in days for _ in range(120)],
            "amount": random.uniform(0.5, 1, 60_000),
        }
    ).with_columns(settled=pl.lit(value=False))
    ingested("bank.cases", rows)
    task = Task(
        "t",
        "binary",
        WORDS,
        population="",
        features="SELECT p.entity_id, p.as_of, c.amount, dayofweek(c.day) AS weekday FROM population p "
        "JOIN bank.cases c ON CAST(c.id AS VARCHAR) = p.entity_id",
        candidates="SELECT id AS entity_id, day AS as_of FROM bank.cases WHERE day = $as_of",
        last_day="SELECT max(day) AS last_day FROM bank.cases",
    )
    keys = pl.DataFrame({"entity_id": ["x"] * 200, "as_of": [datetime(2024, 1, 1)] * 200})
    cheap = Cases(keys, pl.DataFrame({"amount": random.uniform(0, 0.5, 200), "weekday": [3] * 200}))
    model = Parrot(CodeBook((CodedColumn("amount", "number"), CodedColumn("weekday", "number"))))
    reference = monitoring.reference_for(home, task, model, cheap, cheap)  # type: ignore[arg-type]
    assert reference["features"]["weekday"]["rows"] == 12 * 120
    assert reference["features"]["weekday"]["usual"] > 0.5
    said = pl.DataFrame({"entity_id": np.arange(59_880, 60_000).astype(str)})
    today = monitoring._cases_of(home, task, days[-1], said)
    assert len(today) == 120
    found = monitoring._against(reference, today.features, today.features["amount"])
    assert {found["score"]["verdict"], *(each["verdict"] for each in found["features"])} == {"fine"}
    doubled = today.features.with_columns(pl.col("amount") * 2)
    assert monitoring._against(reference, doubled, doubled["amount"])["score"]["verdict"] == "act"


def test_of_a_table_only_the_rows_that_were_scored_are_checked(home: Settings, ingested: Ingested) -> None:
    rows = pl.DataFrame({"who": ["A", "A", "B", "C"], "x": [1.0, 2.0, 3.0, 4.0], "ill": [1, None, 0, None]})
    ingested("clinic.visits", rows)
    task = flat_task("t", {"table": "clinic.visits", "target": "ill", "kind": "binary", "entity": "who"})
    scored = pl.DataFrame({"entity_id": ["A", "C"]})  # whose other row, settled, was not scored
    found = monitoring._cases_of(home, task, date(2026, 1, 2), scored)
    assert found.features["x"].sort().to_list() == [2.0, 4.0]
