"""What people say came of predictions: right, wrong, or the outcome itself; the next training learns from it.

Of a case the newest word counts, earlier ones are kept. What the source has settled wins over what people
say; where the two differ, training says so.
"""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.cases import Cases, class_names
from analytics.dataset import named_cases
from analytics.events import Events
from analytics.flat import flat_cases, flat_rows
from analytics.past import matched
from analytics.task import Task
from connectors.errors import AssistantError, UsageError, did_you_mean
from pipelines.parse import parsed
from pipelines.settings import Settings
from pipelines.store import Audit, Feedback, ModelVersion, Store
from pipelines.warehouse import Warehouse, quoted

VERDICTS = ("right", "wrong", "outcome")
END_OF_DAY = time(23, 59, 59)  # the moment as of which a day is scored
_TWO = ("0", "1")
_TRUTHS = {"false", "true"}
_THRESHOLD = 0.5


def add(  # noqa: PLR0913 - what a row of feedback holds
    settings: Settings,
    task: Task,
    entity_id: str,
    verdict: str,
    outcome: str | None = None,
    *,
    as_of: date | None = None,
    who: str = "",
    note: str = "",
) -> Feedback:
    """Enters what a person says of the prediction of `entity_id` on the day `as_of` (default: the newest).

    Raises what `row_of` raises; then nothing is entered.
    """
    row = row_of(settings, task, entity_id, verdict, outcome, as_of=as_of, who=who, note=note)
    with Store(settings).session() as session:
        enter(session, row)
    return row


def enter(session: Session, row: Feedback) -> None:
    """Enters a row of feedback as part of a transaction."""
    session.add(row)
    session.flush()
    session.add(Audit(who=row.who, action="feedback.add", detail=f"{row.task} {row.id} {row.verdict}"))


def row_of(  # noqa: PLR0913 - what a row of feedback holds
    settings: Settings,
    task: Task,
    entity_id: str,
    verdict: str,
    outcome: str | None = None,
    *,
    as_of: date | None = None,
    who: str = "",
    note: str = "",
) -> Feedback:
    """What a person says of a prediction, checked but not entered yet.

    «right» and «wrong» become the outcome they imply: of two classes one of them, of several the predicted
    one or an unknown one; a value that is «right» stays unknown to the digit. Raises UsageError for an
    outcome that the task does not have or a «wrong» value without the right one, AssistantError for an entity
    that was not scored.
    """
    if verdict not in VERDICTS:
        raise UsageError(f"There is no verdict «{verdict}».", did_you_mean(verdict, VERDICTS))
    if (outcome is not None) != (verdict == "outcome"):
        raise UsageError(
            f"«{verdict}» and an outcome do not go together." if outcome else "The outcome is missing.",
            "Say right, wrong, or give the outcome.",
        )
    said = _prediction(settings, task, entity_id, as_of)
    return Feedback(
        task=task.name,
        entity_id=entity_id,
        as_of=said["as_of"],
        verdict=verdict,
        outcome=_checked(task, said, outcome)
        if outcome is not None
        else _implied(settings, task, said, verdict),
        model_version=said["model_version"],
        who=who,
        note=note,
    )


def listing(settings: Settings, task: Task | None = None, most: int = 1_000) -> list[Feedback]:
    """What people said, of one task or of all, newest first."""
    wanted = select(Feedback).order_by(Feedback.id.desc()).limit(most)
    if task is not None:
        wanted = wanted.where(Feedback.task == task.name)
    with Store(settings).session() as session:
        return list(session.scalars(wanted))


