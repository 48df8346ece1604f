"""The report `data-quality`, for whoever keeps the data flowing: what came, what was refused or is stuck."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import polars as pl

from dashboards.charts.chart import Axis, Chart
from dashboards.models.watching import verdict_label, verdict_sentence
from dashboards.numbers import day, integer, percent
from dashboards.quality_words import mode_in_words, rule_in_words
from dashboards.queries import models, quality
from dashboards.reports.desk import Blueprint, Desk
from dashboards.reports.report import Column, Headlines, Paragraph, Section, Table
from dashboards.wording import say, together
from pipelines.store import Notice, Store

_STALE_HOURS = 36  # a daily load was missed
_DAY = timedelta(days=1)
_DAYS_SHOWN = 14
_CHANGES = ("schema_change", "load_failed")


def title(language: str) -> str:
    """The title of the report."""
    _ = say(language)
    return _("Data quality")


def summary(desk: Desk) -> str:
    """What came in, and what needs a person."""
    _ = desk.say
    found = values(desk)
    words = _("{rows} rows in {loads} loads since {day}, {refused} of them to quarantine.").format(
        rows=desk.count(found["rows_in"]),
        loads=desk.count(found["loads"]),
        refused=desk.count(found["quarantined"]),
        day=day(_since(desk), desk.language, desk.timezone),
    )
    urgent = _("{count} matters need a look.").format(count=desk.count(found["urgent"]))
    return together([words, urgent if found["urgent"] else _("Nothing needs a look.")], desk.language)


def values(desk: Desk) -> dict[str, float]:
    """The figures by name. `rows` is how many sources there are; `urgent` how many matters need a person."""
    loads, fresh = desk.once(_loads), desk.once(_freshness)
    stale = fresh.filter(pl.col("stale")).height
    act = sum(verdict == "act" for _task, _version, verdict, _at in desk.once(_verdicts))
    stuck = sum(count for _report, _state, count in desk.once(_stuck))
    failed = sum(notice.kind == "load_failed" for notice in desk.once(_notices))
    changed = desk.once(_contract_changes).height + len(desk.once(_notices)) - failed
    return {
        "rows": float(fresh.height),
        "loads": float(loads.height),
        "rows_in": float(loads["rows_in"].sum() or 0),
        "quarantined": float(loads["rows_quarantined"].sum() or 0),
        "waiting": float(desk.once(_waiting)["records"].sum() or 0),
        "stale": float(stale),
        "act": float(act),
        "not_delivered": float(stuck),
        "changed": float(changed),
        "urgent": float(stale + act + stuck + failed),
    }


def _since(desk: Desk) -> datetime:
    """From when on is told: the data of the issue before, else the last day (naive UTC)."""
    return min(desk.before or desk.as_of, desk.as_of - _DAY)


def _until(desk: Desk) -> datetime:
    return max(desk.as_of, desk.period.astimezone(UTC).replace(tzinfo=None))


def _loads(desk: Desk) -> pl.DataFrame:
    return quality.loads_between(desk.read, _since(desk), _until(desk))


def _waiting(desk: Desk) -> pl.DataFrame:
    found = quality.quarantine_by_rule(desk.read)
    return found if found.width else pl.DataFrame(schema={"records": pl.Int64})


def _contract_changes(desk: Desk) -> pl.DataFrame:
    return quality.contract_changes(desk.read, _since(desk), _until(desk))


def _notices(desk: Desk) -> list[Notice]:
    since, until = (each(desk).replace(tzinfo=UTC) for each in (_since, _until))
    return quality.notices_between(Store(desk.settings), _CHANGES, since, until)


def _stuck(desk: Desk) -> list[tuple[str, str, int]]:
    since, until = (each(desk).replace(tzinfo=UTC) for each in (_since, _until))
    return quality.not_delivered(Store(desk.settings), since, until)


def _verdicts(desk: Desk) -> list[tuple[str, str, str, datetime | None]]:
    """Task, version in service, verdict of its newest check ("" for none) and when that was made."""
    store = Store(desk.settings)
    checks = models.checks_in_service(store)
    return [
        (task, version.version, check.verdict if check else "", check.at if check else None)
        for task, version in sorted(models.in_service(store).items())
        for check in [checks.get(task)]
    ]


def _freshness(desk: Desk) -> pl.DataFrame:
    """`source, last_load, rows_clean, rows_quarantined, hours, stale` of all sources; oldest first."""
    found = quality.last_loads(desk.read)
    declared = pl.DataFrame({"source": list(desk.settings.sources)}, schema={"source": pl.String})
    hours = (pl.lit(_until(desk)) - pl.col("last_load")).dt.total_minutes() / 60
    joined = declared.join(found, on="source", how="left") if declared.height else found
    return (
        joined.with_columns(hours=hours.round(1))
        .with_columns(stale=pl.col("hours").fill_null(float("inf")) > _STALE_HOURS)
        .sort("last_load", "source", nulls_last=False)
    )


def _figures(desk: Desk) -> Iterator[Section]:
    _, found = desk.say, values(desk)
    earlier = desk.earlier
    waiting = quality.quarantine_by_rule(earlier.read) if earlier else pl.DataFrame()
    before = float(waiting["records"].sum()) if waiting.width else None
    share = found["quarantined"] / found["rows_in"] if found["rows_in"] else None
    yield Headlines(
        (
            desk.headline(_("Rows read"), found["rows_in"], None),
            desk.headline(_("Sent to quarantine"), share, None, "percent"),
            desk.headline(_("Waiting in quarantine"), found["waiting"], before),
            desk.headline(_("Sources overdue"), found["stale"], None),
            desk.headline(_("Need a look"), found["urgent"], None),
        ),
        _("Since {day}").format(day=day(_since(desk), desk.language, desk.timezone)),
    )


def _fresh(desk: Desk) -> Iterator[Section]:
    _, found = desk.say, desk.once(_freshness)
    known = found.drop_nulls("hours").sort("hours", "source", descending=[True, False])
    late = found.filter(pl.col("stale")).height
    sentence = _("{late} of {all} sources were not loaded for {hours} hours.").format(
        late=desk.count(late), all=desk.count(found.height), hours=integer(_STALE_HOURS, desk.language)
    )
    yield Chart(
        name="freshness",
        kind="ranked",
        title=_("Hours since the last good load"),
        sentence=sentence,
        data=known.head(12),
        x=Axis("source", _("Source"), "text"),
        y=Axis("hours", _("Hours"), "number"),
    )
    told = found.with_columns(
        state=pl.when(pl.col("last_load").is_null())
        .then(pl.lit(_("never loaded")))
        .when("stale")
        .then(pl.lit(_("overdue")))
        .otherwise(pl.lit(_("in time")))
    )
    columns = (
        Column("source", _("Source")),
        Column("state", _("State")),
        Column("last_load", _("Last load"), "moment"),
        Column("hours", _("Hours"), "number"),
        Column("rows_clean", _("Accepted"), "integer"),
        Column("rows_quarantined", _("In quarantine"), "integer"),
    )
    yield Table("freshness", _("Sources"), columns, told.drop("stale"), most=30)


def _loaded(desk: Desk) -> Iterator[Section]:
    _, loads = desk.say, desk.once(_loads)
    by_day = quality.rows_by_day(desk.read, _until(desk) - _DAYS_SHOWN * _DAY, _until(desk))
    parts = {"clean": _("Accepted"), "quarantined": _("In quarantine")}
    rows = by_day.unpivot(["clean", "quarantined"], index="day", variable_name="part", value_name="rows")
    refused, all_rows = int(by_day["quarantined"].sum() or 0), int(rows["rows"].sum() or 0)
    if all_rows:
        yield Chart(
            name="rows",
            kind="stacked",
            title=_("Rows read, by day"),
            sentence=_("{share} of the rows read went to quarantine.").format(
                share=percent(refused / all_rows, desk.language)
            ),
            data=rows.with_columns(
                pl.col("part").replace(parts),
                day=pl.col("day").map_elements(lambda each: day(each, desk.language), return_dtype=pl.String),
            ).sort("day", maintain_order=True),
            x=Axis("day", _("Day"), "text"),
            y=Axis("rows", _("Rows"), "integer"),
            group="part",
            tones={parts["clean"]: "calm", parts["quarantined"]: "alert"},
        )
    modes = [mode_in_words(mode, _) for mode in loads["mode"]]
    columns = (
        Column("finished_at", _("Loaded"), "moment"),
        Column("table", _("Table")),
        Column("rows_in", _("Rows read"), "integer"),
        Column("rows_clean", _("Accepted"), "integer"),
        Column("rows_quarantined", _("In quarantine"), "integer"),
        Column("rows_changed", _("New or changed"), "integer"),
    )
    more = (Column("source", _("Source")), Column("mode", _("Mode")), Column("load_id", _("Load")))
    frame = loads.with_columns(pl.Series("mode", modes, dtype=pl.String))
    yield Table("loads", _("Loads"), columns, frame, most=20, in_sheet=(*columns, *more))


def _refused(desk: Desk) -> Iterator[Section]:
    _, waiting = desk.say, desk.once(_waiting)
    if waiting.is_empty():
        yield Paragraph(_("Quarantine"), _("No record waits in quarantine."))
        return
    told = waiting.with_columns(
        pl.Series("rule", [rule_in_words(rule, _) for rule in waiting["rule"]], dtype=pl.String)
    )
    by_rule = (
        told.group_by("rule").agg(pl.col("records").sum()).sort("records", "rule", descending=[True, False])
    )
    yield Chart(
        name="quarantine",
        kind="ranked",
        title=_("Records in quarantine, by rule"),
        sentence=_("{records} records wait, most of them: {rule}.").format(
            records=desk.count(int(waiting["records"].sum())), rule=by_rule["rule"][0]
        ),
        data=by_rule.head(10),
        x=Axis("rule", _("Rule"), "text"),
        y=Axis("records", _("Records"), "integer"),
    )
    # Without the reasons: they quote values.
    columns = (
        Column("table", _("Table")),
        Column("rule", _("Rule"), wraps=True),
        Column("column", _("Column")),
        Column("records", _("Records"), "integer"),
        Column("newest", _("Newest"), "moment"),
    )
    yield Table("quarantine", _("Quarantine"), columns, told.drop("reason"), most=15)


def _schema(desk: Desk) -> Iterator[Section]:
    """Columns that appeared, vanished or changed, loads that were stopped, contracts that were edited."""
    _, notices, edited = desk.say, desk.once(_notices), desk.once(_contract_changes)
    if not notices and edited.is_empty():
        told = _("The sources deliver the columns that the contracts expect, and no contract was edited.")
        yield Paragraph(_("Schemas and contracts"), told)
    if notices:
        columns = (
            Column("at", _("Noticed"), "moment"),
            Column("subject", _("What")),
            Column("message", _("Message"), wraps=True),
        )
        rows = [{"at": each.at, "subject": each.subject, "message": each.message} for each in notices]
        yield Table("schema", _("Schema changes and failed loads"), columns, pl.DataFrame(rows), most=10)
    versions = (
        Column("table", _("Table")),
        Column("before", _("Contract before")),
        Column("after", _("Contract now")),
        Column("finished_at", _("First load under it"), "moment"),
    )
    yield Table("contracts", _("Edited contracts"), versions, edited, most=10)


def _models(desk: Desk) -> Iterator[Section]:
    _, verdicts = desk.say, desk.once(_verdicts)
    if not verdicts:
        yield Paragraph(_("Models"), _("No model is in service."))
        return
    rows = [
        {
            "task": task,
            "version": version,
            "verdict": verdict_label(verdict, _) if verdict else _("not checked yet"),
            "at": at,
            "meaning": verdict_sentence(verdict, desk.language) if verdict else "",
        }
        for task, version, verdict, at in verdicts
    ]
    columns = (
        Column("task", _("Task")),
        Column("version", _("Version")),
        Column("verdict", _("Drift")),
        Column("at", _("Checked"), "moment"),
        Column("meaning", _("Meaning"), wraps=True),
    )
    frame = pl.DataFrame(rows, schema_overrides={"at": pl.Datetime("us", "UTC")})
    yield Table("models", _("Models in service"), columns, frame, most=30)


def _deliveries(desk: Desk) -> Iterator[Section]:
    _, stuck = desk.say, desk.once(_stuck)
    if not stuck:
        yield Paragraph(_("Deliveries"), _("No issue is stuck."))
        return
    states = {"failed": _("failed"), "unknown": _("may or may not have arrived"), "held": _("held")}
    rows = [{"report": report, "state": states[state], "issues": count} for report, state, count in stuck]
    columns = (
        Column("report", _("Report")),
        Column("state", _("State")),
        Column("issues", _("Issues"), "integer"),
    )
    yield Table("deliveries", _("Issues that did not go out"), columns, pl.DataFrame(rows), most=30)


def _tables(desk: Desk) -> Iterator[Section]:
    """How many rows each loaded table holds, and held at the issue before."""
    _ = desk.say
    listed = desk.read(_LOADED_TABLES, None)["table"].to_list()
    now = quality.row_counts(desk.read, listed)
    then = quality.row_counts(desk.earlier.read, listed) if desk.earlier else {}
    rows = [
        {"table": table, "rows": count, "change": count - then[table] if table in then else None}
        for table, count in now.items()
    ]
    columns = [Column("table", _("Table")), Column("rows", _("Rows"), "integer")]
    if then:
        columns.append(Column("change", _("Change"), "signed"))
    frame = pl.DataFrame(rows, schema={"table": pl.String, "rows": pl.Int64, "change": pl.Int64})
    yield Table("tables", _("Tables"), tuple(columns), frame, most=40)


_LOADED_TABLES = 'SELECT DISTINCT "table" FROM meta.loads ORDER BY "table"'

REPORT = Blueprint(
    name="data-quality",
    title=title,
    summary=summary,
    figures=(
        *("rows", "loads", "rows_in", "quarantined", "waiting", "stale", "act", "not_delivered"),
        *("changed", "urgent"),
    ),
    values=values,
    sections={
        "figures": _figures,
        "freshness": _fresh,
        "loads": _loaded,
        "tables": _tables,
        "quarantine": _refused,
        "schema": _schema,
        "models": _models,
        "deliveries": _deliveries,
    },
    defaults={
        "role": "engineer",
        "schedule": "0 6 * * *",
        "hold_on_drift": False,
        "hold_on_broken_contract": False,
    },
)
