"""Tasks over one ingested table: each row a case, its columns the features."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from analytics.cases import Cases
from analytics.proposal import Proposal, left_out, propose
from analytics.task import Costs, Feature, Flat, Kind, Meaning, Task
from connectors.errors import AssistantError, UsageError, did_you_mean
from pipelines.catalog import contracts
from pipelines.records import quoted_column
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted

# What the warehouse adds to each row; no feature.
_ADDED = ("_load_id", "_source", "_loaded_at", "_closed_at")
_ROW = "␟row"  # a name no table has a column of
# With fewer every month of the test period was seen once at most: its number only dates a case.
_YEARS_OF_A_SEASON = 3
_MOST_FUTURE = 0.01  # of the rows; a slip of the pen is left out, more is a misunderstanding
# A time without a zone may be told by any clock; the earliest on earth is so far ahead of UTC.
_EARLIEST_CLOCK = timedelta(hours=14)
_ENTRIES = ("table", "target", "kind", "classes", "entity", "time", "drop", "keep", "costs", "protected")


def propose_task(settings: Settings, name: str, table: str, flat: Flat, kind: Kind | None = None) -> Proposal:
    """Looks at an ingested table and proposes a task: `Proposal.entry` belongs under `[tasks."<name>"]`.

    Raises UsageError for an unknown table or column (did you mean ...), AssistantError for a target that
    cannot be predicted.
    """
    warehouse = Warehouse(settings)
    if not warehouse.exists(table):
        raise UsageError(f"There is no table «{table}».", did_you_mean(table, warehouse.tables()))
    rows = warehouse.query(f"SELECT * FROM {quoted(table)}")
    contract = contracts(settings).get(table)
    tagged = {column.name for column in contract.columns if column.personal} if contract else set()
    # Reasons quote the values of features, so what a role may not see is not learned from unless asked for.
    chosen = {flat.target, flat.entity, flat.time, *flat.drop, *flat.keep}
    hidden = tuple(sorted(tagged & set(rows.columns) - chosen))
    found = propose(
        name, table, rows.drop(_ADDED, strict=False), replace(flat, drop=flat.drop + hidden), kind
    )
    return replace(found, left_out=dict.fromkeys(hidden, "it is personal data") | found.left_out)


def flat_task(name: str, entry: dict[str, Any]) -> Task:
    """The task that `[tasks."<name>"]` of the settings describes; raises UsageError for a wrong entry."""
    for key in entry:
        if key not in _ENTRIES:
            raise UsageError(f"Task {name}: unknown entry «{key}».", did_you_mean(key, _ENTRIES))
    for key in ("table", "target", "kind"):
        if not entry.get(key):
            raise UsageError(f"Task {name}: the entry «{key}» is missing.", "`sda task new` writes it.")
    if entry["kind"] not in ("binary", "multiclass", "regression"):
        raise UsageError(f"Task {name}: «{entry['kind']}» is no kind.", "binary, multiclass or regression.")
    flat = Flat(
        target=entry["target"],
        entity=entry.get("entity", ""),
        time=entry.get("time", ""),
        drop=tuple(entry.get("drop", ())),
        keep=tuple(entry.get("keep", ())),
    )
    classes = tuple(entry.get("classes", ()))
    event = f"{flat.target} = {classes[1]}" if entry["kind"] == "binary" and classes else flat.target
    return Task(
        name=name,
        kind=entry["kind"],
        meaning=Meaning(
            title={"en": f"Predicted {flat.target}", "zh": f"预测 {flat.target}"},
            entity={"en": flat.entity or "row", "zh": flat.entity or "行"},
            positive={"en": event, "zh": event},
        ),
        population="",
        features="",
        candidates="",
        last_day=_last_day(entry["table"], flat),
        table=entry["table"],
        classes=classes,
        flat=flat,
        feature_info=_protected(name, entry),
        costs=_costs(name, entry),
    )


def flat_rows(
    warehouse: Warehouse,
    task: Task,
    snapshot: int | None = None,
    entities: Sequence[str] | None = None,
) -> pl.DataFrame:
    """The rows of the task's table, all or those of these entities.

    Raises UsageError if the table is gone.
    """
    who = quoted_column(_flat(task).entity) if _flat(task).entity else "rowid"
    where, given = "", None
    if entities is not None:
        where = f"WHERE CAST({who} AS VARCHAR) IN (SELECT unnest(CAST(? AS VARCHAR[])))"
        given = [list(entities)]
    rows = warehouse.query(f"{_select(warehouse, task)} {where}", given, snapshot=snapshot)
    return rows.drop(_ADDED, strict=False)


def flat_parts(warehouse: Warehouse, task: Task, snapshot: int, rows: int) -> Iterator[pl.DataFrame]:
    """The rows to score, at most `rows` at a time: those without an outcome, or all where none is open.

    Raises UsageError if the table is gone.
    """
    select, target = _select(warehouse, task), quoted_column(_flat(task).target)
    with warehouse.reading(snapshot) as connection:
        open_only = f"WHERE {target} IS NULL"
        some = connection.execute(f"SELECT 1 FROM {quoted(task.table)} {open_only} LIMIT 1").fetchone()
        reader = connection.execute(f"{select} {open_only if some else ''}").to_arrow_reader(rows)
        for batch in reader:
            part = pl.DataFrame(batch)
            yield part.drop(_ADDED, strict=False)


def numbered(parts: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The parts of a file, each row with its number in the file: who it is where no column says so."""
    first = 1
    for rows in parts:
        yield rows.with_columns(pl.int_range(first, first + pl.len()).alias(_ROW))
        first += rows.height