def outcomes(settings: Settings, task: Task, before: datetime | None = None) -> pl.DataFrame:
    """The outcomes that people gave (until `before`), newest word a case: `entity_id, as_of, outcome,
    model_version`. Cases whose newest word leaves the outcome unknown are not among them.
    """
    wanted = select(Feedback).where(Feedback.task == task.name).order_by(Feedback.id)
    if before is not None:
        wanted = wanted.where(Feedback.at < before)
    with Store(settings).session() as session:
        newest = {(row.entity_id, row.as_of): row for row in session.scalars(wanted)}
    rows = [
        (row.entity_id, row.as_of.replace(tzinfo=None), row.outcome, row.model_version)
        for row in newest.values()
        if row.outcome is not None
    ]
    schema: dict[str, Any] = {
        "entity_id": pl.String,
        "as_of": pl.Datetime("us"),
        "outcome": pl.String,
        "model_version": pl.String,
    }
    return pl.DataFrame(rows, schema, orient="row")


def with_feedback(settings: Settings, task: Task, cases: Cases) -> Cases:
    """These settled cases and those that only people have settled, their features as of the end of the day
    they were scored on.
    """
    told = outcomes(settings, task)
    if told.is_empty() or cases.labels is None:
        return cases
    settled = cases.keys.with_columns(label=cases.labels)
    known = matched(task, told, settled)
    alone = told.join(known, on=["entity_id", "as_of"], how="anti")
    notes = _contradictions(task, known)
    more = _told_cases(settings, task, cases, alone) if alone.height else None
    if more is not None and len(more):
        notes = (*notes, f"{len(more)} outcomes that people gave are learned from")
        cases = _together(cases, more)
    return replace(cases, notes=cases.notes + notes)


def _prediction(settings: Settings, task: Task, entity_id: str, as_of: date | None) -> dict[str, Any]:
    """The prediction that is meant: all its columns."""
    warehouse, found = Warehouse(settings), pl.DataFrame()
    if warehouse.exists(task.predictions_table):
        day = "" if as_of is None else " AND as_of = CAST($day AS TIMESTAMP)"
        given: dict[str, Any] = {"entity_id": entity_id}
        if as_of is not None:
            given["day"] = date(as_of.year, as_of.month, as_of.day)
        found = warehouse.query(
            f"SELECT * EXCLUDE (reasons) FROM {quoted(task.predictions_table)} "
            f"WHERE entity_id = $entity_id{day} QUALIFY as_of = max(as_of) OVER ()",
            given,
        )
    who = f"{task.meaning.entity['en']} «{entity_id}»"
    if found.is_empty():
        when = f" on {as_of:%Y-%m-%d}" if as_of else ""
        raise AssistantError(
            f"{task.name}: no {who} was scored{when}.", "Check the identifier, and the day (--as-of)."
        )
    if found.height > 1:
        raise AssistantError(
            f"{task.name}: {who} was scored for {found.height} rows, so it cannot be told which is meant.",
            "Make the task with an entity of which each row has its own.",
        )
    return found.row(0, named=True)


def _classes(task: Task, said: dict[str, Any]) -> tuple[str, ...]:
    if task.kind == "regression":
        return ()
    found = tuple(name.removeprefix("p_") for name in said if name.startswith("p_"))
    return task.classes or (found if task.kind == "multiclass" else _TWO)


def _checked(task: Task, said: dict[str, Any], outcome: str) -> str:
    """An outcome as the task's labels write it."""
    if task.kind == "regression":
        try:
            value = float(outcome)
        except ValueError:
            value = float("nan")
        if not np.isfinite(value):
            raise UsageError(f"«{outcome}» is not a number, and {task.name} predicts one.")
        return repr(value)
    classes = _classes(task, said)
    given = pl.Series([outcome])
    if set(classes) == _TRUTHS:  # written yes or no, 1 or 0, as in a file
        given = parsed(given, "boolean")
    [name] = class_names(given)
    if name not in classes:
        raise UsageError(
            f"{task.name} has no outcome «{outcome}».",
            f"It is one of: {', '.join(classes)}.",
        )
    return str(name)


