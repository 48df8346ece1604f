"""Why an issue is not to be trusted: its data are old or broken, its rows far off, its model needs a look.

What the settings of a report allow (`fresh_within`, `rows_change`, `least_rows`, `hold_on_drift`,
`hold_on_broken_contract`) is not doubted. The words stay the same as long as the cause does: people are told
once.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from statistics import median

from connectors.errors import AssistantError
from dashboards.numbers import integer, percent
from dashboards.queries import trust
from dashboards.queries.reading import Read, reader
from dashboards.reports.declared import report_settings, tables_of, tasks_of
from pipelines.mailing import ReportSettings
from pipelines.notices import standing
from pipelines.settings import Settings, SourceSettings
from pipelines.store import now
from pipelines.warehouse import Warehouse

LOAD_FAILED = "load_failed"  # the notices of `pipelines.ingest` and `pipelines.derived`
_LANGUAGE = "en"  # of the journal and of the owner's mails
# The share of refused rows has leapt when it is certainly so much above what it is as a rule: by the lower
# end of Wilson's interval of three standard errors, so that a few rows prove nothing.
_LEAP = 0.05
_STANDARD_ERRORS = 3.0
_LOADS_COMPARED = 20


def of_report(settings: Settings, report: str, at: datetime | None = None) -> list[str]:
    """Why no issue of the report is to be trusted at present, each reason in a sentence; none where it is.

    A report that is gone has no reasons: that is told where it is built.
    """
    try:
        given = report_settings(settings, report)
        tables, tasks = tables_of(settings, report), tasks_of(settings, report)
    except AssistantError:
        return []
    reasons = list(_drifted(settings, tasks)) if given.hold_on_drift else []
    with Warehouse(settings).reading() as connection:
        read = reader(connection)
        if given.fresh_within is not None:
            reasons += _stale(settings, read, tables, given.fresh_within, at or now())
        if given.hold_on_broken_contract:
            reasons += _broken(settings, read, tables)
    return reasons


def of_issue(given: ReportSettings, values: Mapping[str, float], previous_rows: float | None) -> list[str]:
    """Why this issue is not to be trusted: the number of its rows (`rows` of its figures) against the least
    allowed, and against that of the issue before."""
    rows = values.get("rows")
    if rows is None:
        return []
    counted = integer(rows, _LANGUAGE)
    reasons = []
    if rows < given.least_rows:
        reasons.append(
            f"It has {counted} rows, at least {integer(given.least_rows, _LANGUAGE)} are expected."
        )
    if given.rows_change is not None and previous_rows:
        change = rows / previous_rows - 1
        if abs(change) > given.rows_change:
            told = f"{percent(abs(change), _LANGUAGE)} {'more' if change > 0 else 'fewer'}"
            before = integer(previous_rows, _LANGUAGE)
            reasons.append(f"It has {counted} rows, {told} than the {before} of the issue before.")
    return reasons


def _drifted(settings: Settings, tasks: list[str]) -> Iterator[str]:
    from analytics.catalog import task_named
    from analytics.monitoring import latest_check

    for name in tasks:
        check = latest_check(settings, task_named(name, settings))
        if check is not None and check.verdict == "act":
            yield f"The model of {name} needs a look. {check.summary}"


def _stale(settings: Settings, read: Read, tables: list[str], hours: float, at: datetime) -> Iterator[str]:
    """The sources of the tables whose last good load is too long ago; only declared ones, where any are."""
    loaded = trust.last_loads_of(read, tables)
    if tables and not loaded:
        yield f"Its data may be old: no load of them is known, and {hours:g} hours are allowed."
    declared = {name: moment for name, moment in loaded.items() if name in settings.sources} or loaded
    oldest = at.astimezone(UTC).replace(tzinfo=None) - timedelta(hours=hours)
    for source, finished in declared.items():
        if finished < oldest:
            yield (
                f"Its data are old: the last good load of {source} was on {finished:%Y-%m-%d at %H:%M} UTC, "
                f"and {hours:g} hours are allowed."
            )


def _broken(settings: Settings, read: Read, tables: list[str]) -> Iterator[str]:
    """The sources and tables whose last load failed or was stopped, and tables that refused far too much."""
    sources = {name for name, source in settings.sources.items() if _fills(source, tables)}
    for name in sorted(standing(settings, LOAD_FAILED) & {*sources, *tables}):
        yield f"The last load of {name} failed or was stopped."
    for table, loads in trust.refusals_of(read, tables, _LOADS_COMPARED).items():
        if leap := _leap(loads):
            share, usual = (percent(each, _LANGUAGE) for each in leap)
            yield f"The last load of {table} refused {share} of its rows; as a rule it is {usual}."


def _fills(source: SourceSettings, tables: list[str]) -> bool:
    """Whether a source brings one of the tables; one that names its own may bring any of its domain."""
    if source.table:
        return f"{source.domain}.{source.table}" in tables
    return any(table.startswith(f"{source.domain}.") for table in tables)


def _leap(loads: list[tuple[int, int]]) -> tuple[float, float] | None:
    """The share of rows that the newest load refused, and what it is as a rule, where that is a leap.

    `loads` are rows read and rows refused, the newest first.
    """
    (rows, refused), *earlier = loads
    if not earlier:
        return None
    usual, share = median(no / all_ for all_, no in earlier), refused / rows
    return (share, usual) if _wilson_lower(share, rows) > usual + _LEAP else None


def _wilson_lower(share: float, count: int) -> float:
    """The lower end of the interval of a share seen in `count` rows (E. B. Wilson, 1927)."""
    square = _STANDARD_ERRORS**2 / count
    spread = _STANDARD_ERRORS * math.sqrt(share * (1 - share) / count + square / (4 * count))
    return (share + square / 2 - spread) / (1 + square)
