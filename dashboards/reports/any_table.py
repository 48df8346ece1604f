"""A report on any table of the lake: how many rows, how its columns are filled and spread, and the rows.

A column is shown as the table's contract allows the reader's role. Of a column that no contract declares
nobody has said whether it is personal: only a role that may see everything sees it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC

import polars as pl

from dashboards.charts.chart import Axis, Chart
from dashboards.domain_words import code_in_words, codes_of
from dashboards.numbers import Format, day, month, number, percent
from dashboards.queries import profile
from dashboards.queries.profile import Filled
from dashboards.reports.desk import Blueprint, Desk
from dashboards.reports.report import Column, Headlines, Paragraph, Section, Table
from dashboards.reports.table_subject import Subject, subject_of
from dashboards.wording import together
from pipelines.contract import Contract
from pipelines.records import quoted_column

_MOST_CHARTS = 2  # of numbers, and as many of categories
_MOST_CATEGORIES = 30
_FEWEST_NUMBERS = 8  # different values that a distribution is worth
_COLUMNS_IN_MAIL = 6


def blueprint_for(name: str, table: str, contract: Contract | None) -> Blueprint[Desk]:
    """The report `name` about `table`, told in the words of its contract where it has one."""
    return Blueprint(
        name=name,
        title=lambda _language: table,
        summary=summary,
        figures=("rows", "changed", "urgent"),
        values=values,
        sections={
            "figures": _figures,
            "timeline": _timeline,
            "distributions": _distributions,
            "categories": _categories,
            "table": _table,
        },
        domain=table.partition(".")[0],
        table=table,
        contracts=(contract,) if contract else (),
    )


def summary(desk: Desk) -> str:
    """How many rows there are, and how many of them are new or changed."""
    _ = desk.say
    now, before, fresh = desk.once(_counts)
    words = (
        _("{table} holds {rows} rows.") if desk.whole else _("This report is about {rows} rows of {table}.")
    )
    sentences = [words.format(table=desk.table, rows=desk.count(now))]
    if before is not None and desk.before:
        since = day(desk.before, desk.language, desk.timezone)
        sentences.append(_("New or changed since {day}: {rows}.").format(rows=desk.count(fresh), day=since))
    return together(sentences, desk.language)


def values(desk: Desk) -> dict[str, float]:
    """The figures by name; `changed` (not of a first issue) counts rows new, changed or gone since."""
    now, before, fresh = desk.once(_counts)
    found = {"rows": float(now), "urgent": 0.0}
    return found if before is None else {**found, "changed": float(fresh + max(0, before - (now - fresh)))}


def _subject(desk: Desk) -> Subject:
    return subject_of(desk.read, desk.table, next(iter(desk.contracts), None))


def _counts(desk: Desk) -> tuple[int, int | None, int]:
    """The rows now, those in the issue before (None: a first one), and those written since then."""
    subject = desk.once(_subject)
    now = profile.count(desk.read, subject.rows)
    if desk.earlier is None:
        return now, None, 0
    then = profile.columns(desk.earlier.read, desk.table)
    before = profile.count(desk.earlier.read, profile.current(desk.table, then)) if then else 0
    if not subject.tells_loads:
        return now, before, abs(now - before)
    return now, before, profile.loaded_since(desk.read, subject.rows, desk.earlier.as_of)


def _filled(desk: Desk) -> dict[str, Filled]:
    """The columns that a chart may be made of, for this reader."""
    subject = desk.once(_subject)
    names = [
        name
        for name in subject.columns
        if not subject.hides(name, desk.role) and not subject.names_things(name)
    ]
    return profile.filled(desk.read, subject.rows, names)


def _figures(desk: Desk) -> Iterator[Section]:
    _, subject = desk.say, desk.once(_subject)
    now, before, fresh = desk.once(_counts)
    figures = [desk.headline(_("Rows"), now, before)]
    if before is not None:
        figures.append(desk.headline(_("New or changed"), fresh, None))
    figures.append(desk.headline(_("Columns"), len(subject.columns), None))
    yield Headlines(tuple(figures), desk.since)
    hidden = [name for name in subject.columns if subject.hides(name, desk.role)]
    if hidden and not desk.contracts:
        told = _(
            "No contract says what the columns of this table are, so their values are hidden from this role. "
            "Declare them in contracts/{table}.toml."
        )
        yield Paragraph(_("Hidden columns"), told.format(table=desk.table), "notice")


def _timeline(desk: Desk) -> Iterator[Section]:
    """The rows by day or month, where a column dates them."""
    _, subject = desk.say, desk.once(_subject)
    column = subject.dated_by
    if not column or subject.hides(column, desk.role):
        return
    until = desk.period.astimezone(UTC).replace(tzinfo=None)
    grain, found = profile.over_time(desk.read, subject.rows, column, until)
    if found.height < 2:
        return
    write, last = (day if grain == "day" else month), found.row(-1, named=True)
    label = subject.label(column, desk.language)
    yield Chart(
        name="timeline",
        kind="line",
        title=_("Rows by day") if grain == "day" else _("Rows by month"),
        sentence=_("{when}: {rows} rows.").format(
            when=write(last["at"], desk.language), rows=desk.count(last["rows"])
        ),
        data=found,
        x=Axis("at", label, "date" if grain == "day" else "month"),
        y=Axis("rows", _("Rows"), "integer"),
    )


def _distributions(desk: Desk) -> Iterator[Section]:
    """How the first columns of numbers are spread."""
    _, subject, filled = desk.say, desk.once(_subject), desk.once(_filled)
    numeric = [
        name
        for name, each in filled.items()
        if profile.is_number(subject.columns[name]) and each.different >= _FEWEST_NUMBERS
    ]
    for place, name in enumerate(numeric[:_MOST_CHARTS], 1):
        label, unit = subject.label(name, desk.language), subject.unit(name)
        middle = profile.median(desk.read, subject.rows, name)
        yield Chart(
            name=f"distribution-{place}",
            kind="histogram",
            title=_("Distribution of {column}").format(column=label),
            sentence=_("Half of the {rows} values lie at or below {middle}.").format(
                rows=desk.count(filled[name].rows), middle=number(middle, desk.language)
            ),
            data=profile.spread(desk.read, subject.rows, name),
            x=Axis("start", label, "number", unit),
            y=Axis("rows", _("Rows"), "integer"),
            x_end="end",
        )


def _categories(desk: Desk) -> Iterator[Section]:
    """The most frequent values of the first columns that have few."""
    _, subject, filled = desk.say, desk.once(_subject), desk.once(_filled)
    few = [
        name
        for name, each in filled.items()
        if subject.columns[name] in ("VARCHAR", "BOOLEAN") and 2 <= each.different <= _MOST_CATEGORIES
    ]
    codes = codes_of(subject.table.partition(".")[0], _)
    for place, name in enumerate(few[:_MOST_CHARTS], 1):
        label = subject.label(name, desk.language)
        found = profile.frequencies(desk.read, subject.rows, name, 10)
        told = [code_in_words(value, codes) for value in found["value"]]
        yield Chart(
            name=f"category-{place}",
            kind="ranked",
            title=_("Most frequent: {column}").format(column=label),
            sentence=_("«{value}» makes up {share} of the rows with a value.").format(
                value=told[0], share=percent(found["share"][0], desk.language)
            ),
            data=found.with_columns(pl.Series("value", told, dtype=pl.String)),
            x=Axis("value", label, "text"),
            y=Axis("rows", _("Rows"), "integer"),
        )


def _table(desk: Desk) -> Iterator[Section]:
    """The rows, the newest first; a mail shows the first columns, the files all of them."""
    subject = desk.once(_subject)
    columns = tuple(_column(subject, name, desk) for name in subject.columns)
    if all(subject.hides(name, desk.role) for name in subject.columns):
        return
    table = Table("rows", desk.table, columns[:_COLUMNS_IN_MAIL], pl.DataFrame(), in_sheet=columns)
    dated = subject.dated_by and not subject.hides(subject.dated_by, desk.role)
    newest = [f"{quoted_column(subject.dated_by)} DESC NULLS LAST"] if dated else []
    order = [*newest, *map(quoted_column, subject.key)]
    found = profile.listed(desk.read, subject.rows, subject.columns, order, desk.rows(table.most))
    total = desk.once(_counts)[0]
    frame = subject.masked(desk.settings, found, desk.role)
    yield replace(table, frame=frame, total=total if total > frame.height else None)


def _column(subject: Subject, name: str, desk: Desk) -> Column:
    kind: Format = "text" if subject.hides(name, desk.role) else subject.format(name)
    return Column(name, subject.label(name, desk.language), kind, subject.unit(name))