def _implied(settings: Settings, task: Task, said: dict[str, Any], verdict: str) -> str | None:
    """The outcome that «right» or «wrong» means; None where it is not known by it."""
    if task.kind == "regression":
        if verdict == "wrong":
            raise UsageError(
                f"{task.name} predicts a value: «wrong» does not say which would be right.",
                "Give the outcome itself.",
            )
        return None
    if task.kind == "multiclass":
        return str(said["band"]) if verdict == "right" else None
    predicted = said["score"] >= _threshold(settings, task, said["model_version"])
    return _classes(task, said)[int(predicted == (verdict == "right"))]


def _threshold(settings: Settings, task: Task, version: str) -> float:
    """From where on the version's prediction means «yes»: where its costs say so, else one half."""
    with Store(settings).session() as session:
        wanted = select(ModelVersion).where(ModelVersion.task == task.name, ModelVersion.version == version)
        row = session.scalars(wanted).one_or_none()
    decision = row.metrics.get("decision") if row else None
    return float(decision["threshold"]) if decision else _THRESHOLD


def _contradictions(task: Task, known: pl.DataFrame) -> tuple[str, ...]:
    if task.kind == "regression":
        differ = (known["outcome"].cast(pl.Float64) - known["label"].cast(pl.Float64)).abs() > 0
    else:
        differ = known["outcome"] != class_names(known["label"])
    count = int(differ.sum())
    if not count:
        return ()
    return (f"{count} outcomes that people gave differ from the source's, which count",)


def _told_cases(settings: Settings, task: Task, like: Cases, told: pl.DataFrame) -> Cases:
    """The cases of outcomes that people gave, with the columns of the cases they join."""
    assert like.labels is not None  # noqa: S101 - they are settled
    if task.flat:
        open_ = flat_cases(task, flat_rows(Warehouse(settings), task)).open()
        numbered = open_.keys.select("entity_id").with_row_index("row")
        found = told.join(numbered, on="entity_id", how="inner").filter(pl.len().over("entity_id") == 1)
        chosen = open_.rows(found["row"].cast(pl.Int64).to_numpy())
        labels = found["outcome"]
    else:
        asked = told.select("entity_id", pl.col("as_of").dt.combine(END_OF_DAY), label=pl.col("outcome"))
        chosen = named_cases(settings, task, asked, events=like.events is not None)
        assert chosen.labels is not None  # noqa: S101 - they were given
        labels = chosen.labels
    return replace(
        chosen, features=chosen.features.select(like.features.columns), labels=_as(labels, like.labels)
    )


def _as(outcomes: pl.Series, labels: pl.Series) -> pl.Series:
    """Outcomes in the type of these labels."""
    if labels.dtype == pl.Boolean:
        return outcomes == "true"
    return (
        outcomes.cast(pl.Float64).cast(labels.dtype)
        if labels.dtype.is_numeric()
        else outcomes.cast(labels.dtype)
    )


def _together(cases: Cases, more: Cases) -> Cases:
    """Settled cases and others like them; further outcomes of the others are not known."""
    assert cases.labels is not None  # noqa: S101 - they are settled
    assert more.labels is not None  # noqa: S101 - they were given
    events = None
    if cases.events is not None and more.events is not None:
        first = cases.events
        events = Events(
            pl.concat([first.table, more.events.table]),
            np.concatenate([first.starts, more.events.starts + first.table.height]),
            np.concatenate([first.stops, more.events.stops + first.table.height]),
            pl.concat([first.as_of, more.events.as_of]),
        )
    also = None
    if cases.also is not None:
        unknown = pl.DataFrame({name: [None] * len(more) for name in cases.also.columns}, cases.also.schema)
        also = pl.concat([cases.also, unknown])
    return replace(
        cases,
        keys=pl.concat([cases.keys, more.keys]),
        features=pl.concat([cases.features, more.features], how="vertical_relaxed"),
        labels=pl.concat([cases.labels, more.labels.alias(cases.labels.name)]),
        events=events,
        also=also,
    )
