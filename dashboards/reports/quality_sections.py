"""The sections of the report on data quality."""

from collections.abc import Iterator
from datetime import timedelta

import polars as pl

from dashboards.charts.chart import Axis, Chart
from dashboards.models.watching import verdict_label, verdict_sentence
from dashboards.numbers import day, integer, percent
from dashboards.quality_words import mode_in_words, rule_in_words
from dashboards.queries import quality
from dashboards.reports import quality_found as data
from dashboards.reports.desk import Desk
from dashboards.reports.report import Column, Headlines, Paragraph, Section, Table
from pipelines.records import LOADS
from pipelines.warehouse import quoted

_SHOWN = timedelta(days=14)
_LOADED_TABLES = f'SELECT DISTINCT "table" FROM {quoted(LOADS)} ORDER BY "table"'


def figures(desk: Desk) -> Iterator[Section]:
    """The headline figures."""
    _, found = desk.say, data.figures(desk)
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
        _("Since {day}").format(day=day(data.since(desk), desk.language, desk.timezone)),
    )


def freshness(desk: Desk) -> Iterator[Section]:
    """How long ago each source was loaded well."""
    _, found = desk.say, desk.once(data.freshness)
    known = found.drop_nulls("hours").sort("hours", "source", descending=[True, False])
    late = found.filter(pl.col("stale")).height
    words = (
        _("Loaded last more than {hours} hours ago: {late} of {all} sources.")
        if late
        else _("Every source was loaded within the last {hours} hours.")
    )
    sentence = words.format(
        late=desk.count(late), all=desk.count(found.height), hours=integer(data.STALE_HOURS, desk.language)
    )
    title = _("Hours since the last good load")
    if known.is_empty() or known["hours"][0] - known["hours"][-1] < 1:  # all of one run: no picture needed
        yield Paragraph(title, sentence)
    else:
        yield Chart(
            name="freshness",
            kind="ranked",
            title=title,
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
        Column("rows_clean", _("Accepted"), "integer"),
        Column("rows_quarantined", _("In quarantine"), "integer"),
    )
    in_sheet = (*columns, Column("hours", _("Hours since then"), "number"))
    yield Table("freshness", _("Sources"), columns, told.drop("stale"), most=30, in_sheet=in_sheet)


def loads(desk: Desk) -> Iterator[Section]:
    """What came in, day by day and load by load."""
    _, loads = desk.say, desk.once(data.loads)
    by_day = quality.rows_by_day(desk.read, data.until(desk) - _SHOWN, data.until(desk))
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


def quarantined(desk: Desk) -> Iterator[Section]:
    """What waits in quarantine, without the reasons: they quote values."""
    _, waiting = desk.say, desk.once(data.waiting)
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
        sentence=_("Most frequent: {rule}, {records} of {all}.").format(
            rule=by_rule["rule"][0],
            records=desk.count(by_rule["records"][0]),
            all=desk.count(int(waiting["records"].sum())),
        ),
        data=by_rule.head(10),
        x=Axis("rule", _("Rule"), "text"),
        y=Axis("records", _("Records"), "integer"),
    )
    columns = (
        Column("table", _("Table")),
        Column("rule", _("Rule"), wraps=True),
        Column("column", _("Column")),
        Column("records", _("Records"), "integer"),
        Column("newest", _("Newest"), "moment"),
    )
    yield Table("quarantine", _("Quarantine"), columns, told.drop("reason"), most=15)


def schemas(desk: Desk) -> Iterator[Section]:
    """Columns that appeared, vanished or changed, loads that were stopped, contracts that were edited."""
    _, notices, edited = desk.say, desk.once(data.notices), desk.once(data.contract_changes)
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


def models_in_service(desk: Desk) -> Iterator[Section]:
    """How the models in service are doing."""
    _, verdicts = desk.say, desk.once(data.verdicts)
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
        Column("verdict", _("Drift")),
        Column("at", _("Checked"), "moment"),
        Column("meaning", _("Meaning"), wraps=True),
    )
    frame = pl.DataFrame(rows, schema_overrides={"at": pl.Datetime("us", "UTC")})
    in_sheet = (*columns, Column("version", _("Version")))
    yield Table("models", _("Models in service"), columns, frame, most=30, in_sheet=in_sheet)


def deliveries(desk: Desk) -> Iterator[Section]:
    """The issues that did not go out."""
    _, stuck = desk.say, desk.once(data.stuck)
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


def tables(desk: Desk) -> Iterator[Section]:
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
        columns.append(Column("change", _("Change"), "integer"))
    frame = pl.DataFrame(rows, schema={"table": pl.String, "rows": pl.Int64, "change": pl.Int64})
    by_change = frame.sort(pl.col("change").abs(), descending=True, nulls_last=True, maintain_order=True)
    yield Table("tables", _("Tables"), tuple(columns), by_change, most=15)
