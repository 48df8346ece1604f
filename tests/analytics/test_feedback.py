"""What people say of predictions: checked, the newest counting, the source above all; training learns it."""

from collections.abc import Sequence
from datetime import date, datetime

import duckdb
import polars as pl
import pytest
from sqlalchemy import select

from analytics import feedback, training
from analytics.dataset import settled_cases
from analytics.flat import Flat
from analytics.task import Meaning, Task
from connectors.errors import AssistantError, UsageError
from pipelines.settings import Settings
from pipelines.store import Audit, ModelVersion, Store
from pipelines.warehouse import Warehouse, quoted
from tests.analytics.conftest import Ingested, made_task, patients

DAY, DAY_AFTER = date(2026, 1, 2), date(2026, 1, 3)
WORDS = Meaning({"en": "t"}, {"en": "patient"}, {"en": "t"}, horizon_days=90)


def said(home: Settings, task: Task, rows: Sequence[tuple[str, date, float, str]]) -> None:
    """Predictions (entity, day, score, band) of the version «v1», whose threshold is 0.3."""
    frame = pl.DataFrame(rows, ["entity_id", "as_of", "score", "band"], orient="row").with_columns(
        pl.col("as_of").cast(pl.Datetime("us")),
        reasons=pl.lit(None, pl.String),
        model_version=pl.lit("v1"),
        **({f"p_{name}": 0.5 for name in ("red", "green")} if task.kind == "multiclass" else {}),
    )

    def create(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("CREATE SCHEMA IF NOT EXISTS predictions")
        connection.register("given", frame.to_arrow())
        connection.execute(f"CREATE OR REPLACE TABLE {quoted(task.predictions_table)} AS FROM given")

    Warehouse(home).write(create)
    with Store(home).session() as session:
        if not session.scalars(select(ModelVersion)).all():
            metrics = {"decision": {"threshold": 0.3}}
            session.add(
                ModelVersion(
                    task=task.name, version="v1", state="in_service", snapshot_id=0, path="", checksum="",
                    metrics=metrics,
                )
            )  # fmt: skip


def task_of(kind: str) -> Task:
    return Task("t", kind, WORDS, "", "", "", "")  # type: ignore[arg-type]


def test_right_and_wrong_mean_a_class_by_the_threshold_of_the_version(home: Settings) -> None:
    task = task_of("binary")
    said(home, task, [("A", DAY, 0.31, "low"), ("B", DAY, 0.29, "low")])
    row = feedback.add(home, task, "A", "right", who="ann", note="seen")
    assert (row.outcome, row.model_version, row.who, row.note) == ("1", "v1", "ann", "seen")
    assert feedback.add(home, task, "A", "wrong").outcome == "0"
    assert feedback.add(home, task, "B", "right").outcome == "0"
    assert feedback.add(home, task, "B", "wrong").outcome == "1"
    with Store(home).session() as session:
        assert session.scalars(select(Audit.action)).all() == ["feedback.add"] * 4


def test_of_several_classes_wrong_leaves_the_outcome_unknown_and_a_right_value_too(home: Settings) -> None:
    task = task_of("multiclass")
    said(home, task, [("A", DAY, 0.7, "red")])
    assert feedback.add(home, task, "A", "right").outcome == "red"
    assert feedback.outcomes(home, task)["outcome"].to_list() == ["red"]
    assert feedback.add(home, task, "A", "wrong").outcome is None
    assert feedback.outcomes(home, task).is_empty()  # the newest word counts
    assert feedback.add(home, task, "A", "outcome", "green").outcome == "green"
    value = task_of("regression")
    assert feedback.add(home, value, "A", "right").outcome is None
    assert feedback.add(home, value, "A", "outcome", "12.50").outcome == "12.5"


def test_the_newest_word_counts_and_earlier_ones_are_kept(home: Settings) -> None:
    task = task_of("binary")
    said(home, task, [("A", DAY, 0.9, "high"), ("A", DAY_AFTER, 0.1, "low"), ("B", DAY, 0.5, "low")])
    feedback.add(home, task, "A", "outcome", "1", as_of=DAY)
    feedback.add(home, task, "A", "outcome", "0", as_of=DAY)
    feedback.add(home, task, "A", "outcome", " 1 ")
    found = feedback.outcomes(home, task).sort("as_of")
    assert found.select("as_of", "outcome").rows() == [
        (datetime(2026, 1, 2), "0"),
        (datetime(2026, 1, 3), "1"),
    ]
    assert [row.outcome for row in feedback.listing(home, task)] == ["1", "0", "1"]
    assert feedback.listing(home, task_of("binary"), most=1)[0].as_of.date() == DAY_AFTER


def test_what_makes_no_sense_is_refused_in_words(home: Settings) -> None:
    task = task_of("binary")
    with pytest.raises(AssistantError, match="no patient «A» was scored"):
        feedback.add(home, task, "A", "right")
    said(home, task, [("A", DAY, 0.9, "high"), ("T", DAY, 0.1, "low"), ("T", DAY, 0.2, "low")])
    with pytest.raises(AssistantError, match="no patient «A» was scored on 2026-01-03"):
        feedback.add(home, task, "A", "right", as_of=DAY_AFTER)
    with pytest.raises(AssistantError, match="scored for 2 rows"):
        feedback.add(home, task, "T", "right")
    with pytest.raises(UsageError, match="has no outcome «yes».* one of: 0, 1"):
        feedback.add(home, task, "A", "outcome", "yes")
    with pytest.raises(UsageError, match="no verdict «correct»"):
        feedback.add(home, task, "A", "correct")
    with pytest.raises(UsageError, match="The outcome is missing"):
        feedback.add(home, task, "A", "outcome")
    with pytest.raises(UsageError, match="do not go together"):
        feedback.add(home, task, "A", "right", "1")
    for nonsense in ("much", "inf", "nan"):
        with pytest.raises(UsageError, match="is not a number"):
            feedback.add(home, task_of("regression"), "A", "outcome", nonsense)
    with pytest.raises(UsageError, match="does not say which would be right"):
        feedback.add(home, task_of("regression"), "A", "wrong")
    assert feedback.listing(home) == []


def test_a_table_s_open_rows_are_learned_as_people_settled_them(home: Settings, ingested: Ingested) -> None:
    rows = patients(400).drop("truth")
    open_ = rows.with_columns(ill=pl.when(pl.int_range(pl.len()) < 395).then("ill"))
    ingested("clinic.patients", open_)
    task = made_task(home, "clinic.patients", Flat("ill", entity="patient no"))
    before = training.fingerprint_of(home, task)
    said(home, task, [(f"P{number:06d}", DAY, 0.9, "high") for number in (3, 396, 397)])
    feedback.add(home, task, "P000396", "right")  # the class «yes» is the second
    feedback.add(home, task, "P000397", "wrong")
    contrary = "no" if rows["ill"][3] == "yes" else "yes"
    feedback.add(home, task, "P000003", "outcome", contrary)
    assert training.fingerprint_of(home, task) != before
    cases, _ = training.prepared(home, task)
    assert cases.labels is not None
    labels = dict(zip(cases.keys["entity_id"], cases.labels, strict=True))
    assert len(cases) == 397
    assert (labels["P000396"], labels["P000397"], labels["P000003"]) == ("yes", "no", rows["ill"][3])
    assert "1 outcomes that people gave differ from the source's" in " ".join(cases.notes)
    assert "2 outcomes that people gave are learned from" in cases.notes


def test_cases_of_several_tables_get_their_features_as_of_the_day_they_were_scored(
    home: Settings, ingested: Ingested
) -> None:
    moments = [datetime(2025, 1, 1), datetime(2026, 1, 2, 9), datetime(2026, 1, 2, 18), datetime(2026, 1, 4)]
    ingested(
        "lab.values",
        pl.DataFrame({"id": ["A", "B", "B", "B"], "known_at": moments, "value": [1.0, 2.0, 3.0, 4.0]}),
    )
    task = Task(
        "t",
        "binary",
        WORDS,
        population="SELECT 'A' AS entity_id, TIMESTAMP '2025-02-01' AS as_of, 0 AS label",
        features="SELECT p.entity_id, p.as_of, last(v.value ORDER BY v.known_at) AS value FROM population p "
        "JOIN lab.values v ON v.id = p.entity_id AND v.known_at <= p.as_of GROUP BY ALL",
        candidates="",
        last_day="",
    )
    said(home, task, [("A", date(2025, 2, 3), 0.9, "high"), ("B", DAY, 0.9, "high")])
    feedback.add(home, task, "A", "right")  # contradicts the source, which settled this very case
    feedback.add(home, task, "B", "right")
    cases = feedback.with_feedback(home, task, settled_cases(home, task))
    assert cases.keys["entity_id"].to_list() == ["A", "B"]
    assert cases.features["value"].to_list() == [1.0, 3.0]  # all of the day, nothing of the days after
    assert cases.labels is not None
    assert cases.labels.to_list() == [0, 1]
    assert any("differ from the source's" in note for note in cases.notes)
