"""Watching a model in service: has what it is fed, or what it says, drifted; do its predictions come true?

The reference is written when a version is trained. A day of scoring is not like the training rows: it holds
the cases open on that day, in that season. So where the task can tell whom it would have scored on past days,
the reference is such days of the past year; only a task over one table is compared with its own rows.

The verdict of a model: `act` where the score is in act, where a feature is in act on which at least one
hundredth of the reasons rest (or that is broken: an effect of one half), or where its performance is in act;
`watch` for anything else that is not fine. `drift` has the rule for each feature, `performance` its own.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl
from sqlalchemy import select

from analytics import drift, performance, registry
from analytics.cases import Cases
from analytics.dataset import KEYS, last_complete_day, named_cases
from analytics.flat import flat_cases, flat_rows
from analytics.matrix import CodeBook
from analytics.model import Model, Predictions
from analytics.task import Task
from connectors.errors import AssistantError
from pipelines.notices import notify, resolve
from pipelines.settings import Settings
from pipelines.store import Check, ModelVersion, Store
from pipelines.warehouse import Warehouse, quoted

JSON = dict[str, Any]

PAST_DAYS = 12
STEP = timedelta(days=29)  # so that twelve days touch every month and every weekday
MOST_OF_A_DAY = 1_000  # cases taken of a past day
MOST_CHECKED = 20_000  # cases of the day that is checked; more would not change a verdict
MATTERS = 0.01  # of the reasons
NOTICE = "drift"


def reference_of(cases: Cases, judged: Cases, predictions: Predictions, model: Model) -> JSON:
    """The reference of a card: bins and shares of each feature of `cases` that the model reads, and of the
    score: the `predictions` of the `judged` cases, which it has not learned from.
    """
    groups = _groups(cases.keys["as_of"])
    frame = _comparable(cases, model.code_book)
    features = {name: drift.reference(frame[name], groups) for name in frame.columns}
    said = _said(model.kind, pl.Series(predictions.score), pl.Series(predictions.band, dtype=pl.String))
    return {
        "features": {name: found for name, found in features.items() if found},
        "score": drift.reference(said, _groups(judged.keys["as_of"])),
    }


def reference_for(settings: Settings, task: Task, model: Model, cases: Cases, test: Cases) -> JSON:
    """The reference of a version just trained on `cases` and judged on `test`, which are some of them."""
    if task.flat is None:
        past = _past_days(settings, task, events=model.event_book is not None)
        if len(past) >= drift.FEWEST:
            cases = test = past
    return reference_of(cases, test, model.predict(test), model)


def check(settings: Settings, task: Task, as_of: date | None = None) -> Check:
    """Looks at the predictions of the day `as_of` (default: the newest) and the version that made them.

    The result is stored; what is in `act` stands as a notice until a check finds it is not. Raises
    AssistantError where nothing was scored on that day.
    """
    scored = _scored(settings, task, as_of)
    moment: datetime = scored["as_of"][0]
    row = registry.named(settings, task, scored["model_version"][0])
    card = registry.card(settings, row)
    reference = card.get("reference")
    seen: JSON = {"score": None, "features": []}
    if reference:
        cases = _cases_of(settings, task, moment.date(), scored)
        frame = _comparable(cases, CodeBook.from_json(card["model"]["code_book"]))
        seen = _against(reference, frame, _said(task.kind, scored["score"], scored["band"]))
    classes = tuple(card["model"]["classes"])
    seen["estimated"] = performance.estimated(task, scored, classes)
    seen["performance"] = performance.observed(settings, task, row, classes)
    found = _judged(seen, row)
    stored = Check(
        task=task.name,
        version=row.version,
        as_of=moment,
        verdict=found.verdict,
        summary=found.in_words(moment.date()) if reference else _NO_REFERENCE,
        detail={**seen, "because": list(found.because), "cases": scored.height},
    )
    with Store(settings).session() as session:
        session.add(stored)
    _tell(settings, task, stored)
    return stored


def latest_check(settings: Settings, task: Task) -> Check | None:
    """The newest check of the task's model; None before the first."""
    with Store(settings).session() as session:
        wanted = select(Check).where(Check.task == task.name).order_by(Check.id.desc()).limit(1)
        return session.scalars(wanted).one_or_none()


def checks(settings: Settings, task: Task, most: int = 100) -> list[Check]:
    """The checks of the task's models, newest first."""
    with Store(settings).session() as session:
        wanted = select(Check).where(Check.task == task.name).order_by(Check.id.desc()).limit(most)
        return list(session.scalars(wanted))


_NO_REFERENCE = "This version was trained before drift was watched, so only its performance is looked at."


@dataclass(frozen=True)
class _Judgement:
    """The verdict of a model, and what it rests on, in words."""

    verdict: drift.Verdict
    because: tuple[str, ...]

    def in_words(self, day: date) -> str:
        if self.verdict == "fine":
            return f"Nothing has drifted on {day}."
        return f"On {day}: " + "; ".join(self.because) + "."


def _judged(seen: JSON, row: ModelVersion) -> _Judgement:
    """The rule at the head of this file."""
    shares = {entry["feature"]: entry["share"] for entry in row.metrics.get("importance") or []}
    verdicts: list[tuple[drift.Verdict, str]] = []
    if seen["score"]:
        verdicts.append((seen["score"]["verdict"], "the scores have moved"))
    for entry in seen["features"]:
        matters = shares.get(entry["feature"], 1.0) >= MATTERS or entry["effect"] >= drift.BROKEN
        lessened: drift.Verdict = "watch" if entry["verdict"] == "act" and not matters else entry["verdict"]
        verdicts.append((lessened, f"«{entry['feature']}» {_moved(entry)}"))
    verdicts.append((seen["performance"]["verdict"], seen["performance"]["note"]))
    verdict = drift.worst([each for each, _ in verdicts])
    return _Judgement(verdict, tuple(words for each, words in verdicts if each == verdict != "fine"))