def flat_cases(task: Task, rows: pl.DataFrame) -> Cases:
    """The rows as cases; labels are None where the target column is absent (a file to be scored).

    Raises UsageError for a missing entity or time column, AssistantError for a time column that is no date.
    """
    flat = _flat(task)
    for name in (flat.entity, flat.time):
        if name and name not in rows.columns:
            raise UsageError(f"The column «{name}» is missing.", did_you_mean(name, rows.columns))
    if flat.time and rows.schema[flat.time] not in (pl.Date, pl.Datetime):
        raise AssistantError(
            f"The time column «{flat.time}» holds {rows.schema[flat.time]} values, not dates.",
            "Give it the type date or timestamp in the table's contract, or choose another column.",
        )
    number = pl.col(_ROW) if _ROW in rows.columns else pl.int_range(1, pl.len() + 1)
    keys = rows.select(
        entity_id=(pl.col(flat.entity) if flat.entity else number).cast(pl.String).fill_null(""),
        as_of=(pl.col(flat.time) if flat.time else pl.lit(None)).cast(pl.Datetime("us")),
    )
    used = {flat.target, flat.entity, flat.time, _ROW, *flat.drop} - set(flat.keep)
    features = rows.drop(used & set(rows.columns))
    if flat.time:
        # The season may matter; the year would only tell the training rows from the later ones.
        season = rows.select(
            pl.col(flat.time).dt.month().alias(_month(flat)),
            pl.col(flat.time).dt.weekday().alias(f"{flat.time} (weekday)"),
        )
        features = features.hstack(season)
    labels = rows[flat.target] if flat.target in rows.columns else None
    return Cases(keys, features, labels)


def learnable(task: Task, cases: Cases) -> Cases:
    """The settled cases of a flat task without what would mislead: identifiers, constants, copies of the
    target, rows without a time or in the future. Raises AssistantError if more than a few lie in the future,
    UsageError for a protected column that is not there.
    """
    flat = _flat(task)
    cases = cases.settled()
    notes: list[str] = []
    if flat.time:
        cases, notes = _in_the_past(cases, flat.time)
    if cases.labels is None:
        return cases
    for name in task.feature_info:
        if name not in cases.features.columns:
            raise UsageError(
                f"Task {task.name}: the protected column «{name}» is not among the features.",
                did_you_mean(name, cases.features.columns),
            )
    unused = left_out(cases.features, cases.labels, flat.keep)
    if flat.time and _years(cases.keys["as_of"]) < _YEARS_OF_A_SEASON:
        unused[_month(flat)] = f"fewer than {_YEARS_OF_A_SEASON} years tell no season from a trend"
    notes += [f"«{name}» left out: {why}" for name, why in unused.items()]
    return replace(cases, features=cases.features.drop(unused), notes=tuple(notes))


def _month(flat: Flat) -> str:
    return f"{flat.time} (month)"


def _years(moments: pl.Series) -> float:
    first, last = moments.min(), moments.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return 0.0
    return (last - first).days / 365.25


def _select(warehouse: Warehouse, task: Task) -> str:
    """SQL for the rows of the task's table, numbered where nothing else names them."""
    if not warehouse.exists(task.table):
        raise UsageError(f"There is no table «{task.table}».", did_you_mean(task.table, warehouse.tables()))
    row = "" if _flat(task).entity else f'rowid AS "{_ROW}", '
    return f"SELECT {row}* FROM {quoted(task.table)}"


def _protected(name: str, entry: dict[str, Any]) -> dict[str, Feature]:
    columns = entry.get("protected", [])
    if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
        raise UsageError(f"Task {name}: «protected» is a list of columns.", 'protected = ["gender", "age"]')
    return {column: Feature({"en": column, "zh": column}, protected=True) for column in columns}


def _costs(name: str, entry: dict[str, Any]) -> Costs | None:
    """What the entry «costs» states; raises UsageError unless it is two positive numbers of a binary task."""
    costs = entry.get("costs")
    if costs is None:
        return None
    if entry["kind"] != "binary":
        raise UsageError(f"Task {name}: costs belong to a binary task, this one is {entry['kind']}.")
    wanted = tuple(field.name for field in fields(Costs))
    for key in costs if isinstance(costs, dict) else ():
        if key not in wanted:
            raise UsageError(f"Task {name}: unknown cost «{key}».", did_you_mean(key, wanted))
    if not isinstance(costs, dict) or not all(_is_cost(costs.get(key)) for key in wanted):
        raise UsageError(
            f"Task {name}: the costs must be two positive numbers.", "costs = {miss = 5, false_alarm = 1}"
        )
    return Costs(**{key: float(costs[key]) for key in wanted})


def _is_cost(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


def _flat(task: Task) -> Flat:
    if task.flat is None:
        raise UsageError(f"{task.name} is fed by several tables.", "Name its cases with --entities FILE.")
    return task.flat


def _in_the_past(cases: Cases, time: str) -> tuple[Cases, list[str]]:
    """The cases whose time has come, and what was left out."""
    as_of = cases.keys["as_of"]
    now = datetime.now(UTC).replace(tzinfo=None) + _EARLIEST_CLOCK
    empty, future = as_of.null_count(), int((as_of > now).sum())
    if future > _MOST_FUTURE * len(cases):
        raise AssistantError(
            f"{future} of {len(cases)} rows lie in the future: «{time}» goes up to {as_of.max()!s}.",
            "Choose the column that says when the row was known, or correct the dates.",
        )
    notes = [f"{empty} rows without «{time}» left out"] if empty else []
    notes += [f"{future} rows with «{time}» in the future left out"] if future else []
    return cases.rows((as_of <= now).fill_null(value=False).arg_true().to_numpy()), notes


def _last_day(table: str, flat: Flat) -> str:
    if flat.time:
        time = quoted_column(flat.time)
        past = f"FROM {quoted(table)} WHERE {time} <= current_localtimestamp()"
        return f"SELECT CAST(max({time}) AS DATE) AS last_day {past}"
    return f"SELECT CAST(max(_loaded_at) AS DATE) AS last_day FROM {quoted(table)}"