def _moved(entry: JSON) -> str:
    if entry["missing"] - entry["missing_before"] >= 0.2:
        return f"is missing in {entry['missing']:.0%} of the cases ({entry['missing_before']:.0%} before)"
    if entry["unseen"] >= 0.05:
        return f"has values never seen before in {entry['unseen']:.0%} of the cases"
    return "has moved"


def _against(reference: JSON, frame: pl.DataFrame, said: pl.Series) -> JSON:
    """The day's features and scores against the reference, all their p-values corrected together."""
    features = drift.compared(reference["features"], frame)
    if not reference["score"]:
        return {"score": None, "features": features}
    return {
        "score": drift.compared({"score": reference["score"]}, said.to_frame("score"))[0],
        "features": features,
    }


def _tell(settings: Settings, task: Task, found: Check) -> None:
    if found.verdict == "act":
        subject = f"The model of {task.name} needs a look: {found.verdict}"
        notify(
            settings, NOTICE, task.name, subject, f"{found.summary} Its reports are held. See `sda watch`."
        )
    else:
        resolve(settings, NOTICE, task.name)


def _scored(settings: Settings, task: Task, as_of: date | None) -> pl.DataFrame:
    """The predictions of the day: all columns, one row a case."""
    warehouse = Warehouse(settings)
    remedy = f"Run `sda score {task.name}` first."
    if not warehouse.exists(task.predictions_table):
        raise AssistantError(f"{task.name} was not scored yet.", remedy)
    table = quoted(task.predictions_table)
    day = f"(SELECT max(as_of) FROM {table})" if as_of is None else "CAST($day AS TIMESTAMP)"
    given = None if as_of is None else {"day": datetime.combine(as_of, time())}
    scored = warehouse.query(f"SELECT * EXCLUDE (reasons) FROM {table} WHERE as_of = {day}", given)
    if scored.is_empty():
        raise AssistantError(f"{task.name} was not scored on {as_of}.", remedy)
    return scored


def _cases_of(settings: Settings, task: Task, day: date, scored: pl.DataFrame) -> Cases:
    """The cases that were scored on the day, at most MOST_CHECKED of them."""
    if task.flat:
        cases = flat_cases(task, flat_rows(Warehouse(settings), task))
        there = cases.keys["entity_id"].is_in(scored["entity_id"].unique().implode())
        theirs = cases.rows(there.arg_true().to_numpy())
        # What else is on record of whoever was scored was not; once all is settled nobody can tell any more.
        theirs = theirs.open() if len(theirs.open()) else theirs
        return theirs.rows(_some(pl.int_range(len(theirs), eager=True), MOST_CHECKED).to_numpy())
    keys = _candidate_keys(Warehouse(settings), task, day)
    keys = keys.join(scored.select("entity_id").unique(), on="entity_id", how="semi")
    chosen = _some(pl.int_range(keys.height, eager=True), MOST_CHECKED)
    return named_cases(settings, task, keys[chosen], events=False)


def _past_days(settings: Settings, task: Task, *, events: bool) -> Cases:
    """Some of whom the task would have scored on days of the past year."""
    warehouse, newest = Warehouse(settings), last_complete_day(settings, task)
    days = []
    for number in range(1, PAST_DAYS + 1):
        keys = _candidate_keys(warehouse, task, newest - number * STEP)
        days.append(keys[_some(pl.int_range(keys.height, eager=True), MOST_OF_A_DAY)])
    return named_cases(settings, task, pl.concat(days), events=events)


def _candidate_keys(warehouse: Warehouse, task: Task, day: date) -> pl.DataFrame:
    found = warehouse.query(f"SELECT entity_id, as_of FROM (\n{task.candidates}\n)", {"as_of": day})
    typed = found.select(pl.col("entity_id").cast(pl.String), pl.col("as_of").cast(pl.Datetime("us")))
    return typed.sort(KEYS)


def _some(places: pl.Series, most: int) -> pl.Series:
    return places if len(places) <= most else places.sample(most, seed=0).sort()


def _comparable(cases: Cases, code_book: CodeBook) -> pl.DataFrame:
    """The features that the model reads; dates counted back from `as_of` as it counts them."""
    frame = cases.features.select(name for name in code_book.names if name in cases.features.columns)
    if not code_book.anchored:
        return frame
    ages = [
        (cases.keys["as_of"] - values.cast(pl.Datetime("us"))).alias(values.name)
        for values in frame.iter_columns()
        if values.dtype in (pl.Date, pl.Datetime)
    ]
    return frame.with_columns(ages)


def _said(kind: str, score: pl.Series, band: pl.Series) -> pl.Series:
    """What the model says of each case: the class where there are several, else the score."""
    return band if kind == "multiclass" else score


def _groups(as_of: pl.Series) -> pl.Series | None:
    """The day of each case, or the month where there are many days; None where cases have no time."""
    if as_of.null_count():
        return None
    days = as_of.dt.date()
    return days if days.n_unique() <= 2 * PAST_DAYS else as_of.dt.strftime("%Y-%m")
